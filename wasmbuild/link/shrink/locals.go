package shrink

import (
	"cmp"
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// local says how often a function reads and sets a local.
type local struct{ gets, sets, tees int }

func (l local) mentions() int { return l.gets + l.sets + l.tees }

func countLocals(f Function) []local {
	all := make([]local, len(f.Params)+len(f.Locals))
	code.Walk(f.Body, func(i *code.Instr) {
		switch i.Op {
		case wasm.OpLocalGet:
			all[i.Index].gets++
		case wasm.OpLocalSet:
			all[i.Index].sets++
		case wasm.OpLocalTee:
			all[i.Index].tees++
		}
	})
	return all
}

// simplifyLocals drops sets of what is never read, and does without locals that
// only hand a value on.
func simplifyLocals(f Function) (changed bool) {
	f.Body, changed = dropUnread(f.Body, countLocals(f))
	p := &propagator{f: f, all: countLocals(f), apart: map[uint32]int{}, value: map[uint32]code.Instr{}}
	p.countApart(f.Body)
	p.find(f.Body)
	if len(p.value) > 0 {
		f.Body = p.replace(f.Body)
		changed = true
	}
	w := &forwarder{all: countLocals(f)}
	f.Body = w.list(f.Body)
	return joinCopies(f) || w.changed || changed
}

// dropUnread turns sets of locals that are never read into drops.
func dropUnread(list []code.Instr, all []local) (out []code.Instr, changed bool) {
	out = list[:0]
	for _, i := range list {
		if i.Opens() {
			var a, b bool
			i.Body, a = dropUnread(i.Body, all)
			i.Else, b = dropUnread(i.Else, all)
			changed = changed || a || b
		}
		switch {
		case i.Op == wasm.OpLocalSet && all[i.Index].gets+all[i.Index].tees == 0:
			i = code.Instr{Op: wasm.OpDrop}
			changed = true
		case i.Op == wasm.OpLocalTee && all[i.Index].gets == 0:
			changed = true
			continue
		}
		out = append(out, i)
	}
	return out, changed
}

// propagator finds locals that are set once, before all reads of them, to what
// can as well be read there.
type propagator struct {
	f     Function
	all   []local
	apart map[uint32]int // reads that take only the address or the length of a text
	value map[uint32]code.Instr
}

func (p *propagator) countApart(list []code.Instr) {
	for n := range list {
		p.countApart(list[n].Body)
		p.countApart(list[n].Else)
		if i := &list[n]; (i.Op == wasm.OpLocalGet || i.Op == wasm.OpLocalTee) && takenApart(list[n+1:]) {
			p.apart[list[n].Index]++
		}
	}
}

// takenApart says whether the instructions behind a text take its length or address.
func takenApart(rest []code.Instr) bool {
	return len(rest) > 0 && rest[0].Op == wasm.OpI32WrapI64 ||
		len(rest) > 2 && rest[0].Op == wasm.OpI64Const && rest[0].Value == 32 && rest[1].Op == wasm.OpI64ShrU && rest[2].Op == wasm.OpI32WrapI64
}

func (p *propagator) find(list []code.Instr) {
	for n := range list {
		i := &list[n]
		p.find(i.Body)
		p.find(i.Else)
		if n == 0 || i.Op != wasm.OpLocalSet && i.Op != wasm.OpLocalTee || !p.replaceable(i.Index, &list[n-1]) {
			continue
		}
		if mentions(list[n:], i.Index) == p.all[i.Index].mentions() {
			p.value[i.Index] = list[n-1]
		}
	}
}

// replaceable says whether a local that is set to what v pushes can be replaced by that.
func (p *propagator) replaceable(index uint32, v *code.Instr) bool {
	if int(index) < len(p.f.Params) || p.all[index].sets+p.all[index].tees != 1 {
		return false
	}
	switch v.Op {
	case wasm.OpI32Const, wasm.OpI64Const:
		const access = 2 // bytes of an instruction with a local
		size := constSize(v)
		if v.Area != 0 && p.apart[index] == p.all[index].gets+p.all[index].tees {
			return true // the parts are shorter than taking them
		}
		saved := access
		if p.all[index].sets > 0 {
			saved += size
		}
		return p.all[index].gets*(size-access) <= saved
	case wasm.OpLocalGet:
		_, replaced := p.value[v.Index]
		return int(v.Index) < len(p.f.Params) && p.all[v.Index].sets+p.all[v.Index].tees == 0 && !replaced
	}
	return false
}

// constSize is about how many bytes an instruction with a constant takes.
func constSize(v *code.Instr) int {
	const low = 1 << 12 // where most areas lie
	placed := *v
	if v.Area != 0 {
		placed.Place(low)
	}
	return len(wasm.AppendS64([]byte{byte(v.Op)}, placed.Value))
}

func mentions(list []code.Instr, index uint32) (n int) {
	code.Walk(list, func(i *code.Instr) {
		if i.Index == index && (i.Op == wasm.OpLocalGet || i.Op == wasm.OpLocalSet || i.Op == wasm.OpLocalTee) {
			n++
		}
	})
	return n
}

func (p *propagator) replace(list []code.Instr) []code.Instr {
	out := list[:0]
	for _, i := range list {
		i.Body, i.Else = p.replace(i.Body), p.replace(i.Else)
		v, ok := p.value[i.Index]
		switch {
		case ok && i.Op == wasm.OpLocalGet:
			i = v
		case ok && i.Op == wasm.OpLocalSet:
			out = out[:len(out)-1] // what it was set to
			continue
		case ok && i.Op == wasm.OpLocalTee:
			continue
		}
		out = append(out, i)
	}
	return out
}

// sortLocals drops locals that are not mentioned and puts those of one type
// together, the most frequent ones first: that makes the shortest code.
func sortLocals(f Function) {
	all := countLocals(f)
	params := len(f.Params)
	var order []int
	most := map[wasm.ValueType]int{}
	for n, t := range f.Locals {
		if c := all[params+n].mentions(); c > 0 {
			order = append(order, n)
			most[t] += c
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		s, t := f.Locals[a], f.Locals[b]
		return cmp.Or(cmp.Compare(most[t], most[s]), cmp.Compare(s, t), cmp.Compare(all[params+b].mentions(), all[params+a].mentions()))
	})
	index := make([]uint32, len(f.Locals))
	types := make([]wasm.ValueType, len(order))
	for at, n := range order {
		index[n], types[at] = uint32(params+at), f.Locals[n]
	}
	f.Locals = types
	code.Walk(f.Body, func(i *code.Instr) {
		switch i.Op {
		case wasm.OpLocalGet, wasm.OpLocalSet, wasm.OpLocalTee:
			if int(i.Index) >= params {
				i.Index = index[int(i.Index)-params]
			}
		}
	})
}
