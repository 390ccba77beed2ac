package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// validDocument says the same as validJSON, in a third of the time and with more
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
	p = jsonSpace(p, e)
	if p < e && !opens(vm.U8(p)) {
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
	var afterString, afterOpen, afterName uint64
	afterSign := uint64(1) // as if a sign came first
	var nesting uint64     // the open containers, newest in the lowest bit: whether it is an object
	var depth uint32       // how many there are; all but the newest up to 64 are in levels
	for ; p < e; p += 64 {
		at := blockAt(p, e, tail)
		d := vm.Load(at + 48) // the highest first
		a, b, c := vm.Load(at), vm.Load(at+16), vm.Load(at+32)
		quotes, blank := eq4(a, b, c, d, vm.Splat('"')), eq4(a, b, c, d, vm.Splat(' '))
		control := uint64(0)
		if vm.Any(vm.Or(vm.Or(unusual(a), unusual(b)), vm.Or(unusual(c), unusual(d)))) || escape != 0 {
			if bs := eq4(a, b, c, d, vm.Splat('\\')); bs|escape != 0 {
				var escapes uint64
				escapes, escape = escaped(bs, escape)
				if !validEscapes(p, bs&^escapes) {
					return false
				}
				quotes &^= escapes
			}
			control = le4(a, b, c, d, vm.Splat(31))
			blank |= lineBreaks(a, b, c, d, control)
		}
		strings := inside(quotes) ^ quoted
		quoted = uint64(int64(strings) >> 63)
		outside := ^(strings | quotes)
		blank &= outside
		colons := eq4(a, b, c, d, vm.Splat(':')) & outside
		commas := eq4(a, b, c, d, vm.Splat(',')) & outside
		brackets := brackets4(a, b, c, d) & outside
		scalars := outside &^ (blank | colons | commas | brackets)
		starts := scalars &^ (scalars<<1 | inScalar)
		inScalar = scalars >> 63

		var opening, objects uint64
		var closed uint32
		opening, objects, nesting, depth, closed = followBrackets(brackets, at, levels, nesting, depth)
		var text, sign, open, name uint64 // the first byte behind a string, a sign, an opening bracket
		text, afterString = behind(quotes&^strings, afterString, blank)
		sign, afterSign = behind(colons|commas, afterSign, blank)
		open, afterOpen = behind(opening, afterOpen, blank)
		// and the first sign or bracket behind where a name may be
		name, afterName = behind(commas|opening, afterName, ^(colons | commas | brackets))
		name &= objects
		closing := brackets &^ opening
		bad := control&^blank | // also white space within a string
			(quotes&strings|starts|opening)&^(sign|open) | // a value that nothing announces
			(colons|commas)&(sign|open) | closing&sign | // no value where there must be one
			colons&^(name&text) | name&(commas|opening|closing&^open) // no name, or no value of that name
		if bad != 0 || closed == failed || !validScalars(p, e, a, b, c, d, scalars, starts) {
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
		next |= 1
	}
	return sum &^ between, next
}

// failed is what followBrackets says of brackets that do not match.
const failed = 0xffffffff

// followBrackets goes from bracket to bracket of the block at p. It marks the opening
// ones and all that is within objects; there may be no bits beyond the one that
// closes the outermost container, which is the byte before closed.
//
//wasm:inline
func followBrackets(brackets uint64, p, levels ptr, nest uint64, deep uint32) (opening, objects, nesting uint64, depth, closed uint32) {
	nesting, depth = nest, deep
	objects = -(nesting & 1)
	for left := brackets; left != 0; left &= left - 1 {
		k := vm.Ctz64(left)
		c := vm.U8(p + k)
		bit, object := left&-left, uint64(c>>5&1)
		if c|32 == '{' {
			opening |= bit
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
		above := -bit << 1
		objects = objects&^above | -(nesting&1)&above
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

// unusual marks what most blocks do not have: control characters and backslashes.
//
//wasm:inline
func unusual(v vm.V128) vm.V128 {
	return vm.Or(vm.SubSat(vm.Splat(32), v), vm.Eq(v, vm.Splat('\\')))
}

//wasm:inline
func le4(a, b, c, d, x vm.V128) uint64 {
	return eq4(vm.SubSat(a, x), vm.SubSat(b, x), vm.SubSat(c, x), vm.SubSat(d, x), vm.Splat(0))
}
