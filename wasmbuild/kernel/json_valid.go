package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What validJSON expects next.
const (
	wantValue    = iota // a value
	wantElement         // the first element, or ]
	wantFirstKey        // the first key, or }
	wantKey             // a key after a comma
	wantNext            // a comma or the closing bracket
	wantNothing         // there is an error
)

// validJSON says whether [p,e) is one JSON value by RFC 8259, with nothing
// around it but white space. UTF-8 is checked elsewhere. It nests to any depth:
// one bit per open container, in the arena, says whether it is an object.
func validJSON(p, e ptr) bool {
	mark := top
	bits := take((e-p)/8 + 16)
	if bits == 0 {
		return false
	}
	ok := validWith(p, e, bits)
	top = mark
	return ok
}

func validWith(p, e, bits ptr) bool {
	depth, want := uint32(0), uint32(wantValue)
	for {
		p = jsonSpace(p, e)
		if p >= e {
			return p == e && depth == 0 && want == wantNext
		}
		c := vm.U8(p)
		switch {
		case want == wantNext:
			if depth == 0 {
				return false
			}
			want = wantAfter(c, isObject(bits, depth))
			if want == wantNext {
				depth--
			}
			p++
		case c == '}' && want == wantFirstKey || c == ']' && want == wantElement:
			depth--
			want = wantNext
			p++
		case want == wantFirstKey || want == wantKey:
			p = validKey(p, e)
			want = wantValue
		case c == '{':
			depth++
			setObject(bits, depth, true)
			want = wantFirstKey
			p++
		case c == '[':
			depth++
			setObject(bits, depth, false)
			want = wantElement
			p++
		default:
			p = validLeaf(p, e)
			want = wantNext
		}
		if want == wantNothing {
			return false
		}
	}
}

// wantAfter says what comes after c, which follows a value in a container.
func wantAfter(c uint32, object bool) uint32 {
	switch {
	case c == ',' && object:
		return wantKey
	case c == ',':
		return wantValue
	case c == '}' && object || c == ']' && !object:
		return wantNext
	}
	return wantNothing
}

// validKey returns the byte after the key and colon at p, or past e if they are malformed.
func validKey(p, e ptr) ptr {
	if vm.U8(p) != '"' {
		return e + 1
	}
	p = jsonSpace(validString(p+1, e), e)
	if p >= e || vm.U8(p) != ':' {
		return e + 1
	}
	return p + 1
}

// validLeaf returns the byte after the string, number or literal at p, or past e if there is none.
func validLeaf(p, e ptr) ptr {
	if vm.U8(p) == '"' {
		return validString(p+1, e)
	}
	return validScalar(p, e)
}

//wasm:inline
func isObject(bits ptr, depth uint32) bool { return vm.U8(bits+depth>>3)>>(depth&7)&1 != 0 }

//wasm:inline
func setObject(bits ptr, depth uint32, object bool) {
	at, bit := bits+depth>>3, uint32(1)<<(depth&7)
	v := vm.U8(at) &^ bit
	if object {
		v |= bit
	}
	vm.Put8(at, v)
}

// jsonSpace skips exactly the white space that JSON knows.
//
//wasm:inline
func jsonSpace(p, e ptr) ptr {
	for p < e {
		c := vm.U8(p)
		if c > 32 || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			break
		}
		p++
	}
	return p
}

// validString returns the byte after the string whose content starts at p, or
// past e if it is cut off or malformed.
func validString(p, e ptr) ptr {
	for {
		v := vm.Load(p)
		m := vm.Mask(vm.Or(vm.Or(vm.Eq(v, vm.Splat('"')), vm.Eq(v, vm.Splat('\\'))), vm.Lt(v, vm.Splat(32))))
		if m == 0 {
			p += 16
			continue
		}
		p += vm.Ctz32(m)
		if p >= e {
			return e + 1
		}
		switch vm.U8(p) {
		case '"':
			return p + 1
		case '\\':
			n := escapeLen(p + 1)
			if n == 0 || e-p <= n {
				return e + 1
			}
			p += n + 1
		default:
			return e + 1
		}
	}
}

// escapeLen is the length of what follows a backslash, or 0 if that is no JSON escape.
func escapeLen(p ptr) uint32 {
	switch vm.U8(p) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if hex4(p+1) < 1<<16 {
			return 5
		}
	}
	return 0
}

// validScalar returns the byte after the number or literal at p, or past e if there is none.
func validScalar(p, e ptr) ptr {
	if vm.U8(p) >= 'a' {
		return literalEnd(p, e)
	}
	return validNumber(p, e)
}

// validNumber returns the byte after the number at p, or past e if there is none.
func validNumber(p, e ptr) ptr {
	if vm.U8(p) == '-' {
		p++
	}
	if p < e && vm.U8(p) == '0' {
		p++
	} else {
		p = someDigits(p, e)
	}
	if p < e && vm.U8(p) == '.' {
		p = someDigits(p+1, e)
	}
	if p < e && vm.U8(p)|32 == 'e' {
		p++
		if p < e && (vm.U8(p) == '+' || vm.U8(p) == '-') {
			p++
		}
		p = someDigits(p, e)
	}
	return p
}

// someDigits skips digits; past e if there are none.
func someDigits(p, e ptr) ptr {
	q := p
	for q < e && vm.U8(q)-'0' < 10 {
		q++
	}
	if q == p {
		return e + 1
	}
	return q
}
