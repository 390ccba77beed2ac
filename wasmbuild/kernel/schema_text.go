package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// putEscaped writes the text [p,e) as the content of a JSON string, with as few
// escapes as JSON allows. It may write 15 bytes more.
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
func escapedLen(p, e ptr) uint32 {
	n := e - p
	for ; p < e; p++ {
		c := vm.U8(p)
		switch {
		case c == '"' || c == '\\' || c-8 < 6 && c != 11:
			n++
		case c < ' ':
			n += 5
		}
	}
	return n
}

// putEscape writes the escape for a quote, a backslash or a control character.
func putEscape(o ptr, c uint32) ptr {
	o = put(o, '\\')
	switch c {
	case '"', '\\':
		return put(o, c)
	case '\b':
		return put(o, 'b')
	case '\t':
		return put(o, 't')
	case '\n':
		return put(o, 'n')
	case '\f':
		return put(o, 'f')
	case '\r':
		return put(o, 'r')
	}
	low := c&15 + '0'
	if c&15 > 9 {
		low = c&15 - 10 + 'a'
	}
	return put(put(putText(o, vm.Lit("u00")), '0'+c>>4), low)
}

// textLess orders texts by their bytes.
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
