package runner_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/gowasm"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// source is a kernel for tests: it notes what is freed.
const source = `package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

const log, heap = 1024, 32768

var frees uint32

func alloc(n uint32) uint32 {
	if heap+n > vm.Pages()*vm.PageSize {
		if vm.Grow(n/vm.PageSize+1) == 0xffffffff {
			vm.Trap()
		}
	}
	return heap
}

func dealloc(p, n uint32) {
	vm.Put32(log+frees*8, p)
	vm.Put32(log+frees*8+4, n)
	frees++
}

// echo answers with the request.
func echo(p, n uint32) uint64 { return uint64(p)<<32 | uint64(n) }

// freed answers with all frees before this call.
func freed(p, n uint32) uint64 { return log<<32 | uint64(frees*8) }

// fixed answers with two bytes: exit code TRUE.
func fixed(p, n uint32) uint64 {
	vm.Put16(p, 0x0110)
	return uint64(p)<<32 | 2
}

func traps(p, n uint32) uint64   { vm.Trap(); return 0 }
func outside(p, n uint32) uint64 { return 0x7fffffff<<32 | 5 }

//wasm:import env kvExists
func kvExists(p, n uint32) uint64

//wasm:import env httpRequest
func httpRequest(p, n uint32) uint64

func asksKV(p, n uint32) uint64   { return kvExists(p, n) }
func asksHTTP(p, n uint32) uint64 { return httpRequest(p, n) }
`

func module(t *testing.T, entry string, leaveOut ...string) []byte {
	t.Helper()
	kernel, err := gowasm.Compile(fstest.MapFS{"k.go": {Data: []byte(source)}})
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{"alloc": "alloc", "dealloc": "dealloc", "f": entry}
	maps.DeleteFunc(exports, func(name, _ string) bool { return strings.Contains(strings.Join(leaveOut, " "), name) })
	m, err := kernel.Link(link.Rule{Exports: exports})
	if err != nil {
		t.Fatal(err)
	}
	return m.Encode()
}

