package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A sparse scan visits only the leaves that a candidate byte lies in: one that
// every match must contain. In between it follows brackets and commas, 64 bytes
// at a time, and looks at no key or value. For a well-formed payload it finds
// what scanAll finds; in a broken one it may find more, never beyond the root.

// candidate returns where the first candidate at or after p is, or a position not below end.
//
//wasm:bind
func candidate(p ptr) ptr { return nativeCandidate(p) }

// The entry of an open container. The last two say which of its members, as in
// trail, holds the next container; they are found out when they are needed.
const (
	nestOpen   = 0  // where its opening bracket is
	nestComma  = 4  // where what holds the next container starts, less one
	nestCommas = 8  // how many commas it has had
	nestKey    = 12 // address or index
	nestKeyLen = 16 // length, noIndex or notKnown
	nestSize   = 20
)

const notKnown = 0xfffffffe

var (
	nests ptr // where the entries are

	// The innermost container: its entry, and where its present member starts,
	// less one. The entry is below nests when the root is closed.
	nest, comma ptr
	commas      uint32

	// The present 64 bytes: where they start, up to where they have been followed,
	// whether they start within a string or after a backslash.
	blockStart, followed ptr
	inString, afterSlash uint64

	// seen is up to where keys and values have been looked at: never again.
	seen ptr
)

// scanSparse visits the leaves with candidates.
//
//wasm:small
func scanSparse() {
	p := afterSpace(pay)
	if !opens(vm.U8(p)) {
		if q, esc := leafEnd(p); q <= end {
			leafAt(0, 0, p, q, esc)
		}
		return
	}
	nests = matches
	matches += maxDepth * nestSize
	out, rootMark = matches, matches
	if !room(out + slack) {
		trouble = scanFull
		return
	}
	nest = nests
	vm.Put32(nest+nestOpen, p)
	comma, commas, seen = p, 0, p
	blockStart, followed, inString, afterSlash = p+1, p+1, 0, 0
	for c := candidate(p); c < end; c = candidate(visitAt(c)) {
		if !advance(c) {
			return
		}
	}
	// a nested container that is cut off does not exist, nor do its matches
	if out != rootMark && nest != nests && advance(end) && nest != nests {
		out = rootMark
	}
}

// advance follows the structure up to the byte at to. It returns false when the
// root closes before, or nests too deeply.
func advance(to ptr) bool {
	quote, slash, point := vm.Splat('"'), vm.Splat('\\'), vm.Splat(',')
	sp, opening, closing := vm.Splat(32), vm.Splat('{'), vm.Splat('}')
	for followed < to {
		p := blockStart
		a, b, c, d := vm.Load(p), vm.Load(p+16), vm.Load(p+32), vm.Load(p+48)
		q, bs := eq4(a, b, c, d, quote), eq4(a, b, c, d, slash)
		carry := uint64(0)
		if bs|afterSlash != 0 {
			var esc uint64
			esc, carry = escaped(bs, afterSlash)
			q &^= esc
		}
		q = inside(q) ^ inString
		outside := ^q &^ (1<<((followed-p)&63) - 1)
		if to-p < 64 {
			outside &= 1<<((to-p)&63) - 1
			followed = to
		} else {
			blockStart, followed = p+64, p+64
			inString, afterSlash = uint64(int64(q)>>63), carry
		}
		seps := eq4(a, b, c, d, point) & outside
		a, b, c, d = vm.Or(a, sp), vm.Or(b, sp), vm.Or(c, sp), vm.Or(d, sp)
		open, shut := eq4(a, b, c, d, opening)&outside, eq4(a, b, c, d, closing)&outside
		for all := open | shut; all != 0; all &= all - 1 {
			k := vm.Ctz64(all)
			before := uint64(1)<<(k&63) - 1
			countCommas(p, seps&before)
			seps &^= before
			if !bracket(p+k, open>>(k&63)&1 != 0) {
				return false
			}
		}
		countCommas(p, seps)
	}
	return true
}

