package link

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// Rule says what to make of a compiled kernel.
type Rule struct {
	Exports map[string]string // exported functions, and the kernel functions behind them
	Bind    map[string]string // imports of BindModule, and the functions that take their place
	Set     map[string]uint32 // values of exported variables, which become constants
	Data    []Data            // constants to add
	Top     uint32            // first address after them, and before what the kernel needs
	Heap    string            // exported variable for the first address after all data, if there is one
}

// Link makes a module of its own for one rule: memory and the functions of
// r.Exports are exported, and there is nothing in it that they do not reach.
// m itself is not changed. An error is a mistake of the planner or the kernel:
// a name that does not exist, or a function that is reached but not bound.
func (m *Module) Link(r Rule) (*Module, error) {
	out := &Module{
		Types:   m.Types,
		Imports: m.Imports,
		Funcs:   m.Funcs,
		Memory:  m.Memory,
		Globals: m.Globals,
		Exports: []Export{{Name: "memory", Kind: wasm.ExternMemory}},
		Data:    slices.Concat(m.Data, r.Data),
		Areas:   m.Areas,
	}
	for _, name := range sortedKeys(r.Exports) {
		i, ok := m.funcNamed(r.Exports[name])
		if !ok {
			return nil, fmt.Errorf("link: kernel has no function %q", r.Exports[name])
		}
		out.Exports = append(out.Exports, Export{Name: name, Index: i})
	}
	constants, err := m.constants(r.Set)
	if err != nil {
		return nil, err
	}
	bound, err := m.bind(r.Bind)
	if err != nil {
		return nil, err
	}
	if r.Heap != "" {
		heap, err := m.variable(r.Heap)
		if err != nil {
			return nil, err
		}
		out.Areas = append(slices.Clip(m.Areas), Area{Align: heapAlign})
		constants[heap] = code.Instr{Op: wasm.OpI32Const, Area: uint32(len(out.Areas))}
	}
	if err := out.prune(bound, constants, r.Top); err != nil {
		return nil, err
	}
	out.Data = pack(out.Data)
	return out, nil
}

var errSet = errors.New("assigns a variable that the rule sets")

// bind maps import indexes to the functions that take their place.
func (m *Module) bind(names map[string]string) (map[uint32]uint32, error) {
	bound := map[uint32]uint32{}
	for _, name := range sortedKeys(names) {
		from := slices.IndexFunc(m.Imports, func(i Import) bool { return i.Module == BindModule && i.Name == name })
		to, ok := m.funcNamed(names[name])
		switch {
		case from < 0:
			return nil, fmt.Errorf("link: kernel has no function %q to bind", name)
		case !ok:
			return nil, fmt.Errorf("link: kernel has no function %q", names[name])
		case m.Imports[from].Type != m.Funcs[to-uint32(len(m.Imports))].Type:
			return nil, fmt.Errorf("link: bind %s to %s: the types differ", name, names[name])
		}
		bound[uint32(from)] = to
	}
	return bound, nil
}

// constants maps exported variables, by index, to what pushes the values the rule gives them.
func (m *Module) constants(values map[string]uint32) (map[uint32]code.Instr, error) {
	constants := map[uint32]code.Instr{}
	for _, name := range sortedKeys(values) {
		global, err := m.variable(name)
		if err != nil {
			return nil, err
		}
		constants[global] = code.Instr{Op: wasm.OpI32Const, Value: int64(int32(values[name]))}
	}
	return constants, nil
}

// variable is the global behind an exported variable.
func (m *Module) variable(name string) (uint32, error) {
	i := slices.IndexFunc(m.Exports, func(e Export) bool { return e.Kind == wasm.ExternGlobal && e.Name == name })
	if i < 0 {
		return 0, fmt.Errorf("link: kernel has no variable %q", name)
	}
	global := m.Exports[i].Index
	if m.Globals[global].Type != wasm.I32 {
		return 0, fmt.Errorf("link: variable %q is not a 32-bit number", name)
	}
	return global, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
