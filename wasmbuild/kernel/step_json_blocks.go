package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// beyondASCII says whether validDocument saw a byte that is not ASCII.
var beyondASCII bool

// validDocument says the same as validJSON, in a quarter of the time and with more
// code: it looks at 64 bytes at once, with one bit per byte for what that is.
//
// Strings and numbers apart, JSON's grammar is about neighbours: which token may
// follow which one, and which structural character another one. Neighbours are
// found for a whole block by adding: a bit that is added to a run of ones comes
// out behind the run. Only brackets are followed one by one, since what they
// enclose decides about commas and colons, and scalars that are no integers.
//
//wasm:small
func validDocument(p, e ptr) bool {
	beyondASCII = false
	p = jsonSpace(p, e)
	if p < e && !opens(vm.U8(p)) {
		beyondASCII = true // not looked at
		return jsonSpace(validLeaf(p, e), e) == e
	}
	mark := top
	levels := take((e-p)/8 + 64)
	tail := take(64)
	if levels == 0 || tail == 0 {
		return false
	}
	ok := validBlocks(p, e, levels, tail)
	top = mark
	return ok
}

// validBlocks checks [p,e), whose first byte is a bracket. levels has room for a
// bit per byte, tail for the last block.
func validBlocks(p, e, levels, tail ptr) bool {
	var quoted, escape, inScalar uint64 // the last block ended: all ones: within a string; 1: with a backslash; 1: within a scalar
	var afterName uint64
	afterSign := uint64(1) // as if a sign came first
	var nesting uint64     // the open containers, newest in the lowest bit: whether it is an object
	var depth uint32       // how many there are; all but the newest up to 64 are in levels
	for ; p < e; p += 64 {
		at := blockAt(p, e, tail)
		d := vm.Load(at + 48) // the highest first
		a, b, c := vm.Load(at), vm.Load(at+16), vm.Load(at+32)
		slash := vm.Splat('\\')
		rare := low4(a, b, c, d)
		quotes, slashes := eq4(a, b, c, d, vm.Splat('"')), uint64(0)
		if uint64(vm.Mask(any4(a, b, c, d, slash)))|escape != 0 {
			var escapes uint64
			slashes = eq4(a, b, c, d, slash)
			escapes, escape = escaped(slashes, escape)
			quotes &^= escapes
			slashes &^= escapes
		}
		if quotes|^quoted|slashes|uint64(rare) == 0 {
			continue // all of it lies within a string
		}
		strings := inside(quotes) ^ quoted
		quoted = uint64(int64(strings) >> 63)
		outside := ^(strings | quotes)
		colons := eq4(a, b, c, d, vm.Splat(':')) & outside
		commas := eq4(a, b, c, d, vm.Splat(',')) & outside
		brackets := brackets4(a, b, c, d) & outside
		structure := colons | commas | brackets
		scalars := outside ^ structure
		blank, control := uint64(0), uint64(0)
		if scalars != 0 {
			blank = eq4(a, b, c, d, vm.Splat(' '))
		}
		if rare != 0 {
			var breaks uint64
			breaks, control = lineBreaks(a, b, c, d)
			blank |= breaks
		}
		blank &= scalars
		scalars ^= blank
		opening, objects, closed := uint64(0), -(nesting & 1), uint32(0)
		if brackets != 0 {
			opening, objects, nesting, depth, closed = followBrackets(brackets, at, levels, nesting, depth)
			if closed == failed {
				return false
			}
		}
		var sign, name uint64 // the first byte behind a sign or an opening bracket
		sign, afterSign = behind(colons|commas|opening, afterSign, blank)
		// and the first sign or bracket behind where a name may be
		name, afterName = behind(commas|opening, afterName, ^structure)
		name &= objects
		starts := scalars &^ (scalars<<1 | inScalar)
		inScalar = scalars >> 63
		empty := (brackets ^ opening) & sign // the bracket that closes an empty container
		// what a sign or opening bracket announces is a value and nothing else is, and
		// where a name may be there is one, with a colon behind it, and nowhere else
		texts := quotes & strings
		bad := control&^blank | ((texts | starts | opening | empty) ^ sign) | (colons ^ name&^empty)
		if bad != 0 {
			return false
		}
		if odd := empty | colons&^((quotes^texts)<<1); odd != 0 && !validBefore(p, odd) {
			return false
		}
		if slashes != 0 && !validEscapes(p, slashes) {
			return false
		}
		if starts != 0 && !validScalars(p, e, at, scalars, starts) {
			return false
		}
		if closed != 0 {
			return jsonSpace(p+closed, e) == e
		}
	}
	return false
}

