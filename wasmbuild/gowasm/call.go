package gowasm

import (
	"go/ast"
	"go/token"
	"go/types"

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
	if args := g.operands(e); len(args) == 1 {
		g.values(args)
	} else {
		for _, a := range args {
			g.expr(a)
		}
	}
	if f.inline {
		g.expand(e, f)
	} else {
		g.opU(wasm.OpCall, f.index)
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
		g.expr(a)
		g.set(next)
		g.opU(wasm.OpLocalGet, best)
		g.opU(wasm.OpLocalGet, next)
		g.opU(wasm.OpLocalGet, best)
		g.opU(wasm.OpLocalGet, next)
		g.op(binaryOp(better, k))
		g.op(wasm.OpSelect)
	}
	g.release(best, next)
	return []wasm.ValueType{k.value}
}

// expand compiles the body of an inline function; its arguments are on the stack.
func (g *gen) expand(e *ast.CallExpr, f *function) {
	for fr := g.frame; fr != nil; fr = fr.caller {
		if fr.f == f {
			g.fail(e, "function %s is inlined into itself", f.name)
			return
		}
	}
	targets := g.targets
	g.frame = &frame{f: f, caller: g.frame}
	g.targets = nil
	vars := f.vars()
	for i := len(vars) - 1; i >= 0; i-- {
		g.set(g.declareLocal(e, vars[i]))
	}
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
	g.leave(0)
	g.frame, g.targets = g.frame.caller, targets
}
