package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// maxHeader is how long a token's header may be, in base64url.
const maxHeader = 1024

var header [maxHeader + 16]uint8 // a token's header, decoded

// matchJWT accepts an RFC 7519 token in compact form: three parts, the first of
// them an encoded JSON object with an algorithm, and a type or a key's name.
//
//wasm:small
func matchJWT(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if !starts(p, e, vm.Lit("ey")) { // {"
		return false
	}
	dot := findByte(p, e, vm.Splat('.'))
	if dot >= e {
		return false
	}
	second := findByte(dot+1, e, vm.Splat('.'))
	if second >= e || findByte(second+1, e, vm.Splat('.')) < e {
		return false
	}
	h := vm.Addr(&header)
	r := decode64(p, dot, h)
	if r == h || vm.U8(h) != '{' || vm.U8(r-1) != '}' {
		return false
	}
	if isPlainHeader(h, r) {
		return true
	}
	return has64(dot+1, second) && has64(second+1, e) && hasFold(h, r, vm.Lit(`"alg":`)) &&
		(hasFold(h, r, vm.Lit(`"typ":`)) || hasFold(h, r, vm.Lit(`"kid":`)))
}

// isPlainHeader says whether a header is the one that libraries write unless told
// otherwise. The original looks at nothing else then.
//
//wasm:small
func isPlainHeader(h, r ptr) bool {
	return r-h == 27 && starts(h, r, vm.Lit(`{"alg":"`)) && listed(h+8, 2, vm.Lit("HSRSESPS")) &&
		listed(h+10, 3, vm.Lit("256384512")) && starts(h+13, r, vm.Lit(`","typ":"JWT"}`))
}

// has64 says whether [p,e) is base64url, and not empty.
//
//wasm:small
func has64(p, e ptr) bool {
	ok := p < e
	for ; p < e; p++ {
		ok = ok && value64(vm.U8(p)) < 64
	}
	return ok
}

// decode64 decodes base64 of either alphabet to o and returns where that ends: at
// o if it is malformed or longer than maxHeader.
//
//wasm:small
func decode64(p, e, o ptr) ptr {
	if e-p > maxHeader {
		return o
	}
	r, bits, n := o, uint32(0), uint32(0)
	for ; p < e && vm.U8(p) != '='; p++ {
		v := value64(vm.U8(p))
		if v > 63 {
			return o
		}
		bits = bits<<6 | v
		n += 6
		if n >= 8 {
			n -= 8
			vm.Put8(r, bits>>(n&31))
			r++
		}
	}
	return r
}

// value64 is the value of a base64 digit of either alphabet, above 63 for other bytes.
//
//wasm:small
func value64(c uint32) uint32 {
	switch {
	case letter(c):
		return c&31 - 1 + 26*(c>>5&1)
	case digit(c):
		return c - '0' + 52
	case c == '-' || c == '+':
		return 62
	case c == '_' || c == '/':
		return 63
	}
	return 64
}
