package shrink

import (
	"bytes"
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

func TestShareRegisters(t *testing.T) {
	t.Parallel()
	register := func(b ...byte) code.Instr {
		return code.Instr{Op: code.SIMD(wasm.SIMDConst), Raw: append(b, bytes.Repeat(b[len(b)-1:], 16-len(b))...)}
	}
	quote, comma, mixed := register('"'), register(','), register(1, 2)
	any, drop := op(code.SIMD(wasm.SIMDAnyTrue)), op(wasm.OpDrop)
	f := function(1, 1, none, get(1), drop, quote, any, drop, loop(1, quote, any, brIf(1)), comma, any, drop, mixed, any, drop, mixed, any, drop)
	shareRegisters(f)
	checkList(t, f.Body, list{
		c32('"'), op(code.SIMD(wasm.SIMDSplat8)), set(1),
		get(2), drop, get(1), any, drop, loop(1, get(1), any, brIf(1)), comma, any, drop, mixed, any, drop, mixed, any, drop,
	})
	if got, want := f.Locals, []wasm.ValueType{wasm.V128, wasm.I32}; !bytes.Equal(got, want) {
		t.Errorf("locals %x, want %x", got, want)
	}
}
