package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

const (
	// maxDepth is how deep a scan follows nesting; deeper is an error answer.
	maxDepth = 2048
	// maxMatches bounds the match records of one payload, in bytes.
	maxMatches = 32 << 20
)

// What ended a scan before the payload's end.
const (
	scanFine = iota
	scanDeep
	scanFull
)

var (
	// trail holds where the scan is: for each open container {key, length} of the
	// member, a raw JSON string's content, or {index, noIndex} of the element.
	trail    [maxDepth * 8]byte
	trailEnd ptr
	rootMark ptr // where out stood when the scan entered the root's present member
	trouble  uint32
)

// detectScan is the entry of rules that look at the whole payload.
//
//wasm:small
func detectScan(p ptr, n uint32) uint64 {
	if answer := beginDetective(p, n); answer != 0 {
		return answer
	}
	if !worthScanning() {
		return finish(exitFalse, vm.Lit(completed))
	}
	matches = take(0)
	if matches == 0 {
		return outOfMemory()
	}
	out, rootMark, trouble = matches, matches, scanFine
	visit()
	return endScan()
}

// endScan answers with what a scan found.
//
//wasm:small
func endScan() uint64 {
	switch trouble {
	case scanDeep:
		return fail(vm.Lit("error: payload is nested deeper than 2048 levels"))
	case scanFull:
		return outOfMemory()
	}
	return finishMatches()
}

// worthScanning may say that no value of the payload can match.
//
//wasm:bind
func worthScanning() bool { return nativeWorth() }

func scanAlways() bool { return true }

func scanNever() bool { return false }

// scanForCandidate is worthScanning for sparse scans.
func scanForCandidate() bool {
	c := candidate(pay)
	return c < end
}

// visit hands the payload's leaves, or those of them that can match, to the matcher.
//
//wasm:bind
func visit() { nativeVisit() }

// scanAll visits the payload's leaves in document order. A nested container that is
// cut off does not exist; what a broken container holds before the damage counts.
func scanAll() {
	root := vm.Addr(&trail)
	t := root - 8 // the present container's entry
	p := ws(pay)
	if !opens(vm.U8(p)) {
		rootLeaf(p)
		return
	}
	object := false
	for p < end && trouble == scanFine {
		shut := false
		switch c := vm.U8(p); {
		case c == '"':
			p = stringLeaf(t, p)
		case opens(c):
			t += 8
			if !enter(t, c == '{') {
				return
			}
			object = c == '{'
			p++
		case c|32 == '}':
			shut = true
			p++
		default:
			p, shut = scalar(t, p)
		}
		if p > end {
			break
		}
		if shut {
			if t == root {
				return
			}
			t -= 8
			object = vm.U32(t+4) != noIndex
		}
		if object {
			p = member(t, p)
		} else {
			vm.Put32(t, vm.U32(t)+1)
			for p = ws(p); vm.U8(p) == ','; p = ws(p + 1) {
			}
		}
	}
	if t > root { // the payload ends inside a nested container
		out = rootMark
	}
}

// rootLeaf visits the payload's only value.
//
//wasm:small
func rootLeaf(p ptr) {
	t := vm.Addr(&trail) - 8
	c := vm.U8(p)
	q, esc := leafEnd(p)
	if q > end {
		return
	}
	if c == '"' {
		p++
		q--
	}
	if esc {
		escapedLeaf(t, p, q)
	} else if c != 'n' && accept(c, p, q) {
		emit(t, p, q)
	}
}

// leafEnd is valueEnd for values that are no containers, and 0 for those.
//
//wasm:small
func leafEnd(p ptr) (q ptr, esc bool) {
	c := vm.U8(p)
	if opens(c) {
		return 0, false
	}
	if c == '"' {
		q, esc = stringEnd(p + 1)
		return q + 1, esc
	}
	return scalarEnd(c, p, end), false
}

// opens says whether c opens a container.
//
//wasm:inline
func opens(c uint32) bool { return c|32 == '{' }

