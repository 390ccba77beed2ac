package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// unseen are the characters which cannot be seen, or not alone, and for which
// putQuoted writes a number: controls, formats, spaces other than ' ', private
// use, and the marks that change the character before them most often.
var unseen = [...]uint8{
	0x00, 0x20, 0x5f, 0x22, 0x0c, 0x01, 0x84, 0x52, 0x70, 0x85, 0x10, 0x06, 0x16, 0x01, 0x81, 0x40, 0x01, 0x31, 0x01, 0x9e, 0x70, 0x01, 0x83, 0x0a,
	0x05, 0x85, 0x20, 0x1f, 0x85, 0x71, 0x40, 0x84, 0x00, 0x10, 0x18, 0x08, 0x2f, 0x11, 0x60, 0x21, 0x9e, 0x0f, 0x01, 0x82, 0xdf, 0x7f, 0xb2, 0x00,
	0x8a, 0x00, 0x10, 0x81, 0x6f, 0x01, 0x81, 0x70, 0x0c, 0x02, 0x02,
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
		case c-' ' > '~'-' ' && (c >= aboveUnseen || inRanges(c, vm.Addr(&unseen), uint32(len(unseen)))):
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
