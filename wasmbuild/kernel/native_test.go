package kernel

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// Native state is global: the tests of this package do not run in parallel.

// load makes text the payload of a request and begins it. Memory behind is dirty.
func load(t testing.TB, text []byte) {
	t.Helper()
	request := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), text)
	p := alloc(uint32(len(request)))
	dirt := vm.Mem[p:min(p+uint32(len(request))+slack, uint32(len(vm.Mem)))]
	copy(dirt, bytes.Repeat([]byte(`"}]{[,:@\a1`), len(dirt)/11+1))
	copy(dirt, request)
	if bad := begin(p, uint32(len(request))); bad != requestFine && len(text) > 0 {
		t.Fatalf("begin: %d", bad)
	}
	busy = false
}

// put text into the arena, dirt behind it.
func place(t testing.TB, text []byte) (p, e ptr) {
	t.Helper()
	p = take(uint32(len(text)) + 64)
	if p == 0 {
		t.Fatal("no memory")
	}
	copy(vm.Mem[p:], text)
	copy(vm.Mem[p+uint32(len(text)):], `"}]{[,:@\a1"}]{[,:@\a1`)
	return p, p + uint32(len(text))
}
