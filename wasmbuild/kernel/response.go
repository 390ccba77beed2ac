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

// done ends f with the answer [from,to). Beside others that are held it moves down to
// where there is room, or they would drive each other up through memory.
//
//wasm:small
func done(from, to ptr) uint64 {
	n := to - from
	if frees {
		if heldSize == 0 {
			hold(to - Heap)
		} else {
			to = hold(n)
			vm.Copy(to, from, n)
			from = to
		}
	}
	busy, answered = false, from
	return uint64(from)<<32 | uint64(n)
}

// finish answers with the payload as it is.
func finish(code uint32, m vm.Text) uint64 { return finishWith(code, m, 0) }

// finishWith is finish with a message in two parts, the first of which is short.
// The second is left out if there is no memory for it.
//
//wasm:small
func finishWith(code uint32, m, more vm.Text) uint64 {
	if !room(end + textLen(m) + textLen(more) + slack) {
		more = 0
	}
	return finishStep(code, m, more, 0, 0)
}

// finishStep answers with the payload as it is, a message in two parts and, if v
// is not 0, the output_step [v,e). What of these lies in the arena is moved
// down to where the answer goes, v first: it lies before more.
//
//wasm:small
func finishStep(code uint32, m, more vm.Text, v, e ptr) uint64 {
	from, o := request, request
	if pay < end {
		from, o = putHead(pay, end-pay), end
	}
	if v != 0 {
		o = putv(put(o, 0x22), e-v)
		moveDown(o, v, e-v)
		o += e - v
	}
	n := textLen(more)
	o = putv(put(put(put(o, 0x10), code), 0x1a), textLen(m)+n)
	o = putText(o, m)
	moveDown(o, textPtr(more), n)
	return done(from, o+n)
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
