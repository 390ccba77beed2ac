package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Path is the rule's path: a program of 16-byte steps, each {op, a, b, c}.
var Path ptr

// The operations of a path's program. The planner knows them by these numbers.
const (
	opEnd     = 0
	opKey     = 1 // a, b: key; c: array index or noIndex
	opPattern = 2 // a, b: wildcard pattern for a key
)

const (
	stepSize = 16
	noIndex  = 0xffffffff
)

// limit ends the text in which find's value lies: end, or a text in the arena
// when the value was put together by the path (synthetic).
var (
	limit     ptr
	synthetic bool
)

// find returns where the value that the rule's path leads to starts, or 0. The
// value may still be cut off or malformed: see valueEnd.
//
//wasm:bind
func find() ptr { return nativeFind() }

// findKeys is find for paths of keys and array indexes.
//
//wasm:small
func findKeys() ptr {
	limit, synthetic = end, false
	p := afterSpace(pay)
	for s := Path; vm.U32(s) != opEnd; s += stepSize {
		p = child(p, end, vm.U32(s+4), vm.U32(s+8), vm.U32(s+12))
		if p == 0 {
			return 0
		}
	}
	return p
}

// child returns the value of a key in the object at p, or of an index in the array at p, or 0.
//
//wasm:small
func child(p, e, key ptr, n, index uint32) ptr {
	switch vm.U8(p) {
	case '{':
		return field(p, e, key, n)
	case '[':
		if index != noIndex {
			return element(p, e, index)
		}
	}
	return 0
}

// field returns the value of the first member with this key in the object at p,
// or 0. Missing or extra commas and colons do not stop it.
func field(p, e, key ptr, n uint32) ptr {
	for p = keyAt(afterSpace(p+1), e); p != 0; p = keyAt(p, e) {
		k := p + 1
		q, esc := strEnd(k)
		p = valueAfter(q, e)
		if p == 0 || equalString(k, q, esc, key, n) {
			return p
		}
		p = afterMember(p, e)
		if p == 0 {
			return 0
		}
	}
	return 0
}

// keyAt returns where the key at or after p starts; 0 if the object ends before one.
//
//wasm:inline
func keyAt(p, e ptr) ptr {
	if vm.U8(p) == '"' {
		return p
	}
	return nextKey(p, e)
}

// valueAfter returns where the value of the key that ends at q starts; 0 if the text ends before it.
//
//wasm:inline
func valueAfter(q, e ptr) ptr {
	p := ws(q + 1)
	if vm.U8(p) == ':' {
		p = ws(p + 1)
	}
	if p >= e {
		return 0
	}
	return p
}

// valueOf is valueAfter for where speed matters less than size.
//
//wasm:small
func valueOf(q, e ptr) ptr {
	p := ws(q + 1)
	if vm.U8(p) == ':' {
		p = ws(p + 1)
	}
	if p >= e {
		return 0
	}
	return p
}

// afterMember skips the value at p and a comma after it, to where the next key
// is expected. It returns 0 if p is no value.
//
//wasm:inline
func afterMember(p, e ptr) ptr {
	if vm.U8(p) == '"' {
		p, _ = strEnd(p + 1)
		p++
	} else if startsValue(vm.U8(p)) {
		p = skipOther(p, e)
	} else {
		return 0
	}
	p = ws(p)
	if vm.U8(p) == ',' {
		p = ws(p + 1)
	}
	return p
}

// nextKey skips what does not belong between members: to the next quote, or 0
// if the object ends before one.
func nextKey(p, e ptr) ptr {
	for ; p < e; p++ {
		switch vm.U8(p) {
		case '"':
			return p
		case '}':
			return 0
		}
	}
	return 0
}

// element returns an element of the array at p, or 0.
//
//wasm:small
func element(p, e ptr, index uint32) ptr {
	for p = firstElement(p, e); p != 0 && index > 0; index-- {
		p = nextElement(p, e)
	}
	return p
}

// firstElement returns the first element of the array at p, or 0.
//
//wasm:inline
func firstElement(p, e ptr) ptr { return elementAt(p+1, e) }

// nextElement returns the element after the one at p, or 0.
//
//wasm:inline
func nextElement(p, e ptr) ptr {
	q, _ := valueEnd(p, e)
	return elementAt(q, e)
}

// elementAt skips white space and commas to an element; 0 if there is none.
//
//wasm:small
func elementAt(p, e ptr) ptr {
	for p = afterSpace(p); vm.U8(p) == ','; p = afterSpace(p + 1) {
	}
	if p >= e || !startsValue(vm.U8(p)) {
		return 0
	}
	return p
}
