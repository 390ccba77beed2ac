package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A query is {left, op, right, length, low, high}: left a path or 0 for the
// element itself, low and high the ends of an interval of numbers.
const (
	queryExists = iota
	queryEqual
	queryNotEqual
	queryLess
	queryLessEqual
	queryGreater
	queryGreaterEqual
	queryLike
	queryNotLike
	queryTruth = 16 // added: the left side is turned into true or false first
)

// fulfils says whether the element at p fulfils a query.
//
//wasm:bind
func fulfils(query, p, e ptr) bool { return nativeFulfils(query, p, e) }

// fulfilsNone is fulfils for paths without queries.
func fulfilsNone(query, p, e ptr) bool { return false }

// fulfilsAny is fulfils for all paths. What the query builds is forgotten.
//
//wasm:small
func fulfilsAny(query, p, e ptr) bool {
	mark, was := top, synthetic
	ok := compares(query, p, e)
	top, synthetic = mark, was
	return ok
}

//wasm:small
func compares(query, p, e ptr) bool {
	if left := vm.U32(query); left != 0 {
		p, e = walkPath(left, p, e)
	}
	if p == 0 {
		return false
	}
	q, esc := valueEnd(p, e)
	if q > e {
		return false
	}
	op := vm.U32(query + 4)
	right, n := vm.U32(query+8), vm.U32(query+12)
	if op == queryExists {
		return true
	}
	c := vm.U8(p)
	v, stop := textForm(c, p, q, esc)
	if op&queryTruth != 0 {
		return boolCompares(op&^queryTruth, truth(c, v, stop), right, n)
	}
	switch {
	case c == '"':
		return v != 0 && textCompares(op, v, stop, right, n)
	case c == 't' || c == 'f':
		return boolCompares(op, c == 't', right, n)
	case c == 'n' || opens(c):
		return false
	}
	return numberCompares(query, op, v, stop)
}

// textCompares compares bytes.
//
//wasm:small
func textCompares(op uint32, p, e, right ptr, n uint32) bool {
	if op == queryLike || op == queryNotLike {
		return like(p, e, right, n) == (op == queryLike)
	}
	return holds(op, order(p, e, right, n))
}

// holds says whether a comparison that came out as o (below 0, 0, above 0) satisfies op.
func holds(op uint32, o int32) bool {
	switch op {
	case queryEqual:
		return o == 0
	case queryNotEqual:
		return o != 0
	case queryLess:
		return o < 0
	case queryLessEqual:
		return o <= 0
	case queryGreater:
		return o > 0
	case queryGreaterEqual:
		return o >= 0
	}
	return false
}

// order compares two texts byte by byte.
func order(p, e, right ptr, n uint32) int32 {
	for ; p < e && n > 0; n-- {
		if d := int32(vm.U8(p)) - int32(vm.U8(right)); d != 0 {
			return d
		}
		p++
		right++
	}
	if p < e {
		return 1
	}
	if n > 0 {
		return -1
	}
	return 0
}

// boolCompares compares with the words true and false, false being less.
//
//wasm:small
func boolCompares(op uint32, left bool, right ptr, n uint32) bool {
	yes, no := vm.Lit("true"), vm.Lit("false")
	isTrue := n == 4 && equalBytes(right, textPtr(yes), 4)
	isFalse := n == 5 && equalBytes(right, textPtr(no), 5)
	same := left && isTrue || !left && isFalse
	switch op {
	case queryEqual:
		return same
	case queryNotEqual:
		return !same
	case queryLess:
		return !left && isTrue
	case queryLessEqual:
		return !left
	case queryGreater:
		return left && isFalse
	case queryGreaterEqual:
		return left
	}
	return false
}

// numberCompares compares as float64 would.
//
//wasm:small
func numberCompares(query ptr, op uint32, p, e ptr) bool {
	if op == queryLike || op == queryNotLike {
		return false
	}
	return number('0', p, e) != numberNaN && inInterval(vm.U32(query+16), vm.U32(query+20)) == (op != queryNotEqual)
}

// truth turns a value into true or false: numbers, and texts that are numbers,
// are true from 1 on.
//
//wasm:small
func truth(c uint32, p, e ptr) bool {
	if c == 't' || c == 'f' {
		return c == 't'
	}
	if c == 'n' || opens(c) {
		return false
	}
	yes := textPtr(vm.Lit("trueTRUETrue"))
	switch e - p {
	case 1:
		if vm.U8(p)|32 == 't' {
			return true
		}
	case 4:
		if equalBytes(p, yes, 4) || equalBytes(p, yes+4, 4) || equalBytes(p, yes+8, 4) {
			return true
		}
	}
	kind := parseNumber(p, e)
	return kind == numberInfinite || kind == numberFinite && firstDigit != lastDigit && point > 0
}
