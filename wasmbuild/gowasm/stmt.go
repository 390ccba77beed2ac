package gowasm

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

func (g *gen) block(b *ast.BlockStmt) { g.statements(b.List) }

func (g *gen) statements(list []ast.Stmt) {
	for _, s := range list {
		g.statement(s)
	}
}

func (g *gen) statement(s ast.Stmt) {
	label := g.label
	g.label = ""
	switch s := s.(type) {
	case *ast.BlockStmt:
		g.block(s)
	case *ast.ExprStmt:
		g.checkOrder(s.X)
		g.discard(s.X)
	case *ast.DeclStmt:
		g.declaration(s.Decl.(*ast.GenDecl))
	case *ast.AssignStmt:
		g.assign(s)
	case *ast.IncDecStmt:
		g.incDec(s)
	case *ast.IfStmt:
		g.ifStmt(s)
	case *ast.ForStmt:
		g.forStmt(s, label)
	case *ast.RangeStmt:
		g.rangeStmt(s, label)
	case *ast.SwitchStmt:
		g.switchStmt(s, label)
	case *ast.LabeledStmt:
		g.label = s.Label.Name
		g.statement(s.Stmt)
	case *ast.BranchStmt:
		g.branch(s)
	case *ast.ReturnStmt:
		g.returned(s)
		if g.frame.exit < 0 {
			g.op(wasm.OpReturn)
		} else {
			g.br(g.frame.exit)
		}
	case *ast.EmptyStmt:
	default:
		g.fail(s, "statement %T is not in the subset", s)
	}
}

// discard compiles a call for what it does.
func (g *gen) discard(e ast.Expr) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		g.fail(e, "expression %T as a statement is not in the subset", e)
		return
	}
	for range g.call(call) {
		g.op(wasm.OpDrop)
	}
}

// declaration compiles var; const and type have been dealt with by the type checker.
func (g *gen) declaration(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, sp := range d.Specs {
		s := sp.(*ast.ValueSpec)
		g.checkOrder(s.Values...)
		if len(s.Values) == 0 {
			for _, name := range s.Names {
				if v, ok := g.info.Defs[name].(*types.Var); ok && name.Name != "_" {
					g.declareZero(name, v)
				}
			}
			continue
		}
		g.values(s.Values)
		for i := len(s.Names) - 1; i >= 0; i-- {
			g.define(s.Names[i])
		}
	}
}

// define declares a variable and pops its value.
func (g *gen) define(name *ast.Ident) {
	v, ok := g.info.Defs[name].(*types.Var)
	if !ok || name.Name == "_" {
		g.op(wasm.OpDrop)
		return
	}
	g.set(g.declareLocal(name, v))
}

// returned pushes what a return statement returns.
func (g *gen) returned(s *ast.ReturnStmt) {
	g.checkOrder(s.Results...)
	if len(s.Results) > 0 {
		g.values(s.Results)
		return
	}
	for v := range g.frame.f.sig.Results().Variables() {
		g.get(g.vars[v])
	}
}

func (g *gen) ifStmt(s *ast.IfStmt) {
	if s.Init != nil {
		g.statement(s.Init)
	}
	g.checkOrder(s.Cond)
	if to, ok := g.onlyBranch(s); ok { // if c { break } is one instruction
		g.branchIf(s.Cond, true, to)
		return
	}
	if !decidesEarly(s.Cond) {
		g.truth(s.Cond)
		g.open(wasm.OpIf, wasm.Empty)
		g.block(s.Body)
		if s.Else != nil {
			g.op(wasm.OpElse)
			g.statement(s.Else)
		}
		g.end()
		return
	}
	// Engines make better code of branches than of && and || as values.
	end := g.open(wasm.OpBlock, wasm.Empty)
	otherwise := end
	if s.Else != nil {
		otherwise = g.open(wasm.OpBlock, wasm.Empty)
	}
	g.branchIf(s.Cond, false, otherwise)
	g.block(s.Body)
	if s.Else != nil {
		if !leaves(s.Body.List) {
			g.br(end)
		}
		g.end()
		g.statement(s.Else)
	}
	g.end()
}

// leaves says whether a list of statements certainly ends by going elsewhere.
func leaves(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.BlockStmt:
		return leaves(s.List)
	case *ast.IfStmt:
		return s.Else != nil && leaves(s.Body.List) && leaves([]ast.Stmt{s.Else})
	}
	return false
}

// onlyBranch says whether the statement does nothing but branch, and where to.
func (g *gen) onlyBranch(s *ast.IfStmt) (to int, ok bool) {
	if s.Else != nil || len(s.Body.List) != 1 {
		return 0, false
	}
	b, ok := s.Body.List[0].(*ast.BranchStmt)
	if !ok {
		return 0, false
	}
	return g.target(b)
}
