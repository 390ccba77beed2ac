package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// changeReplace puts the rule's text in a value's place.
//
//wasm:small
func changeReplace(p, e ptr) bool {
	addEdit(p, e, Insert, InsertLen)
	return true
}

// changeObfuscate replaces a string by its hash and a number by a fixed one.
//
//wasm:small
func changeObfuscate(p, e ptr) bool {
	switch c := vm.U8(p); c {
	case '"':
		s, t := content(p, e)
		o := take(hashLen + 2)
		if s == 0 || o == 0 {
			return false
		}
		vm.Put8(o, '"')
		vm.Put8(putHash(o+1, s, t-s), '"')
		addEdit(p, e, o, hashLen+2)
	case '{', '[':
		return false
	case 't', 'f', 'n':
	default:
		fixedNumber(p, e)
	}
	return true
}

// changeMask replaces most of a string by the rule's character, and a number by
// a fixed one.
//
//wasm:small
func changeMask(p, e ptr) bool {
	switch c := vm.U8(p); c {
	case '"':
		s, t := content(p, e)
		n := t - s
		kept := wholeRunes(s, n-masked(n))
		return keepHead(p, e, s, kept, n-kept)
	case '{', '[', 't', 'f', 'n':
		return false
	}
	fixedNumber(p, e)
	return true
}

// changeTruncate keeps Amount bytes of a string, or with Percent leaves out
// 100-Amount percent of it.
//
//wasm:small
func changeTruncate(p, e ptr) bool {
	if vm.U8(p) != '"' {
		return false
	}
	s, t := content(p, e)
	n := t - s
	kept := min(Amount, n)
	if Percent != 0 {
		kept = n - roundPercent(n, 100-min(Amount, 100))
	}
	return keepHead(p, e, s, wholeRunes(s, kept), 0)
}

// masked is how many of n bytes are masked: 80 %, rounded.
//
//wasm:small
func masked(n uint32) uint32 { return (8*n + 5) / 10 }

// roundPercent is that many percent of n, rounded.
//
//wasm:small
func roundPercent(n, percent uint32) uint32 {
	return uint32((uint64(n)*uint64(percent) + 50) / 100)
}

// wholeRunes is n, or a little less where that would cut a character.
//
//wasm:small
func wholeRunes(s ptr, n uint32) uint32 {
	for n > 0 && vm.U8(s+n)&0xc0 == 0x80 {
		n--
	}
	return n
}

// keepHead replaces the string [p,e) by kept bytes of its content at s and so
// many times the rule's characters.
//
//wasm:small
func keepHead(p, e, s ptr, kept, times uint32) bool {
	if s == 0 {
		return false
	}
	o := take(6*kept + times*InsertLen + 32)
	if o == 0 {
		return false
	}
	q := putEscaped(put(o, '"'), s, s+kept)
	if InsertLen == 1 {
		vm.Fill(q, vm.U8(Insert), times)
		q += times
	} else {
		for ; times > 0; times-- {
			q = putBytes(q, Insert, InsertLen)
		}
	}
	q = put(q, '"')
	addEdit(p, e, o, q-o)
	top = q
	return true
}

// fixedNumber replaces a number.
//
//wasm:small
func fixedNumber(p, e ptr) {
	t := vm.Lit("123123123")
	for q := p; q < e; q++ {
		if vm.U8(q) == '.' {
			t = vm.Lit("123123.123")
		}
	}
	addEdit(p, e, textPtr(t), textLen(t))
}

// content is the unescaped content of the string [p,e); 0 when memory is exhausted.
//
//wasm:small
func content(p, e ptr) (s, t ptr) {
	_, esc := stringEnd(p + 1)
	if esc {
		return unescaped(p+1, e-1)
	}
	return p + 1, e - 1
}
