package gowasm

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// emitter writes instructions and hands out locals.
type emitter struct {
	code    []byte
	locals  []wasm.ValueType // parameters first
	depth   int              // open blocks
	lastSet int              // where a local.set stands that ends the code, or -1
	refs    []code.Ref       // instructions that depend on where areas are placed
}

func newEmitter() emitter {
	return emitter{lastSet: -1}
}

// op appends an instruction with its immediates in their final form.
func (e *emitter) op(b ...byte) {
	e.code = append(e.code, b...)
	e.lastSet = -1
}

// refer notes that the next instruction depends on the place of an area; 0 is none.
func (e *emitter) refer(area uint32) {
	if area != 0 {
		e.refs = append(e.refs, code.Ref{At: len(e.code), Area: area})
	}
}

// opU appends an instruction with one unsigned immediate.
func (e *emitter) opU(op byte, v uint32) {
	e.op(op)
	e.code = wasm.AppendU32(e.code, v)
}

func (e *emitter) simd(sub uint32) { e.opU(wasm.OpPrefixSIMD, sub) }

func (e *emitter) i32(v int32) {
	e.op(wasm.OpI32Const)
	e.code = wasm.AppendS64(e.code, int64(v))
}

func (e *emitter) i64(v int64) {
	e.op(wasm.OpI64Const)
	e.code = wasm.AppendS64(e.code, v)
}

// v128 pushes a constant register.
func (e *emitter) v128(b [16]byte) {
	e.simd(wasm.SIMDConst)
	e.code = append(e.code, b[:]...)
}

// zero pushes the zero value of a type.
func (e *emitter) zero(t wasm.ValueType) {
	switch t {
	case wasm.I64:
		e.i64(0)
	case wasm.F64:
		e.op(wasm.OpF64Const, 0, 0, 0, 0, 0, 0, 0, 0)
	case wasm.V128:
		e.v128([16]byte{})
	default:
		e.i32(0)
	}
}

// get pushes a local. Right after setting the same one, the two become a tee.
func (e *emitter) get(i uint32) {
	if e.lastSet >= 0 {
		if set, _ := wasm.U32(e.code[e.lastSet+1:]); set == i {
			e.code[e.lastSet] = wasm.OpLocalTee
			e.lastSet = -1
			return
		}
	}
	e.opU(wasm.OpLocalGet, i)
}

// set pops into a local.
func (e *emitter) set(i uint32) {
	at := len(e.code)
	e.opU(wasm.OpLocalSet, i)
	e.lastSet = at
}

// take makes a new local. It is zero until it is set.
func (e *emitter) take(t wasm.ValueType) uint32 {
	e.locals = append(e.locals, t)
	return uint32(len(e.locals) - 1)
}

// open begins a block, loop or if; kind is its block type.
func (e *emitter) open(op, kind byte) int {
	e.op(op, kind)
	e.depth++
	return e.depth
}

// openType is open with a function type's index as block type.
func (e *emitter) openType(op byte, index uint32) int {
	e.op(op)
	e.code = wasm.AppendS64(e.code, int64(index))
	e.depth++
	return e.depth
}

func (e *emitter) end() {
	e.op(wasm.OpEnd)
	e.depth--
}

// br leaves to the block that open numbered.
func (e *emitter) br(to int) { e.opU(wasm.OpBr, uint32(e.depth-to)) }

// brIf is br when the popped value is not 0.
func (e *emitter) brIf(to int) { e.opU(wasm.OpBrIf, uint32(e.depth-to)) }
