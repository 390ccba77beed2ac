package shrink

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// Until areas are placed, a constant with an area is an address that only adding
// to it keeps known, and a 64-bit one is a text: its address and its length.

// foldAddress applies an instruction to addresses that out ends in.
func foldAddress(out []code.Instr, op code.Op) ([]code.Instr, bool) {
	n := len(out)
	if n < 2 || op != wasm.OpI32Add || out[n-2].Op != wasm.OpI32Const || out[n-2].Area != 0 && out[n-1].Area != 0 {
		return nil, false
	}
	sum := const32(uint32(out[n-2].Value) + uint32(out[n-1].Value))
	sum.Area = out[n-2].Area + out[n-1].Area
	return append(out[:n-2], sum), true
}

// foldText applies an instruction to a text that out ends in.
func foldText(out []code.Instr, op code.Op) ([]code.Instr, bool) {
	last := &out[len(out)-1]
	if last.Area == 0 {
		return nil, false
	}
	switch op {
	case wasm.OpI32WrapI64:
		*last = const32(uint32(last.Value))
		return out, true
	case wasm.OpI64Eqz:
		*last = const32(0)
		return out, true
	}
	return nil, false
}

// foldUpper takes a text's address: that is what shifting it by 32 leaves.
func foldUpper(out []code.Instr) ([]code.Instr, bool) {
	n := len(out)
	if n < 3 || out[n-1].Op != wasm.OpI64ShrU || out[n-2].Op != wasm.OpI64Const || out[n-2].Value != 32 || out[n-3].Op != wasm.OpI64Const || out[n-3].Area == 0 {
		return nil, false
	}
	return append(out[:n-3], code.Instr{Op: wasm.OpI32Const, Area: out[n-3].Area}), true
}
