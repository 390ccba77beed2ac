package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// ws skips white space, which is every byte up to 32: broken text is for the caller to notice.
//
//wasm:inline
func ws(p ptr) ptr {
	if vm.U8(p) > 32 { // predicted branches are faster than waiting for the scan
		return p
	}
	if vm.U8(p+1) > 32 {
		return p + 1
	}
	return longSpace(p + 2)
}

// longSpace is ws for more than one byte of white space.
func longSpace(p ptr) ptr {
	for {
		if m := vm.Mask(vm.Gt(vm.Load(p), vm.Splat(32))); m != 0 {
			return p + vm.Ctz32(m)
		}
		p += 16
	}
}

// strEnd returns the closing quote of the string whose content starts at p, and
// whether the string has escapes. A quote at or past end means that it is cut off.
//
//wasm:inline
func strEnd(p ptr) (q ptr, esc bool) {
	for {
		v := vm.Load(p)
		m := vm.Mask(vm.Or(vm.Eq(v, vm.Splat('"')), vm.Eq(v, vm.Splat('\\'))))
		if m == 0 {
			p += 16
			continue
		}
		p += vm.Ctz32(m)
		if vm.U8(p) == '"' {
			return p, esc
		}
		esc = true
		p += 2
	}
}

//wasm:inline
func eq4(a, b, c, d, x vm.V128) uint64 {
	return uint64(vm.Mask(vm.Eq(a, x))|vm.Mask(vm.Eq(b, x))<<16) | uint64(vm.Mask(vm.Eq(c, x))|vm.Mask(vm.Eq(d, x))<<16)<<32
}

//wasm:inline
func any4(a, b, c, d, x vm.V128) vm.V128 {
	return vm.Or(vm.Or(vm.Eq(a, x), vm.Eq(b, x)), vm.Or(vm.Eq(c, x), vm.Eq(d, x)))
}

// escaped returns the bytes of a 64-byte block which a backslash escapes. bs is
// where the backslashes are, carry whether the block before ended in an odd run of them.
//
//wasm:inline
func escaped(bs, carry uint64) (esc, next uint64) {
	bs &^= carry
	follows := bs<<1 | carry
	odd := bs &^ 0x5555555555555555 &^ follows
	seq := odd + bs
	if seq < odd {
		next = 1
	}
	return (0x5555555555555555 ^ seq<<1) & follows, next
}

// inside turns the quotes of a block into a mask of what lies between them.
//
//wasm:inline
func inside(q uint64) uint64 {
	q ^= q << 1
	q ^= q << 2
	q ^= q << 4
	q ^= q << 8
	q ^= q << 16
	return q ^ q<<32
}

// skipContainer returns the byte after the bracket that closes the one before p,
// or e+1 if it is cut off. The two kinds of brackets are not told apart. What it
// skips it sees to be ASCII, or not, on the way: see utf8Rest.
func skipContainer(p, e ptr) ptr {
	var instr, carry uint64
	depth, from := uint32(1), p
	var seen vm.V128
	for ; p < e; p += 64 {
		d := vm.Load(p + 48) // the highest first
		a, b, c := vm.Load(p), vm.Load(p+16), vm.Load(p+32)
		seen = vm.Or(seen, vm.Or(vm.Or(a, b), vm.Or(c, d)))
		q, slash := eq4(a, b, c, d, vm.Splat('"')), vm.Splat('\\')
		if uint64(vm.Mask(any4(a, b, c, d, slash)))|carry != 0 {
			var esc uint64
			esc, carry = escaped(eq4(a, b, c, d, slash), carry)
			q &^= esc
		}
		sp := vm.Splat(32)
		a, b, c, d = vm.Or(a, sp), vm.Or(b, sp), vm.Or(c, sp), vm.Or(d, sp)
		open, shut := eq4(a, b, c, d, vm.Splat('{')), eq4(a, b, c, d, vm.Splat('}'))
		if open|shut == 0 {
			instr ^= -uint64(vm.Pop64(q) & 1)
			continue
		}
		q = inside(q) ^ instr
		instr = uint64(int64(q) >> 63)
		q = ^q
		open &= q
		shut &= q
		n := vm.Pop64(shut)
		if n >= depth {
			for left := depth; shut != 0; shut &= shut - 1 {
				k := vm.Ctz64(shut)
				if left+vm.Pop64(open&(shut-1&^shut)) == 1 {
					if p-from > plainTo-plainFrom && e == end && vm.Mask(seen) == 0 {
						plainFrom, plainTo = from, p
					}
					return min(p+k, e) + 1
				}
				left--
			}
		}
		depth += vm.Pop64(open) - n
	}
	return e + 1
}

// afterSpace is ws for where speed matters less than size.
func afterSpace(p ptr) ptr { return ws(p) }

// stringEnd is strEnd for where speed matters less than size.
//
//wasm:small
func stringEnd(p ptr) (q ptr, esc bool) { return strEnd(p) }

// skipValue returns the first byte after the value at p, past e if it is cut
// off. Broken literals and numbers end where the next token may start.
//
//wasm:inline
func skipValue(p, e ptr) (q ptr, esc bool) {
	if vm.U8(p) == '"' {
		q, esc = strEnd(p + 1)
		return q + 1, esc
	}
	return skipOther(p, e), false
}

// skipOther is skipValue for what is not a string.
func skipOther(p, e ptr) ptr {
	c := vm.U8(p)
	if c|32 == '{' {
		return skipContainer(p+1, e)
	}
	for c > 32 && c != ',' && c|32 != '}' && c != '"' {
		p++
		c = vm.U8(p)
	}
	return p
}

// has says whether the byte that c is made of occurs in [p,e). It may say yes
// for one up to 63 bytes past e.
func has(p, e ptr, c vm.V128) bool {
	for ; p < e; p += 64 {
		if vm.Any(vm.Or(vm.Or(vm.Eq(vm.Load(p), c), vm.Eq(vm.Load(p+16), c)), vm.Or(vm.Eq(vm.Load(p+32), c), vm.Eq(vm.Load(p+48), c)))) {
			return true
		}
	}
	return false
}
