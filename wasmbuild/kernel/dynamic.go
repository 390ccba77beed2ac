package kernel

// The match that nextMatch read last.
var (
	matchPath, matchPathEnd ptr
	matchStart, matchEnd    int32 // byte offsets in a plain text
)

// matchList is the detective's result within inter_step_result; nothing if there is none.
func matchList() (p, e ptr) {
	return lastField(result, resultEnd, 1, 1)
}

// countMatches is how many matches a dynamic step is given.
func countMatches() (n uint32) {
	if Static != 0 {
		return 0
	}
	m, e := matchList()
	for q := nextMatch(m, e); q != 0; q = nextMatch(q, e) {
		n++
	}
	return n
}

// nextMatch reads the next match of the list [p,e) and returns what follows it,
// or 0 at the list's end. What is malformed ends it.
func nextMatch(p, e ptr) ptr {
	for p != 0 && p < e {
		next, tag := varint(p, e)
		q, v := varint(next, e)
		if next == 0 || q == 0 {
			return 0
		}
		switch uint32(tag) & 7 {
		case 0:
			p = q
		case 1:
			p = next + 8
		case 2:
			if v > uint64(e-q) {
				return 0
			}
			p = q + uint32(v)
			if tag == 1<<3|2 {
				readMatch(q, p)
				return p
			}
		case 5:
			p = next + 4
		default:
			return 0
		}
	}
	return 0
}

// readMatch reads the fields of the match [p,e).
func readMatch(p, e ptr) {
	matchPath, matchPathEnd = lastField(p, e, 2, 2)
	matchStart, matchEnd = 0, 0
	for p < e {
		next, tag := varint(p, e)
		q, v := varint(next, e)
		if next == 0 || q == 0 {
			return
		}
		switch uint32(tag) & 7 {
		case 0:
			if tag == 3<<3 {
				matchStart = int32(v)
			}
			if tag == 4<<3 {
				matchEnd = int32(v)
			}
			p = q
		case 1:
			p = next + 8
		case 2:
			if v > uint64(e-q) {
				return
			}
			p = q + uint32(v)
		case 5:
			p = next + 4
		default:
			return
		}
	}
}

// gatherMatches is gather for dynamic steps: the targets are where the
// detective before found something. Places that are gone are left out.
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
			return outOfMemory()
		}
	}
	if targets == targetsEnd {
		return failPath(path, pathEnd-path)
	}
	sortTargets()
	return 0
}