// enter makes t the entry of a container that opens here.
//
//wasm:inline
func enter(t ptr, object bool) bool {
	root := vm.Addr(&trail)
	if t == root+8 {
		rootMark = out
	}
	if t == root+8*maxDepth {
		trouble = scanDeep
		return false
	}
	if object {
		vm.Put64(t, 0)
	} else {
		vm.Put64(t, 0xffffffff_ffffffff) // the first element makes it {0, noIndex}
	}
	return true
}

// member notes the key after p and returns where its value starts, or where the
// object's closing brace is.
//
//wasm:inline
func member(t, p ptr) ptr {
	p = ws(p)
	if vm.U8(p) == ',' {
		p = ws(p + 1)
	}
	if vm.U8(p) != '"' {
		p = keyOrBrace(p)
		if vm.U8(p) != '"' {
			return p
		}
	}
	q, _ := strEnd(p + 1)
	vm.Put32(t, p+1)
	vm.Put32(t+4, q-p-1)
	p = ws(q + 1)
	if vm.U8(p) == ':' {
		p = ws(p + 1)
	}
	return p
}

// keyOrBrace skips what does not belong between members.
//
//wasm:small
func keyOrBrace(p ptr) ptr {
	for p < end && vm.U8(p) != '"' && vm.U8(p) != '}' {
		p++
	}
	return p
}

// stringLeaf visits the string at p and returns the byte after it.
//
//wasm:inline
func stringLeaf(t, p ptr) ptr {
	q, esc := strEnd(p + 1)
	if q < end {
		if esc {
			escapedLeaf(t, p+1, q)
		} else if accept('"', p+1, q) {
			emit(t, p+1, q)
		}
	}
	return q + 1
}

// escapedLeaf visits a string with escapes. Its unescaped form lies behind the
// place where its match record would be built.
//
//wasm:small
func escapedLeaf(t, p, q ptr) {
	o := out + 2*recordBound(t)
	if o-matches > maxMatches || !room(o+(q-p)+slack) {
		trouble = scanFull
		return
	}
	if r := unescapeAll(p, q, o); accept('"', o, r) {
		emit(t, o, r)
	}
}

// scalar visits the number, true or false at p and returns the byte after it. If
// there is no value at p, the rest of its container is lost.
//
//wasm:small
func scalar(t, p ptr) (q ptr, shut bool) {
	c := vm.U8(p)
	q = scalarEnd(c, p, end)
	if q > end {
		return lostEnd(p), true
	}
	if c != 'n' && accept(c, p, q) {
		emit(t, p, q)
	}
	return q, false
}

// lostEnd returns the byte after the container around p, past end if it is cut off.
//
//wasm:small
func lostEnd(p ptr) ptr {
	for depth := uint32(1); p < end; p++ {
		c := vm.U8(p)
		switch {
		case c == '"':
			p, _ = stringEnd(p + 1)
		case opens(c):
			depth++
		case c|32 == '}':
			depth--
			if depth == 0 {
				return p + 1
			}
		}
	}
	return end + 1
}

// recordBound is more than a match record takes up without its value.
//
//wasm:small
func recordBound(t ptr) uint32 {
	n := uint32(64)
	for k := vm.Addr(&trail); k <= t; k += 8 {
		n += 16
		if m := vm.U32(k + 4); m != noIndex {
			n += 2 * m // each byte may need a backslash
		}
	}
	return n
}

// emit appends a match record for the value text [p,e) at the place t.
//
//wasm:small
func emit(t, p, e ptr) {
	bound := recordBound(t)
	path := out + bound // the path is built out of the way, then moved down
	if path-matches > maxMatches || !room(path+bound+(e-p)+slack) {
		trouble = scanFull
		return
	}
	o := path
	for k := vm.Addr(&trail); k <= t; k += 8 {
		if k != vm.Addr(&trail) {
			o = put(o, '.')
		}
		q, n := vm.U32(k), vm.U32(k+4)
		if n == noIndex {
			o = putDecimal(o, q)
		} else {
			o = putComponent(o, q, n)
		}
	}
	out = putMatch(out, MatchType, path, o-path, p, e-p)
}
