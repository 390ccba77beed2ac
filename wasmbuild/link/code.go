package link

import "fmt"

// refs says what to do with each index a function body holds. Each gets the
// old index and returns the new one.
type refs struct {
	fn, typ, global func(uint32) uint32
	indirect        func() // a call_indirect was seen
}

// rewrite walks a function body, passes every index through f, and returns the
// body with all numbers in their shortest form (LLVM pads the ones it relocates).
func rewrite(body []byte, f refs) []byte {
	r := &reader{b: body}
	out := make([]byte, 0, len(body))
	n := r.u32()
	out = u32(out, n)
	for ; n > 0; n-- {
		out = u32(out, r.u32())
		out = append(out, r.byte())
	}
	idx := func() { out = u32(out, r.u32()) }
	memarg := func() { idx(); idx() }
	raw := func(n int) { out = append(out, r.bytes(n)...) }
	for r.pos < len(body) {
		op := r.byte()
		out = append(out, op)
		switch {
		case op == 0x02 || op == 0x03 || op == 0x04: // block types: a value type, empty, or a type index
			if c := r.b[r.pos]; c >= 0x40 && c < 0x80 {
				raw(1)
			} else {
				out = s64(out, int64(f.typ(uint32(r.s64()))))
			}
		case op == 0x0c || op == 0x0d:
			idx()
		case op == 0x0e:
			k := r.u32()
			out = u32(out, k)
			for i := uint32(0); i <= k; i++ {
				idx()
			}
		case op == 0x10 || op == 0xd2:
			out = u32(out, f.fn(r.u32()))
		case op == 0x11:
			f.indirect()
			out = u32(out, f.typ(r.u32()))
			idx()
		case op == 0x1c:
			k := r.u32()
			out = u32(out, k)
			raw(int(k))
		case op >= 0x20 && op <= 0x22, op == 0x25, op == 0x26:
			idx()
		case op == 0x23 || op == 0x24:
			out = u32(out, f.global(r.u32()))
		case op >= 0x28 && op <= 0x3e:
			memarg()
		case op == 0x3f || op == 0x40 || op == 0xd0:
			raw(1)
		case op == 0x41 || op == 0x42:
			out = s64(out, r.s64())
		case op == 0x43:
			raw(4)
		case op == 0x44:
			raw(8)
		case op <= 0xc4 || op == 0xd1: // everything else in the first pages has no immediate
		case op == 0xfc:
			sub := r.u32()
			out = u32(out, sub)
			switch {
			case sub <= 7:
			case sub == 10:
				raw(2)
			case sub == 11:
				raw(1)
			default:
				panic(fmt.Sprintf("instruction fc %d", sub))
			}
		case op == 0xfd:
			sub := r.u32()
			out = u32(out, sub)
			switch {
			case sub <= 11 || sub == 92 || sub == 93:
				memarg()
			case sub == 12 || sub == 13:
				raw(16)
			case sub >= 21 && sub <= 34:
				raw(1)
			case sub >= 84 && sub <= 91:
				memarg()
				raw(1)
			}
		default:
			panic(fmt.Sprintf("instruction %#x", op))
		}
	}
	return out
}

// Prune drops every function, import, global, type and table the exports do not reach.
func (m *Module) Prune() (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("prune: %v", x)
		}
	}()
	ni := uint32(len(m.Imports))
	live := make([]bool, int(ni)+len(m.Funcs))
	liveG := make([]bool, len(m.Globals))
	used := map[int]bool{}
	indirect := false
	var todo []uint32
	bound := map[uint32]uint32{}
	for i, imp := range m.Imports {
		if t, ok := m.Bind[imp.Name]; ok {
			bound[uint32(i)] = t
		}
	}
	mark := func(i uint32) uint32 {
		if t, ok := bound[i]; ok {
			i = t
		}
		if !live[i] {
			live[i] = true
			todo = append(todo, i)
		}
		return i
	}
	id := func(i uint32) uint32 { return i }
	r := refs{fn: mark, typ: id, global: func(i uint32) uint32 { liveG[i] = true; return i }}
	r.indirect = func() {
		if !indirect {
			indirect = true
			for _, e := range m.Elems {
				for _, f := range e.Funcs {
					mark(f)
				}
			}
		}
	}
	for _, e := range m.Exports {
		switch e.Kind {
		case 0:
			mark(e.Index)
		case 3:
			liveG[e.Index] = true
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if i >= ni {
			rewrite(m.Funcs[i-ni].Body, r)
			for _, d := range m.Funcs[i-ni].Uses {
				used[d] = true
			}
		}
	}
	var data []Data
	for i, d := range m.Data {
		if !d.Owned || used[i] {
			data = append(data, d)
		}
	}
	m.Data = data
	if !indirect {
		m.Elems, m.Tables = nil, nil
	}

	// renumber
	fnMap, gMap := make([]uint32, len(live)), make([]uint32, len(liveG))
	types := m.Types
	m.Types = nil
	typMap := map[uint32]uint32{}
	typ := func(i uint32) uint32 {
		k, ok := typMap[i]
		if !ok {
			k = uint32(len(m.Types))
			typMap[i] = k
			m.Types = append(m.Types, types[i])
		}
		return k
	}
	var imps []Import
	var fns []Func
	var globals []Global
	for i, ok := range live {
		if !ok {
			continue
		}
		fnMap[i] = uint32(len(imps) + len(fns))
		if i < int(ni) {
			imp := m.Imports[i]
			imp.Type = typ(imp.Type)
			imps = append(imps, imp)
		} else {
			fn := m.Funcs[i-int(ni)]
			fn.Type = typ(fn.Type)
			fns = append(fns, fn)
		}
	}
	for i, ok := range liveG {
		if ok {
			gMap[i] = uint32(len(globals))
			globals = append(globals, m.Globals[i])
		}
	}
	r = refs{
		fn: func(i uint32) uint32 {
			if t, ok := bound[i]; ok {
				i = t
			}
			return fnMap[i]
		},
		typ:      typ,
		global:   func(i uint32) uint32 { return gMap[i] },
		indirect: func() {},
	}
	for i := range fns {
		fns[i].Body = rewrite(fns[i].Body, r)
	}
	for i, e := range m.Exports {
		switch e.Kind {
		case 0:
			m.Exports[i].Index = fnMap[e.Index]
		case 3:
			m.Exports[i].Index = gMap[e.Index]
		}
	}
	for _, e := range m.Elems {
		for i, f := range e.Funcs {
			e.Funcs[i] = fnMap[f]
		}
	}
	m.Imports, m.Funcs, m.Globals = imps, fns, globals
	return nil
}
