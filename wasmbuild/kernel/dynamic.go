package kernel

// The field that nextField read last.
var (
	fieldTag   uint32
	fieldValue uint64 // of a number; else the content is [fieldAt, what nextField returned)
	fieldAt    ptr
)

// nextField reads the field at p of a message that ends at e and returns what
// follows it, or 0 if there is none or it is malformed.
//
//wasm:small
func nextField(p, e ptr) ptr {
	if p == 0 || p >= e {
		return 0
	}
	next, tag := varint(p, e)
	if next == 0 {
		return 0
	}
	fieldTag = uint32(tag)
	switch fieldTag & 7 {
	case 1:
		return next + 8
	case 5:
		return next + 4
	case 0, 2:
		fieldAt, fieldValue = varint(next, e)
		if fieldAt == 0 || fieldTag&7 == 0 {
			return fieldAt
		}
		if fieldValue <= uint64(e-fieldAt) {
			return fieldAt + uint32(fieldValue)
		}
	}
	return 0
}

// lastField returns the content of the last length-delimited field of the
// message [p,e) whose number is in [low,high]; 0 if there is none.
//
//wasm:small
func lastField(p, e ptr, low, high uint32) (from, to ptr) {
	for p = nextField(p, e); p != 0; p = nextField(p, e) {
		if number := fieldTag >> 3; fieldTag&7 == 2 && number >= low && number <= high {
			from, to, foundField = fieldAt, p, number
		}
	}
	return from, to
}

// foundField is the number of the field that lastField found.
var foundField uint32

// The match that nextMatch read last.
var (
	matchPath, matchPathEnd ptr
	matchText, matchTextEnd ptr   // the value's text form
	matchStart, matchEnd    int32 // byte offsets in a plain text
)

// matchList is the detective's result within inter_step_result; nothing if there is none.
//
//wasm:small
func matchList() (p, e ptr) {
	return lastField(result, resultEnd, 1, 1)
}

// countMatches is countTargets for dynamic steps.
//
//wasm:small
func countMatches() uint32 {
	n := uint32(0)
	m, e := matchList()
	for q := nextMatch(m, e); q != 0; q = nextMatch(q, e) {
		n++
	}
	if n == 0 {
		return PlaceCount
	}
	return n
}

// nextMatch reads the next match of the list [p,e) and returns what follows it,
// or 0 at the list's end. What is malformed ends it.
//
//wasm:small
func nextMatch(p, e ptr) ptr {
	for p = nextField(p, e); p != 0; p = nextField(p, e) {
		if fieldTag == 1<<3|2 {
			readMatch(fieldAt, p)
			return p
		}
	}
	return 0
}

// readMatch reads the fields of the match [p,e).
//
//wasm:small
func readMatch(p, e ptr) {
	matchPath, matchPathEnd, matchText, matchTextEnd, matchStart, matchEnd = 0, 0, 0, 0, 0, 0
	for p = nextField(p, e); p != 0; p = nextField(p, e) {
		switch fieldTag {
		case 2<<3 | 2:
			matchPath, matchPathEnd = fieldAt, p
		case 5<<3 | 2:
			matchText, matchTextEnd = fieldAt, p
		case 3 << 3:
			matchStart = int32(uint32(fieldValue))
		case 4 << 3:
			matchEnd = int32(uint32(fieldValue))
		}
	}
}

// gatherMatches is gather for dynamic steps: the targets are where the
// detective before found something. Places that are gone are left out.
//
//wasm:small
func gatherMatches() uint64 {
	m, e := matchList()
	first := nextMatch(m, e)
	if first == 0 {
		return gatherPaths()
	}
	path, pathEnd := matchPath, matchPathEnd
	if !beginSeek() {
		return outOfMemory()
	}
	targets = (top + 15) &^ 15
	targetsEnd = targets
	order := uint32(0)
	for q := first; q != 0; q = nextMatch(q, e) {
		seekAll(matchPath, matchPathEnd, order)
		order++
		if targetsEnd == 0 {
			return stopSeeking()
		}
	}
	if targets == targetsEnd {
		if utf8Scan(path, pathEnd, pathEnd) < pathEnd {
			pathEnd = path // an answer with a broken string is none
		}
		return failPath(path, pathEnd-path)
	}
	arrange()
	return 0
}
