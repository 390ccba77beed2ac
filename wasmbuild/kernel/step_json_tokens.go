package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// blockAt is where the 64 bytes from p on can be loaded. What lies behind the
// text must not count, so the last block is copied to the tail, with blanks behind it.
//
//wasm:inline
func blockAt(p, e, tail ptr) ptr {
	if e-p >= 64 {
		return p
	}
	for o := tail; o < tail+64; o += 16 {
		vm.Store(o, vm.Splat(' '))
	}
	vm.Copy(tail, p, e-p)
	return tail
}

// lineBreaks marks a block's control characters, and those of them that are white
// space. Most often there is nothing but line feeds.
//
//wasm:inline
func lineBreaks(a, b, c, d vm.V128) (breaks, control uint64) {
	feed, blank := vm.Splat('\n'), vm.Splat(' ')
	w, x, y, z := vm.Eq(a, feed), vm.Eq(b, feed), vm.Eq(c, feed), vm.Eq(d, feed)
	breaks = uint64(vm.Mask(w)|vm.Mask(x)<<16) | uint64(vm.Mask(y)|vm.Mask(z)<<16)<<32
	if low4(vm.Or(a, vm.And(w, blank)), vm.Or(b, vm.And(x, blank)), vm.Or(c, vm.And(y, blank)), vm.Or(d, vm.And(z, blank))) == 0 {
		return breaks, breaks
	}
	if vm.Mask(vm.Or(vm.Or(a, b), vm.Or(c, d))) != 0 {
		beyondASCII = true
	}
	control = le4(a, b, c, d, vm.Splat(31))
	if control != breaks {
		breaks |= eq4(a, b, c, d, vm.Splat('\r')) | eq4(a, b, c, d, vm.Splat('\t'))
	}
	return breaks, control
}

// validEscapes says whether the backslashes of the block at p each begin an escape.
func validEscapes(p ptr, backslashes uint64) bool {
	for ; backslashes != 0; backslashes &= backslashes - 1 {
		at := p + vm.Ctz64(backslashes) + 1
		if c := vm.U8(at); c != '"' && c != 'n' && escapeLen(at) == 0 {
			return false
		}
	}
	return true
}

// validScalars says whether the numbers and literals that start in the block at
// p are well-formed; the block can be loaded from at. Where there are many, those
// of digits alone are told from the rest first: they are fine, if the first digit
// is not 0 or is the only one.
func validScalars(p, e, at ptr, scalars, starts uint64) bool {
	odd := starts
	if vm.Pop64(starts) > 3 {
		zero := vm.Splat('0')
		d := vm.Load(at + 48)
		a, b, c := vm.Load(at), vm.Load(at+16), vm.Load(at+32)
		digits := le4(vm.Sub(a, zero), vm.Sub(b, zero), vm.Sub(c, zero), vm.Sub(d, zero), vm.Splat(9)) & scalars
		zeros := eq4(a, b, c, d, zero) & starts
		behind := starts + digits
		odd = behind&^digits&scalars | zeros&(scalars>>1)
		if behind < starts || zeros>>63 != 0 {
			odd |= 1 << 63 // the next block has more of it
		}
	}
	for ; odd != 0; odd &= odd - 1 {
		start := starts & (odd ^ (odd - 1)) // the last one up to the lowest odd bit
		if start != 0 && !validScalarAt(p+63-vm.Clz64(start), e) {
			return false
		}
	}
	return true
}

// validScalarAt says whether a number or literal starts at p and ends where a
// value within a container may end.
//
//wasm:inline
func validScalarAt(p, e ptr) bool {
	q := p + 4
	if word := vm.U32(p); word == 'f'|'a'<<8|'l'<<16|'s'<<24 {
		q = p + 5
		if vm.U8(p+4) != 'e' {
			return false
		}
	} else if word != 't'|'r'<<8|'u'<<16|'e'<<24 && word != 'n'|'u'<<8|'l'<<16|'l'<<24 {
		q = plainNumber(p)
		if q == 0 {
			q = validScalar(p, e)
		}
	}
	if q >= e {
		return false
	}
	c := vm.U8(q)
	return c <= ' ' || c == ',' || c|32 == '}'
}

// plainNumber returns the byte after the number at p, or 0 if that is not as
// short and plain as most are.
//
//wasm:inline
func plainNumber(p ptr) ptr {
	digits := vm.Mask(vm.Le(vm.Sub(vm.Load(p), vm.Splat('0')), vm.Splat(9)))
	i := uint32(0)
	if vm.U8(p) == '-' {
		i = 1
	}
	first := vm.U8(p + i)
	n := vm.Ctz32(^(digits >> i))
	if n == 0 || n > 1 && first == '0' {
		return 0
	}
	i += n
	if vm.U8(p+i) == '.' {
		i++
		n = vm.Ctz32(^(digits >> (i & 31)))
		if n == 0 {
			return 0
		}
		i += n
	}
	if i > 15 || vm.U8(p+i)|32 == 'e' {
		return 0
	}
	return p + i
}