//wasm:inline
func countCommas(p ptr, seps uint64) {
	if seps != 0 {
		commas += vm.Pop64(seps)
		comma = p + 63 - uint32(vm.Clz64(seps))
	}
}

// bracket opens or closes a container at p. It returns false when that ends the scan.
//
//wasm:inline
func bracket(p ptr, open bool) bool {
	if !open {
		if nest == nests {
			return false
		}
		nest -= nestSize
		comma, commas = p, vm.U32(nest+nestCommas)
		return true
	}
	vm.Put32(nest+nestComma, comma)
	vm.Put32(nest+nestCommas, commas)
	vm.Put32(nest+nestKeyLen, notKnown)
	if nest == nests {
		rootMark = out
	}
	if nest == nests+(maxDepth-1)*nestSize {
		trouble = scanDeep
		return false
	}
	nest += nestSize
	vm.Put32(nest+nestOpen, p)
	comma, commas = p, 0
	return true
}

// visitAt visits the leaf that the byte at c lies in, and returns from where on
// to look for the next candidate.
//
//wasm:small
func visitAt(c ptr) ptr {
	p := max(comma+1, seen)
	for { // more than once only where commas are missing
		k, n := commas, uint32(noIndex)
		if vm.U8(vm.U32(nest+nestOpen)) == '{' {
			k, n, p = memberWith(p, c)
		} else {
			p = elementAt(p, end)
		}
		if p > c {
			return p
		}
		q, esc := leafEnd(p)
		if p == 0 || q == 0 {
			seen = c + 1
			return seen
		}
		if q > c {
			if q <= end {
				leafAt(k, n, p, q, esc)
			}
			seen = q
			return q
		}
		p = q
	}
}

// memberWith returns the object's member, from p on, whose value holds the byte
// at c, by its key {k, n} and where its value starts. If there is none, k is 0
// and v is past c where to look on, or 0. It sets seen to where that key starts.
//
//wasm:small
func memberWith(p, c ptr) (k ptr, n uint32, v ptr) {
	for {
		p = keyOrBrace(p)
		seen = p
		if p > c {
			return 0, 0, p
		}
		if vm.U8(p) != '"' {
			return 0, 0, 0
		}
		q, _ := stringEnd(p + 1)
		if q > c {
			return 0, 0, q // the value may still hold a candidate
		}
		k, n = p+1, q-p-1
		v = valueOf(q, end)
		p, _ = leafEnd(v)
		if v == 0 || p == 0 || p > c {
			return k, n, v
		}
	}
}

// leafAt visits the leaf [p,q), whose place in the innermost container is {k, n};
// that of the root is {0, 0}.
//
//wasm:small
func leafAt(k ptr, n uint32, p, q ptr, esc bool) {
	c := vm.U8(p)
	if c == '"' {
		p++
		q--
	}
	if esc {
		escapedLeaf(trailTo(k, n), p, q)
	} else if c != 'n' && accept(c, p, q) {
		emit(trailTo(k, n), p, q)
	}
}

// trailTo fills in trail, the last entry being {k, n}, and returns that entry's address.
//
//wasm:small
func trailTo(k ptr, n uint32) ptr {
	r := vm.Addr(&trail)
	if k|n == 0 {
		return r - 8
	}
	for t := nests; t < nest; t += nestSize {
		if vm.U32(t+nestKeyLen) == notKnown {
			findPlace(t)
		}
		vm.Put64(r, vm.U64(t+nestKey))
		r += 8
	}
	vm.Put32(r, k)
	vm.Put32(r+4, n)
	return r
}

// findPlace finds out which member of the container t holds the next one.
//
//wasm:small
func findPlace(t ptr) {
	k, n := vm.U32(t+nestCommas), uint32(noIndex)
	if vm.U8(vm.U32(t+nestOpen)) == '{' {
		was := seen
		k, n, _ = memberWith(vm.U32(t+nestComma)+1, vm.U32(t+nestSize+nestOpen))
		seen = was
	}
	vm.Put32(t+nestKey, k)
	vm.Put32(t+nestKeyLen, n)
}
