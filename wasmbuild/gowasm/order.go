package gowasm

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Go fixes the order of calls, but not whether a variable in the same
// expression is read before or after a call. Native and compiled code may
// differ there, so an expression whose value depends on it is refused.

// varSet is a set of package variables.
type varSet map[*types.Var]bool

func (s varSet) add(other varSet) {
	for v := range other {
		s[v] = true
	}
}

// findWrites works out which package variables each function may write.
func (c *compiler) findWrites() {
	all := varSet{}
	for _, f := range c.order {
		f.writes = varSet{}
		if f.decl.Body != nil {
			c.scanWrites(f)
		}
		all.add(f.writes)
	}
	for _, f := range c.order {
		if f.decl.Body == nil { // who knows what the linker binds
			f.writes = all
		}
	}
	for changed := true; changed; {
		changed = false
		for _, f := range c.order {
			for _, callee := range f.calls {
				before := len(f.writes)
				f.writes.add(callee.writes)
				changed = changed || len(f.writes) > before
			}
		}
	}
}

// scanWrites notes what a function writes itself, which parameters and results
// it leaves alone, and what it calls.
func (c *compiler) scanWrites(f *function) {
	f.stable, f.reads = varSet{}, varSet{}
	for _, v := range f.vars() {
		f.stable[v] = true
	}
	write := func(e ast.Expr) {
		if v := c.packageVar(e); v != nil {
			f.writes[v] = true
		}
		if name, ok := ast.Unparen(e).(*ast.Ident); ok {
			if v, ok := c.info.ObjectOf(name).(*types.Var); ok {
				delete(f.stable, v)
			}
		}
	}
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			if len(n.Results) == 0 {
				for v := range f.sig.Results().Variables() {
					f.reads[v] = true
				}
			}
		case *ast.Ident:
			if v, ok := c.info.Uses[n].(*types.Var); ok && v.Kind() == types.ResultVar {
				f.reads[v] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				write(l)
			}
		case *ast.IncDecStmt:
			write(n.X)
		case *ast.RangeStmt:
			if n.Key != nil {
				write(n.Key)
			}
		case *ast.CallExpr:
			if callee, ok := c.callee(n).(*types.Func); ok && c.functions[callee] != nil && !slices.Contains(f.calls, c.functions[callee]) {
				f.calls = append(f.calls, c.functions[callee])
			}
		}
		return true
	})
}

// packageVar is the package variable or array that an expression reads or writes, or nil.
func (c *compiler) packageVar(e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return c.packageVar(e.X)
	case *ast.Ident:
		v, _ := c.info.ObjectOf(e).(*types.Var)
		if _, ok := c.globals[v]; ok {
			return v
		}
		if _, ok := c.arrays[v]; ok {
			return v
		}
	}
	return nil
}

// effects are what evaluating an expression reads and writes.
type effects struct{ reads, writes varSet }

// checkOrder refuses expressions, evaluated one after another, whose values
// depend on an order that Go leaves open. What is expanded here has been looked
// at where it is declared.
func (g *gen) checkOrder(list ...ast.Expr) {
	if g.frame.caller == nil {
		g.together(list)
	}
}

// together joins the effects of operands and checks them against each other.
func (c *compiler) together(list []ast.Expr) (sum effects) {
	for _, e := range list {
		x := c.effects(e)
		for v := range sum.reads {
			if x.writes[v] {
				c.fail(e, "reading %s beside a call that may write it is not in the subset: Go leaves the order open", v.Name())
			}
		}
		for v := range sum.writes {
			if x.reads[v] {
				c.fail(e, "reading %s beside a call that may write it is not in the subset: Go leaves the order open", v.Name())
			}
		}
		sum.add(x)
	}
	return sum
}

// add joins effects. Most expressions have none, so sets are made when needed.
func (x *effects) add(y effects) {
	for _, s := range []struct {
		to   *varSet
		from varSet
	}{{&x.reads, y.reads}, {&x.writes, y.writes}} {
		if len(s.from) > 0 && *s.to == nil {
			*s.to = varSet{}
		}
		s.to.add(s.from)
	}
}

func (c *compiler) effects(e ast.Expr) effects {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v := c.packageVar(e); v != nil {
			return effects{reads: varSet{v: true}}
		}
	case *ast.UnaryExpr:
		if e.Op != token.AND { // vm.Addr(&array) reads nothing
			return c.effects(e.X)
		}
	case *ast.IndexExpr:
		x := c.effects(e.Index)
		if v := c.packageVar(e); v != nil {
			x.add(effects{reads: varSet{v: true}})
		}
		return x
	case *ast.BinaryExpr:
		if e.Op != token.LAND && e.Op != token.LOR {
			return c.together([]ast.Expr{e.X, e.Y})
		}
		// The left operand decides whether the right one is evaluated at all: it is first.
		x := c.effects(e.X)
		x.add(c.effects(e.Y))
		return x
	case *ast.CallExpr:
		x := c.together(c.operands(e)) // read before the call, which may write them
		if callee, ok := c.callee(e).(*types.Func); ok && c.functions[callee] != nil {
			x.add(effects{writes: c.functions[callee].writes})
		}
		return x
	}
	return effects{}
}