// behind marks the first byte behind the bits of m that is not in between. carry
// and next tell of bytes that are still to come at a block's start and end.
//
//wasm:inline
func behind(m, carry, between uint64) (at, next uint64) {
	x := m<<1 | carry
	if between == 0 { // as in most blocks
		return x, m >> 63
	}
	sum := x + between
	next = m >> 63
	if sum < x {
		next = 1
	}
	return sum &^ between, next
}

// validBefore says whether, of the block at p, the colons among marked come after
// a string, and the closing brackets after an opening one.
func validBefore(p ptr, marked uint64) bool {
	for ; marked != 0; marked &= marked - 1 {
		q := p + vm.Ctz64(marked)
		before := blankBefore(q)
		if c := vm.U8(before - 1); c != '"' && (vm.U8(q) == ':' || !opens(c)) {
			return false
		}
	}
	return true
}

// failed is what followBrackets says of brackets that do not match.
const failed = 0xffffffff

// followBrackets goes from bracket to bracket of the block at p. It marks the opening
// ones and all that is within objects; there may be no bits beyond the one that
// closes the outermost container, which is the byte before closed.
func followBrackets(brackets uint64, p, levels ptr, nest uint64, deep uint32) (opening, objects, nesting uint64, depth, closed uint32) {
	nesting, depth = nest, deep
	objects = -(nesting & 1)
	for brackets != 0 {
		k := vm.Ctz64(brackets)
		c := vm.U8(p + k)
		object := uint64(c >> 5 & 1)
		rest := brackets & (brackets - 1)
		if c|32 == '{' {
			opening |= brackets ^ rest
			if depth&63 == 0 {
				vm.Put64(levels+depth>>3, nesting)
			}
			nesting = nesting<<1 | object
			depth++
		} else {
			if c|32 != '}' || object != nesting&1 {
				return opening, objects, nesting, depth, failed
			}
			nesting >>= 1
			depth--
			if depth&63 == 0 {
				nesting = vm.U64(levels + depth>>3)
			}
			if depth == 0 {
				return opening, objects, nesting, depth, k + 1
			}
		}
		objects ^= (objects ^ -(nesting & 1)) &^ (brackets ^ (brackets - 1))
		brackets = rest
	}
	return opening, objects, nesting, depth, 0
}

// brackets4 marks brackets, and some letters that no JSON has.
//
//wasm:inline
func brackets4(a, b, c, d vm.V128) uint64 {
	x := vm.Splat(0x26) // where { and } differ, and [ and ]; a { and [ differ in more
	return eq4(vm.Or(a, x), vm.Or(b, x), vm.Or(c, x), vm.Or(d, x), vm.Splat(0x7f))
}

// low4 is not 0 if there are control characters, or some that are not ASCII.
//
//wasm:inline
func low4(a, b, c, d vm.V128) uint32 {
	v := vm.MinSigned(vm.MinSigned(a, b), vm.MinSigned(c, d))
	return vm.Mask(vm.Or(v, vm.Sub(v, vm.Splat(32))))
}

//wasm:inline
func le4(a, b, c, d, x vm.V128) uint64 {
	return eq4(vm.SubSat(a, x), vm.SubSat(b, x), vm.SubSat(c, x), vm.SubSat(d, x), vm.Splat(0))
}
