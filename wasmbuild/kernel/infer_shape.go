package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Shapes of one payload, as the original infers them: the alternatives of an
// array's elements stay apart unless all of them are objects.

// maxDistinct is how many different elements an array may have.
const maxDistinct = 64

// A frame of shapeOfPayload: the container, and how many children it has.
const (
	shapeFrame = 0
	shapeCount = 4
)

// shapeOfPayload returns the shape of the payload, which is JSON; 0 when it has
// more properties or alternatives than are worth the time, or needs more memory
// than there is.
//
//wasm:small
func shapeOfPayload() ptr {
	sp := followBase
	p := space(pay)
	var container ptr
	var key, keyEnd ptr
	for {
		if container != 0 && vm.U32(container+shapeKind) == kindObject {
			q, esc := strEnd(p + 1)
			key, keyEnd = p+1, q
			if esc {
				if key, keyEnd = unescaped(key, keyEnd); key == 0 {
					return 0
				}
			}
			p = space(space(q+1) + 1)
		}
		s := newShape(kindNone)
		if s == 0 {
			return 0
		}
		vm.Put32(s+shapeKey, key)
		vm.Put32(s+shapeKeyLen, keyEnd-key)
		c := vm.U8(p)
		if c|32 == '{' {
			vm.Put32(s+shapeKind, kindArray)
			if c == '{' {
				vm.Put32(s+shapeKind, kindObject)
			}
			vm.Put32(sp+shapeFrame, container)
			sp += frameSize
			vm.Put32(sp+shapeCount, 0)
			container = s
			p = space(p + 1)
			if vm.U8(p) != c+2 {
				continue
			}
		} else {
			p = scalarShape(s, c, p)
			if container == 0 {
				return s
			}
			if !addChild(container, s, sp+shapeCount) {
				return 0
			}
			p = space(p)
		}
		for vm.U8(p) != ',' { // a closing bracket
			s = container
			if !closeShape(s) {
				return 0
			}
			p = space(p + 1)
			sp -= frameSize
			container = vm.U32(sp + shapeFrame)
			if container == 0 {
				return s
			}
			if !addChild(container, s, sp+shapeCount) {
				return 0
			}
		}
		p = space(p + 1)
	}
}

// scalarShape makes s the shape of the scalar at p and returns its end.
//
//wasm:small
func scalarShape(s ptr, c uint32, p ptr) ptr {
	kind := uint32(kindBool)
	q := p + 4
	switch c {
	case '"':
		var esc bool
		kind = kindText
		q, esc = strEnd(p + 1)
		from, to, saved := p+1, q, top
		if esc {
			from, to = unescaped(from, to)
		}
		vm.Put32(s+shapeFormat, formatOf(from, to))
		top = saved
		q++
	case 't':
	case 'f':
		q++
	case 'n':
		kind = kindNull
	default:
		q, kind = anyNumber(p)
	}
	vm.Put32(s+shapeKind, kind)
	hashShape(s)
	return q
}

// addChild adds a complete shape to its container, of which count is the number
// of children so far.
//
//wasm:small
func addChild(container, s, count ptr) bool {
	n := vm.U32(count) + 1
	if vm.U32(container+shapeKind) == kindObject {
		vm.Put32(s+shapeMust, 1)
		addByKey(container, s)
		vm.Put32(count, n)
		return n <= maxProperties
	}
	vm.Put32(s+shapeKeyLen, 0)
	if !addByHash(container, s) {
		top = s // all that was made for it came after it
		return true
	}
	vm.Put32(count, n)
	return n <= maxDistinct
}

// closeShape completes a container whose children are all there.
//
//wasm:small
func closeShape(s ptr) bool {
	if vm.U32(s+shapeKind) == kindArray {
		element := elementShape(vm.U32(s + shapeFirst))
		if element == 0 {
			return false
		}
		vm.Put32(s+shapeFirst, element)
	}
	hashShape(s)
	return true
}

// elementShape makes one shape of the different elements of an array, a list in
// the order of their hashes.
//
//wasm:small
func elementShape(list ptr) ptr {
	kind := uint32(kindUnion)
	switch {
	case list == 0:
		kind = kindNone
	case vm.U32(list+shapeNext) == 0:
		return list
	case allObjects(list):
		return mergeObjects(list)
	}
	s := newShape(kind)
	if s != 0 {
		vm.Put32(s+shapeFirst, list)
		hashShape(s)
	}
	return s
}

//wasm:small
func allObjects(list ptr) bool {
	for ; list != 0; list = vm.U32(list + shapeNext) {
		if vm.U32(list+shapeKind) != kindObject {
			return false
		}
	}
	return true
}

// mergeObjects makes one object of the variants in a list and uses up their properties.
//
//wasm:small
func mergeObjects(list ptr) ptr {
	merged := newShape(kindObject)
	if merged == 0 {
		return 0
	}
	vm.Put32(merged+shapeLoose, 1)
	at := merged + shapeFirst
	for least := leastKey(list); least != 0; least = leastKey(list) {
		property := mergeProperty(list, vm.U32(least+shapeKey), vm.U32(least+shapeKeyLen))
		if property == 0 {
			return 0
		}
		if vm.U32(property+shapeMust) != 0 {
			vm.Put32(merged+shapeLoose, 0)
		}
		vm.Put32(at, property)
		at = property + shapeNext
	}
	hashShape(merged)
	return merged
}

// leastKey returns the property with the least key among the variants' first ones, or 0.
//
//wasm:small
func leastKey(list ptr) (least ptr) {
	for v := list; v != 0; v = vm.U32(v + shapeNext) {
		p := vm.U32(v + shapeFirst)
		if p != 0 && (least == 0 || textLess(vm.U32(p+shapeKey), vm.U32(p+shapeKeyLen), vm.U32(least+shapeKey), vm.U32(least+shapeKeyLen))) {
			least = p
		}
	}
	return least
}

// mergeProperty takes the property with the given key, which is no variant's
// second, from each variant that has it, and returns what they have in common.
//
//wasm:small
func mergeProperty(list, key ptr, n uint32) ptr {
	must := uint32(1)
	var first, last ptr
	for v := list; v != 0; v = vm.U32(v + shapeNext) {
		p := vm.U32(v + shapeFirst)
		if p == 0 || vm.U32(p+shapeKeyLen) != n || !equal(vm.U32(p+shapeKey), key, n) {
			must = 0
			continue
		}
		vm.Put32(v+shapeFirst, vm.U32(p+shapeNext))
		vm.Put32(p+shapeNext, 0)
		if first == 0 {
			first, last = p, p
		} else if !hasShape(first, vm.U64(p+shapeHash)) {
			vm.Put32(last+shapeNext, p)
			last = p
		}
	}
	if first != last {
		union := newShape(kindUnion)
		if union == 0 {
			return 0
		}
		vm.Put32(union+shapeFirst, first)
		vm.Put32(union+shapeKey, key)
		vm.Put32(union+shapeKeyLen, n)
		hashShape(union)
		first = union
	}
	vm.Put32(first+shapeMust, must)
	return first
}

//wasm:small
func hasShape(list ptr, hash uint64) bool {
	for ; list != 0; list = vm.U32(list + shapeNext) {
		if vm.U64(list+shapeHash) == hash {
			return true
		}
	}
	return false
}
