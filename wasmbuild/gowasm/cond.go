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
	if !want {
		if turned, ok := g.without(cond); ok {
			cond = turned
		} else {
			g.expr(cond)
			g.op(wasm.OpI32Eqz)
			g.brIf(to)
			return
		}
	}
	g.truth(cond)
	g.brIf(to)
}

// truth pushes something that is zero when the condition is false. Branches
// need no more, so x != 0 is x.
func (g *gen) truth(e ast.Expr) {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.NEQ && g.of(b.X).value == wasm.I32 {
		if v := g.info.Types[b.Y].Value; v != nil && integer(v) == 0 {
			g.expr(b.X)
			return
		}
	}
	g.expr(e)
}

// without is the condition that is true when e is false, if it is another comparison.
func (g *gen) without(e ast.Expr) (ast.Expr, bool) {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok || opposite[b.Op] == 0 || g.info.Types[e].Value != nil || g.of(b.X).value == wasm.F64 {
		return nil, false
	}
	turned := *b
	turned.Op = opposite[b.Op]
	g.info.Types[&turned] = types.TypeAndValue{Type: g.info.TypeOf(b)}
	return &turned, true
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
	if turned, ok := g.without(e); ok {
		g.expr(turned)
		return
	}
	g.expr(e)
	g.op(wasm.OpI32Eqz)
}
