package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What can be wrong with a JSON text; faultText has the words.
const (
	faultNone = iota
	faultEndObject
	faultEndList
	faultEndString
	faultEndValue
	faultColon
	faultListNext
	faultObjectNext
	faultIdent
	faultValue
	faultEscape
	faultNumber
	faultRange
	faultControl
	faultKey
	faultSurrogate
	faultTrailingComma
	faultTrailing
	faultHexEnd
	faultDepth
	faultUnicode
)

// faultAt is where the last fault was noticed: the byte after the offending one,
// or the text's end.
var faultAt ptr

// fault notes where a fault is.
//
//wasm:small
func fault(what uint32, at ptr) uint32 {
	faultAt = at
	return what
}

// jsonFault says what keeps [p,e), which is UTF-8, from being one JSON value that
// nests at most maxDepth levels, or faultNone. Beyond the grammar it refuses
// lone surrogates and numbers too large for a float64.
//
//wasm:small
func jsonFault(p, e ptr) uint32 {
	mark := top
	bits := take(maxDepth/8 + 16)
	if bits == 0 {
		return fault(faultDepth, p)
	}
	what := faultWith(p, e, bits)
	top = mark
	return what
}

//wasm:small
func faultWith(p, e, bits ptr) uint32 {
	depth, state := uint32(0), uint32(wantValue)
	for {
		p = jsonSpace(p, e)
		if depth == 0 && state == wantNext {
			if p < e {
				return fault(faultTrailing, p+1)
			}
			return faultNone
		}
		if state != wantValue && state != wantKey {
			object := isObject(bits, depth)
			if p < e && closes(vm.U8(p), object) {
				depth--
				p++
				state = wantNext
				continue
			}
			if state == wantElement && !object && p >= e {
				return fault(faultEndList, e)
			}
			if state == wantNext {
				if what := commaFault(p, e, object); what != faultNone {
					return what
				}
				p = jsonSpace(p+1, e)
			}
			state = wantValue
			if object {
				state = wantKey
			}
		}
		what := uint32(faultNone)
		if state == wantKey {
			if what, p = keyFault(p, e); what != faultNone {
				return what
			}
			p = jsonSpace(p, e)
		}
		if p >= e {
			return fault(faultEndValue, e)
		}
		c := vm.U8(p)
		if opens(c) {
			if depth == maxDepth {
				return fault(faultDepth, p+1)
			}
			depth++
			setObject(bits, depth, c == '{')
			p++
			state = wantElement // or the first key
			continue
		}
		if what, p = scalarFault(c, p, e); what != faultNone {
			return what
		}
		state = wantNext
	}
}

//wasm:inline
func closes(c uint32, object bool) bool { return c == '}' && object || c == ']' && !object }

// commaFault checks that a comma and then something other than a closing bracket is at p.
//
//wasm:small
func commaFault(p, e ptr, object bool) uint32 {
	if p >= e {
		if object {
			return fault(faultEndObject, e)
		}
		return fault(faultEndList, e)
	}
	if vm.U8(p) != ',' {
		if object {
			return fault(faultObjectNext, p+1)
		}
		return fault(faultListNext, p+1)
	}
	p = jsonSpace(p+1, e)
	if p >= e {
		return fault(faultEndValue, e)
	}
	if closes(vm.U8(p), object) {
		return fault(faultTrailingComma, p+1)
	}
	return faultNone
}

// keyFault checks a key and its colon and returns what follows them.
//
//wasm:small
func keyFault(p, e ptr) (what uint32, next ptr) {
	if p >= e {
		return fault(faultEndObject, e), p
	}
	if vm.U8(p) != '"' {
		return fault(faultKey, p+1), p
	}
	if what, p = stringFault(p+1, e); what != faultNone {
		return what, p
	}
	p = jsonSpace(p, e)
	if p >= e {
		return fault(faultEndObject, e), p
	}
	if vm.U8(p) != ':' {
		return fault(faultColon, p+1), p
	}
	return faultNone, p + 1
}

//wasm:small
func scalarFault(c uint32, p, e ptr) (what uint32, next ptr) {
	switch {
	case c == '"':
		return stringFault(p+1, e)
	case c == 't':
		return identFault(p+1, e, vm.Lit("rue"))
	case c == 'f':
		return identFault(p+1, e, vm.Lit("alse"))
	case c == 'n':
		return identFault(p+1, e, vm.Lit("ull"))
	case c == '-' || c-'0' < 10:
		return numberFault(p, e)
	}
	return fault(faultValue, p+1), p
}

// identFault compares the rest of a literal.
//
//wasm:small
func identFault(p, e ptr, rest vm.Text) (what uint32, next ptr) {
	w := textPtr(rest)
	for n := textLen(rest); n > 0; n-- {
		if p >= e {
			return fault(faultEndValue, e), p
		}
		c := vm.U8(p)
		p++
		if c != vm.U8(w) {
			return fault(faultIdent, p), p
		}
		w++
	}
	return faultNone, p
}

// stringFault checks the string whose content starts at p.
//
//wasm:small
func stringFault(p, e ptr) (what uint32, next ptr) {
	for p < e {
		c := vm.U8(p)
		p++
		if c == '"' {
			return faultNone, p
		}
		if c < 32 {
			return fault(faultControl, p), p
		}
		if c == '\\' {
			if what, p = escapeFault(p, e); what != faultNone {
				return what, p
			}
		}
	}
	return fault(faultEndString, e), p
}

// escapeFault checks what follows a backslash.
//
//wasm:small
func escapeFault(p, e ptr) (what uint32, next ptr) {
	if p >= e {
		return fault(faultEndString, e), p
	}
	c := vm.U8(p)
	p++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return faultNone, p
	case 'u':
	default:
		return fault(faultEscape, p), p
	}
	if what = hexFault(p, e); what != faultNone {
		return what, p
	}
	high := hex4(p)
	p += 4
	if high-0xdc00 < 0x400 {
		return fault(faultSurrogate, p), p
	}
	if high-0xd800 >= 0x400 {
		return faultNone, p
	}
	if p >= e {
		return fault(faultEndString, e), p
	}
	if vm.U8(p) != '\\' {
		return fault(faultHexEnd, p+1), p
	}
	if p++; p >= e {
		return fault(faultEndString, e), p
	}
	if vm.U8(p) != 'u' {
		return fault(faultHexEnd, p+1), p
	}
	p++
	if what = hexFault(p, e); what != faultNone {
		return what, p
	}
	if hex4(p)-0xdc00 >= 0x400 {
		return fault(faultSurrogate, p+4), p
	}
	return faultNone, p + 4
}

// hexFault checks four hex digits.
//
//wasm:small
func hexFault(p, e ptr) uint32 {
	if e-p < 4 {
		return fault(faultEndString, e)
	}
	for i := uint32(0); i < 4; i++ {
		if c := vm.U8(p + i); c-'0' > 9 && c|32-'a' > 5 {
			return fault(faultEscape, p+i+1)
		}
	}
	return faultNone
}
