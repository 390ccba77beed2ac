package gowasm

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// call compiles a call or conversion and returns the types it leaves on the stack.
func (g *gen) call(e *ast.CallExpr) []wasm.ValueType {
	if tv := g.info.Types[e.Fun]; tv.IsType() {
		to := g.number(e, tv.Type)
		g.convert(e.Args[0], to)
		return []wasm.ValueType{to.value}
	}
	switch callee := g.callee(e).(type) {
	case *types.Builtin:
		return g.builtin(e, callee.Name())
	case *types.Func:
		if callee.Pkg().Path() == vmPath {
			return g.intrinsic(e, callee)
		}
		if f, ok := g.functions[callee]; ok {
			g.callFunction(e, f)
			return f.result
		}
	}
	g.fail(e, "calling %s is not in the subset", types.ExprString(e.Fun))
	return nil
}

// callee is what a call names: a builtin, a function, or nil for anything else.
func (c *compiler) callee(e *ast.CallExpr) types.Object {
	switch f := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		return c.info.Uses[f]
	case *ast.SelectorExpr:
		if s, ok := c.info.Selections[f]; ok && s.Kind() != types.MethodVal {
			return nil
		}
		return c.info.Uses[f.Sel]
	}
	return nil
}

// operands are what a call evaluates, in order: a method's receiver first.
func (c *compiler) operands(e *ast.CallExpr) []ast.Expr {
	if f, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && c.info.Selections[f] != nil {
		return append([]ast.Expr{f.X}, e.Args...)
	}
	return e.Args
}

func (g *gen) callFunction(e *ast.CallExpr, f *function) {
	args := g.operands(e)
	if f.inline && !g.small {
		g.expand(e, f, args)
		return
	}
	g.pushAll(args)
	g.opU(wasm.OpCall, f.index)
}

// pushAll pushes arguments; one call may stand for many.
func (g *gen) pushAll(args []ast.Expr) {
	if len(args) == 1 {
		g.values(args)
		return
	}
	for _, a := range args {
		g.expr(a)
	}
}

// builtin compiles min, max and panic; len of an array is a constant.
func (g *gen) builtin(e *ast.CallExpr, name string) []wasm.ValueType {
	switch name {
	case "panic":
		g.op(wasm.OpUnreachable)
		return nil
	case "min":
		return g.choose(e, token.LSS)
	case "max":
		return g.choose(e, token.GTR)
	}
	g.fail(e, "%s is not in the subset", name)
	return nil
}

// choose pushes the argument that wins all comparisons.
func (g *gen) choose(e *ast.CallExpr, better token.Token) []wasm.ValueType {
	k := g.of(e)
	if k.value == wasm.F64 {
		g.fail(e, "min and max of float64 are not in the subset")
	}
	best, next := g.take(k.value), g.take(k.value)
	g.expr(e.Args[0])
	for _, a := range e.Args[1:] {
		g.set(best)
		g.get(best)
		g.expr(a)
		g.set(next)
		g.get(next)
		g.get(best)
		g.get(next)
		g.op(binaryOp(better, k))
		g.op(wasm.OpSelect)
	}
	return []wasm.ValueType{k.value}
}

// expand compiles the body of an inline function in place of a call.
func (g *gen) expand(e *ast.CallExpr, f *function, args []ast.Expr) {
	for fr := g.frame; fr != nil; fr = fr.caller {
		if fr.f == f {
			g.fail(e, "function %s is inlined into itself", f.name)
			return
		}
	}
	targets := g.targets
	inner := &frame{f: f, caller: g.frame}
	g.bindParams(e, inner, args)
	g.frame, g.targets = inner, nil
	switch len(f.result) {
	case 0:
		g.frame.exit = g.open(wasm.OpBlock, wasm.Empty)
	case 1:
		g.frame.exit = g.open(wasm.OpBlock, f.result[0])
	default:
		g.frame.exit = g.openType(wasm.OpBlock, g.funcType(nil, f.result))
	}
	g.body(f)
	g.end()
	g.frame, g.targets = g.frame.caller, targets
}

// bindParams gives the parameters of an inline function their values. One that
// the function leaves alone needs no local of its own when the argument is a
// local already.
func (g *gen) bindParams(e *ast.CallExpr, inner *frame, args []ast.Expr) {
	vars := inner.f.vars()
	var own []*types.Var // parameters whose values are on the stack
	if len(args) != len(vars) {
		g.pushAll(args)
		own = vars
	} else {
		shared := map[*types.Var]uint32{}
		for i, a := range args {
			if local, ok := g.localOf(a); ok && inner.f.stable[vars[i]] {
				shared[vars[i]] = local
				continue
			}
			g.expr(a)
			own = append(own, vars[i])
		}
		maps.Copy(g.vars, shared)
	}
	outer := g.frame
	g.frame = inner
	for i := len(own) - 1; i >= 0; i-- {
		g.set(g.declareLocal(e, own[i]))
	}
	g.frame = outer
}

// localOf is the local that an expression names.
func (g *gen) localOf(e ast.Expr) (uint32, bool) {
	name, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return 0, false
	}
	v, ok := g.info.ObjectOf(name).(*types.Var)
	if !ok {
		return 0, false
	}
	i, ok := g.vars[v]
	return i, ok
}
