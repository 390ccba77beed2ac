package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Modifiers; the planner knows them by these numbers.
const (
	modThis = iota
	modReverse
	modUgly
	modPretty
	modValid
	modFlatten
	modJoin
)

// modify applies a modifier to the value at p.
//
//wasm:bind
func modify(which, a, b uint32, p, e ptr) (v, ve ptr) { return nativeModify(which, a, b, p, e) }

// modifyNone is modify for paths without modifiers.
func modifyNone(which, a, b uint32, p, e ptr) (v, ve ptr) { return p, e }

// modifyAny is modify for paths with modifiers. What a modifier is not made for stays as it is.
//
//wasm:small
func modifyAny(which, a, b uint32, p, e ptr) (v, ve ptr) {
	stop := complete(p, e)
	if stop == 0 {
		return 0, 0
	}
	c := vm.U8(p)
	switch {
	case which == modValid:
		if !validJSON(p, stop) {
			return 0, 0
		}
	case which == modUgly:
		return ugly(p, stop)
	case which == modPretty:
		return pretty(a, p, stop)
	case which == modReverse && opens(c):
		return reverse(p, stop)
	case which == modFlatten && c == '[':
		return flatten(a, p, stop)
	case which == modJoin && c == '[':
		return join(a, p, stop)
	}
	return p, e
}

// build starts a text in the arena which will not grow past n bytes; 0 if there is no memory.
func build(n uint32) ptr { return take(n + 64) }

// ugly leaves out white space.
//
//wasm:small
func ugly(p, e ptr) (v, ve ptr) {
	v = build(e - p)
	if v == 0 {
		return 0, 0
	}
	return v, sealed(putCompact(v, p, e))
}

// putCompact appends the complete value [p,e) without white space.
//
//wasm:small
func putCompact(o, p, e ptr) ptr {
	for p = afterSpace(p); p < e; p = afterSpace(p) {
		q := p + 1
		if vm.U8(p) == '"' {
			q, _ = stringEnd(q)
			q++
		}
		o = copied(o, p, q)
		p = q
	}
	return o
}

// reverse turns the order of elements or members around.
//
//wasm:small
func reverse(p, e ptr) (v, ve ptr) {
	list, n := members(p, e)
	v = build(e - p)
	if list == 0 || v == 0 {
		return 0, 0
	}
	o := put(v, vm.U8(p))
	for m := list + n*memberSize; m > list; {
		m -= memberSize
		if o > v+1 {
			o = put(o, ',')
		}
		if k := vm.U32(m); k != 0 {
			o = put(copied(o, k-1, vm.U32(m+4)+1), ':')
		}
		o = copied(o, vm.U32(m+8), vm.U32(m+12))
	}
	return v, sealed(put(o, vm.U8(e-1)))
}

// copied appends [p,e).
func copied(o, p, e ptr) ptr {
	vm.Copy(o, p, e-p)
	return o + (e - p)
}

// memberSize is the size of a noted member: key and value, each {start, end}.
// An element's key is 0.
const memberSize = 16

// members notes the members or elements of the complete container [p,e) in the
// arena, after what is there. list is 0 if there is no memory.
//
//wasm:small
func members(p, e ptr) (list ptr, n uint32) {
	list = take(0)
	if list == 0 {
		return 0, 0
	}
	return list, noteMembers(list, p, e)
}

// noteMembers adds to the list that ends the arena, and returns how many it added.
//
//wasm:small
func noteMembers(at, p, e ptr) (n uint32) {
	object := vm.U8(p) == '{'
	p++
	for {
		k, kq := ptr(0), ptr(0)
		if object {
			p = afterSpace(p)
			if vm.U8(p) == ',' {
				p = afterSpace(p + 1)
			}
			p = keyAt(p, e)
			if p == 0 {
				return n
			}
			k = p + 1
			kq, _ = stringEnd(k)
			p = valueOf(kq, e)
		} else {
			p = elementAt(p, e)
		}
		q := complete(p, e)
		if q == 0 || !room(at+memberSize+slack) {
			return n
		}
		vm.Put32(at, k)
		vm.Put32(at+4, kq)
		vm.Put32(at+8, p)
		vm.Put32(at+12, q)
		at += memberSize
		top = at
		n++
		p = q
	}
}

// flatten takes arrays within the array apart: one level of them, or all (deep).
//
//wasm:small
func flatten(deep uint32, p, e ptr) (v, ve ptr) {
	v = build(e - p)
	if v == 0 {
		return 0, 0
	}
	o := put(v, '[')
	levels := uint32(1)
	p++
	for levels > 0 {
		for p = afterSpace(p); vm.U8(p) == ','; p = afterSpace(p + 1) {
		}
		if vm.U8(p) == ']' {
			levels--
			p++
			continue
		}
		if vm.U8(p) == '[' && (levels == 1 || deep != 0) {
			levels++
			p++
			continue
		}
		q := complete(p, e)
		if q == 0 {
			break
		}
		if o > v+1 {
			o = put(o, ',')
		}
		o = copied(o, p, q)
		p = q
	}
	return v, sealed(put(o, ']'))
}
