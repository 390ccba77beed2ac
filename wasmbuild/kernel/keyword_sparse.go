package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What mayName found: the table's entry, or 0 if the name is odd, and the name.
var colonEntry, colonName, colonNameEnd ptr

// scanNamesSparse is scanNames for rules which look at whole names: it follows
// the payload's structure, as scanSparse does, no further than to members whose
// names the tables may know.
//
//wasm:small
func scanNamesSparse() {
	p := afterSpace(pay)
	if !opens(vm.U8(p)) {
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
	comma, commas, seen, placeOf = p, 0, p, 0
	blockStart, followed, inString, afterSlash = p+1, p+1, 0, 0
	for c := knownColon(p); c < end; c = knownColon(visitColon(c)) {
		if !advance(c) {
			return
		}
	}
	// a nested container that is cut off does not exist, nor do its matches
	if out != rootMark && nest != nests && advance(end) && nest != nests {
		out = rootMark
	}
}

// knownColon returns where the first colon from p on is that may follow the name of
// a member to look at, or a position not below end.
func knownColon(p ptr) ptr {
	colon, quote, space := vm.Splat(':'), vm.Splat('"'), vm.Splat(' ')
	for ; p < end; p += 16 {
		before := vm.Load(p - 1)
		m := vm.Mask(vm.And(vm.Eq(vm.Load(p), colon), vm.Or(vm.Eq(before, quote), vm.Le(before, space))))
		for ; m != 0; m &= m - 1 {
			if c := p + vm.Ctz32(m); mayName(c) {
				return c
			}
		}
	}
	return end
}

// mayName says whether what precedes the colon at c may be a known name, and
// what follows it a string or number. It does not tell members from text.
//
//wasm:inline
func mayName(c ptr) bool {
	v := ws(c + 1)
	first := vm.U8(v)
	if first >= '[' || first == '"' && vm.U8(v+1) == '"' {
		return false
	}
	q := c - 1
	if vm.U8(q) != '"' {
		q = quoteBefore(q)
		if q == 0 {
			return false
		}
	}
	w := vm.Load(q - 16)
	m := vm.Mask(vm.Eq(w, vm.Splat('"')))
	colonEntry = 0
	if m == 0 {
		return mayLongName(q)
	}
	p := q + 16 - vm.Clz32(m)
	odd := vm.Mask(vm.Or(w, vm.Or(vm.Eq(w, vm.Splat('.')), vm.Eq(w, vm.Splat('\\')))))
	if odd>>(31-vm.Clz32(m)) != 0 {
		return true
	}
	colonEntry, colonName, colonNameEnd = nameEntry(nameHash(p, q)), p, q
	return colonEntry != 0
}

// mayLongName is mayName for names of 16 bytes and more, which end at q.
//
//wasm:small
func mayLongName(q ptr) bool {
	m := vm.Mask(vm.Eq(vm.Load(q-32), vm.Splat('"')))
	p := q - vm.Clz32(m)
	if m == 0 || p <= pay || isOdd(p, q) {
		return q-pay > 16 // see later
	}
	colonEntry, colonName, colonNameEnd = nameEntry(nameHash(p, q)), p, q
	return colonEntry != 0
}

// quoteBefore skips white space backwards from p to a quote; 0 if there is something else.
//
//wasm:small
func quoteBefore(p ptr) ptr {
	for p > pay && vm.U8(p) <= ' ' {
		p--
	}
	if p <= pay || vm.U8(p) != '"' {
		return 0
	}
	return p
}

// visitColon looks at the member whose name the colon at c follows, if it does, and
// returns from where on to look for the next one.
//
//wasm:small
func visitColon(c ptr) ptr {
	value := afterSpace(c + 1)
	if vm.U8(vm.U32(nest+nestOpen)) != '{' || value >= end || colonEntry != 0 && !mayNameHere() {
		return c + 1
	}
	k, n, v := colonName, colonNameEnd-colonName, value
	if colonEntry == 0 || afterSpace(max(comma+1, seen)) != k-1 {
		colonEntry = 0
		k, n, v = memberWith(max(comma+1, seen), value)
		if k == 0 {
			return max(v, c+1)
		}
	}
	q, esc := leafEnd(v)
	if q == 0 || q > end {
		return c + 1
	}
	seen = q
	if v == value && vm.U8(v) < 'a' {
		judgedColon(k, n, v, q, esc)
	}
	return max(q, c+1)
}

// mayNameHere says whether the entry's names may name a member of the innermost
// container: those that need something before them do not in the root or below an array.
//
//wasm:inline
func mayNameHere() bool {
	counts := vm.U32(colonEntry + 8)
	return counts>>24 != 0 || counts>>8&0xff != noEntity || nest != nests && vm.U8(vm.U32(nest-nestSize+nestOpen)) == '{'
}

// judgedColon is judged for the string or number [v,e) of the member {k, n} of the
// innermost container.
//
//wasm:small
func judgedColon(k ptr, n uint32, v, e ptr, esc bool) {
	entity := uint32(0)
	if colonEntry != 0 {
		nameAt, nameEnd, nameDotted = k, k+n, false
		t := ptr(0)
		if vm.U32(colonEntry+8)>>16&0xff != 0 { // it depends on what the member lies in
			t = trailTo(k, n)
		}
		entity = knownEntity(t, colonEntry)
	} else {
		entity = entityQuick(trailTo(k, n))
	}
	if vm.U8(v) == '"' {
		v++
		e--
	}
	if entity != 0 && v < e {
		reportColon(k, n, v, e, esc, entity)
	}
}

// maxPlaceText is how long the path of a container may be to be kept for its next member.
const maxPlaceText = 512

var (
	placeText [maxPlaceText + 16]uint8 // the path of the container with the latest match, and a dot
	placeLen  uint32
	placeOf   ptr // that container
)

// reportColon is reportMember for the member {k, n} of the innermost container.
//
//wasm:small
func reportColon(k ptr, n uint32, p, e ptr, esc bool, entity uint32) {
	if vm.U32(nest+nestOpen) != placeOf {
		placeOf = 0
		t := trailTo(k, n)
		if esc || recordBound(t-8) > maxPlaceText {
			reportMember(t, p, e, esc, entity)
			return
		}
		placeOf, placeLen = vm.U32(nest+nestOpen), 0
		if t != vm.Addr(&trail) {
			o := putPlace(vm.Addr(&placeText), t-8)
			placeLen = put(o, '.') - vm.Addr(&placeText)
		}
	}
	if esc {
		reportMember(trailTo(k, n), p, e, esc, entity)
		return
	}
	if size := placeLen + 2*n + (e - p); size < shortFinding && room(out+slack) {
		putShort(k, n, p, e, entityText(entity))
		return
	}
	path := out + maxPlaceText + 64 // out of the way, then moved down
	if path-matches > maxMatches || !room(path+2*n+(e-p)+slack) {
		trouble = scanFull
		return
	}
	spanTo = 0
	o := putComponent(putBytes(path, vm.Addr(&placeText), placeLen), k, n)
	out = putFinding(out, matchKeyword, text(path, o-path), p, e-p, entityText(entity))
}

// shortFinding is how long path and value may be so that each length in the
// record takes one byte: no entity is longer than 32 bytes.
const shortFinding = 128 - 11 - 32

// putShort is putFinding for the member {k, n} of the container that placeText is
// the path of, when the record is short.
//
//wasm:small
func putShort(k ptr, n uint32, p, e ptr, kind vm.Text) {
	vm.Put32(out, 0x0a|0x08<<16|(matchKeyword&127|128)<<24)
	vm.Put16(out+4, matchKeyword>>7|0x12<<8)
	path := out + 7
	copyShort(path, vm.Addr(&placeText), placeLen)
	o := putComponent(path+placeLen, k, n)
	vm.Put8(path-1, o-path)
	vm.Put16(o, 0x2a|(e-p)<<8)
	copyShort(o+2, p, e-p)
	o += 2 + (e - p)
	vm.Put16(o, 0x32|textLen(kind)<<8)
	copyShort(o+2, textPtr(kind), textLen(kind))
	o += 2 + textLen(kind)
	vm.Put8(out+1, o-out-2)
	out = o
}
