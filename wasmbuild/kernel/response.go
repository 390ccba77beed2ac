package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Exit codes of a response.
const (
	exitTrue  = 1
	exitFalse = 2
	exitError = 3
)

// vlen is a varint's length.
func vlen(v uint32) uint32 { return (38 - vm.Clz32(v|1)) / 7 }

//wasm:inline
func put(o ptr, b uint32) ptr { vm.Put8(o, b); return o + 1 }

func putv(o ptr, v uint32) ptr {
	for ; v >= 128; v >>= 7 {
		o = put(o, v|128)
	}
	return put(o, v)
}

// puts writes a length-delimited field. It may write 15 bytes more.
//
//wasm:small
func puts(o ptr, tag uint32, s ptr, n uint32) ptr {
	return putBytes(putv(put(o, tag), n), s, n)
}

// putTail writes a response's exit code and message.
//
//wasm:small
func putTail(o ptr, code uint32, m vm.Text) ptr {
	return puts(put(put(o, 0x10), code), 0x1a, textPtr(m), textLen(m))
}

// putHead writes output_payload's header before a payload of size bytes at p. The
// request's own header was at least as long when the payload has not grown.
//
//wasm:small
func putHead(p ptr, size uint32) ptr {
	h := p - 1 - vlen(size)
	putv(put(h, 0x0a), size)
	return h
}

//wasm:inline
func done(from, to ptr) uint64 { busy = false; return uint64(from)<<32 | uint64(to-from) }

// finish answers with the payload as it is.
func finish(code uint32, m vm.Text) uint64 { return finishWith(code, m, 0) }

// finishWith is finish with a message in two parts. The second may lie in the
// arena, where the answer goes, so the answer is built behind it and then moved.
//
//wasm:small
func finishWith(code uint32, m, more vm.Text) uint64 {
	from, o := Heap, Heap
	if pay < end {
		from, o = putHead(pay, end-pay), end
	}
	n := textLen(m) + textLen(more)
	top = max(top, textPtr(more)+textLen(more))
	b := take(n + 32)
	if b == 0 {
		b, n, more = o, textLen(m), 0
	}
	q := putv(put(put(put(b, 0x10), code), 0x1a), n)
	q = putBytes(putText(q, m), textPtr(more), textLen(more))
	moveDown(o, b, q-b)
	return done(from, o+(q-b))
}

// fail answers ERROR; the payload comes along when there is one.
func fail(m vm.Text) uint64 { return finishWith(exitError, m, 0) }

// refuse answers a request that begin found wrong. prefix is what this kind of
// step says before the reason why a request cannot be read.
//
//wasm:small
func refuse(bad uint32, prefix vm.Text) uint64 {
	why := vm.Lit("Unexpected EOF")
	switch bad {
	case requestWireType:
		why = vm.Lit("Unexpected wire type")
	case requestTag:
		why = vm.Lit("Incorrect tag")
	case requestEmpty:
		prefix, why = vm.Lit("invalid wasm request: input cannot be empty"), 0
	}
	return finishWith(exitError, prefix, why)
}