func load(t *testing.T, opts runner.Options, entry string) *runner.Instance {
	t.Helper()
	r, err := runner.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	i, err := r.Load(t.Context(), module(t, entry), "f")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestCall(t *testing.T) {
	t.Parallel()
	for _, interpreter := range []bool{false, true} {
		i := load(t, runner.Options{Interpreter: interpreter}, "fixed")
		got, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: []byte("{}")})
		if err != nil {
			t.Fatal(err)
		}
		want := &pb.WASMResponse{ExitCode: pb.WASMExitCode_WASM_EXIT_CODE_TRUE}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestSequences holds what each SDK frees around one call: the request at
// 32768, 5 bytes, and the answer at 1024, of which there is none at first.
func TestSequences(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sequence runner.Sequence
		want     []uint32 // address and length of each free
	}{
		"go":     {runner.Go, []uint32{32768, 5, 1024, 0}},
		"node":   {runner.Node, nil},
		"python": {runner.Python, []uint32{0, 0}},
		"ruby":   {runner.Ruby, []uint32{1024, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := load(t, runner.Options{Sequence: c.sequence}, "freed")
			if _, err := i.CallRaw(t.Context(), []byte("hello")); err != nil {
				t.Fatal(err)
			}
			answer, err := i.CallRaw(t.Context(), []byte("hello"))
			if err != nil {
				t.Fatal(err)
			}
			var got []uint32
			for ; len(answer) > 0; answer = answer[4:] {
				got = append(got, binary.LittleEndian.Uint32(answer))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPythonFree holds that Python frees the address that is the answer's length.
func TestPythonFree(t *testing.T) {
	t.Parallel()
	i := load(t, runner.Options{Sequence: runner.Python}, "freed")
	for range 2 {
		if _, err := i.CallRaw(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := i.CallRaw(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := binary.LittleEndian.Uint32(answer[8:]), uint32(8); got != want {
		t.Errorf("freed address %d, want the length %d", got, want)
	}
}

func TestHostFunctions(t *testing.T) {
	t.Parallel()
	shout := func(_ context.Context, request []byte) []byte { return bytes.ToUpper(request) }
	for entry, opts := range map[string]runner.Options{"asksKV": {KVExists: shout}, "asksHTTP": {HTTPRequest: shout}} {
		got, err := load(t, opts, entry).CallRaw(t.Context(), []byte("hello"))
		if err != nil || string(got) != "HELLO" {
			t.Errorf("%s: got %q, %v; want HELLO", entry, got, err)
		}
		got, err = load(t, runner.Options{}, entry).CallRaw(t.Context(), []byte("hello"))
		if err != nil || len(got) != 0 {
			t.Errorf("%s without a host function: got %q, %v; want nothing", entry, got, err)
		}
	}
}

func TestBadModules(t *testing.T) {
	t.Parallel()
	r, err := runner.New(t.Context(), runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(context.WithoutCancel(t.Context()))
	for want, b := range map[string][]byte{
		"instantiate module":      []byte("not wasm"),
		"module lacks one of":     module(t, "echo", "dealloc"),
		"alloc, dealloc, f":       module(t, "echo", "f"),
		"memory, alloc, dealloc,": module(t, "echo", "alloc"),
	} {
		if _, err := r.Load(t.Context(), b, "f"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestBadCalls(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{"traps": "call module: wasm error: unreachable", "outside": "read 5 bytes at 2147483647: memory has 65536"} {
		_, err := load(t, runner.Options{}, entry).CallRaw(t.Context(), []byte("x"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", entry, err, want)
		}
	}
	_, err := load(t, runner.Options{}, "echo").Call(t.Context(), &pb.WASMRequest{DataFormat: 1})
	if err != nil {
		t.Errorf("unknown fields in the answer: %v", err)
	}
}

// TestMemoryCap asks for more than the Go SDK gives.
func TestMemoryCap(t *testing.T) {
	t.Parallel()
	i := load(t, runner.Options{}, "echo")
	if _, err := i.CallRaw(t.Context(), make([]byte, 64<<20)); err == nil || !strings.Contains(err.Error(), "allocate 67108864 bytes") {
		t.Errorf("got %v, want an error of alloc", err)
	}
	if got, limit := i.MemorySize(), uint32(1000<<16); got > limit {
		t.Errorf("memory has %d bytes, more than %d", got, limit)
	}
	if got, err := i.CallRaw(t.Context(), []byte("still there")); err != nil || string(got) != "still there" {
		t.Errorf("got %q, %v after the failure", got, err)
	}
}

// TestHammer calls one instance from many goroutines; each gets its own answer.
func TestHammer(t *testing.T) {
	t.Parallel()
	i := load(t, runner.Options{}, "echo")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 200 {
				want := fmt.Sprintf("request %d of %d", n, g)
				if got, err := i.CallRaw(t.Context(), []byte(want)); err != nil || string(got) != want {
					t.Errorf("got %q, %v; want %q", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestClosedInstance(t *testing.T) {
	t.Parallel()
	i := load(t, runner.Options{}, "echo")
	if err := i.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Call(t.Context(), &pb.WASMRequest{}); err == nil {
		t.Error("a closed instance answers")
	}
}

// TestVisit holds that use sees the answer and that its error comes back.
func TestVisit(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	for _, s := range []runner.Sequence{runner.Go, runner.Node, runner.Python, runner.Ruby} {
		i := load(t, runner.Options{Sequence: s}, "echo")
		var got string
		use := func(answer []byte) error {
			got = string(answer)
			return wrong
		}
		if err := i.Visit(t.Context(), []byte("hello"), use); !errors.Is(err, wrong) || got != "hello" {
			t.Errorf("sequence %d: got %q, %v; want hello, %v", s, got, err, wrong)
		}
	}
}
