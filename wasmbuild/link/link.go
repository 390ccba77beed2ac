package link

import (
	"fmt"
	"maps"
	"slices"
)

// Rule says what to make of a compiled kernel.
type Rule struct {
	Entry string            // the function exported as f
	Bind  map[string]string // imports of module "rule", and the functions that take their place
	Set   map[string]uint32 // values of exported variables; they become constants
	Data  []Data            // constants to add
	Top   uint32            // first address after all data: where the arena may begin
}

// Link makes a module of its own for one rule. m itself is not changed.
func (m *Module) Link(r Rule) (*Module, error) {
	out := *m
	out.Funcs = slices.Clone(m.Funcs)
	out.Globals = slices.Clone(m.Globals)
	out.Imports = slices.Clone(m.Imports)
	out.Data = append(slices.Clone(m.Data), r.Data...)
	byName := map[string]uint32{}
	for i, f := range m.Funcs {
		byName[f.Name] = uint32(len(m.Imports) + i)
	}
	out.Exports = []Export{{Name: "memory", Kind: 2}}
	for _, e := range [][2]string{{"alloc", "alloc"}, {"dealloc", "dealloc"}, {"f", r.Entry}} {
		i, ok := byName[e[1]]
		if !ok {
			return nil, fmt.Errorf("link: kernel has no function %q", e[1])
		}
		out.Exports = append(out.Exports, Export{Name: e[0], Index: i})
	}
	out.Bind = map[string]uint32{}
	for _, from := range slices.Sorted(maps.Keys(r.Bind)) {
		i, ok := byName[r.Bind[from]]
		if !ok {
			return nil, fmt.Errorf("link: kernel has no function %q", r.Bind[from])
		}
		out.Bind[from] = i
	}
	for _, name := range slices.Sorted(maps.Keys(r.Set)) {
		i := slices.IndexFunc(m.Exports, func(e Export) bool { return e.Kind == 3 && e.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("link: kernel has no variable %q", name)
		}
		out.Globals[m.Exports[i].Index].SetI32(r.Set[name])
	}
	if err := out.Prune(); err != nil {
		return nil, err
	}
	out.TrimData()
	out.Mem.Min = max(out.Mem.Min, r.Top>>16+1)
	return &out, nil
}

// DataEnd is the first address, a multiple of 16, after all of the module's data.
func (m *Module) DataEnd() uint32 {
	for _, e := range m.Exports {
		if e.Kind == 3 && e.Name == "__heap_base" {
			return (m.Globals[e.Index].I32() + 15) &^ 15
		}
	}
	return 0
}
