package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A keyword rule looks at what members are called, not at what they hold. Its
// tables are laid out by package keywords, which says what they mean.
var (
	KeywordLetters      ptr
	KeywordShifts       ptr
	KeywordSlots        ptr
	KeywordNames        ptr
	KeywordEntities     ptr
	KeywordGroups       ptr
	KeywordInside       ptr
	KeywordNumeric      ptr
	KeywordNumericCount uint32

	KeywordPrefix    ptr // how the path of what is looked at begins, as keywords are compared with it
	KeywordPrefixLen uint32
	KeywordRank      uint32 // the best keyword within that
	KeywordAt        uint32 // the entity of the member at the rule's path, plus one
)

// entityOf returns the entity, plus one, of the member that the entry t of trail
// stands for; 0 if it has none.
//
//wasm:bind
func entityOf(t ptr) uint32 { return nativeEntityOf(t) }

// enterNamed is told of each container that opens: t is the trail's entry for the
// member it is, before the first entry if it is the root.
//
//wasm:bind
func enterNamed(t ptr) { nativeEnterNamed(t) }

// reportName notes that the member at t, whose value has the text [p,e) before
// unescaping, is of an entity.
//
//wasm:bind
func reportName(t, p, e ptr, esc bool, entity uint32) { nativeReportName(t, p, e, esc, entity) }

// enterAny is enterNamed for rules which look at whole names only.
func enterAny(t ptr) {}

// detectKeywords is the entry of keyword rules.
//
//wasm:small
func detectKeywords(p ptr, n uint32) uint64 {
	if answer := beginDetective(p, n); answer != 0 {
		return answer
	}
	if !beginRecords() {
		return outOfMemory()
	}
	visitNames()
	return endScan()
}

// detectKeywordsBelow is the entry of keyword rules with a path: the member it
// leads to, and all below.
//
//wasm:small
func detectKeywordsBelow(p ptr, n uint32) uint64 {
	if bad := begin(p, n); bad != requestFine {
		return refuse(bad, vm.Lit(unreadable))
	}
	v := find()
	if answer := textFault(); answer != 0 {
		return answer
	}
	e, esc := valueEnd(v, limit)
	if v == 0 || e > limit {
		return finish(exitFalse, text(NotFound, NotFoundLen))
	}
	if !beginRecords() {
		return outOfMemory()
	}
	from, to := pay, end
	pay, end = v, limit
	if opens(vm.U8(v)) {
		scanNames()
	} else {
		judgedValue(v, e, esc)
	}
	pay, end = from, to
	return endScan()
}

// beginRecords prepares for records of matches. It says whether there is memory.
//
//wasm:small
func beginRecords() bool {
	matches = take(0)
	out, rootMark, trouble = matches, matches, scanFine
	return matches != 0
}

// visitNames has the payload's members looked at.
//
//wasm:bind
func visitNames() { nativeVisitNames() }

// scanNames looks at the members of [pay,end) in document order, as scanAll does at leaves.
func scanNames() {
	root := vm.Addr(&trail)
	t := root - 8 // the present container's entry
	p := afterSpace(pay)
	if !opens(vm.U8(p)) {
		return
	}
	object := false
	for p < end && trouble == scanFine {
		shut := false
		switch c := vm.U8(p); {
		case c == '"':
			p = namedString(t, p)
		case opens(c):
			enterNamed(t)
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
			p, shut = namedScalar(t, p)
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

// namedString looks at a member that holds a string, and returns the byte after that.
//
//wasm:inline
func namedString(t, p ptr) ptr {
	q, esc := strEnd(p + 1)
	if q < end && q != p+1 {
		judged(t, p+1, q, esc, entityOf(t))
	}
	return q + 1
}

// namedScalar looks at a member that holds a number, true, false or null, and
// returns the byte after that. If there is no value at p, the rest of its container is lost.
//
//wasm:small
func namedScalar(t, p ptr) (q ptr, shut bool) {
	c := vm.U8(p)
	q = scalarEnd(c, p, end)
	if q > end {
		return lostEnd(p), true
	}
	if c < 'a' {
		judged(t, p, q, false, entityOf(t))
	}
	return q, false
}

// judged reports the member at t, whose value's text is [p,e), if its entity asks for that.
//
//wasm:inline
func judged(t, p, e ptr, esc bool, entity uint32) {
	if (entity != 0) == (Negate == 0) {
		reportName(t, p, e, esc, entity)
	}
}

// judgedValue is judged for the complete value [v,e), at the rule's path itself.
//
//wasm:small
func judgedValue(v, e ptr, esc bool) {
	c := vm.U8(v)
	if c == '"' {
		v++
		e--
	}
	if c < 'a' && v < e {
		judged(vm.Addr(&trail)-8, v, e, esc, KeywordAt)
	}
}
