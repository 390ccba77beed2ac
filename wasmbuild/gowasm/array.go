package gowasm

import (
	"go/ast"
	"go/types"
	"math/bits"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

func isElement(l ast.Expr) bool {
	_, ok := ast.Unparen(l).(*ast.IndexExpr)
	return ok
}

// arrayAt finds the package array that an expression names.
func (g *gen) arrayAt(e ast.Expr) (array, bool) {
	if name, ok := ast.Unparen(e).(*ast.Ident); ok {
		if v, ok := g.info.ObjectOf(name).(*types.Var); ok {
			a, ok := g.arrays[v]
			return a, ok
		}
	}
	return array{elem: number{value: wasm.I32, bits: 32}}, false
}

// element pushes an element's offset in its array, for loadElement and storeElement.
func (g *gen) element(l ast.Expr) array {
	e := ast.Unparen(l).(*ast.IndexExpr)
	a, ok := g.arrayAt(e.X)
	if !ok {
		g.fail(e, "indexing anything but a package-level array is not in the subset")
	}
	size := a.elem.bits / 8
	if v := g.info.Types[e.Index].Value; v != nil {
		g.i32(int32(integer(v) * int64(size)))
		return a
	}
	if k := g.of(e.Index); k.value != wasm.I32 {
		g.fail(e.Index, "an index of type %s is not in the subset; convert it to uint32", g.info.TypeOf(e.Index))
	}
	g.expr(e.Index)
	if size > 1 {
		g.i32(int32(bits.TrailingZeros32(size)))
		g.op(wasm.OpI32Shl)
	}
	return a
}

func (g *gen) loadElement(a array) {
	op := map[number]byte{
		{wasm.I32, 8, false}:  wasm.OpI32Load8U,
		{wasm.I32, 8, true}:   wasm.OpI32Load8S,
		{wasm.I32, 16, false}: wasm.OpI32Load16U,
		{wasm.I32, 16, true}:  wasm.OpI32Load16S,
		{wasm.I64, 64, false}: wasm.OpI64Load,
		{wasm.I64, 64, true}:  wasm.OpI64Load,
		{wasm.F64, 64, true}:  wasm.OpF64Load,
	}[a.elem]
	if op == 0 {
		op = wasm.OpI32Load
	}
	g.access(op, a)
}

func (g *gen) storeElement(a array) {
	switch {
	case a.elem.value == wasm.F64:
		g.access(wasm.OpF64Store, a)
	case a.elem.bits == 64:
		g.access(wasm.OpI64Store, a)
	case a.elem.bits == 16:
		g.access(wasm.OpI32Store16, a)
	case a.elem.bits == 8:
		g.access(wasm.OpI32Store8, a)
	default:
		g.access(wasm.OpI32Store, a)
	}
}

// access is a load or store at the popped offset in the array.
func (g *gen) access(op byte, a array) {
	g.refer(a.area)
	g.op(op, 0, 0)
}
