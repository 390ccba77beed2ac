package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A path that comes with the request is text: components separated by dots or
// pipes, a backslash takes a character's meaning away. It leads through keys and
// array indexes; # stands for every element of an array. Matches come in
// document order, so looking for the next one goes on where the last was found:
// thus a path that comes twice leads to both members of a repeated key.

// A level of the path sought last: its component, the container in which that
// was found, and where.
const (
	seekText    = 0 // the component
	seekTextEnd = 4
	seekAt      = 12 // the key in an object, the element in an array
	seekValue   = 16
	seekIndex   = 20 // in an array
	seekEach    = 24 // 1: the component is # and stands for this element
	seekList    = 28 // 1: the container is an array
	seekSize    = 32
)

// maxAgain bounds how many bytes may be looked through again because a path leads
// nowhere, or back. What a detective finds does neither.
const maxAgain = 64 << 20

var (
	seekAgain  uint32 // the bytes looked through again
	seekLevels ptr    // maxDepth levels
	seekUsed   uint32
	eachIndex  ptr    // for each level: the element that # stands for
	eachUsed   uint32 // levels from here on have 0
)

// beginSeek makes room for the levels.
//
//wasm:small
func beginSeek() bool {
	seekLevels = take(maxDepth * seekSize)
	eachIndex = take(maxDepth * 4)
	if seekLevels == 0 || eachIndex == 0 {
		return false
	}
	seekUsed, eachUsed, seekAgain = 0, 0, 0
	vm.Fill(eachIndex, 0, maxDepth*4)
	return true
}

// goBack notes that the payload, or a part, is looked through again. When that
// was too often, there are no more targets.
//
//wasm:small
func goBack() {
	seekAgain += end - pay + slack
	if seekAgain > maxAgain {
		targetsEnd = 0
	}
}

// stopSeeking answers when there are no more targets.
//
//wasm:small
func stopSeeking() uint64 {
	if seekAgain > maxAgain {
		return fail(vm.Lit("error: too many matches are not in the payload, or not in its order"))
	}
	return outOfMemory()
}

// seekAll notes all places that the path [p,e) leads to.
//
//wasm:small
func seekAll(p, e ptr, order uint32) {
	for each := false; ; each = true {
		v, reached := seek(p, e)
		if v != 0 {
			hit(likely(v, p, e), order, p, e-p)
		}
		// the deepest # on the way goes on to its next element
		for reached > 0 && vm.U32(seekLevels+(reached-1)*seekSize+seekEach) == 0 {
			reached--
		}
		for eachUsed > reached {
			eachUsed--
			vm.Put32(eachIndex+4*eachUsed, 0)
		}
		if reached == 0 && each {
			goBack()
		}
		if reached == 0 || targetsEnd == 0 {
			return
		}
		at := eachIndex + 4*(reached-1)
		vm.Put32(at, vm.U32(at)+1)
	}
}

// hit notes a place that a path leads to.
//
//wasm:bind
func hit(p ptr, order uint32, path ptr, n uint32) { nativeHit(p, order, path, n) }

// likely returns the place, among those that the path [p,e) leads to because of
// repeated keys, whose value is the match's; if there is none v, the first tried.
//
//wasm:small
func likely(v, p, e ptr) ptr {
	u := v
	for eachUsed == 0 && !isMatched(u) {
		if u, _ = seek(p, e); u == v || u == 0 {
			break
		}
	}
	if eachUsed > 0 || u == 0 {
		return v
	}
	return u
}

// isMatched says whether the value at v is the match's, as far as that says.
//
//wasm:small
func isMatched(v ptr) bool {
	n := matchTextEnd - matchText
	if n == 0 {
		return true
	}
	if vm.U8(v) != '"' {
		return endOf(v)-v == n && equalBytes(v, matchText, n)
	}
	q, esc := stringEnd(v + 1)
	return equalString(v+1, q, esc, matchText, n)
}

//wasm:small
func isEach(p, e ptr) bool { return e-p == 1 && vm.U8(p) == '#' }

// seek returns the next place that the path [p,e) leads to, else the first one, or
// 0, and how many of its components were found.
//
//wasm:small
func seek(p, e ptr) (v ptr, reached uint32) {
	again := seekUsed > 0
	for {
		v, reached = walkDown(p, e, 0, afterSpace(pay), seekUsed)
		if v != 0 || eachUsed > 0 {
			return v, reached
		}
		v, reached = walkAside(e, reached)
		if v != 0 {
			return v, reached
		}
		goBack()
		if !again || targetsEnd == 0 {
			return 0, reached
		}
		again = false
		seekUsed = 0
	}
}

// walkDown follows the path's components from p on, starting in the container v
// of a level. Of the levels, shared may be those of the path sought last.
//
//wasm:small
func walkDown(p, e ptr, level uint32, v ptr, shared uint32) (found ptr, reached uint32) {
	for ; level < maxDepth; level++ {
		l := seekLevels + level*seekSize
		stop := componentEnd(p, e)
		known := level < shared
		if known && sameComponent(l, p, stop, level) && (stop < e || level+1 < seekUsed) {
			v = vm.U32(l + seekValue)
		} else {
			shared = level
			if !known {
				vm.Put32(l+seekAt, 0)
			}
			if v = find1(l, v, p, stop, level); v == 0 {
				seekUsed = level
				return 0, level
			}
		}
		if stop == e {
			seekUsed = level + 1
			return v, level + 1
		}
		p = stop + 1
	}
	seekUsed = 0
	return 0, 0
}

