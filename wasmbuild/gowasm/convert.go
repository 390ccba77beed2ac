package gowasm

import (
	"go/ast"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// convert pushes e converted to a type held as to.
func (g *gen) convert(e ast.Expr, to number) {
	from := g.of(e)
	g.expr(e)
	switch {
	case from == to:
	case from.value == wasm.V128 || to.value == wasm.V128 || from.bits == 1 || to.bits == 1:
		g.fail(e, "this conversion is not in the subset")
	case to.value == wasm.F64:
		g.op(floatConversion(from))
	case from.value == wasm.F64:
		g.fail(e, "converting float64 to an integer is not in the subset; use vm.Trunc64")
	default:
		g.convertInteger(from, to)
	}
}

func (g *gen) convertInteger(from, to number) {
	switch {
	case from.value == wasm.I32 && to.value == wasm.I64:
		if from.signed {
			g.op(wasm.OpI64ExtI32S)
		} else {
			g.op(wasm.OpI64ExtI32U)
		}
	case from.value == wasm.I64 && to.value == wasm.I32:
		g.op(wasm.OpI32WrapI64)
	}
	fits := !from.signed && from.bits < to.bits || from.signed && to.signed && from.bits <= to.bits
	if !fits {
		g.wrap(to)
	}
}

func floatConversion(from number) byte {
	switch {
	case from.value == wasm.I64 && from.signed:
		return wasm.OpF64ConvI64S
	case from.value == wasm.I64:
		return wasm.OpF64ConvI64U
	case from.signed:
		return wasm.OpF64ConvI32S
	}
	return wasm.OpF64ConvI32U
}
