package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// runeAt decodes the character at p, which starts a valid sequence, and returns the byte after it.
//
//wasm:small
func runeAt(p ptr) (c uint32, next ptr) {
	c, next = vm.U8(p), p+1
	if c < 0x80 {
		return c, next
	}
	more := vm.Clz32(^(c << 24)) - 1 // as many bytes follow as there are leading ones, less one
	c &= 63 >> (more & 31)
	for stop := next + more; next < stop; next++ {
		c = c<<6 | vm.U8(next)&63
	}
	return c, next
}

// inRanges says whether c lies in one of n ranges {first, last}.
//
//wasm:small
func inRanges(c uint32, ranges ptr, n uint32) bool {
	for stop := ranges + 8*n; ranges < stop; ranges += 8 {
		if c >= vm.U32(ranges) && c <= vm.U32(ranges+4) {
			return true
		}
	}
	return false
}

// spaces are the characters that Unicode calls white space.
var spaces = [20]uint32{
	9, 13, ' ', ' ', 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a,
	0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000,
}

//wasm:inline
func isSpace(c uint32) bool { return (c <= ' ' || c >= 0x80) && inRanges(c, vm.Addr(&spaces), 10) }

// trim leaves out Unicode white space at both ends.
//
//wasm:small
func trim(p, e ptr) (ptr, ptr) {
	for p < e {
		c, next := runeAt(p)
		if !isSpace(c) {
			break
		}
		p = next
	}
	for p < e {
		q := e - 1
		for vm.U8(q)&0xc0 == 0x80 {
			q--
		}
		if c, _ := runeAt(q); !isSpace(c) {
			break
		}
		e = q
	}
	return p, e
}
