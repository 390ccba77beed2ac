package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Operations beyond keys and patterns; a, b and c are the step's numbers.
const (
	opCount    = 3  // an array's number of elements; in an object, the key #
	opEach     = 4  // a: path to collect from every element; in an object, from the value of #
	opFirst    = 5  // a: query; the first element that fulfils it
	opAll      = 6  // a: query, b: path to collect from each that does, or 0
	opModifier = 7  // a, b: argument; c: which
	opObject   = 8  // a: parts {name, length, path}, b: how many
	opArray    = 9  // likewise, names unused
	opLines    = 10 // the whole text is a list of values
)

// findAny is find for every path.
//
//wasm:small
func findAny() ptr {
	synthetic = false
	v := ptr(0)
	v, limit = walkPath(Path, afterSpace(pay), end)
	return v
}

// walkPath runs a path's program on the value at p, which lies in a text that ends
// at e. It returns where the result starts, 0 if there is none, and where the
// text in which it lies ends. What it builds lies in the arena from top on;
// sentinels follow it.
//
//wasm:small
func walkPath(s, p, e ptr) (v, ve ptr) {
	for op := vm.U32(s); op != opEnd; op = vm.U32(s) {
		a, b, c := vm.U32(s+4), vm.U32(s+8), vm.U32(s+12)
		switch op {
		case opKey:
			p = child(p, e, a, b, c)
		case opPattern:
			p = fieldLike(p, e, a, b)
		case opCount, opEach:
			p, e = each(op, a, p, e)
		case opFirst:
			p = first(a, p, e)
		case opAll:
			p, e = collect(p, e, a, b)
		case opModifier:
			p, e = modify(c, a, b, p, e)
		case opObject, opArray:
			p, e = several(op, a, b, p, e)
		case opLines:
			p, e = lines(p, e)
		default:
			p = 0
		}
		if p == 0 {
			return 0, 0
		}
		s += stepSize
	}
	return p, e
}

// each evaluates # and #.rest.
//
//wasm:small
func each(op, rest, p, e ptr) (v, ve ptr) {
	if vm.U8(p) == '[' {
		if op == opEach {
			return collect(p, e, 0, rest)
		}
		n := uint32(0)
		for q := firstElement(p, e); q != 0; q = nextElement(q, e) {
			n++
		}
		return number10(n)
	}
	hash := vm.Lit("#")
	p = child(p, e, textPtr(hash), 1, noIndex)
	if p == 0 || op == opCount {
		return p, e
	}
	return walkPath(rest, p, e)
}

// number10 makes a number value.
//
//wasm:small
func number10(n uint32) (v, ve ptr) {
	v = take(16)
	if v == 0 {
		return 0, 0
	}
	return v, sealed(putDecimal(v, n))
}

// sealed ends a text that was built in the arena at o: sentinels follow it, as they follow the payload.
func sealed(o ptr) ptr {
	vm.Store(o, vm.Splat('"'))
	top = o + 16
	synthetic = true
	return o
}

// complete returns the end of the value at p if there is a whole one, else 0.
//
//wasm:small
func complete(p, e ptr) ptr {
	if p == 0 {
		return 0
	}
	q, _ := valueEnd(p, e)
	if q > e {
		return 0
	}
	return q
}

// first returns the first element which fulfils a query.
//
//wasm:small
func first(query, p, e ptr) ptr {
	if vm.U8(p) != '[' {
		return 0
	}
	for p = firstElement(p, e); p != 0 && !fulfils(query, p, e); p = nextElement(p, e) {
	}
	return p
}

// collect builds an array of what path leads to (0: the element itself) in each
// element that fulfils the query (0: in each).
//
//wasm:small
func collect(p, e, query, path ptr) (v, ve ptr) {
	if vm.U8(p) != '[' {
		return 0, 0
	}
	v = take(16)
	if v == 0 {
		return 0, 0
	}
	o := put(v, '[')
	for p = firstElement(p, e); p != 0; p = nextElement(p, e) {
		top = o + 16
		if query != 0 && !fulfils(query, p, e) {
			continue
		}
		q, qe := p, e
		if path != 0 {
			q, qe = walkPath(path, p, e)
		}
		o = append1(o, v, q, qe)
		if o == 0 {
			return 0, 0
		}
	}
	return v, sealed(put(o, ']'))
}

// append1 appends the value at q, if it is complete, to the array or object
// which starts at v and has grown to o. It returns 0 if there is no memory.
//
//wasm:small
func append1(o, v, q, qe ptr) ptr {
	stop := complete(q, qe)
	if stop == 0 {
		return o
	}
	if !room(o + (stop - q) + slack) {
		return 0
	}
	if o > v+1 {
		o = put(o, ',')
	}
	vm.Copy(o, q, stop-q)
	return o + (stop - q)
}

// several builds an object or array from several paths.
//
//wasm:small
func several(op, parts ptr, n uint32, p, e ptr) (v, ve ptr) {
	v = take(16)
	if v == 0 {
		return 0, 0
	}
	open, shut := uint32('['), uint32(']')
	if op == opObject {
		open, shut = '{', '}'
	}
	o := put(v, open)
	for ; n > 0; n-- {
		name, size := vm.U32(parts), vm.U32(parts+4)
		top = o + size + 32
		if !room(top + slack) {
			return 0, 0
		}
		q, qe := walkPath(vm.U32(parts+8), p, e)
		parts += 12
		if complete(q, qe) == 0 {
			continue
		}
		if op == opObject {
			if o > v+1 {
				o = put(o, ',')
			}
			copyShort(o, name, size)
			o = put(o+size, ':')
			o = append1(o, o, q, qe)
		} else {
			o = append1(o, v, q, qe)
		}
		if o == 0 {
			return 0, 0
		}
	}
	return v, sealed(put(o, shut))
}

// lines builds an array of the values which follow each other in [p,e).
//
//wasm:small
func lines(p, e ptr) (v, ve ptr) {
	v = take(16)
	if v == 0 {
		return 0, 0
	}
	o := put(v, '[')
	for {
		p = elementAt(p, e)
		stop := complete(p, e)
		if stop == 0 {
			return v, sealed(put(o, ']'))
		}
		o = append1(o, v, p, e)
		if o == 0 {
			return 0, 0
		}
		p = stop
	}
}
