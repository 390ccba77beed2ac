package shrink

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// pops is how many values an instruction takes from the stack if it pushes one,
// and false for all others: statements, calls, branches.
func pops(i *code.Instr) (n int, ok bool) {
	if i.Op > 0xff {
		return popsPrefixed(i.Op)
	}
	switch op := i.Op; {
	case pure(i), op == wasm.OpMemorySize:
		return 0, true
	case op == wasm.OpLocalTee, op == wasm.OpMemoryGrow, op >= wasm.OpI32Load && op <= wasm.OpLastLoad:
		return 1, true
	case op == wasm.OpSelect:
		return 3, true
	case i.Opens() && op != wasm.OpIf:
		return 0, i.Value < 0 && i.Value != code.EmptyType
	case op == wasm.OpIf:
		return 1, i.Value < 0 && i.Value != code.EmptyType
	case op >= wasm.OpI32Eqz && op <= wasm.OpLastNumeric:
		if unary(op) {
			return 1, true
		}
		return 2, true
	}
	return 0, false
}

// unary says whether a numeric instruction has one operand.
func unary(op code.Op) bool {
	switch {
	case op == wasm.OpI32Eqz || op == wasm.OpI64Eqz,
		op >= wasm.OpI32Clz && op <= wasm.OpI32Popcnt, op >= wasm.OpI64Clz && op <= wasm.OpI64Popcnt,
		op >= wasm.OpF32Abs && op <= wasm.OpF32Sqrt, op >= wasm.OpF64Abs && op <= wasm.OpF64Sqrt,
		op >= wasm.OpI32WrapI64:
		return true
	}
	return false
}

func popsPrefixed(op code.Op) (n int, ok bool) {
	switch op {
	case code.SIMD(wasm.SIMDConst):
		return 0, true
	case code.SIMD(wasm.SIMDLoad), code.SIMD(wasm.SIMDSplat8), code.SIMD(wasm.SIMDBitmask8), code.SIMD(wasm.SIMDAnyTrue),
		code.SIMD(wasm.SIMDAllTrue8), code.Misc(wasm.MiscTruncSatS64):
		return 1, true
	case code.SIMD(wasm.SIMDSwizzle), code.SIMD(wasm.SIMDEq8), code.SIMD(wasm.SIMDNe8), code.SIMD(wasm.SIMDLtU8), code.SIMD(wasm.SIMDGtU8),
		code.SIMD(wasm.SIMDLeU8), code.SIMD(wasm.SIMDGeU8), code.SIMD(wasm.SIMDAnd), code.SIMD(wasm.SIMDAndNot), code.SIMD(wasm.SIMDOr),
		code.SIMD(wasm.SIMDXor), code.SIMD(wasm.SIMDShrU8), code.SIMD(wasm.SIMDAdd8), code.SIMD(wasm.SIMDSub8), code.SIMD(wasm.SIMDSubSatU8), code.SIMD(wasm.SIMDMinS8):
		return 2, true
	}
	return 0, false
}

// expression is where the expression starts that list ends in, or -1 if that is
// not certain.
func expression(list []code.Instr) int {
	for n, need := len(list)-1, 1; n >= 0; n-- {
		taken, ok := pops(&list[n])
		if !ok {
			return -1
		}
		if need += taken - 1; need == 0 {
			return n
		}
	}
	return -1
}
