package shrink

import (
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// Inline expands functions that are called from one place, and those that do
// hardly anything, where that makes code shorter, and deletes them. It asks keep which functions are needed besides.
func Inline(funcs map[uint32]Function, keep func(uint32) bool) {
	in := &inliner{funcs: funcs, calls: map[uint32]int{}, begun: map[uint32]bool{}, changed: map[uint32]bool{}}
	order := make([]uint32, 0, len(funcs))
	for i, f := range funcs {
		order = append(order, i)
		code.Walk(f.Body, func(i *code.Instr) {
			if i.Op == wasm.OpCall {
				in.calls[i.Index]++
			}
		})
		if keep(i) {
			in.calls[i]++
		}
	}
	slices.Sort(order)
	in.expandThin(order, keep)
	for _, i := range order {
		if _, ok := funcs[i]; ok {
			in.expandAll(i)
		}
	}
	for i := range in.changed { // not before: what is expanded elsewhere is simplified there
		if f, ok := funcs[i]; ok {
			Simplify(f)
		}
	}
	for _, f := range funcs {
		shareRegisters(f)
	}
}

type inliner struct {
	funcs map[uint32]Function
	calls map[uint32]int
	begun map[uint32]bool // functions whose calls have been, or are being, expanded

	changed map[uint32]bool // functions in which calls have been expanded
}

// expandAll expands the calls in a function.
func (in *inliner) expandAll(index uint32) {
	if in.begun[index] {
		return
	}
	in.begun[index] = true
	f := in.funcs[index]
	e := &expander{inliner: in, f: f, index: index}
	f.Body = e.list(f.Body, true)
}

// expander expands calls in one function.
type expander struct {
	*inliner
	f     Function
	index uint32
	loops int
}

// list copies instructions, expanding calls. last says whether the function
// returns behind them.
func (e *expander) list(list []code.Instr, last bool) []code.Instr {
	out := make([]code.Instr, 0, len(list))
	for n, i := range list {
		ends := last && n == len(list)-1
		if i.Opens() {
			if i.Op == wasm.OpLoop {
				e.loops++
			}
			ends = ends && i.Value == e.f.Result && i.Op != wasm.OpLoop
			i.Body, i.Else = e.list(i.Body, ends), e.list(i.Else, ends)
			if i.Op == wasm.OpLoop {
				e.loops--
			}
		}
		if i.Op == wasm.OpCall {
			ends = ends || n+1 < len(list) && list[n+1].Op == wasm.OpReturn
			if expanded, ok := e.call(out, i.Index, ends); ok {
				out = expanded
				continue
			}
		}
		out = append(out, i)
	}
	return out
}

// call appends a function's body in place of a call, if that is worth it.
func (e *expander) call(out []code.Instr, index uint32, ends bool) ([]code.Instr, bool) {
	if _, ok := e.funcs[index]; !ok || e.calls[index] != 1 || e.begun[index] {
		return nil, false
	}
	e.expandAll(index)
	g := e.funcs[index]
	ends = ends && g.Result == e.f.Result
	unset := e.unset(g)
	rest, args := takeArguments(out, len(g.Params))
	if !worth(g, computed(args, len(g.Params)), ends) || slices.ContainsFunc(unset, func(l uint32) bool { return zero(g.Locals[int(l)-len(g.Params)]) == 0 }) {
		return nil, false
	}
	delete(e.funcs, index)
	e.changed[e.index] = true
	base, label := uint32(len(e.f.Params)+len(e.f.Locals)), e.f.Labels
	e.f.Locals = append(append(e.f.Locals, g.Params...), g.Locals...)
	e.f.Labels += g.Labels
	b := &binder{base: base, label: label, ends: ends, same: map[uint32]uint32{}}
	out = b.bind(rest, g, args)
	for _, l := range unset {
		out = append(out, code.Instr{Op: zero(g.Locals[int(l)-len(g.Params)])}, code.Instr{Op: wasm.OpLocalSet, Index: base + l})
	}
	b.rename(g.Body)
	if ends {
		return append(out, g.Body...), true
	}
	return append(out, code.Instr{Op: wasm.OpBlock, Index: label, Value: g.Result, Body: g.Body}), true
}

// worth estimates whether an expanded body is shorter than the function and the call.
func worth(g Function, sets int, ends bool) bool {
	const (
		saved      = 7 // the call, and the function's type, size, locals and end
		set        = 2
		blockSize  = 3
		branchMore = 1 // than a return
	)
	cost := sets * set
	if !ends {
		returns := 0
		code.Walk(g.Body, func(i *code.Instr) {
			if i.Op == wasm.OpReturn {
				returns++
			}
		})
		if returns > 0 {
			cost += blockSize + returns*branchMore
		}
	}
	return cost <= saved
}

// unset lists the locals of g that need to be set to zero where g is expanded.
func (e *expander) unset(g Function) (list []uint32) {
	if e.loops == 0 {
		return nil // they still are
	}
	for n := range g.Locals {
		l := uint32(len(g.Params) + n)
		if total := mentions(g.Body, l); total > 0 && !setFirst(g.Body, l, total) {
			list = append(list, l)
		}
	}
	return list
}

// setFirst says whether a local is certainly set before it is read: total is how
// often it is mentioned.
func setFirst(list []code.Instr, l uint32, total int) bool {
	for n := range list {
		i := &list[n]
		if (i.Op == wasm.OpLocalSet || i.Op == wasm.OpLocalTee) && i.Index == l {
			return mentions(list[n:], l) == total
		}
		if i.Op == wasm.OpLocalGet && i.Index == l {
			return false
		}
		if mentions(i.Body, l) > 0 {
			return setFirst(i.Body, l, total)
		}
		if mentions(i.Else, l) > 0 {
			return setFirst(i.Else, l, total)
		}
	}
	return false
}

// zero is the instruction that pushes an integer's zero, or 0 for other types.
func zero(t wasm.ValueType) code.Op {
	switch t {
	case wasm.I32:
		return wasm.OpI32Const
	case wasm.I64:
		return wasm.OpI64Const
	}
	return 0
}

// binder makes a function's body part of another one.
type binder struct {
	base, label uint32
	ends        bool              // a return of the one is a return of the other
	same        map[uint32]uint32 // parameters that are locals of the other one
}

// takeArguments takes out of the instructions that push n arguments those that can
// as well come last, and maps parameters to them: single ones that the others do
// not change.
func takeArguments(out []code.Instr, n int) (rest []code.Instr, args map[uint32]code.Instr) {
	args = map[uint32]code.Instr{}
	var later []code.Instr // what stays, from behind p on
	for p := n - 1; p >= 0; p-- {
		from := expression(out)
		if from < 0 {
			break
		}
		push := out[from:]
		out = out[:from:from]
		if len(push) == 1 && pure(&push[0]) && independent(later, push) {
			args[uint32(p)] = push[0]
		} else {
			later = append(slices.Clone(push), later...)
		}
	}
	return append(out, later...), args
}

// computed is how many of n arguments come before the last simple ones. Counting
// only those that need a local would expand more, and slow down what it is expanded in.
func computed(args map[uint32]code.Instr, n int) int {
	for n > 0 {
		if _, ok := args[uint32(n-1)]; !ok {
			break
		}
		n--
	}
	return n
}

// bind pops the arguments that are left into the locals that the parameters
// become, and sets the others.
func (b *binder) bind(out []code.Instr, g Function, args map[uint32]code.Instr) []code.Instr {
	for p := len(g.Params) - 1; p >= 0; p-- {
		if _, ok := args[uint32(p)]; !ok {
			out = append(out, code.Instr{Op: wasm.OpLocalSet, Index: b.base + uint32(p)})
		}
	}
	all := countLocals(g)
	for p := range uint32(len(g.Params)) {
		a, ok := args[p]
		if !ok {
			continue
		}
		if a.Op == wasm.OpLocalGet && all[p].sets+all[p].tees == 0 {
			b.same[p] = a.Index
			continue
		}
		out = append(out, a, code.Instr{Op: wasm.OpLocalSet, Index: b.base + p})
	}
	return out
}

// rename gives locals and labels their new numbers.
func (b *binder) rename(list []code.Instr) {
	code.Walk(list, func(i *code.Instr) {
		switch i.Op {
		case wasm.OpLocalGet, wasm.OpLocalSet, wasm.OpLocalTee:
			if l, ok := b.same[i.Index]; ok {
				i.Index = l
			} else {
				i.Index += b.base
			}
		case wasm.OpReturn:
			if !b.ends {
				*i = code.Instr{Op: wasm.OpBr, Index: b.label}
			}
		case wasm.OpBlock, wasm.OpLoop, wasm.OpIf, wasm.OpBr, wasm.OpBrIf:
			i.Index = b.labelled(i.Index)
		case wasm.OpBrTable:
			for n := range i.Targets {
				i.Targets[n] = b.labelled(i.Targets[n])
			}
		}
	})
}

// labelled is a label's new number.
func (b *binder) labelled(l uint32) uint32 {
	if l == 0 && b.ends {
		return 0
	}
	return l + b.label
}
