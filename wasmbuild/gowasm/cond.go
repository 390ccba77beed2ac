package gowasm

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// decidesEarly says whether a condition may be known before all of it is evaluated.
func decidesEarly(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT && decidesEarly(e.X)
	case *ast.BinaryExpr:
		return e.Op == token.LAND || e.Op == token.LOR
	}
	return false
}

// branchIf branches when the condition is what is wanted, and falls through otherwise.
func (g *gen) branchIf(cond ast.Expr, want bool, to int) {
	switch e := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			g.branchIf(e.X, !want, to)
			return
		}
	case *ast.BinaryExpr:
		switch {
		case e.Op != token.LAND && e.Op != token.LOR:
		case (e.Op == token.LOR) == want: // either operand decides
			g.branchIf(e.X, want, to)
			g.branchIf(e.Y, want, to)
			return
		default:
			past := g.open(wasm.OpBlock, wasm.Empty)
			g.branchIf(e.X, !want, past)
			g.branchIf(e.Y, want, to)
			g.end()
			return
		}
	}
	if want {
		g.expr(cond)
	} else {
		g.not(cond)
	}
	g.brIf(to)
}

// opposite holds the comparison that is true when the other is false. It is no
// help for floating point, where both are false for NaN.
var opposite = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.LSS: token.GEQ, token.GEQ: token.LSS,
	token.GTR: token.LEQ, token.LEQ: token.GTR,
}

// not pushes !e.
func (g *gen) not(e ast.Expr) {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if ok && opposite[b.Op] != 0 && g.info.Types[e].Value == nil && g.of(b.X).value != wasm.F64 {
		turned := *b
		turned.Op = opposite[b.Op]
		g.info.Types[&turned] = types.TypeAndValue{Type: g.info.TypeOf(b)}
		g.expr(&turned)
		return
	}
	g.expr(e)
	g.op(wasm.OpI32Eqz)
}
