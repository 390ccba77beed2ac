package gowasm

import (
	"go/ast"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// number is how a Go type is held.
type number struct {
	value  wasm.ValueType
	bits   uint32 // width of the Go type; 128 for SIMD registers
	signed bool
}

var numbers = map[types.BasicKind]number{
	types.Bool:        {wasm.I32, 1, false},
	types.UntypedBool: {wasm.I32, 1, false},
	types.Uint8:       {wasm.I32, 8, false},
	types.Int8:        {wasm.I32, 8, true},
	types.Uint16:      {wasm.I32, 16, false},
	types.Int16:       {wasm.I32, 16, true},
	types.Uint32:      {wasm.I32, 32, false},
	types.Int32:       {wasm.I32, 32, true},
	types.Uint64:      {wasm.I64, 64, false},
	types.Int64:       {wasm.I64, 64, true},
	types.Float64:     {wasm.F64, 64, true},
}

var simd = number{value: wasm.V128, bits: 128}

// number says how values of type t are held. A type outside the subset is an error at n.
func (c *compiler) number(n ast.Node, t types.Type) number {
	if isV128(t) {
		return simd
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		if k, ok := numbers[b.Kind()]; ok {
			return k
		}
		switch b.Kind() {
		case types.Int, types.Uint, types.Uintptr:
			c.fail(n, "type %s is not in the subset: its size depends on the machine; use %s32 or %s64", t, b.Name(), b.Name())
			return number{value: wasm.I32, bits: 32}
		}
	}
	c.fail(n, "type %s is not in the subset", t)
	return number{value: wasm.I32, bits: 32}
}

func isV128(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "V128" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == vmPath
}

// of says how the value of an expression is held.
func (c *compiler) of(e ast.Expr) number { return c.number(e, c.info.TypeOf(e)) }

// narrow says whether a 32-bit register has room beyond the type, so that
// arithmetic must wrap it.
func (k number) narrow() bool { return k.bits == 8 || k.bits == 16 }

// registerBits is the width of the register that holds k.
func (k number) registerBits() uint32 {
	if k.value == wasm.I64 {
		return 64
	}
	return 32
}

// tuple lists how the variables of a signature are held.
func (c *compiler) tuple(n ast.Node, t *types.Tuple) []wasm.ValueType {
	var list []wasm.ValueType
	for v := range t.Variables() {
		list = append(list, c.number(n, v.Type()).value)
	}
	return list
}
