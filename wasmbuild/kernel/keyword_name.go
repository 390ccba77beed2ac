package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Sizes of the tables' records; package keywords says what is in them.
const (
	nameSize  = 20
	noEntity  = 0xff
	nameSlots = 1024
)

// The name of the member in question, in ASCII letters of any case where it is
// known to the tables, and whether it holds dots.
var (
	nameAt, nameEnd ptr
	nameDotted      bool
)

// nameHash is the sum of a name's letters: the same whatever their case, with digits or without.
//
//wasm:inline
func nameHash(p, e ptr) (h uint32) {
	for ; p < e; p++ {
		h += vm.U32(KeywordLetters + (vm.U8(p)&127)<<2)
	}
	return h
}

// nameEntry returns the entry for names with the hash h, or 0. Other names may have it too.
//
//wasm:inline
func nameEntry(h uint32) ptr {
	i := vm.U16(KeywordSlots + (h+vm.U16(KeywordShifts+h>>25<<1))&(nameSlots-1)<<1)
	entry := KeywordNames + i*nameSize - nameSize
	if i == 0 || vm.U32(entry) != h {
		return 0
	}
	return entry
}

// isOdd says whether a name has dots, escapes, or characters outside ASCII.
//
//wasm:inline
func isOdd(p, e ptr) bool {
	for ; p < e; p += 16 {
		v := vm.Load(p)
		m := vm.Mask(vm.Or(v, vm.Or(vm.Eq(v, vm.Splat('.')), vm.Eq(v, vm.Splat('\\')))))
		if e-p < 16 {
			m &= 1<<((e-p)&15) - 1
		}
		if m != 0 {
			return true
		}
	}
	return false
}

// entryOf returns the table's entry for the member at t, or 0, and notes its name.
//
//wasm:inline
func entryOf(t ptr) ptr {
	p, n := vm.U32(t), vm.U32(t+4)
	if n == noIndex {
		return 0
	}
	if isOdd(p, p+n) {
		return oddEntry(p, p+n)
	}
	nameAt, nameEnd, nameDotted = p, p+n, false
	return nameEntry(nameHash(p, p+n))
}

// oddEntry is entryOf for odd names. For one with dots it is the entry for what follows the last dot.
//
//wasm:small
func oddEntry(p, e ptr) ptr {
	nameAt = scratch(2*(e-p) + 64)
	if nameAt == 0 {
		return 0
	}
	nameEnd = foldName(p, e, nameAt, true)
	last := nameEnd
	for last > nameAt && vm.U8(last-1) != '.' {
		last--
	}
	nameDotted = last > nameAt
	o := nameEnd + 16
	return nameEntry(nameHash(o, foldName(last, nameEnd, o, false)))
}

// scratch is n bytes of memory behind the match records, good until the next one
// is written; 0 if there are none, which ends the scan.
//
//wasm:small
func scratch(n uint32) ptr {
	o := out + 64
	if o-matches > maxMatches || !room(o+n+slack) {
		trouble = scanFull
		return 0
	}
	return o
}

// entityQuick is entityOf for rules which look at whole names only.
func entityQuick(t ptr) uint32 {
	entry := entryOf(t)
	if entry == 0 {
		return 0
	}
	return knownEntity(t, entry)
}

// knownEntity makes sure that the name with this entry is one that the tables
// mean, and returns its entity, plus one; else 0.
//
//wasm:small
func knownEntity(t, entry ptr) uint32 {
	counts := vm.U32(entry + 8)
	more := vm.U32(entry + 12)
	paths := counts >> 16 & 0xff
	if paths != 0 && mayFollow(t, vm.U32(entry+16)) {
		if x := pathEntity(t, more, paths, KeywordThorough); x != 0 {
			return x
		}
	}
	if nameDotted {
		return 0
	}
	if x := counts >> 8 & 0xff; x != noEntity && sameLetters(vm.U32(entry+4), counts&0xff) {
		return x + 1
	}
	for n := counts >> 24; n > 0; n-- {
		n1, o := vm.U32(more+paths*8+n*8-4), vm.U32(more+paths*8+n*8-8)
		if nameEnd-nameAt == n1&0xff && sameFolded(nameAt, o, n1&0xff) {
			return n1>>8 + 1
		}
	}
	return 0
}

// sameLetters says whether the name is the n small letters at s, digits and underscores aside.
//
//wasm:small
func sameLetters(s ptr, n uint32) bool {
	if n <= 16 && nameEnd-nameAt == n { // most often there is nothing to leave out
		v := vm.Or(vm.Load(nameAt), vm.Splat(32))
		if vm.Mask(vm.Eq(v, vm.Load(s)))|0xffffffff<<n == 0xffffffff {
			return true
		}
	}
	stop := s + n
	for p := nameAt; p < nameEnd; {
		c := vm.U8(p)
		p++
		if c >= 0x80 {
			c, p = runeAt(p - 1)
			if !isNumeric(c) {
				return false
			}
			continue
		}
		if c == '_' || c-'0' < 10 {
			continue
		}
		if s == stop || smallLetter(c) != vm.U8(s) {
			return false
		}
		s++
	}
	return s == stop
}

// sameFolded compares n bytes of ASCII at p, in letters of any case, with small letters at s.
//
//wasm:small
func sameFolded(p, s ptr, n uint32) bool {
	for stop := p + n; p < stop; p++ {
		if smallLetter(vm.U8(p)) != vm.U8(s) {
			return false
		}
		s++
	}
	return true
}

//wasm:inline
func smallLetter(c uint32) uint32 {
	if c-'A' < 26 {
		return c | 32
	}
	return c
}

// isNumeric says whether Unicode counts c as a number.
//
//wasm:small
func isNumeric(c uint32) bool {
	if c < 0x80 {
		return c-'0' < 10
	}
	low, high := uint32(0), KeywordNumericCount
	for low < high {
		mid := (low + high) >> 1
		r := vm.U32(KeywordNumeric + mid<<2)
		switch first := r >> 11; {
		case c < first:
			high = mid
		case c-first > r&0x7ff:
			low = mid + 1
		default:
			return true
		}
	}
	return false
}

// foldName writes the name [p,e), the content of a JSON string, to o: unescaped,
// in small letters, and without digits unless they are to be kept. It returns
// o's end; it may write 15 bytes more. Folding never makes a name longer.
//
//wasm:small
func foldName(p, e, o ptr, digits bool) ptr {
	for p < e {
		v := vm.Load(p)
		odd := vm.Or(v, vm.Eq(v, vm.Splat('\\')))
		if !digits {
			odd = vm.Or(odd, vm.Lt(vm.Sub(v, vm.Splat('0')), vm.Splat(10)))
		}
		vm.Store(o, vm.Or(v, vm.And(vm.Lt(vm.Sub(v, vm.Splat('A')), vm.Splat(26)), vm.Splat(32))))
		n := min(vm.Ctz32(vm.Mask(odd)|1<<16), e-p)
		p += n
		o += n
		if n < 16 && p < e {
			p, o = foldOdd(p, e, o, digits)
		}
	}
	return o
}

// foldOdd is foldName for one character.
//
//wasm:small
func foldOdd(p, e, o ptr, digits bool) (ptr, ptr) {
	c, next := vm.U8(p), p
	if c == '\\' {
		next, _ = unescape(p, e, o)
		c, _ = runeAt(o)
	} else {
		c, next = runeAt(p)
	}
	switch {
	case c == 0x212a: // the Kelvin sign
		c = 'k'
	case !digits && isNumeric(c):
		return next, o
	}
	return next, putRune(o, smallLetter(c))
}
