package gowasm

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

func (g *gen) assign(s *ast.AssignStmt) {
	switch {
	case s.Tok == token.DEFINE:
		g.checkOrder(s.Rhs...)
		if v := g.definesZero(s); v != nil {
			g.declareZero(s, v)
			return
		}
		g.values(s.Rhs)
		for i := len(s.Lhs) - 1; i >= 0; i-- {
			if name := s.Lhs[i].(*ast.Ident); g.info.Defs[name] != nil {
				g.define(name)
			} else {
				g.store(name)
			}
		}
	case s.Tok != token.ASSIGN:
		op := s.Tok - token.ADD_ASSIGN + token.ADD
		g.update(s.Lhs[0], op, s.Rhs[0])
	case len(s.Lhs) == 1 && isElement(s.Lhs[0]):
		l := ast.Unparen(s.Lhs[0]).(*ast.IndexExpr)
		g.checkOrder(l.Index, s.Rhs[0])
		a := g.element(l)
		g.expr(s.Rhs[0])
		g.storeElement(a)
	default:
		g.checkOrder(s.Rhs...)
		g.values(s.Rhs)
		for i := len(s.Lhs) - 1; i >= 0; i-- {
			g.store(s.Lhs[i])
		}
	}
}

// definesZero is the variable if the statement is one := 0 or the like.
func (g *gen) definesZero(s *ast.AssignStmt) *types.Var {
	value := g.info.Types[s.Rhs[0]].Value
	if len(s.Lhs) > 1 || value == nil || value.Kind() == constant.String || constant.Compare(value, token.NEQ, zeroLike(value)) {
		return nil
	}
	v, _ := g.info.Defs[s.Lhs[0].(*ast.Ident)].(*types.Var)
	return v
}

func zeroLike(v constant.Value) constant.Value {
	if v.Kind() == constant.Bool {
		return constant.MakeBool(false)
	}
	return constant.MakeInt64(0)
}

func (g *gen) incDec(s *ast.IncDecStmt) {
	op := token.ADD
	if s.Tok == token.DEC {
		op = token.SUB
	}
	g.update(s.X, op, nil)
}

// update compiles l = l op e; a missing e is 1.
func (g *gen) update(l ast.Expr, op token.Token, e ast.Expr) {
	k := g.of(l)
	if e != nil {
		g.checkOrder(l, e)
	}
	change := func() {
		switch {
		case e == nil:
			g.code = appendConst(g.code, k, constant.MakeInt64(1))
			g.binary(l, op, k, nil)
		case op == token.SHL || op == token.SHR:
			g.shift(e, op, k)
		default:
			g.expr(e)
			g.binary(l, op, k, e)
		}
	}
	if !isElement(l) {
		g.expr(l)
		change()
		g.store(l)
		return
	}
	a := g.element(l)
	at := g.take(wasm.I32)
	g.set(at)
	g.get(at)
	g.get(at)
	g.loadElement(a)
	change()
	g.storeElement(a)
}

// store pops into a variable.
func (g *gen) store(l ast.Expr) {
	name, ok := ast.Unparen(l).(*ast.Ident)
	if !ok {
		if isElement(l) {
			g.fail(l, "assigning an array element together with others is not in the subset")
		} else {
			g.fail(l, "only variables can be assigned; memory is written with vm.Put8 and the like")
		}
		return
	}
	if name.Name == "_" {
		g.op(wasm.OpDrop)
		return
	}
	v, _ := g.info.ObjectOf(name).(*types.Var)
	if i, ok := g.vars[v]; ok {
		g.set(i)
	} else if i, ok := g.globals[v]; ok {
		g.opU(wasm.OpGlobalSet, i)
	} else {
		g.fail(l, "assigning %s is not in the subset", name.Name)
	}
}
