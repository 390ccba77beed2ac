package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Constants of the matchers that look for words.
var (
	// WordFilter finds where one of the rule's words may start, from its first four
	// bytes: for each of these 16 bytes by the byte's lower half, then 16 by its
	// upper half, in which a bit stands for a group of words that have such a byte
	// there. Bytes are taken in lower case.
	WordFilter ptr
	// Religions has {first four bytes, address, length} of ReligionCount names in lower case.
	Religions     ptr
	ReligionCount uint32
)

// wordStart returns where in [p,e) one of the rule's words may start, or a position not below e.
func wordStart(p, e ptr) ptr {
	t := WordFilter
	for ; p < e; p += 16 {
		m := vm.And(filtered(t+96, p+3), vm.And(filtered(t+64, p+2), vm.And(filtered(t+32, p+1), filtered(t, p))))
		if n := vm.Mask(vm.Gt(m, vm.Splat(0))); n != 0 {
			return p + vm.Ctz32(n)
		}
	}
	return e
}

// filtered says for 16 bytes which groups of words have such a byte.
//
//wasm:inline
func filtered(t, p ptr) vm.V128 {
	v := vm.Or(vm.Load(p), vm.Splat(32))
	return vm.And(vm.Swizzle(vm.Load(t), vm.And(v, vm.Splat(15))), vm.Swizzle(vm.Load(t+16), vm.Shr(v, 4)))
}

// candidateWord is candidate for rules that look for words: where one may start,
// or a backslash that may hide it.
func candidateWord(p ptr) ptr {
	t := WordFilter
	slash, u, solidus := vm.Splat('\\'), vm.Splat('u'), vm.Splat('/')
	for ; p < end; p += 16 {
		m := vm.And(filtered(t+96, p+3), vm.And(filtered(t+64, p+2), vm.And(filtered(t+32, p+1), filtered(t, p))))
		w := vm.Load(p + 1)
		n := vm.Mask(vm.Or(vm.Gt(m, vm.Splat(0)), vm.And(vm.Eq(vm.Load(p), slash), vm.Or(vm.Eq(w, u), vm.Eq(w, solidus)))))
		if n != 0 {
			return p + vm.Ctz32(n)
		}
	}
	return end
}

// matchTitle accepts text that starts with a title as it stands before a name.
//
//wasm:small
func matchTitle(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if startsColumn(p, e, vm.Lit("mr.     mrs.    ms.     dr.     prof.   rev.    fr.     sr.     br.     ")) > 0 {
		return true
	}
	n := startsColumn(p, e, vm.Lit("mister  misses  miss    "))
	return n > 0 && !inWord(p+n, e)
}

// inWord says whether a word goes on at p.
func inWord(p, e ptr) bool { return p < e && (alnum(vm.U8(p)) || vm.U8(p) >= 0x80) }

// matchReligion accepts text that names a religion, or those who follow it, also within a word.
//
//wasm:small
func matchReligion(c uint32, p, e ptr) bool {
	for p = wordStart(p, e); p < e; p = wordStart(p+1, e) {
		if isReligion(p, e) {
			return true
		}
	}
	return false
}

// isReligion says whether [p,e) starts with one of the names.
func isReligion(p, e ptr) bool {
	four := vm.U32(p) | 0x20202020
	r := Religions
	for stop := r + 12*ReligionCount; r < stop; r += 12 {
		if vm.U32(r) == four && startsFold(p, e, text(vm.U32(r+4), vm.U32(r+8))) {
			return true
		}
	}
	return false
}
