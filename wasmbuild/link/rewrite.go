package link

import (
	"fmt"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// references gives the indexes in a function body new values.
type references struct {
	fn, global, typ func(uint32) uint32
	constants       map[uint32]uint32 // globals to replace by their values
}

// rewriter copies a function body.
type rewriter struct {
	in   reader
	out  []byte
	refs references
}

// rewrite passes every index of a function body through refs and returns the
// body with all numbers in their shortest form. An instruction that kernels do
// not use is an error.
func rewrite(body []byte, refs references) ([]byte, error) {
	w := &rewriter{in: reader{b: body}, out: make([]byte, 0, len(body)), refs: refs}
	for n := w.u32(); n > 0 && w.in.err == nil; n-- { // local declarations
		w.u32()
		w.raw(1)
	}
	depth := 1
	for w.in.err == nil && depth > 0 {
		op := w.in.byte()
		w.out = append(w.out, op)
		switch op {
		case wasm.OpBlock, wasm.OpLoop, wasm.OpIf:
			depth++
		case wasm.OpEnd:
			depth--
		}
		w.immediates(op)
	}
	if w.in.err == nil && len(w.in.b) > 0 {
		w.in.fail("bytes after the end")
	}
	return w.out, w.in.err
}

// u32 copies a number and returns it.
func (w *rewriter) u32() uint32 {
	v := w.in.u32()
	w.out = wasm.AppendU32(w.out, v)
	return v
}

// raw copies bytes.
func (w *rewriter) raw(n uint32) { w.out = append(w.out, w.in.bytes(n)...) }

// renamed copies an index in its new value.
func (w *rewriter) renamed(f func(uint32) uint32) {
	if v := w.in.u32(); w.in.err == nil {
		w.out = wasm.AppendU32(w.out, f(v))
	}
}

// immediates copies what follows an opcode.
//
// See https://www.w3.org/TR/wasm-core-2/#instructions%E2%91%A6
func (w *rewriter) immediates(op byte) {
	switch {
	case op == wasm.OpBlock || op == wasm.OpLoop || op == wasm.OpIf:
		w.blockType()
	case op == wasm.OpBr || op == wasm.OpBrIf, op >= wasm.OpLocalGet && op <= wasm.OpLocalTee:
		w.u32()
	case op == wasm.OpBrTable:
		for n := uint64(w.u32()) + 1; n > 0 && w.in.err == nil; n-- {
			w.u32()
		}
	case op == wasm.OpCall:
		w.renamed(w.refs.fn)
	case op == wasm.OpGlobalGet || op == wasm.OpGlobalSet:
		w.global(op)
	case op >= wasm.OpI32Load && op <= wasm.OpI64Store32:
		w.u32()
		w.u32()
	case op == wasm.OpMemorySize || op == wasm.OpMemoryGrow:
		w.raw(1)
	case op == wasm.OpI32Const || op == wasm.OpI64Const:
		w.out = wasm.AppendS64(w.out, w.in.s64())
	case op == wasm.OpF32Const:
		w.raw(4)
	case op == wasm.OpF64Const:
		w.raw(8)
	case op >= wasm.OpI32Eqz && op <= wasm.OpLastNumeric:
	case op == wasm.OpPrefixMisc:
		w.misc(w.u32())
	case op == wasm.OpPrefixSIMD:
		w.simd(w.u32())
	default:
		w.plain(op)
	}
}

// plain accepts the control instructions without immediates and refuses the rest.
func (w *rewriter) plain(op byte) {
	switch op {
	case wasm.OpUnreachable, wasm.OpNop, wasm.OpElse, wasm.OpEnd, wasm.OpReturn, wasm.OpDrop, wasm.OpSelect:
	default:
		w.in.fail(fmt.Sprintf("instruction %#x is not supported", op))
	}
}

// global copies an access to a global. Reading a constant becomes the constant.
func (w *rewriter) global(op byte) {
	i := w.in.u32()
	value, ok := w.refs.constants[i]
	switch {
	case w.in.err != nil:
	case !ok:
		w.out = wasm.AppendU32(w.out, w.refs.global(i))
	case op == wasm.OpGlobalSet:
		w.in.fail("assigns a variable that the rule sets")
	default:
		w.out[len(w.out)-1] = wasm.OpI32Const
		w.out = wasm.AppendS64(w.out, int64(int32(value)))
	}
}

// blockType is empty, a value type or the index of a function type.
func (w *rewriter) blockType() {
	if len(w.in.b) > 0 {
		if c := w.in.b[0]; c >= wasm.Empty && c < 0x80 {
			w.raw(1)
			return
		}
	}
	v := w.in.s64()
	if v < 0 || v > 1<<32-1 {
		w.in.fail("block type")
	}
	if w.in.err == nil {
		w.out = wasm.AppendS64(w.out, int64(w.refs.typ(uint32(v))))
	}
}

func (w *rewriter) misc(sub uint32) {
	switch {
	case sub <= wasm.MiscTruncSatLast:
	case sub == wasm.MiscMemoryCopy:
		w.raw(2)
	case sub == wasm.MiscMemoryFill:
		w.raw(1)
	default:
		w.in.fail(fmt.Sprintf("instruction 0xfc %d is not supported", sub))
	}
}

func (w *rewriter) simd(sub uint32) {
	switch {
	case sub <= wasm.SIMDStore || sub == wasm.SIMDLoadZero32 || sub == wasm.SIMDLoadZero64:
		w.u32()
		w.u32()
	case sub == wasm.SIMDConst || sub == wasm.SIMDShuffle:
		w.raw(16)
	case sub >= wasm.SIMDExtractLane && sub <= wasm.SIMDReplaceLast:
		w.raw(1)
	case sub >= wasm.SIMDLoadLane && sub <= wasm.SIMDStoreLane:
		w.u32()
		w.u32()
		w.raw(1)
	case sub > wasm.SIMDLast:
		w.in.fail(fmt.Sprintf("instruction 0xfd %d is not supported", sub))
	}
}
