// Package gowasm compiles a small subset of Go to WebAssembly: functions over
// integers, bool and SIMD registers, package variables, constant tables, and
// package w's intrinsics. Anything else is a compile error.
//
// Comments on functions: //wasm:export NAME, //wasm:inline. A function without
// a body is an import (module "rule"), for the linker to bind.
package gowasm

import (
	"encoding/binary"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"io/fs"
	"slices"
	"strings"

	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

const (
	i32, i64, v128 = 0x7f, 0x7e, 0x7b
	none           = 0x40
)

type fn struct {
	decl           *ast.FuncDecl
	params, result []byte
	index          uint32
	module, name   string // of an import
	inline         bool
}

type compiler struct {
	fset    *token.FileSet
	info    *types.Info
	mod     *link.Module
	fns     map[types.Object]*fn
	globals map[types.Object]uint32
	tables  map[types.Object]uint32 // address of a constant table
	lits    map[string]uint32
	top     uint32 // next free data address
	arrays  map[types.Object]*types.Array
	seg     map[uint32]int // data segment at an address
}

type failure struct{ error }

func (c *compiler) fail(n ast.Node, f string, a ...any) {
	panic(failure{fmt.Errorf("%s: %s", c.fset.Position(n.Pos()), fmt.Sprintf(f, a...))})
}

// Compile compiles the Go package whose files are src/*.go. Test files and files
// that ask for !gowasm are left out. Its data starts at dataStart.
func Compile(src fs.FS, dataStart uint32) (m *link.Module, err error) {
	defer func() {
		if x := recover(); x != nil {
			f, ok := x.(failure)
			if !ok {
				panic(x)
			}
			err = f
		}
	}()
	c := &compiler{
		fset: token.NewFileSet(), mod: &link.Module{}, fns: map[types.Object]*fn{}, globals: map[types.Object]uint32{},
		tables: map[types.Object]uint32{}, lits: map[string]uint32{}, top: dataStart, arrays: map[types.Object]*types.Array{}, seg: map[uint32]int{},
		info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}},
	}
	files, err := c.load(src)
	if err != nil {
		return nil, err
	}
	conf := types.Config{Importer: c, Sizes: &types.StdSizes{WordSize: 4, MaxAlign: 8}}
	if _, err := conf.Check("kernel", c.fset, files, c.info); err != nil {
		return nil, err
	}
	m = c.mod
	m.Mem.Min, m.Mem.Max = 2, ^uint32(0)
	m.Exports = append(m.Exports, link.Export{Name: "memory", Kind: 2})
	var order []*fn
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					for _, s := range d.Specs {
						c.packageVar(s.(*ast.ValueSpec))
					}
				}
			case *ast.FuncDecl:
				order = append(order, c.declare(d))
			}
		}
	}
	for _, f := range order {
		if f.decl.Body == nil {
			f.index = uint32(len(m.Imports))
			if f.module == "" {
				f.module, f.name = "rule", f.decl.Name.Name
			}
			m.Imports = append(m.Imports, link.Import{Module: f.module, Name: f.name, Type: c.typ(f.params, f.result)})
		}
	}
	next := uint32(len(m.Imports))
	for _, f := range order {
		if f.decl.Body != nil && !f.inline {
			f.index = next
			next++
		}
	}
	for _, f := range order {
		if f.decl.Body != nil && !f.inline {
			m.Funcs = append(m.Funcs, link.Func{Type: c.typ(f.params, f.result), Name: f.decl.Name.Name})
			k := &m.Funcs[len(m.Funcs)-1]
			k.Body, k.Uses = c.function(f)
		}
	}
	// where the linker may put the rule
	m.Exports = append(m.Exports, link.Export{Name: "__heap_base", Kind: 3, Index: uint32(len(m.Globals))})
	m.Globals = append(m.Globals, link.Global{Type: i32, Init: append(sleb([]byte{0x41}, int64(c.top)), 0x0b)})
	return m, nil
}

func (c *compiler) typ(params, result []byte) uint32 {
	for i, t := range c.mod.Types {
		if slices.Equal(t.Params, params) && slices.Equal(t.Results, result) {
			return uint32(i)
		}
	}
	c.mod.Types = append(c.mod.Types, link.FuncType{Params: params, Results: result})
	return uint32(len(c.mod.Types) - 1)
}

