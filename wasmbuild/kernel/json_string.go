package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

const replacement = 0xfffd // what stands for a lone surrogate or a bad \u escape

// hexDigit is a hex digit's value, above 15 for other bytes.
func hexDigit(c uint32) uint32 {
	if c-'0' < 10 {
		return c - '0'
	}
	if c|32-'a' < 6 {
		return c | 32 - 'a' + 10
	}
	return 16
}

// hex4 is the value of four hex digits, above 0xffff if they are not.
func hex4(p ptr) uint32 {
	v := uint32(0)
	for stop := p + 4; p < stop; p++ {
		d := hexDigit(vm.U8(p))
		if d > 15 {
			return 1 << 16
		}
		v = v<<4 | d
	}
	return v
}

// unescape writes the character at p to o, and returns where both stand after
// it. [.., e) is the string's content: an escape does not reach past it.
func unescape(p, e, o ptr) (ptr, ptr) {
	c := vm.U8(p)
	p++
	if c == '\\' {
		c = vm.U8(p)
		p++
		if c == 'u' {
			c, p = unicodeEscape(p, e)
			return p, putRune(o, c)
		}
		if n := c - 'b'; n < uint32(len(escapeBytes)) {
			c = uint32(escapeBytes[n])
		}
	}
	return p, put(o, c)
}

// escapeBytes are what b and the letters after it stand for behind a backslash.
var escapeBytes = [...]uint8{'\b', 'c', 'd', 'e', '\f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', '\n', 'o', 'p', 'q', '\r', 's', '\t'}

// unicodeEscape reads what follows \u, and a second \u if both are a surrogate pair.
//
//wasm:small
func unicodeEscape(p, e ptr) (c uint32, next ptr) {
	if e-p < 4 || p > e {
		return replacement, e
	}
	c = hex4(p)
	p += 4
	if c-0xd800 < 0x400 && e-p >= 6 && vm.U8(p) == '\\' && vm.U8(p+1) == 'u' {
		if low := hex4(p + 2); low-0xdc00 < 0x400 {
			return 0x10000 + (c-0xd800)<<10 + (low - 0xdc00), p + 6
		}
	}
	if c > 0xffff || c-0xd800 < 0x800 {
		c = replacement
	}
	return c, p
}

// unescapeAll writes the string content [p,e) to o, unescaped, and returns o's
// end. Unescaping never makes text longer.
func unescapeAll(p, e, o ptr) ptr {
	for p < e {
		// most of a string has no escapes: copy 16 bytes, keep those before the next one
		v := vm.Load(p)
		vm.Store(o, v)
		n := vm.Ctz32(vm.Mask(vm.Eq(v, vm.Splat('\\'))) | 1<<16)
		n = min(n, e-p)
		p += n
		o += n
		if n < 16 && p < e {
			p, o = unescape(p, e, o)
		}
	}
	return o
}

// equalEscaped is equalString for a string with escapes.
func equalEscaped(p, e, want ptr, n uint32) bool {
	mark := top
	q, r := unescaped(p, e)
	top = mark
	return q != 0 && r-q == n && equalBytes(q, want, n)
}

// equalString compares a JSON string's raw content with want.
//
//wasm:inline
func equalString(p, e ptr, esc bool, want ptr, n uint32) bool {
	if esc {
		return equalEscaped(p, e, want, n)
	}
	return e-p == n && equalBytes(p, want, n)
}
