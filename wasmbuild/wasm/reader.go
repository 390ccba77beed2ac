package wasm

import "errors"

var errShort = errors.New("unexpected end")

// Reader takes a binary apart. After the first error everything it returns is
// zero, so that callers need to look at Err only once.
type Reader struct {
	Rest []byte
	Err  error
}

// Fail records what is wrong, unless something was before.
func (r *Reader) Fail(what string) {
	if r.Err == nil {
		r.Err = errors.New(what)
	}
	r.Rest = nil
}

// Byte takes one byte.
func (r *Reader) Byte() byte {
	b := r.Bytes(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// Bytes takes n bytes; they are not copied.
func (r *Reader) Bytes(n uint32) []byte {
	if uint64(n) > uint64(len(r.Rest)) {
		if r.Err == nil {
			r.Err = errShort
		}
		r.Rest = nil
		return nil
	}
	b := r.Rest[:n:n]
	r.Rest = r.Rest[n:]
	return b
}

// U32 takes an unsigned number.
func (r *Reader) U32() uint32 {
	v, n := U32(r.Rest)
	if n == 0 {
		r.Fail("malformed number")
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}

// S64 takes a signed number.
func (r *Reader) S64() int64 {
	v, n := S64(r.Rest)
	if n == 0 {
		r.Fail("malformed number")
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}
