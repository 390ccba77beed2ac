package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A transform rule's constants.
var (
	Places       ptr // the paths: {program, text, length} each
	PlaceCount   uint32
	Insert       ptr // what to insert: JSON, or characters as they are written in JSON; for plain text as is
	InsertLen    uint32
	Amount       uint32 // how much to keep of a text; see changeTruncate
	Percent      uint32 // 1: Amount is a percentage
	Static       uint32 // 1: a place that is gone with another is an error
	Wrong        ptr    // why a value of the wrong kind cannot be changed: before its path
	WrongLen     uint32
	WrongTail    ptr // and after it; with no length, the path is left out
	WrongTailLen uint32
)

// A target: where a value is, which of the paths leads there, and the path's
// text. In plain text it is a span, with its end instead of the path.
const (
	targetOrder = 4
	targetPath  = 8
	targetEnd   = 8
	targetLen   = 12
	targetSize  = 16
)

var (
	block       ptr    // what lies in the arena from here on may still be moved
	targets     ptr    // target records, [targets, targetsEnd)
	targetsEnd  ptr    //
	targetTotal uint32 // how many paths or spans there were to change
)

// beginStep is begin for static steps, beginKeep for dynamic ones.
//
//wasm:bind
func beginStep(p ptr, n uint32) uint32 { return nativeBeginStep(p, n) }

// countTargets is how many paths or spans there are to change.
//
//wasm:bind
func countTargets() uint32 { return nativeCountTargets() }

// countPaths is countTargets for static steps.
//
//wasm:small
func countPaths() uint32 { return PlaceCount }

// gather finds the targets. It returns 0, or the answer to give.
//
//wasm:bind
func gather() uint64 { return nativeGather() }

// change notes what is to become of the complete value, or span, [p,e). It
// returns false if that is not of a kind that can be changed.
//
//wasm:bind
func change(p, e ptr) bool { return nativeChange(p, e) }

// transform is the entry of rules which change JSON.
//
//wasm:small
func transform(p, n uint32) uint64 {
	if answer := beginTransform(p, n, vm.Lit("unable to parse data as UTF-8: ")); answer != 0 {
		return answer
	}
	if !wellEnded() {
		return notValid()
	}
	if answer := gather(); answer != 0 {
		return answer
	}
	if !beginEdits() {
		return outOfMemory()
	}
	var covered, by ptr // a target's end, and the target
	var wrong ptr       // the first one, in the order of the paths, that cannot be changed
	for t := targets; t < targetsEnd; t += targetSize {
		v := vm.U32(t)
		if v < covered {
			if Static != 0 && vm.U32(t+targetOrder) > vm.U32(by+targetOrder) {
				return failTransform(vm.Lit("unable to delete data: path does not exist"), 0, 0)
			}
			continue
		}
		e := endOf(v)
		if e > end {
			return notValid()
		}
		covered, by = e, t
		if !change(v, e) && (wrong == 0 || vm.U32(t+targetOrder) < vm.U32(wrong+targetOrder)) {
			wrong = t
		}
	}
	if wrong != 0 {
		return failWrong(wrong)
	}
	return applyEdits()
}

// beginTransform checks the request. It returns 0, or the answer to give.
//
//wasm:small
func beginTransform(p, n uint32, badText vm.Text) uint64 {
	if answer := readTransform(p, n); answer != 0 {
		return answer
	}
	return textFailure(badText)
}

// readTransform is beginTransform for steps that look at the text later.
//
//wasm:small
func readTransform(p, n uint32) uint64 {
	bad := beginStep(p, n)
	targetTotal = countTargets()
	block = top
	if bad == requestEmpty {
		return sayFailed(vm.Lit("data cannot be empty"), 0)
	}
	if bad != requestFine {
		return refuse(bad, vm.Lit("unable to read request: "))
	}
	return 0
}

// textFailure returns the answer to give when the payload is not UTF-8, or 0.
//
//wasm:small
func textFailure(badText vm.Text) uint64 {
	if at := utf8Rest(); at < end {
		return sayFailed(badText, utf8Reason(at))
	}
	return 0
}

// wellEnded says whether the payload's last bracket is of the first one's kind.
// That is all that is checked before a change, and enough to notice what was cut
// off: parsing the whole payload would take several times as long as changing it.
//
//wasm:small
func wellEnded() bool {
	p := afterSpace(pay)
	if !opens(vm.U8(p)) {
		return wholeRoot()
	}
	return vm.U8(blankBefore(end)-1) == vm.U8(p)+2
}

// wholeRoot says whether the payload is one value as far as brackets and quotes tell.
//
//wasm:small
func wholeRoot() bool {
	p := afterSpace(pay)
	return startsValue(vm.U8(p)) && afterSpace(endOf(p)) == end
}

