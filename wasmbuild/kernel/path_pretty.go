package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

const (
	// maxPrettyDepth bounds the recursion; what nests deeper stays as it is.
	maxPrettyDepth = 512
	// maxPretty bounds the text, which grows with the square of the nesting.
	maxPretty = 32 << 20
)

// How pretty writes: what the modifier's argument says.
var (
	prettyIndent, prettyIndentLen ptr
	prettyPrefix, prettyPrefixLen ptr
	prettyWidth                   uint32

	prettyStart ptr // of the text
	prettyLine  ptr // of the present line
)

// pretty spreads a value over lines: a member or element each, but for arrays
// without objects which fit into the line. style is {indent, length, prefix, length, width}.
//
//wasm:small
func pretty(style, p, e ptr) (v, ve ptr) {
	prettyIndent, prettyIndentLen = vm.U32(style), vm.U32(style+4)
	prettyPrefix, prettyPrefixLen = vm.U32(style+8), vm.U32(style+12)
	prettyWidth = vm.U32(style + 16)
	v = build(e - p)
	if v == 0 || !room(v+prettyPrefixLen+slack) {
		return 0, 0
	}
	prettyStart, prettyLine = v, v
	o, _ := prettyValue(putBytes(v, prettyPrefix, prettyPrefixLen), p, e, 0)
	if o == 0 {
		return p, e
	}
	// what a path returns is a value, without the prefix before it
	return v + prettyPrefixLen, sealed(o)
}

// prettyValue appends the value at p and returns the ends of both; 0 if that is
// too deep or too long.
//
//wasm:small
func prettyValue(o, p, e ptr, depth uint32) (ptr, ptr) {
	c := vm.U8(p)
	if c == '[' {
		if column := o - prettyLine; column+3 < prettyWidth {
			if r, q := inOneLine(o, p, e, o+prettyWidth-column, 0); r != 0 {
				return r, q
			}
		}
	}
	if !opens(c) {
		q := complete(p, e)
		if q == 0 || !prettyRoom(o, q-p) {
			return 0, 0
		}
		return copied(o, p, q), q
	}
	if depth == maxPrettyDepth {
		return 0, 0
	}
	o = put(o, c)
	p++
	for count := uint32(0); ; count++ {
		for p = afterSpace(p); vm.U8(p) == ','; p = afterSpace(p + 1) {
		}
		if p >= e {
			return 0, 0
		}
		if vm.U8(p)|32 == '}' {
			if count > 0 {
				o = newLine(o, depth)
			}
			if o == 0 {
				return 0, 0
			}
			return put(o, c+2), p + 1 // in ASCII, brackets close two after they open
		}
		if count > 0 {
			o = put(o, ',')
		}
		o = newLine(o, depth+1)
		if o != 0 && c == '{' {
			o, p = prettyKey(o, p, e)
		}
		if o == 0 {
			return 0, 0
		}
		o, p = prettyValue(o, p, e, depth+1)
		if o == 0 {
			return 0, 0
		}
	}
}

// prettyKey appends the key at p, a colon and a space, and returns where the value is.
//
//wasm:small
func prettyKey(o, p, e ptr) (ptr, ptr) {
	if vm.U8(p) != '"' {
		return 0, 0
	}
	q, _ := stringEnd(p + 1)
	if q >= e || !prettyRoom(o, q-p) {
		return 0, 0
	}
	o = copied(o, p, q+1)
	p = valueOf(q, e)
	if p == 0 {
		return 0, 0
	}
	return put(put(o, ':'), ' '), p
}

// inOneLine appends the array at p if it has no objects and ends by stop.
//
//wasm:small
func inOneLine(o, p, e, stop ptr, depth uint32) (ptr, ptr) {
	if depth > maxPrettyDepth || !prettyRoom(o, stop-o) {
		return 0, 0
	}
	o = put(o, '[')
	p++
	for count := uint32(0); ; count++ {
		for p = afterSpace(p); vm.U8(p) == ','; p = afterSpace(p + 1) {
		}
		c := vm.U8(p)
		if p >= e || c == '{' || o >= stop {
			return 0, 0
		}
		if c|32 == '}' {
			return put(o, ']'), p + 1
		}
		if count > 0 {
			o = put(put(o, ','), ' ')
		}
		if c == '[' {
			o, p = inOneLine(o, p, e, stop, depth+1)
			if o == 0 {
				return 0, 0
			}
			continue
		}
		q := complete(p, e)
		if q == 0 || q-p > stop-o {
			return 0, 0
		}
		o = copied(o, p, q)
		p = q
	}
}

// newLine starts a line at a depth.
//
//wasm:small
func newLine(o ptr, depth uint32) ptr {
	if !prettyRoom(o, prettyPrefixLen+depth*prettyIndentLen) {
		return 0
	}
	o = put(o, '\n')
	prettyLine = o
	o = putBytes(o, prettyPrefix, prettyPrefixLen)
	for ; depth > 0; depth-- {
		o = putBytes(o, prettyIndent, prettyIndentLen)
	}
	return o
}

func prettyRoom(o ptr, n uint32) bool {
	return o-prettyStart+n < maxPretty && room(o+n+slack)
}
