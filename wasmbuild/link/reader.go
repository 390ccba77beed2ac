package link

import (
	"fmt"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// reader takes a module's sections apart.
type reader struct{ wasm.Reader }

func newReader(b []byte) *reader { return &reader{wasm.Reader{Rest: b}} }

func (r *reader) name() string {
	b := r.Bytes(r.U32())
	if !utf8.Valid(b) {
		r.Fail("name is not UTF-8")
		return ""
	}
	return string(b)
}

// vec calls f for each item of a vector. Every item takes at least a byte, so a
// count that lies ends soon.
func (r *reader) vec(f func()) {
	for n := r.U32(); n > 0 && r.Err == nil; n-- {
		f()
	}
}

// constant takes a constant expression: one constant and the end.
func (r *reader) constant(t wasm.ValueType) (raw []byte, value int64) {
	all := r.Rest
	op := r.Byte()
	switch {
	case op == wasm.OpI32Const && t == wasm.I32, op == wasm.OpI64Const && t == wasm.I64:
		value = r.S64()
	case op == wasm.OpF32Const && t == wasm.F32:
		r.Bytes(4)
	case op == wasm.OpF64Const && t == wasm.F64:
		r.Bytes(8)
	default:
		r.Fail(fmt.Sprintf("constant expression starts with %#x", op))
	}
	if r.Byte() != wasm.OpEnd {
		r.Fail("constant expression has no end")
	}
	if r.Err != nil {
		return nil, 0
	}
	return all[: len(all)-len(r.Rest) : len(all)-len(r.Rest)], value
}
