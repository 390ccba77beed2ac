package gowasm

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"

	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

// compiler is the state of compiling one package.
type compiler struct {
	fset *token.FileSet
	info *types.Info
	errs []error

	out       *link.Module
	functions map[*types.Func]*function
	order     []*function // in source order
	globals   map[*types.Var]uint32
	arrays    map[*types.Var]array
	texts     map[string]uint32 // areas
}

// Compile compiles the Go package whose files are src/*.go; test files and
// those for native runs are left out. The result has no exports but its exported
// variables: the linker chooses entry points by function name, and addresses.
//
// An error names every place that is not in the subset, one a line.
func Compile(src fs.FS) (*link.Module, error) {
	c := &compiler{
		fset: token.NewFileSet(),
		info: &types.Info{
			Types:      make(map[ast.Expr]types.TypeAndValue, 1<<15),
			Defs:       map[*ast.Ident]types.Object{},
			Uses:       map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
		out:       &link.Module{},
		functions: map[*types.Func]*function{},
		globals:   map[*types.Var]uint32{},
		arrays:    map[*types.Var]array{},
		texts:     map[string]uint32{},
	}
	files, err := c.load(src)
	if err != nil {
		return nil, err
	}
	conf := types.Config{Importer: c, Error: func(err error) { c.errs = append(c.errs, err) }}
	// The first error comes back again through conf.Error.
	if _, _ = conf.Check("kernel", c.fset, files, c.info); len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	c.declare(files)
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	c.findWrites()
	for _, f := range c.order {
		if f.decl.Body != nil {
			c.out.Funcs = append(c.out.Funcs, c.compile(f))
		}
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	c.out.Memory = link.Limits{Min: 1}
	return c.out, nil
}

// fail records an error at n. Compiling goes on, to find the next one.
func (c *compiler) fail(n ast.Node, format string, a ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", c.fset.Position(n.Pos()), fmt.Sprintf(format, a...)))
}
