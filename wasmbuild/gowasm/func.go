package gowasm

import (
	"go/ast"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/link"
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// gen compiles one function, with everything inlined into it.
type gen struct {
	*compiler
	emitter
	nparams int
	small   bool                  // inline functions are called instead
	vars    map[*types.Var]uint32 // locals of the variables in scope
	frame   *frame
	targets []target // what break and continue leave, innermost last
	label   string   // label of the next statement
	loops   int      // open loops
}

// frame is a function body being compiled: the function itself, or one expanded in it.
type frame struct {
	f      *function
	exit   int // depth of the block that a return leaves; -1 for the function itself
	caller *frame
}

func (c *compiler) compile(f *function) link.Func {
	g := &gen{compiler: c, emitter: newEmitter(), nparams: len(f.params), small: f.small, vars: map[*types.Var]uint32{}}
	g.frame = &frame{f: f, exit: -1}
	g.locals = append(g.locals, f.params...)
	for i, v := range f.vars() {
		g.vars[v] = uint32(i)
	}
	g.body(f)
	g.op(wasm.OpEnd)
	head := code.AppendLocals(nil, g.locals[g.nparams:])
	for i := range g.refs {
		g.refs[i].At += len(head)
	}
	return link.Func{
		Type: c.funcType(f.params, f.result),
		Name: f.name,
		Body: append(head, g.code...),
		Refs: g.refs,
	}
}

// body compiles a function's statements so that its results end up on the stack.
func (g *gen) body(f *function) {
	for v := range f.sig.Results().Variables() {
		if f.reads[v] {
			g.declareZero(f.decl, v)
		}
	}
	list := f.decl.Body.List
	if len(list) > 0 {
		if last, ok := list[len(list)-1].(*ast.ReturnStmt); ok {
			g.statements(list[:len(list)-1])
			g.returned(last)
			return
		}
	}
	g.statements(list)
	if len(f.result) > 0 {
		g.op(wasm.OpUnreachable) // Go has made sure that no path comes here
	}
}

// declareLocal gives a variable a local. Its value is undefined until set.
func (g *gen) declareLocal(n ast.Node, v *types.Var) uint32 {
	i := g.take(g.number(n, v.Type()).value)
	g.vars[v] = i
	return i
}

// declareZero declares a variable that is zero. Its local is, unless a loop
// comes by here again.
func (g *gen) declareZero(n ast.Node, v *types.Var) {
	if i := g.declareLocal(n, v); g.loops > 0 {
		g.zero(g.locals[i])
		g.set(i)
	}
}