// endOf returns the first byte after the value at p, past end if it is cut off.
//
//wasm:small
func endOf(p ptr) ptr { return endIn(p, end) }

// endIn is endOf in a text that ends at e.
//
//wasm:small
func endIn(p, e ptr) ptr {
	if vm.U8(p) != '"' {
		return skipOther(p, e)
	}
	q, _ := stringEnd(p + 1)
	return q + 1
}

// blankBefore is the start of the white space that ends at p.
//
//wasm:small
func blankBefore(p ptr) ptr {
	for p > pay && vm.U8(p-1) <= ' ' {
		p--
	}
	return p
}

// gatherPaths is gather for static steps.
//
//wasm:small
func gatherPaths() uint64 {
	targets = (top + 15) &^ 15
	targetsEnd = targets
	for i := uint32(0); i < PlaceCount; i++ {
		place := Places + 12*i
		before := targetsEnd
		found(vm.U32(place), afterSpace(pay), place, i)
		if targetsEnd == 0 {
			return outOfMemory()
		}
		if targetsEnd == before {
			return failPath(vm.U32(place+4), vm.U32(place+8))
		}
	}
	arrange()
	return 0
}

// arrange puts the targets in the order of the payload.
//
//wasm:bind
func arrange() { nativeArrange() }

// arranged is arrange for targets which are found in order.
func arranged() {}

// found adds what a path's program leads to from the value at p to the targets.
//
//wasm:bind
func found(program, p, place ptr, order uint32) { nativeFound(program, p, place, order) }

// foundKeys is found for paths of keys and array indexes.
//
//wasm:small
func foundKeys(program, p, place ptr, order uint32) {
	for s := program; vm.U32(s) != opEnd; s += stepSize {
		p = child(p, end, vm.U32(s+4), vm.U32(s+8), vm.U32(s+12))
		if p == 0 {
			return
		}
	}
	addTarget(p, order, vm.U32(place+4), vm.U32(place+8))
}

// foundAny is found for all paths that lead to places. It calls itself once per
// # and wildcard component in the path.
//
//wasm:small
func foundAny(program, p, place ptr, order uint32) {
	for s := program; ; s += stepSize {
		a, b, c := vm.U32(s+4), vm.U32(s+8), vm.U32(s+12)
		switch vm.U32(s) {
		case opEnd:
			addTarget(p, order, vm.U32(place+4), vm.U32(place+8))
			return
		case opKey:
			p = child(p, end, a, b, c)
		case opPattern:
			foundMembers(a, b, s+stepSize, p, place, order)
			return
		case opFirst:
			p = first(a, p, end)
		case opAll:
			foundElements(a, b, p, place, order)
			return
		case opEach, opCount:
			if vm.U8(p) == '[' {
				if vm.U32(s) == opEach {
					foundElements(0, a, p, place, order)
				}
				return
			}
			hash := vm.Lit("#")
			p = child(p, end, textPtr(hash), 1, noIndex)
			if p != 0 && vm.U32(s) == opEach {
				foundAny(a, p, place, order)
				return
			}
		default:
			return
		}
		if p == 0 || targetsEnd == 0 {
			return
		}
	}
}

// foundElements follows program, if any, from each element that fulfils the query, if any.
//
//wasm:small
func foundElements(query, program, p, place ptr, order uint32) {
	if vm.U8(p) != '[' {
		return
	}
	for p = firstElement(p, end); p != 0 && targetsEnd != 0; p = nextElement(p, end) {
		switch {
		case query != 0 && !fulfils(query, p, end):
		case program != 0:
			foundAny(program, p, place, order)
		default:
			addTarget(p, order, vm.U32(place+4), vm.U32(place+8))
		}
	}
}

// foundMembers follows program from each member whose key matches a pattern of n bytes.
//
//wasm:small
func foundMembers(pattern ptr, n uint32, program, p, place ptr, order uint32) {
	if vm.U8(p) != '{' {
		return
	}
	for p = keyAt(afterSpace(p+1), end); p != 0 && targetsEnd != 0; p = keyAt(p, end) {
		k := p + 1
		q, esc := stringEnd(k)
		p = valueOf(q, end)
		if p == 0 {
			return
		}
		if likeString(k, q, esc, pattern, n) {
			foundAny(program, p, place, order)
		}
		p = afterMember(p, end)
		if p == 0 {
			return
		}
	}
}

// addTarget appends a record. targetsEnd becomes 0 when memory is exhausted.
//
//wasm:small
func addTarget(p ptr, order uint32, path ptr, n uint32) {
	t := targetsEnd
	if t == 0 || !room(t+targetSize+slack) {
		targetsEnd = 0
		return
	}
	vm.Put32(t, p)
	vm.Put32(t+targetOrder, order)
	vm.Put32(t+targetPath, path)
	vm.Put32(t+targetLen, n)
	targetsEnd = t + targetSize
	top = targetsEnd
}
