package shrink

import (
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// expandThin expands functions at all calls that do no more than push their
// arguments for a few instructions, as long as that makes code shorter.
func (in *inliner) expandThin(order []uint32, keep func(uint32) bool) {
	for _, i := range order {
		rest, ok := in.thin(i)
		if !ok || keep(i) {
			continue
		}
		for _, caller := range order {
			if f, ok := in.funcs[caller]; ok && caller != i {
				f.Body = in.spliceThin(f.Body, caller, i, rest)
			}
		}
		for n := range rest { // the function's own
			if rest[n].Op == wasm.OpCall {
				in.calls[rest[n].Index]--
			}
		}
		delete(in.funcs, i)
	}
}

// thin is what the function does with its arguments, if expanding it is worth it.
func (in *inliner) thin(index uint32) (rest []code.Instr, ok bool) {
	const (
		callSize = 2
		headSize = 6 // of a function, with its type
	)
	f := in.funcs[index]
	params := len(f.Params)
	if len(f.Body) < params {
		return nil, false
	}
	for n := range params {
		if i := &f.Body[n]; i.Op != wasm.OpLocalGet || int(i.Index) != n {
			return nil, false
		}
	}
	rest = f.Body[params:]
	for n := range rest {
		switch i := &rest[n]; {
		case i.Opens(), i.Op >= wasm.OpBr && i.Op <= wasm.OpReturn, i.Op == wasm.OpUnreachable,
			i.Op >= wasm.OpLocalGet && i.Op <= wasm.OpLocalTee, i.Op == wasm.OpCall && i.Index == index:
			return nil, false
		}
	}
	const empty = 2 // bytes of a body with nothing in it
	body, _ := (&code.Func{Body: rest}).Encode()
	size := len(body) - empty
	return rest, in.calls[index]*(size-callSize) < size+params*callSize+headSize
}

// spliceThin puts instructions in place of calls.
func (in *inliner) spliceThin(list []code.Instr, caller, callee uint32, rest []code.Instr) []code.Instr {
	out := make([]code.Instr, 0, len(list))
	for _, i := range list {
		if i.Opens() {
			i.Body = in.spliceThin(i.Body, caller, callee, rest)
			i.Else = in.spliceThin(i.Else, caller, callee, rest)
		}
		if i.Op != wasm.OpCall || i.Index != callee {
			out = append(out, i)
			continue
		}
		in.changed[caller] = true
		out = append(out, slices.Clone(rest)...)
		for n := range rest {
			if rest[n].Op == wasm.OpCall {
				in.calls[rest[n].Index]++
			}
		}
	}
	return out
}
