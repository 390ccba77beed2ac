package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A detective rule's constants.
var (
	MatchType    uint32 // the DetectiveType that match records carry
	Negate       uint32 // 1: a value matches when its matcher says no
	OpenArrays   uint32 // 1: an array at the path stands for its elements
	PathText     ptr    // the path as the user wrote it
	PathTextLen  uint32
	NotFound     ptr // what to say when the path leads nowhere
	NotFoundLen  uint32
	BadMatch     ptr // what to say about any value, when the step's arguments are wrong
	BadMatchLen  uint32
	matches, out ptr // match records are built in [matches,out)
)

const (
	completed  = "completed detective run"
	unreadable = "unable to read request: "
)

// match says whether the rule's matcher accepts a value: c is its first byte in
// the payload, [p,e) its text form, in which strings are unescaped and null is empty.
//
//wasm:bind
func match(c uint32, p, e ptr) bool { return nativeMatch(c, p, e) }

// accept is match with the rule's negation.
//
//wasm:inline
func accept(c uint32, p, e ptr) bool { return match(c, p, e) == (Negate == 0) }

// missed answers when a single value does not match.
//
//wasm:bind
func missed(c uint32, p, e ptr) uint64 { return nativeMissed(c, p, e) }

// missPlain is missed for most rules.
func missPlain(c uint32, p, e ptr) uint64 { return finish(exitFalse, vm.Lit(completed)) }

// missError is missed when the step's arguments are wrong.
func missError(c uint32, p, e ptr) uint64 { return finish(exitFalse, text(BadMatch, BadMatchLen)) }

// matchNever accepts nothing: the step's arguments are wrong.
func matchNever(c uint32, p, e ptr) bool { return false }

// beginDetective checks the request. It returns 0, or the answer to give.
//
//wasm:small
func beginDetective(p ptr, n uint32) uint64 {
	if bad := begin(p, n); bad != requestFine {
		return refuse(bad, vm.Lit(unreadable))
	}
	return textFault()
}

// textFault returns the answer to give when the payload is not UTF-8, or 0. Rules
// that look something up call it afterwards: find passes most of the payload, and
// sees what it is.
//
//wasm:small
func textFault() uint64 {
	if bad := utf8Rest(); bad < end {
		return finishWith(exitFalse, vm.Lit("error: unable to convert bytes to string: "), utf8Reason(bad))
	}
	return 0
}

// detectPath is the entry of rules that look at one path.
//
//wasm:small
func detectPath(p ptr, n uint32) uint64 {
	if bad := begin(p, n); bad != requestFine {
		return refuse(bad, vm.Lit(unreadable))
	}
	v := find()
	if answer := textFault(); answer != 0 {
		return answer
	}
	e, esc := limit+1, false
	if v != 0 {
		e, esc = valueEnd(v, limit)
	}
	if e > limit {
		return finish(exitFalse, text(NotFound, NotFoundLen))
	}
	c := vm.U8(v)
	if c == '[' && OpenArrays != 0 {
		if !anyElement(v) {
			return finish(exitFalse, vm.Lit(completed))
		}
		return matched(v, e)
	}
	v, e = textForm(c, v, e, esc)
	if v == 0 {
		return outOfMemory()
	}
	if !accept(c, v, e) {
		return missed(c, v, e)
	}
	return matched(v, e)
}

// hasField is the entry of HAS_FIELD.
//
//wasm:small
func hasField(p ptr, n uint32) uint64 {
	if bad := begin(p, n); bad != requestFine {
		return refuse(bad, vm.Lit(unreadable))
	}
	v := find()
	if answer := textFault(); answer != 0 {
		return answer
	}
	if v != 0 {
		if e, _ := valueEnd(v, limit); e > limit {
			v = 0
		}
	}
	if (v != 0) == (Negate != 0) {
		return finish(exitFalse, vm.Lit(completed))
	}
	return matched(end, end)
}

// anyElement says whether an element of the complete array at v matches.
//
//wasm:small
func anyElement(v ptr) bool {
	mark := top
	for p := firstElement(v, limit); p != 0; {
		e, esc := valueEnd(p, limit)
		if e > limit {
			return false
		}
		c := vm.U8(p)
		s, t := textForm(c, p, e, esc)
		if s == 0 {
			return false
		}
		if accept(c, s, t) {
			return true
		}
		top = mark
		p = elementAt(e, limit)
	}
	return false
}

// textForm returns the text form of the complete value [v,e); 0 if there is no memory for it.
//
//wasm:inline
func textForm(c uint32, v, e ptr, esc bool) (p, q ptr) {
	switch {
	case c == '"' && esc:
		return unescaped(v+1, e-1)
	case c == '"':
		return v + 1, e - 1
	case c == 'n':
		return v, v
	}
	return v, e
}

// unescaped takes a piece of the arena for the unescaped form of a string's content.
//
//wasm:small
func unescaped(p, e ptr) (q, r ptr) {
	o := take(e - p + 16)
	if o == 0 {
		return 0, 0
	}
	return o, unescapeAll(p, e, o)
}

// matched answers TRUE with one match: the rule's path and the value [v,e).
//
//wasm:small
func matched(v, e ptr) uint64 {
	matches = take(64 + PathTextLen + (e - v))
	if matches == 0 {
		return outOfMemory()
	}
	out = putMatch(matches, MatchType, PathText, PathTextLen, v, e-v)
	return finishMatches()
}

// finishMatches answers with the match records, or FALSE if there are none.
//
//wasm:small
func finishMatches() uint64 {
	n := out - matches
	if n == 0 {
		return finish(exitFalse, vm.Lit(completed))
	}
	o := putTail(end, exitTrue, vm.Lit(completed))
	o = putv(put(putv(put(o, 0x2a), 1+vlen(n)+n), 0x0a), n)
	moveDown(o, matches, n)
	return done(putHead(pay, end-pay), o+n)
}

// moveDown copies n bytes to a lower address; the ranges may overlap. It may write 15 bytes more.
func moveDown(o, s ptr, n uint32) {
	if n > 512 {
		vm.Copy(o, s, n)
		return
	}
	copyShort(o, s, n) // ascending, so overlap does no harm
}

//wasm:small
func outOfMemory() uint64 { return fail(vm.Lit("error: payload needs more memory than there is")) }
