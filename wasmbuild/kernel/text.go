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

// inRanges says whether c lies in one of the ranges that n bytes at p tell: where
// each begins and, by turns, where what lies between them does, as distances from
// the one before, 7 bits a byte, the lowest last and marked by a clear high bit.
// TestRanges has them to read.
//
//wasm:small
func inRanges(c uint32, p ptr, n uint32) bool {
	in, at, distance := false, uint32(0), uint32(0)
	for stop := p + n; p < stop; p++ {
		b := vm.U8(p)
		distance = distance<<7 | b&127
		if b < 128 {
			at += distance
			if c < at {
				break
			}
			in, distance = !in, 0
		}
	}
	return in
}

// spaces are the characters that Unicode calls white space.
var spaces = [...]uint8{
	0x09, 0x05, 0x12, 0x01, 0x64, 0x01, 0x1a, 0x01, 0xab, 0x5f, 0x01, 0x92, 0x7f, 0x0b, 0x1d, 0x02, 0x05, 0x01, 0x2f, 0x01, 0x9f, 0x20, 0x01,
}

//wasm:inline
func isSpace(c uint32) bool {
	return (c <= ' ' || c >= 0x80) && inRanges(c, vm.Addr(&spaces), uint32(len(spaces)))
}

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
