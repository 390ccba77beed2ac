package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// findPatterns is find for paths of keys, array indexes and wildcard patterns.
//
//wasm:small
func findPatterns() ptr {
	limit, synthetic = end, false
	p := afterSpace(pay)
	for s := Path; vm.U32(s) != opEnd; s += stepSize {
		if vm.U32(s) == opPattern {
			p = fieldLike(p, end, vm.U32(s+4), vm.U32(s+8))
		} else {
			p = child(p, end, vm.U32(s+4), vm.U32(s+8), vm.U32(s+12))
		}
		if p == 0 {
			return 0
		}
	}
	return p
}

// fieldLike returns the value of the first member whose key matches a pattern, if p is an object.
//
//wasm:small
func fieldLike(p, e, pattern ptr, n uint32) ptr {
	if vm.U8(p) != '{' {
		return 0
	}
	for p = keyAt(afterSpace(p+1), e); p != 0; p = keyAt(p, e) {
		k := p + 1
		q, esc := stringEnd(k)
		p = valueOf(q, e)
		if p == 0 || likeString(k, q, esc, pattern, n) {
			return p
		}
		p = afterMember(p, e)
		if p == 0 {
			return 0
		}
	}
	return 0
}

// likeString matches a JSON string's raw content with a pattern.
//
//wasm:small
func likeString(p, e ptr, esc bool, pattern ptr, n uint32) bool {
	if !esc {
		return like(p, e, pattern, n)
	}
	mark := top
	q, r := unescaped(p, e)
	top = mark
	return q != 0 && like(q, r, pattern, n)
}

// like matches [p,e) with a pattern of n bytes: * is any run of bytes, ? is one
// byte, and a backslash takes away the meaning of what follows it.
func like(p, e, pattern ptr, n uint32) bool {
	q, stop := pattern, pattern+n
	again, from := ptr(0), p // where to go on when the last * takes one byte more
	for {
		c, size := uint32(0), uint32(1)
		if q < stop {
			c = vm.U8(q)
			if c == '\\' && q+1 < stop {
				c, size = vm.U8(q+1), 2
			}
		} else if p >= e {
			return true
		}
		switch {
		case q < stop && c == '*' && size == 1:
			q++
			again, from = q, p
		case q < stop && p < e && (c == '?' && size == 1 || c == vm.U8(p)):
			q += size
			p++
		case again != 0 && from < e:
			from++
			p, q = from, again
		default:
			return false
		}
	}
}
