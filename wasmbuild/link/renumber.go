package link

import (
	"bytes"
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// references says which functions, globals and areas a module's exports reach.
type references struct {
	funcs, globals, areas []bool
}

func (p *pruner) references() *references {
	r := &references{
		funcs:   make([]bool, len(p.m.Imports)+len(p.m.Funcs)),
		globals: make([]bool, len(p.m.Globals)),
		areas:   make([]bool, len(p.m.Areas)),
	}
	for _, e := range p.m.Exports {
		switch e.Kind {
		case wasm.ExternFunc:
			p.reach(r, p.target(e.Index))
		case wasm.ExternGlobal:
			r.globals[e.Index] = true
		}
	}
	return r
}

func (p *pruner) reach(r *references, index uint32) {
	if r.funcs[index] {
		return
	}
	r.funcs[index] = true
	f, ok := p.bodies[index]
	if !ok { // an import
		return
	}
	code.Walk(f.Body, func(i *code.Instr) {
		if i.Area != 0 {
			r.areas[i.Area-1] = true
		}
		switch i.Op {
		case wasm.OpCall:
			p.reach(r, i.Index)
		case wasm.OpGlobalGet, wasm.OpGlobalSet:
			r.globals[i.Index] = true
		}
	})
}

// renumber builds the module anew from what is reached, with areas from the address top on.
func (p *pruner) renumber(top uint32) {
	old := *p.m
	m := p.m
	r := p.references()
	m.Types, m.Imports, m.Funcs, m.Globals = nil, nil, nil, nil
	addresses := m.place(r.areas, top)
	typ := p.types(old.Types)
	for i, imp := range old.Imports {
		if r.funcs[i] {
			imp.Type = typ(imp.Type)
			m.Imports = append(m.Imports, imp)
		}
	}
	for i, g := range old.Globals {
		if r.globals[i] {
			m.Globals = append(m.Globals, g)
		}
	}
	funcs, globals := positions(r.funcs), positions(r.globals)
	for i, f := range old.Funcs {
		index := uint32(len(old.Imports) + i)
		if !r.funcs[index] {
			continue
		}
		body := p.bodies[index]
		code.Walk(body.Body, func(i *code.Instr) {
			switch {
			case i.Area != 0:
				i.Place(addresses[i.Area-1])
			case i.Op == wasm.OpCall:
				i.Index = funcs[i.Index]
			case i.Op == wasm.OpGlobalGet || i.Op == wasm.OpGlobalSet:
				i.Index = globals[i.Index]
			case i.Opens() && i.Value >= 0:
				i.Value = int64(typ(uint32(i.Value)))
			}
		})
		encoded, _ := body.Encode()
		m.Funcs = append(m.Funcs, Func{Type: typ(f.Type), Name: f.Name, Body: encoded})
	}
	for i, e := range m.Exports {
		switch e.Kind {
		case wasm.ExternFunc:
			m.Exports[i].Index = funcs[p.target(e.Index)]
		case wasm.ExternGlobal:
			m.Exports[i].Index = globals[e.Index]
		}
	}
}

// blockType is the type of a block which leaves these results, as blocks have it.
func (m *Module) blockType(results []wasm.ValueType) int64 {
	switch len(results) {
	case 0:
		return code.EmptyType
	case 1:
		return int64(results[0]) - 0x80
	}
	i := slices.IndexFunc(m.Types, func(t FuncType) bool {
		return len(t.Params) == 0 && bytes.Equal(t.Results, results)
	})
	if i < 0 {
		i = len(m.Types)
		m.Types = append(slices.Clip(m.Types), FuncType{Results: results})
	}
	return int64(i)
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
