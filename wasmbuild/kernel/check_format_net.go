package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

//wasm:inline
func isLetter(c uint32) bool { return c|32-'a' < 26 }

//wasm:inline
func isDigit(c uint32) bool { return c-'0' < 10 }

// isURI says whether [p,e) is a URI, or a reference if it needs no scheme, by RFC
// 3986; by RFC 3987, with any character outside ASCII, if wide.
//
//wasm:small
func isURI(p, e ptr, absolute, wide bool) bool {
	q := p
	if q < e && isLetter(vm.U8(q)) {
		for q < e && isSchemeByte(vm.U8(q)) {
			q++
		}
	}
	if q > p && q < e && vm.U8(q) == ':' {
		p = q + 1
	} else if absolute || isColonFirst(p, e) {
		return false
	}
	if e-p >= 2 && vm.U8(p) == '/' && vm.U8(p+1) == '/' {
		if p = authorityEnd(p+2, e, wide); p == 0 {
			return false
		}
	}
	fragment := false
	for ; p < e; p++ {
		c := vm.U8(p)
		if c == '#' && !fragment {
			fragment = true
		} else if c == '#' || c == '[' || c == ']' || !isURIByte(p, e, wide) {
			return false
		}
	}
	return true
}

//wasm:small
func isSchemeByte(c uint32) bool {
	return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'
}

// isColonFirst says whether a colon comes before any slash: a reference without a
// scheme must not look as if it had one.
//
//wasm:small
func isColonFirst(p, e ptr) bool {
	for ; p < e; p++ {
		switch vm.U8(p) {
		case ':':
			return true
		case '/', '?', '#':
			return false
		}
	}
	return false
}

// isURIByte says whether the byte at p may be in a URI.
//
//wasm:small
func isURIByte(p, e ptr, wide bool) bool {
	c := vm.U8(p)
	switch {
	case c >= 0x80:
		return wide
	case c == '%':
		return e-p > 2 && hexDigit(vm.U8(p+1)) < 16 && hexDigit(vm.U8(p+2)) < 16
	case c <= ' ', c == 0x7f:
		return false
	}
	return c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' && c != '`' && c-'{' > 2
}

// authorityEnd returns the end of the authority at p; 0 if it is none.
//
//wasm:small
func authorityEnd(p, e ptr, wide bool) ptr {
	stop := p
	for q := p; ; q++ {
		c := uint32('/')
		if q < e {
			c = vm.U8(q)
		}
		if c == '/' || c == '?' || c == '#' {
			stop = q
			break
		}
		if c == '@' {
			p = q + 1
		} else if !isURIByte(q, e, wide) {
			return 0
		}
	}
	if p < stop && vm.U8(p) == '[' {
		q := p + 1
		for q < stop && vm.U8(q) != ']' {
			q++
		}
		if q == stop || vm.U8(p+1)|32 != 'v' && !isIPv6(p+1, q) {
			return 0
		}
		p = q + 1
	}
	for p < stop && vm.U8(p) != ':' {
		if c := vm.U8(p); c == '[' || c == ']' {
			return 0
		}
		p++
	}
	if p < stop && pastDigits(p+1, stop) != stop {
		return 0
	}
	return stop
}
