package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// putEscaped writes the text [p,e) as the content of a JSON string, with as few
// escapes as JSON allows. It may write 15 bytes more.
//
//wasm:small
func putEscaped(o, p, e ptr) ptr {
	for p < e {
		// most text needs no escapes: copy 16 bytes, keep those before the first that does
		v := vm.Load(p)
		vm.Store(o, v)
		special := vm.Or(vm.Or(vm.Eq(v, vm.Splat('"')), vm.Eq(v, vm.Splat('\\'))), vm.Lt(v, vm.Splat(' ')))
		n := min(vm.Ctz32(vm.Mask(special)|1<<16), e-p)
		p += n
		o += n
		if n < 16 && p < e {
			o = putEscape(o, vm.U8(p))
			p++
		}
	}
	return o
}

// escapedLen is how much putEscaped writes.
//
//wasm:small
func escapedLen(p, e ptr) uint32 {
	n := e - p
	for ; p < e; p++ {
		c := vm.U8(p)
		if escapeLetter(c) != 0 {
			n++
		} else if c < ' ' {
			n += 5
		}
	}
	return n
}

// putEscape writes the escape for a quote, a backslash or a control character.
//
//wasm:small
func putEscape(o ptr, c uint32) ptr {
	o = put(o, '\\')
	if letter := escapeLetter(c); letter != 0 {
		return put(o, letter)
	}
	return putHexDigit(putHexDigit(putText(o, vm.Lit("u00")), c>>4), c)
}

// escapeLetter is what follows the backslash in the short escape of c; 0 if it has none.
//
//wasm:small
func escapeLetter(c uint32) uint32 {
	if c-'\b' < 6 {
		return vm.U8(textPtr(vm.Lit("btn\x00fr")) + (c - '\b'))
	}
	if c == '"' || c == '\\' {
		return c
	}
	return 0
}

// putHexDigit writes the last hex digit of v.
//
//wasm:small
func putHexDigit(o ptr, v uint32) ptr {
	return put(o, vm.U8(textPtr(vm.Lit("0123456789abcdef"))+v&15))
}

// textLess orders texts by their bytes.
//
//wasm:small
func textLess(a ptr, an uint32, b ptr, bn uint32) bool {
	for n := min(an, bn); n > 0; n-- {
		x, y := vm.U8(a), vm.U8(b)
		if x != y {
			return x < y
		}
		a++
		b++
	}
	return an < bn
}
