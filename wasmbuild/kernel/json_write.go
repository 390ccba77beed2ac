package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A value is printed without white space and with no more escapes than it needs.
// Members are sorted by key; of those with the same key the last counts. Numbers
// keep their spelling. What is printed is never longer than the value was.

// maxSorted is how deep members are sorted. Below, text is copied: sorting moves
// text once for each level that it lies in.
const maxSorted = 64

var (
	writeLimit ptr // the value's end
	writeList  ptr // the members of the objects being printed
)

// beginWrite prepares for printing the value [p,e), which must be valid. It says whether there was memory.
//
//wasm:small
func beginWrite(p, e ptr) bool {
	writeLimit = e
	writeList = take((e-p)/5*memberSize + memberSize) // no member is shorter than "":0,
	return writeList != 0
}

// writeValue prints the value at p to o, and returns where both stand after it.
//
//wasm:small
func writeValue(o, p ptr, depth uint32) (oo, pp ptr) {
	c := vm.U8(p)
	switch {
	case c == '"':
		return writeString(o, p)
	case !opens(c):
		q := skipOther(p, writeLimit)
		return putBytes(o, p, q-p), q
	case depth == maxSorted:
		q := skipContainer(p+1, writeLimit)
		return putCompact(o, p, q), q
	case c == '{':
		return writeObject(o, p, depth+1)
	}
	o = put(o, '[')
	for p = afterSpace(p + 1); vm.U8(p) != ']'; {
		o, p = writeValue(o, p, depth+1)
		o, p = writeComma(o, p)
	}
	return put(o, ']'), p + 1
}

// writeComma prints a comma if there is one at p.
//
//wasm:small
func writeComma(o, p ptr) (oo, pp ptr) {
	p = afterSpace(p)
	if vm.U8(p) == ',' {
		return put(o, ','), afterSpace(p + 1)
	}
	return o, p
}

//wasm:small
func writeString(o, p ptr) (oo, pp ptr) {
	q, esc := stringEnd(p + 1)
	q++
	if !esc {
		return putBytes(o, p, q-p), q
	}
	mark := top
	s, e := unescaped(p+1, q-1)
	top = mark
	if s == 0 {
		return putBytes(o, p, q-p), q
	}
	return put(putEscaped(put(o, '"'), s, e), '"'), q
}

// writeObject is writeValue for objects.
//
//wasm:small
func writeObject(o, p ptr, depth uint32) (oo, pp ptr) {
	from, list := put(o, '{'), writeList
	o = from
	for p = afterSpace(p + 1); vm.U8(p) != '}'; {
		m := writeList
		writeList += memberSize
		vm.Put32(m, p+1)
		vm.Put32(m+8, o)
		o, p = writeString(o, p)
		q := p - 1
		vm.Put32(m+4, q)
		o = put(o, ':')
		p = valueOf(q, writeLimit)
		o, p = writeValue(o, p, depth)
		vm.Put32(m+12, o)
		o, p = writeComma(o, p)
	}
	o = sortWritten(from, o, list, (writeList-list)/memberSize)
	writeList = list
	return put(o, '}'), p + 1
}

// sortWritten puts n printed members, [from,o), in order and returns where they end then.
//
//wasm:small
func sortWritten(from, o, list ptr, n uint32) ptr {
	if n < 2 {
		return o
	}
	mark := top
	was := take(o - from)
	sorted := sortMembers(list, n)
	top = mark
	if was == 0 || sorted == 0 {
		return o
	}
	vm.Copy(was, from, o-from)
	o = from
	for i := uint32(0); i < n; i++ {
		if i+1 < n && sameKey(sorted+i*sortedSize, sorted+(i+1)*sortedSize) {
			continue
		}
		if o > from {
			o = put(o, ',')
		}
		m := vm.U32(sorted + i*sortedSize)
		o = copied(o, was+(vm.U32(m+8)-from), was+(vm.U32(m+12)-from))
	}
	return o
}
