package gowasm

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// target is a statement that break or continue can leave.
type target struct {
	label  string
	breaks int // depth of the block behind it
	resume int // depth of the block or loop to go on with, or -1 for a switch
}

// target finds where a break or continue goes.
func (g *gen) target(s *ast.BranchStmt) (depth int, ok bool) {
	for i := len(g.targets) - 1; i >= 0; i-- {
		t := g.targets[i]
		if s.Label != nil && t.label != s.Label.Name {
			continue
		}
		if s.Tok == token.BREAK {
			return t.breaks, true
		}
		if s.Tok == token.CONTINUE && t.resume >= 0 {
			return t.resume, true
		}
	}
	return 0, false
}

func (g *gen) branch(s *ast.BranchStmt) {
	to, ok := g.target(s)
	if !ok {
		g.fail(s, "%s is not in the subset", s.Tok)
		return
	}
	g.br(to)
}

// loop compiles the common shape of loops. Without post, continue repeats at once.
func (g *gen) loop(label string, cond func(exit int), body *ast.BlockStmt, post func()) {
	left := cond != nil || branches(body, token.BREAK, label)
	resumed := post != nil && branches(body, token.CONTINUE, label)
	exit := -1
	if left {
		exit = g.open(wasm.OpBlock, wasm.Empty)
	}
	g.loops++
	top := g.open(wasm.OpLoop, wasm.Empty)
	if cond != nil {
		cond(exit)
	}
	next := top
	if resumed {
		next = g.open(wasm.OpBlock, wasm.Empty)
	}
	g.targets = append(g.targets, target{label, exit, next})
	g.block(body)
	g.targets = g.targets[:len(g.targets)-1]
	if resumed {
		g.end()
	}
	if post != nil {
		post()
	}
	g.br(top)
	g.end()
	g.loops--
	if left {
		g.end()
	}
}

// branches says whether a break or continue in a loop's body may be for that loop.
func branches(body ast.Node, tok token.Token, label string) (found bool) {
	if label != "" {
		return true
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BranchStmt:
			found = found || n.Tok == tok && n.Label == nil
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.SwitchStmt:
			return tok == token.CONTINUE
		}
		return !found
	})
	return found
}

func (g *gen) forStmt(s *ast.ForStmt, label string) {
	if s.Init != nil {
		g.statement(s.Init)
	}
	var cond func(int)
	if s.Cond != nil {
		g.checkOrder(s.Cond)
		cond = func(exit int) { g.branchIf(s.Cond, false, exit) }
	}
	var post func()
	if s.Post != nil {
		post = func() { g.statement(s.Post) }
	}
	g.loop(label, cond, s.Body, post)
}

// rangeStmt compiles for i := range n. The body may change i without changing
// what comes next, so the count is kept apart.
func (g *gen) rangeStmt(s *ast.RangeStmt, label string) {
	t := g.info.TypeOf(s.X)
	if b, ok := t.Underlying().(*types.Basic); !ok || b.Info()&types.IsInteger == 0 || s.Value != nil {
		g.fail(s, "range over %s is not in the subset", t)
		return
	}
	k := g.of(s.X)
	less, add := binaryOp(token.LSS, k), binaryOp(token.ADD, k)
	g.checkOrder(s.X)
	g.expr(s.X)
	limit, count := g.take(k.value), g.take(k.value)
	g.set(limit)
	g.zero(k.value)
	g.set(count)
	cond := func(exit int) {
		g.get(count)
		g.get(limit)
		g.op(less)
		g.op(wasm.OpI32Eqz)
		g.brIf(exit)
		if s.Key == nil {
			return
		}
		g.get(count)
		if name, ok := s.Key.(*ast.Ident); ok && s.Tok == token.DEFINE {
			g.define(name)
		} else {
			g.store(s.Key)
		}
	}
	post := func() {
		g.get(count)
		g.code = appendConst(g.code, k, constant.MakeInt64(1))
		g.op(add)
		g.set(count)
	}
	g.loop(label, cond, s.Body, post)
}
