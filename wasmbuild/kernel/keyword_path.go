package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// KeywordThorough is how much of a path a keyword must be.
var KeywordThorough uint32

// How much of a path a keyword must be: pathWhole for quick rules.
const (
	pathWhole = 0
	pathTail  = 1 // whole parts at its end
	pathEnds  = 2 // the end
)

// mayFollow says whether a keyword may end with the member at t, judged by the
// last letter of what precedes it: letters has a bit for each that a path has there.
//
//wasm:small
func mayFollow(t, letters ptr) bool {
	if nameDotted {
		return true
	}
	p, n := vm.U32(t-8), vm.U32(t-4)
	if t == vm.Addr(&trail) {
		p, n = KeywordPrefix, max(KeywordPrefixLen, 1)-1 // without the dot
	}
	if n == 0 || n == noIndex {
		return false // nothing precedes it, or an array
	}
	c := vm.U8(p + n - 1)
	if c >= 0x80 || n >= 6 && vm.U8(p+n-6) == '\\' {
		return true
	}
	bit := c | 32 - 'a'
	if bit >= 26 {
		bit = 31
	}
	return letters>>(bit&31)&1 != 0
}

// pathEntity returns the entity, plus one, of the first of n keywords that the
// path of the member at t is, or ends with; 0 if there is none.
//
//wasm:small
func pathEntity(t, list ptr, n, how uint32) uint32 {
	p, e := joinedPath(t)
	for ; n > 0; n-- {
		size := vm.U32(list+4) & 0xff
		if size <= e-p && equalBytes(e-size, vm.U32(list), size) && reaches(e-size, p, how) {
			return vm.U32(list+4)>>8 + 1
		}
		list += 8
	}
	return 0
}

// reaches says whether what starts at q is enough of a path that starts at p.
//
//wasm:small
func reaches(q, p ptr, how uint32) bool {
	switch how {
	case pathWhole:
		for p < q && vm.U8(p) == '.' {
			p++
		}
		return p == q
	case pathTail:
		return p == q || vm.U8(q-1) == '.'
	}
	return true
}

// joinedPath makes the path of the member at t as keywords are compared with it:
// in small letters, # for elements and names that are empty, and the last part
// without digits unless it is the only one.
//
//wasm:small
func joinedPath(t ptr) (p, e ptr) {
	root := vm.Addr(&trail)
	mark := out
	out += 2*(nameEnd-nameAt) + 128 // keep the name
	p = scratch(KeywordPrefixLen + recordBound(t))
	out = mark
	if p == 0 {
		return 0, 0
	}
	o := putBytes(p, KeywordPrefix, KeywordPrefixLen)
	for k := root; k <= t; k += 8 {
		if k != root {
			o = put(o, '.')
		}
		q, n := vm.U32(k), vm.U32(k+4)
		if n == noIndex || n == 0 {
			o = put(o, '#')
		} else {
			o = foldName(q, q+n, o, k < t || t == root && KeywordPrefixLen == 0)
		}
	}
	return p, o
}
