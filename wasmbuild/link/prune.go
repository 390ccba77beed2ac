package link

import (
	"fmt"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// pruner finds what a module's exports reach.
type pruner struct {
	m       *Module
	bound   map[uint32]uint32 // import -> the function in its place
	values  map[uint32]uint32 // global -> its constant value
	funcs   []bool            // reached, by function index
	globals []bool
	data    []bool
	todo    []uint32 // reached functions whose bodies have not been looked at
}

// prune drops every function, import, global, type and owned data segment that
// the exports do not reach, and numbers the rest anew. Bound imports and
// globals with values are replaced.
func (m *Module) prune(bound, values map[uint32]uint32) error {
	p := &pruner{
		m: m, bound: bound, values: values,
		funcs:   make([]bool, len(m.Imports)+len(m.Funcs)),
		globals: make([]bool, len(m.Globals)),
		data:    make([]bool, len(m.Data)),
	}
	if err := p.mark(); err != nil {
		return err
	}
	return p.renumber()
}

// mark follows references from the exports.
func (p *pruner) mark() error {
	for _, e := range p.m.Exports {
		switch e.Kind {
		case wasm.ExternFunc:
			p.reach(e.Index)
		case wasm.ExternGlobal:
			p.globals[e.Index] = true
		}
	}
	same := func(i uint32) uint32 { return i }
	see := references{
		fn:     func(i uint32) uint32 { p.reach(i); return i },
		global: func(i uint32) uint32 { p.globals[i] = true; return i },
		typ:    same,

		constants: p.values,
	}
	imports := len(p.m.Imports)
	for len(p.todo) > 0 {
		i := int(p.todo[len(p.todo)-1])
		p.todo = p.todo[:len(p.todo)-1]
		if i < imports {
			if imp := p.m.Imports[i]; imp.Module == BindModule {
				return fmt.Errorf("link: function %q is used but not bound", imp.Name)
			}
			continue
		}
		f := p.m.Funcs[i-imports]
		if _, err := rewrite(f.Body, see); err != nil {
			return fmt.Errorf("link: function %s: %w", f.Name, err)
		}
		for _, d := range f.Uses {
			p.data[d] = true
		}
	}
	return nil
}

// target is the function that a call of function i calls.
func (p *pruner) target(i uint32) uint32 {
	if to, ok := p.bound[i]; ok {
		return to
	}
	return i
}

func (p *pruner) reach(i uint32) {
	if i = p.target(i); !p.funcs[i] {
		p.funcs[i] = true
		p.todo = append(p.todo, i)
	}
}

// renumber builds the module anew from what is reached.
func (p *pruner) renumber() error {
	old := *p.m
	m := p.m
	m.Types, m.Imports, m.Funcs, m.Globals, m.Data = nil, nil, nil, nil, nil
	typ := p.types(old.Types)
	for i, imp := range old.Imports {
		if p.funcs[i] {
			imp.Type = typ(imp.Type)
			m.Imports = append(m.Imports, imp)
		}
	}
	for i, f := range old.Funcs {
		if p.funcs[len(old.Imports)+i] {
			f.Type = typ(f.Type)
			m.Funcs = append(m.Funcs, f)
		}
	}
	for i, g := range old.Globals {
		if p.globals[i] {
			m.Globals = append(m.Globals, g)
		}
	}
	for i, d := range old.Data {
		if p.data[i] || !d.Owned {
			d.Owned = false
			m.Data = append(m.Data, d)
		}
	}
	funcs, globals := positions(p.funcs), positions(p.globals)
	final := references{
		fn:     func(i uint32) uint32 { return funcs[p.target(i)] },
		global: func(i uint32) uint32 { return globals[i] },
		typ:    typ,

		constants: p.values,
	}
	for i := range m.Funcs {
		f := &m.Funcs[i]
		body, err := rewrite(f.Body, final)
		if err != nil {
			return fmt.Errorf("link: function %s: %w", f.Name, err)
		}
		f.Body, f.Uses = body, nil
	}
	for i, e := range m.Exports {
		switch e.Kind {
		case wasm.ExternFunc:
			m.Exports[i].Index = final.fn(e.Index)
		case wasm.ExternGlobal:
			m.Exports[i].Index = final.global(e.Index)
		}
	}
	return nil
}

// types numbers function types in the order in which they are asked for.
func (p *pruner) types(old []FuncType) func(uint32) uint32 {
	known := map[uint32]uint32{}
	return func(i uint32) uint32 {
		n, ok := known[i]
		if !ok {
			n = uint32(len(p.m.Types))
			known[i] = n
			p.m.Types = append(p.m.Types, old[i])
		}
		return n
	}
}

// positions gives each chosen item its number among the chosen.
func positions(chosen []bool) []uint32 {
	list := make([]uint32, len(chosen))
	next := uint32(0)
	for i, ok := range chosen {
		list[i] = next
		if ok {
			next++
		}
	}
	return list
}