// wt is the WebAssembly type that holds a Go type.
func (c *compiler) wt(n ast.Node, t types.Type) byte {
	if named, ok := t.(*types.Named); ok && named.Obj().Name() == "V128" {
		return v128
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		switch b.Kind() {
		case types.Bool, types.UntypedBool, types.Uint8, types.Uint32, types.Int32, types.UntypedRune:
			return i32
		case types.Uint64, types.Int64:
			return i64
		}
	}
	c.fail(n, "type %s is not in the subset", t)
	return 0
}

func (c *compiler) declare(d *ast.FuncDecl) *fn {
	if d.Recv != nil {
		c.fail(d, "methods are not in the subset")
	}
	f := &fn{decl: d}
	sig := c.info.Defs[d.Name].Type().(*types.Signature)
	for i := 0; i < sig.Params().Len(); i++ {
		f.params = append(f.params, c.wt(d, sig.Params().At(i).Type()))
	}
	for i := 0; i < sig.Results().Len(); i++ {
		f.result = append(f.result, c.wt(d, sig.Results().At(i).Type()))
	}
	if d.Doc != nil {
		for _, l := range d.Doc.List {
			if s, ok := strings.CutPrefix(l.Text, "//wasm:import "); ok {
				f.module, f.name, _ = strings.Cut(s, " ")
			}
			f.inline = f.inline || l.Text == "//wasm:inline"
		}
	}
	c.fns[c.info.Defs[d.Name]] = f
	return f
}

// packageVar makes a scalar a global, and an array with constant elements a table in memory.
func (c *compiler) packageVar(s *ast.ValueSpec) {
	for i, name := range s.Names {
		obj := c.info.Defs[name]
		if a, ok := obj.Type().Underlying().(*types.Array); ok {
			size := uint32(4)
			if a.Elem().Underlying().(*types.Basic).Kind() == types.Uint8 {
				size = 1
			}
			c.top = (c.top + 15) &^ 15
			c.tables[obj], c.arrays[obj] = c.top, a
			b := make([]byte, uint32(a.Len())*size)
			if len(s.Values) > i {
				for k, e := range s.Values[i].(*ast.CompositeLit).Elts {
					v, _ := constant.Uint64Val(constant.ToInt(c.info.Types[e].Value))
					if size == 1 {
						b[k] = byte(v)
					} else {
						binary.LittleEndian.PutUint32(b[4*k:], uint32(v))
					}
				}
				c.seg[c.top] = len(c.mod.Data)
				c.mod.Data = append(c.mod.Data, link.Data{Offset: c.top, Bytes: b, Owned: true})
			}
			c.top += uint32(len(b))
			continue
		}
		t := c.wt(name, obj.Type())
		g := link.Global{Type: t, Mut: 1}
		var v int64
		if len(s.Values) > i {
			v, _ = constant.Int64Val(constant.ToInt(c.info.Types[s.Values[i]].Value))
		}
		g.Init = append(sleb([]byte{map[byte]byte{i32: 0x41, i64: 0x42}[t]}, v), 0x0b)
		c.globals[obj] = uint32(len(c.mod.Globals))
		c.mod.Globals = append(c.mod.Globals, g)
		if ast.IsExported(name.Name) { // the linker sets these
			c.mod.Exports = append(c.mod.Exports, link.Export{Name: name.Name, Kind: 3, Index: c.globals[obj]})
		}
	}
}

func (c *compiler) lit(s string) uint32 {
	a, ok := c.lits[s]
	if !ok {
		a = c.top
		c.lits[s] = a
		c.seg[a] = len(c.mod.Data)
		c.mod.Data = append(c.mod.Data, link.Data{Offset: a, Bytes: []byte(s), Owned: true})
		c.top += uint32(len(s))
	}
	return a
}

func uleb(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }
func sleb(b []byte, v int64) []byte {
	for {
		x := byte(v & 127)
		v >>= 7
		if v == 0 && x&64 == 0 || v == -1 && x&64 != 0 {
			return append(b, x)
		}
		b = append(b, x|128)
	}
}