// walkAside goes on where walkDown failed: under the next member with the same
// key as one of the levels', the deepest first.
//
//wasm:small
func walkAside(e ptr, level uint32) (found ptr, reached uint32) {
	for level > 0 {
		level--
		l := seekLevels + level*seekSize
		if vm.U32(l+seekList) != 0 || findKey(l, 0, vm.U32(l+seekText), vm.U32(l+seekTextEnd)) == 0 {
			continue
		}
		found, level = walkDown(vm.U32(l+seekTextEnd)+1, e, level+1, vm.U32(l+seekValue), 0)
		if found != 0 {
			return found, level
		}
	}
	seekUsed = 0
	return 0, 0
}

// componentEnd returns where the component at p ends: at a separator or at e.
//
//wasm:small
func componentEnd(p, e ptr) ptr {
	for p < e {
		c := vm.U8(p)
		if c == '.' || c == '|' {
			return p
		}
		if c == '\\' {
			p++
		}
		p++
	}
	return e
}

// sameComponent says whether the level was last reached by the component [p,e).
//
//wasm:small
func sameComponent(l, p, e ptr, level uint32) bool {
	from, n := vm.U32(l+seekText), e-p
	if vm.U32(l+seekTextEnd)-from != n || !equalBytes(from, p, n) {
		return false
	}
	return vm.U32(l+seekEach) == 0 || vm.U32(l+seekIndex) == vm.U32(eachIndex+4*level)
}

// find1 returns the value that the component [p,e) leads to from the container
// at v, or 0. If the level has a place in that container, it goes on from there.
//
//wasm:small
func find1(l, v, p, e ptr, level uint32) ptr {
	vm.Put32(l+seekText, p)
	vm.Put32(l+seekTextEnd, e)
	vm.Put32(l+seekEach, 0)
	vm.Put32(l+seekList, 0)
	switch vm.U8(v) {
	case '{':
		return findKey(l, v, p, e)
	case '[':
		vm.Put32(l+seekList, 1)
		index := uint32(noIndex)
		if isEach(p, e) {
			vm.Put32(l+seekEach, 1)
			eachUsed = max(eachUsed, level+1)
			index = vm.U32(eachIndex + 4*level)
		} else {
			index = indexOf(p, e)
		}
		return findElement(l, v, index)
	}
	return 0
}

// findElement goes to an element of the array at v.
//
//wasm:small
func findElement(l, v ptr, index uint32) ptr {
	if index == noIndex {
		return 0
	}
	at, i := vm.U32(l+seekAt), vm.U32(l+seekIndex)
	if at != 0 && i == index && eachUsed == 0 {
		return 0 // the same one again
	}
	if at != 0 && i > index {
		goBack()
	}
	if at == 0 || i > index {
		at, i = firstElement(v, end), 0
	}
	for ; at != 0 && i < index; i++ {
		at = nextElement(at, end)
	}
	if at != 0 {
		vm.Put32(l+seekAt, at)
		vm.Put32(l+seekIndex, i)
		vm.Put32(l+seekValue, at)
	}
	return at
}

// indexOf is the number that [p,e) is, or noIndex.
//
//wasm:small
func indexOf(p, e ptr) uint32 {
	if p == e || e-p > 9 {
		return noIndex
	}
	v := uint32(0)
	for ; p < e; p++ {
		d := vm.U8(p) - '0'
		if d > 9 {
			return noIndex
		}
		v = v*10 + d
	}
	return v
}

// findKey goes to a member of the object at v: the first one with that key after
// the level's place, if it has one.
//
//wasm:small
func findKey(l, v, p, e ptr) ptr {
	saved := top
	key, keyEnd := plainComponent(p, e)
	at := vm.U32(l + seekAt)
	start := v + 1
	if at != 0 {
		start = afterKey(at)
	}
	value := scanKeys(l, keyAt(afterSpace(start), end), end, key, keyEnd-key)
	top = saved
	return value
}

// afterKey returns where the key after the one at k is expected.
//
//wasm:small
func afterKey(k ptr) ptr {
	q, _ := stringEnd(k + 1)
	v := valueAfter(q, end)
	if v == 0 {
		return end
	}
	if v = afterMember(v, end); v == 0 {
		return end
	}
	return v
}

// scanKeys looks for a key from the one at k on, before stop.
func scanKeys(l, k, stop, key ptr, n uint32) ptr {
	for ; k != 0 && k < stop; k = keyAt(afterKey(k), end) {
		q, esc := stringEnd(k + 1)
		if equalString(k+1, q, esc, key, n) {
			v := valueAfter(q, end)
			vm.Put32(l+seekAt, k)
			vm.Put32(l+seekValue, v)
			return v
		}
	}
	return 0
}

// plainComponent is the component [p,e) without its backslashes.
//
//wasm:small
func plainComponent(p, e ptr) (q, r ptr) {
	for q = p; q < e && vm.U8(q) != '\\'; q++ {
	}
	if q == e {
		return p, e
	}
	q = take(e - p + 16)
	if q == 0 {
		return p, e
	}
	r = q
	for ; p < e; p++ {
		if vm.U8(p) == '\\' && p+1 < e {
			p++
		}
		r = put(r, vm.U8(p))
	}
	return q, r
}
