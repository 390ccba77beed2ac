package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// runeAt decodes the character at p, which starts a valid sequence, and returns the byte after it.
func runeAt(p ptr) (c uint32, next ptr) {
	c = vm.U8(p)
	switch {
	case c < 0x80:
		return c, p + 1
	case c < 0xe0:
		return c&31<<6 | vm.U8(p+1)&63, p + 2
	case c < 0xf0:
		return c&15<<12 | vm.U8(p+1)&63<<6 | vm.U8(p+2)&63, p + 3
	}
	return c&7<<18 | vm.U8(p+1)&63<<12 | vm.U8(p+2)&63<<6 | vm.U8(p+3)&63, p + 4
}

// isSpace says whether Unicode calls the character white space.
func isSpace(c uint32) bool {
	if c < 0x80 {
		return c == ' ' || c-9 < 5
	}
	return c == 0x85 || c == 0xa0 || c == 0x1680 || c-0x2000 < 11 || c-0x2028 < 2 || c == 0x202f || c == 0x205f || c == 0x3000
}

// trim leaves out Unicode white space at both ends.
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
