package link

import (
	"fmt"
	"maps"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/link/shrink"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// pruner finds what a module's exports reach, and makes that small.
type pruner struct {
	m      *Module
	bound  map[uint32]uint32          // import -> the function in its place
	values map[uint32]code.Instr      // global -> what pushes its constant value
	bodies map[uint32]shrink.Function // of the reached functions, by index
}

// prune drops every function, import, global, type and area that the exports do
// not reach, numbers the rest anew and places the areas from the address top on.
// Bound imports and globals with values are replaced before, so that what
// depends on them goes too.
func (m *Module) prune(bound map[uint32]uint32, values map[uint32]code.Instr, top uint32) error {
	p := &pruner{
		m: m, bound: bound, values: values,
		bodies: map[uint32]shrink.Function{},
	}
	if err := p.reachAll(); err != nil {
		return err
	}
	for p.settleGlobals() {
		p.dropUnreached()
	}
	shrink.Inline(p.bodies, p.exported)
	p.renumber(top)
	return nil
}

// dropUnreached forgets functions that nothing calls any more.
func (p *pruner) dropUnreached() {
	reached := p.references().funcs
	maps.DeleteFunc(p.bodies, func(index uint32, _ shrink.Function) bool { return !reached[index] })
}

// exported says whether a function is wanted even if nothing calls it.
func (p *pruner) exported(index uint32) bool {
	for _, e := range p.m.Exports {
		if e.Kind == wasm.ExternFunc && p.target(e.Index) == index {
			return true
		}
	}
	return false
}

// reachAll decodes and simplifies what the exports reach.
func (p *pruner) reachAll() error {
	todo := []uint32{}
	for _, e := range p.m.Exports {
		if e.Kind == wasm.ExternFunc {
			todo = append(todo, p.target(e.Index))
		}
	}
	imports := uint32(len(p.m.Imports))
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if _, ok := p.bodies[i]; ok {
			continue
		}
		if i < imports {
			if imp := p.m.Imports[i]; imp.Module == BindModule {
				return fmt.Errorf("link: function %q is used but not bound", imp.Name)
			}
			continue
		}
		f := &p.m.Funcs[i-imports]
		body, err := p.decode(f)
		if err != nil {
			return fmt.Errorf("link: function %s: %w", f.Name, err)
		}
		p.bodies[i] = body
		code.Walk(body.Body, func(i *code.Instr) {
			if i.Op == wasm.OpCall {
				todo = append(todo, i.Index)
			}
		})
	}
	return nil
}

// decode takes a body apart, with constants and bound functions in place.
func (p *pruner) decode(f *Func) (shrink.Function, error) {
	body, err := p.m.function(f)
	if err != nil {
		return body, err
	}
	replaced := false
	code.Walk(body.Body, func(i *code.Instr) {
		switch i.Op {
		case wasm.OpCall:
			i.Index = p.target(i.Index)
		case wasm.OpGlobalGet:
			if v, ok := p.values[i.Index]; ok {
				*i = v
				replaced = true
			}
		case wasm.OpGlobalSet:
			if _, ok := p.values[i.Index]; ok {
				err = errSet
			}
		}
	})
	if replaced {
		shrink.Simplify(body)
	}
	return body, err
}

// function takes a body apart.
func (m *Module) function(f *Func) (shrink.Function, error) {
	body, err := code.Decode(f.Body, f.Refs)
	if err != nil {
		return shrink.Function{}, err
	}
	t := m.Types[f.Type]
	return shrink.Function{Func: body, Params: t.Params, Result: m.blockType(t.Results)}, nil
}

// Simplify makes the bodies of a compiled kernel smaller. Link does so only for
// those in which a rule's constants change something.
func (m *Module) Simplify() error {
	for _, f := range m.Funcs {
		m.blockType(m.Types[f.Type].Results) // which may be a new type: no more of them below
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range m.Funcs {
		group.Go(func() error {
			f := &m.Funcs[i]
			body, err := m.function(f)
			if err != nil {
				return fmt.Errorf("simplify function %s: %w", f.Name, err)
			}
			shrink.Simplify(body)
			f.Body, f.Refs = body.Encode()
			return nil
		})
	}
	return group.Wait()
}

// target is the function that a call of function i calls.
func (p *pruner) target(i uint32) uint32 {
	if to, ok := p.bound[i]; ok {
		return to
	}
	return i
}
