package gowasm

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// vmPath is the one package that kernel code may import.
const vmPath = "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// load parses the package's files in the order of their names.
func (c *compiler) load(src fs.FS) ([]*ast.File, error) {
	names, err := fs.Glob(src, "*.go")
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	files := make([]*ast.File, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() error {
			text, err := fs.ReadFile(src, name)
			if err != nil {
				return err
			}
			files[i], err = parser.ParseFile(c.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, nativeOnly)
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && provided(d) {
				d.Body = nil // the body is for native runs
			}
		}
	}
	return files, nil
}

// nativeOnly says whether a build constraint keeps the file from being compiled to Wasm.
func nativeOnly(f *ast.File) bool {
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, line := range group.List {
			if x, err := constraint.Parse(line.Text); err == nil && !x.Eval(func(tag string) bool { return tag == "gowasm" }) {
				return true
			}
		}
	}
	return false
}

// provided says whether the linker or the host provides the function.
func provided(d *ast.FuncDecl) bool {
	return d.Doc != nil && slices.ContainsFunc(d.Doc.List, func(l *ast.Comment) bool {
		return l.Text == "//wasm:bind" || strings.HasPrefix(l.Text, "//wasm:import ")
	})
}

// Import provides package vm from its declarations alone, so that compiling needs no Go installation.
func (c *compiler) Import(path string) (*types.Package, error) {
	if path != vmPath {
		return nil, fmt.Errorf("kernel code cannot import %s", path)
	}
	names, err := fs.Glob(vm.Source, "*.go")
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		text, err := vm.Source.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(c.fset, "vm/"+name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		f.Imports = nil
		f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
			g, ok := d.(*ast.GenDecl)
			return ok && (g.Tok == token.IMPORT || g.Tok == token.VAR)
		})
		files = append(files, f)
	}
	conf := types.Config{IgnoreFuncBodies: true}
	return conf.Check(path, c.fset, files, nil)
}
