package code

import (
	"fmt"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// maxNesting bounds how deep blocks may nest: trees are walked recursively.
const maxNesting = 1 << 10

// maxLocals bounds the locals of a function, as engines do.
const maxLocals = 50_000

type decoder struct {
	wasm.Reader
	size   int      // of the body
	refs   []Ref    // those ahead
	labels []uint32 // of the blocks that are open, the function first
	next   uint32
}

// Decode takes a body apart. refs are in the order of the instructions that they
// are for. An instruction that kernels do not use is an error, but whether the
// code is valid is for an engine to say.
func Decode(body []byte, refs []Ref) (*Func, error) {
	d := &decoder{Reader: wasm.Reader{Rest: body}, size: len(body), refs: refs, labels: []uint32{0}, next: 1}
	f := &Func{}
	for n := d.U32(); n > 0 && d.Err == nil; n-- {
		count, t := d.U32(), d.Byte()
		if uint64(len(f.Locals))+uint64(count) > maxLocals {
			d.Fail("too many locals")
			break
		}
		for range count {
			f.Locals = append(f.Locals, t)
		}
	}
	var end byte
	if f.Body, end = d.list(); end != wasm.OpEnd {
		d.Fail("else without if")
	}
	if d.Err == nil && len(d.Rest) > 0 {
		d.Fail("bytes after the end")
	}
	f.Labels = d.next
	return f, d.Err
}

// list takes instructions up to an end or else.
func (d *decoder) list() (list []Instr, end byte) {
	for d.Err == nil {
		at := d.size - len(d.Rest)
		op := d.Byte()
		if op == wasm.OpEnd || op == wasm.OpElse {
			return list, op
		}
		i := Instr{Op: Op(op)}
		if len(d.refs) > 0 && d.refs[0].At == at {
			i.Area = d.refs[0].Area
			d.refs = d.refs[1:]
		}
		d.immediates(&i)
		list = append(list, i)
	}
	return nil, wasm.OpEnd
}

// immediates takes what follows an opcode.
//
// See https://www.w3.org/TR/wasm-core-2/#instructions%E2%91%A6
func (d *decoder) immediates(i *Instr) {
	switch op := i.Op; {
	case i.Opens():
		d.structured(i)
	case op == wasm.OpBr || op == wasm.OpBrIf:
		i.Index = d.label()
	case op == wasm.OpBrTable:
		for n := uint64(d.U32()) + 1; n > 0 && d.Err == nil; n-- {
			i.Targets = append(i.Targets, d.label())
		}
	case op == wasm.OpCall, op >= wasm.OpLocalGet && op <= wasm.OpGlobalSet:
		i.Index = d.U32()
	case op >= wasm.OpI32Load && op <= wasm.OpI64Store32:
		i.Align, i.Offset = d.U32(), d.U32()
	case op == wasm.OpMemorySize || op == wasm.OpMemoryGrow:
		i.Raw = d.Bytes(1)
	case op == wasm.OpI32Const:
		i.Value = int64(int32(d.S64()))
	case op == wasm.OpI64Const:
		i.Value = d.S64()
	case op == wasm.OpF32Const:
		i.Raw = d.Bytes(4)
	case op == wasm.OpF64Const:
		i.Raw = d.Bytes(8)
	case op >= wasm.OpI32Eqz && op <= wasm.OpLastNumeric:
	case op == wasm.OpPrefixMisc || op == wasm.OpPrefixSIMD:
		d.prefixed(i)
	case op == wasm.OpUnreachable || op == wasm.OpNop || op == wasm.OpReturn || op == wasm.OpDrop || op == wasm.OpSelect:
	default:
		d.Fail(fmt.Sprintf("instruction %#x is not supported", uint16(op)))
	}
}

func (d *decoder) structured(i *Instr) {
	if i.Value = d.S64(); i.Value < EmptyType || i.Value > 1<<32-1 {
		d.Fail("block type")
	}
	if len(d.labels) > maxNesting {
		d.Fail("blocks are nested too deeply")
	}
	i.Index = d.next
	d.next++
	d.labels = append(d.labels, i.Index)
	var end byte
	if i.Body, end = d.list(); end == wasm.OpElse {
		if i.Op != wasm.OpIf {
			d.Fail("else without if")
		}
		if i.Else, end = d.list(); end == wasm.OpElse {
			d.Fail("else without if")
		}
	}
	d.labels = d.labels[:len(d.labels)-1]
}

// label takes a branch's depth.
func (d *decoder) label() uint32 {
	depth := d.U32()
	if uint64(depth) >= uint64(len(d.labels)) {
		d.Fail("branch leaves more blocks than there are")
		return 0
	}
	return d.labels[len(d.labels)-1-int(depth)]
}

func (d *decoder) prefixed(i *Instr) {
	prefix, sub := byte(i.Op), d.U32()
	i.Op = Op(prefix)<<8 | Op(sub)
	switch {
	case d.Err != nil:
	case sub > wasm.SIMDLast:
		d.Fail(fmt.Sprintf("instruction %#x %d is not supported", prefix, sub))
	case prefix == wasm.OpPrefixSIMD:
		d.simd(i, sub)
	case sub <= wasm.MiscTruncSatLast:
	case sub == wasm.MiscMemoryCopy:
		i.Raw = d.Bytes(2)
	case sub == wasm.MiscMemoryFill:
		i.Raw = d.Bytes(1)
	default:
		d.Fail(fmt.Sprintf("instruction %#x %d is not supported", prefix, sub))
	}
}

func (d *decoder) simd(i *Instr, sub uint32) {
	switch {
	case simdAccess(sub):
		i.Align, i.Offset = d.U32(), d.U32()
	case sub == wasm.SIMDConst || sub == wasm.SIMDShuffle:
		i.Raw = d.Bytes(16)
	case sub >= wasm.SIMDExtractLane && sub <= wasm.SIMDReplaceLast:
		i.Raw = d.Bytes(1)
	case simdLaneAccess(sub):
		i.Align, i.Offset = d.U32(), d.U32()
		i.Raw = d.Bytes(1)
	}
}

func simdAccess(sub uint32) bool {
	return sub <= wasm.SIMDStore || sub == wasm.SIMDLoadZero32 || sub == wasm.SIMDLoadZero64
}

func simdLaneAccess(sub uint32) bool { return sub >= wasm.SIMDLoadLane && sub <= wasm.SIMDStoreLane }
