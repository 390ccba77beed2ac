package link

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

var errShort = errors.New("unexpected end")

// reader takes a binary apart. After the first error everything it returns is zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = errors.New(what)
	}
	r.b = nil
}

func (r *reader) byte() byte {
	b := r.bytes(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// bytes takes n bytes; they are not copied.
func (r *reader) bytes(n uint32) []byte {
	if uint64(n) > uint64(len(r.b)) {
		if r.err == nil {
			r.err = errShort
		}
		r.b = nil
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u32() uint32 {
	v, n := wasm.U32(r.b)
	if n == 0 {
		r.fail("malformed number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) s64() int64 {
	v, n := wasm.S64(r.b)
	if n == 0 {
		r.fail("malformed number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) name() string {
	b := r.bytes(r.u32())
	if !utf8.Valid(b) {
		r.fail("name is not UTF-8")
		return ""
	}
	return string(b)
}

// vec calls f for each item of a vector. Every item takes at least a byte, so a
// count that lies ends soon.
func (r *reader) vec(f func()) {
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		f()
	}
}

// constant takes a constant expression: one constant and the end.
func (r *reader) constant(t wasm.ValueType) (raw []byte, value int64) {
	all := r.b
	op := r.byte()
	switch {
	case op == wasm.OpI32Const && t == wasm.I32, op == wasm.OpI64Const && t == wasm.I64:
		value = r.s64()
	case op == wasm.OpF32Const && t == wasm.F32:
		r.bytes(4)
	case op == wasm.OpF64Const && t == wasm.F64:
		r.bytes(8)
	default:
		r.fail(fmt.Sprintf("constant expression starts with %#x", op))
	}
	if r.byte() != wasm.OpEnd {
		r.fail("constant expression has no end")
	}
	if r.err != nil {
		return nil, 0
	}
	return all[: len(all)-len(r.b) : len(all)-len(r.b)], value
}
