package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

//wasm:inline
func isLetter(c uint32) bool { return c|32-'a' < 26 }

//wasm:inline
func isDigit(c uint32) bool { return c-'0' < 10 }

// isHostname says whether [p,e) is labels of letters, digits and hyphens, by RFC 1123.
//
//wasm:small
func isHostname(p, e ptr) bool {
	if p == e || e-p > 253 {
		return false
	}
	for start := p; ; p++ {
		c := uint32('.')
		if p < e {
			c = vm.U8(p)
		}
		if c == '.' {
			if p == start || p-start > 63 || vm.U8(start) == '-' || vm.U8(p-1) == '-' {
				return false
			}
			if p == e {
				return true
			}
			start = p + 1
		} else if !isLetter(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
}

// isIPv4 says whether [p,e) is four numbers up to 255 without leading zeros.
//
//wasm:small
func isIPv4(p, e ptr) bool {
	for part := uint32(0); part < 4; part++ {
		q, v := fewDigits(p, e, 3)
		if q == p || v > 255 || vm.U8(p) == '0' && q > p+1 {
			return false
		}
		p = q
		if part == 3 {
			break
		}
		if p >= e || vm.U8(p) != '.' {
			return false
		}
		p++
	}
	return p == e
}

// isIPv6 says whether [p,e) is an address by RFC 4291, without a zone.
//
//wasm:small
func isIPv6(p, e ptr) bool {
	groups, gap := uint32(0), false
	if e-p >= 2 && vm.U8(p) == ':' && vm.U8(p+1) == ':' {
		gap = true
		p += 2
	}
	for p < e {
		q := p
		for q < e && q-p < 5 && hexDigit(vm.U8(q)) < 16 {
			q++
		}
		if q < e && vm.U8(q) == '.' {
			groups += 2
			return isIPv4(p, e) && (groups == 8 || gap && groups < 8)
		}
		groups++
		if q == p || q-p > 4 || groups > 8 {
			return false
		}
		p = q
		if p == e {
			break
		}
		if vm.U8(p) != ':' || p+1 == e {
			return false
		}
		p++
		if vm.U8(p) == ':' {
			if gap {
				return false
			}
			gap = true
			p++
		}
	}
	return groups == 8 || gap && groups < 8
}

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
