package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// unseen are the characters which cannot be seen, or not alone, and for which
// putQuoted writes a number: controls, formats, spaces other than ' ', private
// use, and the marks that change the character before them most often.
var unseen = [44]uint32{
	0, 31, 0x7f, 0xa0, 0xad, 0xad, 0x300, 0x36f, 0x600, 0x605, 0x61c, 0x61c, 0x6dd, 0x6dd, 0x70f, 0x70f,
	0x1680, 0x1680, 0x180b, 0x180f, 0x1ab0, 0x1ace, 0x1dc0, 0x1dff, 0x2000, 0x200f, 0x2028, 0x202f, 0x205f, 0x206f,
	0x20d0, 0x20f0, 0x3000, 0x3000, 0xe000, 0xf8ff, 0xfe00, 0xfe0f, 0xfeff, 0xfeff, 0xfff0, 0xfffb,
	0xfffe, 0xffff,
}

// aboveUnseen starts the upper part of Unicode that has tags, private use and nothing else.
const aboveUnseen = 0xe0000

// putQuoted writes the text [p,e) in quotes, with escapes as the original prints
// it. It returns 0 if the text is not UTF-8. A byte takes at most 6 bytes.
//
//wasm:small
func putQuoted(o, p, e ptr) ptr {
	for o = put(o, '"'); p < e; {
		if utf8Len(p, e)-1 > 3 {
			return 0
		}
		c, next := runeAt(p)
		switch {
		case c == '"' || c == '\\':
			o = put(put(o, '\\'), c)
		case c == 0:
			o = put(put(o, '\\'), '0')
		case c == '\t' || c == '\n' || c == '\r':
			o = put(put(o, '\\'), escapeLetter(c))
		case c-' ' > '~'-' ' && (c >= aboveUnseen || inRanges(c, vm.Addr(&unseen), 22)):
			o = putNumbered(o, c)
		default:
			o = putBytes(o, p, next-p)
		}
		p = next
	}
	return put(o, '"')
}

// putNumbered writes a character as \u{hex}.
//
//wasm:small
func putNumbered(o ptr, c uint32) ptr {
	o = put(put(put(o, '\\'), 'u'), '{')
	shift := uint32(0)
	for c>>4>>shift != 0 {
		shift += 4
	}
	for {
		o = putHexDigit(o, c>>(shift&31)&15)
		if shift == 0 {
			return put(o, '}')
		}
		shift -= 4
	}
}
