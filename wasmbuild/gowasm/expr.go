package gowasm

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// values pushes the values of a list, which may be one call with many results.
func (g *gen) values(list []ast.Expr) {
	if len(list) == 1 {
		if call, ok := ast.Unparen(list[0]).(*ast.CallExpr); ok && g.info.Types[call].Value == nil {
			g.call(call)
			return
		}
	}
	for _, e := range list {
		g.expr(e)
	}
}

// expr pushes the value of an expression.
func (g *gen) expr(e ast.Expr) {
	tv := g.info.Types[e]
	if tv.Value != nil {
		g.constant(e, tv)
		return
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		g.expr(e.X)
	case *ast.Ident:
		g.variable(e)
	case *ast.UnaryExpr:
		g.unary(e)
	case *ast.BinaryExpr:
		g.binaryExpr(e)
	case *ast.CallExpr:
		if n := len(g.call(e)); n != 1 {
			g.fail(e, "a call with %d results as a value is not in the subset", n)
		}
	case *ast.IndexExpr:
		g.loadElement(g.element(e))
	default:
		g.fail(e, "expression %T is not in the subset", e)
	}
}

func (g *gen) constant(e ast.Expr, tv types.TypeAndValue) {
	if tv.Value.Kind() == constant.String {
		g.fail(e, "a string is not in the subset; use vm.Lit")
		return
	}
	g.lastSet = -1
	g.code = appendConst(g.code, g.number(e, tv.Type), tv.Value)
}

func (g *gen) variable(e *ast.Ident) {
	v, _ := g.info.ObjectOf(e).(*types.Var)
	if i, ok := g.vars[v]; ok {
		g.get(i)
	} else if i, ok := g.globals[v]; ok {
		g.opU(wasm.OpGlobalGet, i)
	} else {
		g.fail(e, "%s as a value is not in the subset", e.Name)
	}
}

func (g *gen) unary(e *ast.UnaryExpr) {
	k := g.of(e)
	switch e.Op {
	case token.NOT:
		g.not(e.X)
	case token.ADD:
		g.expr(e.X)
	case token.SUB:
		if k.value == wasm.F64 {
			g.expr(e.X)
			g.op(wasm.OpF64Neg)
			return
		}
		g.zero(k.value)
		g.expr(e.X)
		g.binary(e, token.SUB, k, e.X)
	case token.XOR:
		g.expr(e.X)
		g.constantOf(k, -1)
		g.op(binaryOp(token.XOR, k))
		g.wrap(k)
	default:
		g.fail(e, "operator %s is not in the subset", e.Op)
	}
}

// constantOf pushes an integer.
func (g *gen) constantOf(k number, v int64) {
	if k.value == wasm.I64 {
		g.i64(v)
	} else {
		g.i32(int32(v))
	}
}

func (g *gen) binaryExpr(e *ast.BinaryExpr) {
	switch e.Op {
	case token.LAND, token.LOR:
		g.expr(e.X)
		g.open(wasm.OpIf, wasm.I32)
		if e.Op == token.LAND {
			g.expr(e.Y)
			g.op(wasm.OpElse)
			g.i32(0)
		} else {
			g.i32(1)
			g.op(wasm.OpElse)
			g.expr(e.Y)
		}
		g.end()
		return
	case token.SHL, token.SHR:
		g.expr(e.X)
		g.shift(e.Y, e.Op, g.of(e))
		return
	}
	k := g.of(e.X)
	g.expr(e.X)
	if g.comparesWithZero(e, k) {
		return
	}
	g.expr(e.Y)
	g.binary(e, e.Op, k, e.Y)
}

// comparesWithZero compiles x == 0 and x != 0 when x has been pushed.
func (g *gen) comparesWithZero(e *ast.BinaryExpr, k number) bool {
	v := g.info.Types[e.Y].Value
	if e.Op != token.EQL && e.Op != token.NEQ || v == nil || v.Kind() != constant.Int || constant.Sign(v) != 0 || k.value == wasm.F64 {
		return false
	}
	if k.value == wasm.I64 {
		g.op(wasm.OpI64Eqz)
	} else {
		g.op(wasm.OpI32Eqz)
	}
	if e.Op == token.NEQ {
		g.op(wasm.OpI32Eqz)
	}
	return true
}
