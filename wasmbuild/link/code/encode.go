package code

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

type encoder struct {
	out   []byte
	refs  []Ref
	depth map[uint32]int // of the open blocks, by label
	open  int
}

// Encode writes the body, with all numbers in their shortest form. refs are the
// instructions that depend on where areas are placed.
func (f *Func) Encode() (body []byte, refs []Ref) {
	e := &encoder{out: AppendLocals(nil, f.Locals), depth: map[uint32]int{0: 0}}
	e.list(f.Body)
	return append(e.out, wasm.OpEnd), e.refs
}

// AppendLocals writes the head of a body: runs of equal types.
func AppendLocals(b []byte, locals []wasm.ValueType) []byte {
	type run struct {
		n uint32
		t wasm.ValueType
	}
	var runs []run
	for _, t := range locals {
		if n := len(runs); n > 0 && runs[n-1].t == t {
			runs[n-1].n++
		} else {
			runs = append(runs, run{1, t})
		}
	}
	b = wasm.AppendU32(b, uint32(len(runs)))
	for _, r := range runs {
		b = append(wasm.AppendU32(b, r.n), r.t)
	}
	return b
}

func (e *encoder) u32(v uint32) { e.out = wasm.AppendU32(e.out, v) }

func (e *encoder) list(list []Instr) {
	for i := range list {
		e.instr(&list[i])
	}
}

func (e *encoder) instr(i *Instr) {
	if i.Area != 0 {
		e.refs = append(e.refs, Ref{len(e.out), i.Area})
	}
	if prefix := i.Op.prefix(); prefix != 0 {
		e.out = append(e.out, prefix)
		e.u32(uint32(i.Op & 0xff))
	} else {
		e.out = append(e.out, byte(i.Op))
	}
	switch op := i.Op; {
	case i.Opens():
		e.structured(i)
	case op == wasm.OpBr || op == wasm.OpBrIf:
		e.label(i.Index)
	case op == wasm.OpBrTable:
		e.u32(uint32(len(i.Targets) - 1))
		for _, l := range i.Targets {
			e.label(l)
		}
	case op == wasm.OpCall, op >= wasm.OpLocalGet && op <= wasm.OpGlobalSet:
		e.u32(i.Index)
	case op == wasm.OpI32Const || op == wasm.OpI64Const:
		e.out = wasm.AppendS64(e.out, i.Value)
	default:
		if i.access() {
			e.u32(i.Align)
			e.u32(i.Offset)
		}
		e.out = append(e.out, i.Raw...)
	}
}

// access says whether the instruction has an address.
func (i *Instr) access() bool {
	if i.Op.prefix() == wasm.OpPrefixSIMD {
		sub := uint32(i.Op & 0xff)
		return simdAccess(sub) || simdLaneAccess(sub)
	}
	return i.Op >= wasm.OpI32Load && i.Op <= wasm.OpI64Store32
}

func (e *encoder) structured(i *Instr) {
	e.out = wasm.AppendS64(e.out, i.Value)
	e.open++
	e.depth[i.Index] = e.open
	e.list(i.Body)
	if len(i.Else) > 0 {
		e.out = append(e.out, wasm.OpElse)
		e.list(i.Else)
	}
	e.out = append(e.out, wasm.OpEnd)
	e.open--
}

// label writes how many blocks a branch leaves.
func (e *encoder) label(l uint32) { e.u32(uint32(e.open - e.depth[l])) }
