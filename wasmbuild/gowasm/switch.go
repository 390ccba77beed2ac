package gowasm

import (
	"go/ast"
	"go/constant"
	"go/token"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// A switch becomes a jump table when it has at least tableCases constant cases
// and the table has no more than tableSpread entries for each.
const (
	tableCases  = 5
	tableSpread = 4
)

func (g *gen) switchStmt(s *ast.SwitchStmt, label string) {
	if s.Init != nil {
		g.statement(s.Init)
	}
	clauses := make([]*ast.CaseClause, len(s.Body.List))
	for i, c := range s.Body.List {
		clauses[i] = c.(*ast.CaseClause)
	}
	tag := g.switchTag(s)
	end := g.open(wasm.OpBlock, wasm.Empty)
	g.targets = append(g.targets, target{label, end, -1})
	if table, low, ok := g.jumpTable(s, clauses); ok {
		g.jumpSwitch(tag, table, low, clauses, end)
	} else {
		g.chainSwitch(s, tag, clauses, end)
	}
	g.targets = g.targets[:len(g.targets)-1]
	g.end()
}

// jumpSwitch opens a block for each clause, the first innermost; whoever leaves
// block i stands before clause i.
func (g *gen) jumpSwitch(tag uint32, table []int, low int64, clauses []*ast.CaseClause, end int) {
	otherwise := end
	starts := make([]int, len(clauses))
	for i := len(clauses) - 1; i >= 0; i-- {
		starts[i] = g.open(wasm.OpBlock, wasm.Empty)
		if clauses[i].List == nil {
			otherwise = starts[i]
		}
	}
	g.jump(tag, table, low, starts, otherwise)
	for i, c := range clauses {
		g.end()
		g.clause(c, end, i == len(clauses)-1)
	}
}

// clause compiles what a clause does.
func (g *gen) clause(c *ast.CaseClause, end int, last bool) {
	g.statements(c.Body)
	if !last && !leaves(c.Body) {
		g.br(end)
	}
}

// chainSwitch compares clause by clause, in order.
func (g *gen) chainSwitch(s *ast.SwitchStmt, tag uint32, clauses []*ast.CaseClause, end int) {
	var otherwise *ast.CaseClause
	for i, c := range clauses {
		if c.List == nil {
			otherwise = c
			continue
		}
		next := g.open(wasm.OpBlock, wasm.Empty)
		g.unlessCase(s, tag, c.List, next)
		g.clause(c, end, otherwise == nil && i == len(clauses)-1)
		g.end()
	}
	if otherwise != nil {
		g.clause(otherwise, end, true)
	}
}

// unlessCase branches to next when none of a clause's cases applies.
func (g *gen) unlessCase(s *ast.SwitchStmt, tag uint32, cases []ast.Expr, next int) {
	last := len(cases) - 1
	found := -1
	if last > 0 {
		found = g.open(wasm.OpBlock, wasm.Empty)
	}
	for i, e := range cases {
		g.checkOrder(e)
		want, to := true, found
		if i == last {
			want, to = false, next
		}
		if s.Tag == nil {
			g.branchIf(e, want, to)
			continue
		}
		op := token.EQL
		if !want {
			op = token.NEQ
		}
		g.get(tag)
		g.expr(e)
		g.op(binaryOp(op, g.of(s.Tag)))
		g.brIf(to)
	}
	if found >= 0 {
		g.end()
	}
}

// switchTag finds a local with the tag's value: its own, or the variable's that the tag is.
func (g *gen) switchTag(s *ast.SwitchStmt) uint32 {
	if s.Tag == nil {
		return 0
	}
	if i, ok := g.localOf(s.Tag); ok {
		return i // nothing changes it before the choice is made
	}
	g.checkOrder(s.Tag)
	g.expr(s.Tag)
	local := g.take(g.of(s.Tag).value)
	g.set(local)
	return local
}

// jumpTable maps each value from low on to a clause, -1 for none.
func (g *gen) jumpTable(s *ast.SwitchStmt, clauses []*ast.CaseClause) (table []int, low int64, ok bool) {
	if s.Tag == nil || g.of(s.Tag).value != wasm.I32 {
		return nil, 0, false
	}
	byValue := map[int64]int{}
	low, high := int64(0), int64(0)
	for i, c := range clauses {
		for _, e := range c.List {
			v := g.info.Types[e].Value
			if v == nil || v.Kind() != constant.Int {
				return nil, 0, false
			}
			x := integer(v)
			if len(byValue) == 0 {
				low, high = x, x
			}
			low, high = min(low, x), max(high, x)
			byValue[x] = i
		}
	}
	if len(byValue) < tableCases || high-low >= int64(tableSpread*len(byValue)) {
		return nil, 0, false
	}
	table = make([]int, high-low+1)
	for i := range table {
		table[i] = -1
		if c, ok := byValue[low+int64(i)]; ok {
			table[i] = c
		}
	}
	return table, low, true
}

// jump goes to the clause that the table has for the tag.
func (g *gen) jump(tag uint32, table []int, low int64, starts []int, otherwise int) {
	g.get(tag)
	if low != 0 {
		g.i32(int32(low))
		g.op(wasm.OpI32Sub)
	}
	g.opU(wasm.OpBrTable, uint32(len(table)))
	for _, c := range append(table, -1) {
		to := otherwise
		if c >= 0 {
			to = starts[c]
		}
		g.code = wasm.AppendU32(g.code, uint32(g.depth-to))
	}
}
