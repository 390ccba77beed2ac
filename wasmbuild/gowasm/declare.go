package gowasm

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/streamdal/streamdal-server/wasmbuild/link"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// Directives in a function's doc comment.
const (
	inlineDirective = "//wasm:inline"
	smallDirective  = "//wasm:small"
	bindDirective   = "//wasm:bind"
	importDirective = "//wasm:import"
)

// function is a declared function or method.
type function struct {
	decl   *ast.FuncDecl
	sig    *types.Signature
	name   string // "find", or "node.kind" for a method
	params []wasm.ValueType
	result []wasm.ValueType
	index  uint32 // in the module
	inline bool   // expanded at calls, except in small functions
	small  bool
	stable varSet // parameters that the body never assigns
	reads  varSet // named results that the body mentions, or returns by a bare return
	writes varSet // package variables it may write, itself or by calls
	calls  []*function
}

// vars are the parameters, the receiver first.
func (f *function) vars() []*types.Var {
	var list []*types.Var
	if r := f.sig.Recv(); r != nil {
		list = append(list, r)
	}
	return slices.AppendSeq(list, f.sig.Params().Variables())
}

// declare gives every package-level name its place in the module.
func (c *compiler) declare(files []*ast.File) {
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				c.declareFunc(d)
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				for _, s := range d.Specs {
					c.declareVars(s.(*ast.ValueSpec))
				}
			}
		}
	}
	// Imports come first in the numbering of functions.
	for _, f := range c.order {
		if f.decl.Body == nil {
			c.importFunc(f)
		}
	}
	next := uint32(len(c.out.Imports))
	for _, f := range c.order {
		if f.decl.Body != nil {
			f.index = next
			next++
		}
	}
}

func (c *compiler) declareFunc(d *ast.FuncDecl) {
	obj := c.info.Defs[d.Name].(*types.Func)
	f := &function{
		decl: d, sig: obj.Signature(), name: d.Name.Name,
		inline: directive(d, inlineDirective) != nil,
		small:  directive(d, smallDirective) != nil,
	}
	if f.sig.TypeParams() != nil || f.sig.Variadic() {
		c.fail(d, "function %s is not in the subset: type parameters and variadic parameters", f.name)
		return
	}
	if r := f.sig.Recv(); r != nil {
		named, ok := types.Unalias(r.Type()).(*types.Named)
		if !ok {
			c.fail(d, "receiver type %s is not in the subset; use a named number", r.Type())
			return
		}
		f.name = named.Obj().Name() + "." + f.name
	}
	for _, v := range f.vars() {
		f.params = append(f.params, c.number(d, v.Type()).value)
	}
	f.result = c.tuple(d, f.sig.Results())
	c.functions[obj] = f
	c.order = append(c.order, f)
}

// importFunc declares what the linker or the host provides.
func (c *compiler) importFunc(f *function) {
	if f.inline {
		c.fail(f.decl, "function %s has no body to inline", f.name)
	}
	i := link.Import{Module: link.BindModule, Name: f.name, Type: c.funcType(f.params, f.result)}
	if args := directive(f.decl, importDirective); args != nil {
		if len(args) != 2 {
			c.fail(f.decl, "%s needs a module and a name", importDirective)
			return
		}
		i.Module, i.Name = args[0], args[1]
	}
	f.index = uint32(len(c.out.Imports))
	c.out.Imports = append(c.out.Imports, i)
}

// directive returns the words after a directive of the function, nil without one.
func directive(d *ast.FuncDecl, name string) []string {
	if d.Doc == nil {
		return nil
	}
	for _, line := range d.Doc.List {
		if rest, ok := strings.CutPrefix(line.Text, name); ok && (rest == "" || rest[0] == ' ') {
			return append([]string{}, strings.Fields(rest)...)
		}
	}
	return nil
}

// funcType is the index of a function type.
func (c *compiler) funcType(params, result []wasm.ValueType) uint32 {
	same := func(t link.FuncType) bool {
		return slices.Equal(t.Params, params) && slices.Equal(t.Results, result)
	}
	i := slices.IndexFunc(c.out.Types, same)
	if i < 0 {
		i = len(c.out.Types)
		c.out.Types = append(c.out.Types, link.FuncType{Params: params, Results: result})
	}
	return uint32(i)
}
