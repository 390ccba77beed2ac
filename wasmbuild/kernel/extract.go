package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What is extracted becomes a tree first: one node for each component of each
// path, so that paths which share components share members afterwards. Nodes are
// noted as they are found, then each node's children are sorted and those of the
// same name united, and then the tree is printed.
const (
	treeName    = 0 // as it is, without escapes
	treeNameLen = 4
	treePlace   = 8 // where its value is, the first byte highest: the order of a list's elements. When flattening, the path's number.
	treeValue   = 12
	treeLimit   = 16 // where the text ends in which the value lies
	treeFirst   = 20 // the child noted last, until they are sorted
	treeNext    = 24
	treeParent  = 28
	treeList    = 32 // 1: the children are a list's elements
	treeOut     = 36 // where it is printed
	treeSize    = 48
)

// maxExtract bounds what may be extracted: one place can be extracted under many names.
const maxExtract = 1 << 24

// headRoom is kept before a new payload, for its header.
const headRoom = 16

// Flatten is 1 when what is found becomes members of one object, by the last component's name.
var Flatten uint32

var root ptr // of the tree

// extract is the entry of rules that make a new document of some of the payload's values.
//
//wasm:small
func extract(p, n uint32) uint64 {
	if answer := readTransform(p, n); answer != 0 {
		return answer
	}
	whole, failure := wellEnded(), uint64(0)
	if whole {
		targetsEnd = top // only 0 has a meaning here: memory is exhausted
		root = newNode(0, 0, 0, 0)
		failure = reap()
	}
	if answer := textFailure(vm.Lit("unable to parse data as UTF-8: ")); answer != 0 {
		return answer
	}
	if !whole {
		return notValid()
	}
	if failure != 0 {
		return failure
	}
	if !unite() {
		return outOfMemory()
	}
	if vm.U32(root+treeFirst) == 0 && !wholeRoot() {
		return notValid()
	}
	o := top + headRoom
	e := putTree(o)
	switch e {
	case extractTooLarge:
		return outOfMemory()
	case extractInvalid:
		return notValid()
	}
	return done(putHead(o, e-o), putTail(e, exitTrue, vm.Lit(transformed)))
}

// reap notes what is to be extracted. It returns 0, or the answer to give.
//
//wasm:bind
func reap() uint64 { return nativeReap() }

// reapPaths is reap for static steps. Places has {program, names, how many} for each
// path: with names, the path leads to one value of that name; else to places.
//
//wasm:small
func reapPaths() uint64 {
	for i := uint32(0); i < PlaceCount && targetsEnd != 0; i++ {
		place := Places + 12*i
		names, n := vm.U32(place+4), vm.U32(place+8)
		if n == 0 {
			leafPlace, leafEach = i, 0
			spread(vm.U32(place), afterSpace(pay), root)
			continue
		}
		v, e := lookUp(vm.U32(place))
		if v == 0 {
			continue
		}
		node := root
		for ; n > 0; n-- {
			node = newNode(node, vm.U32(names), vm.U32(names+4), i)
			names += 8
		}
		setValue(node, v, e)
	}
	if targetsEnd == 0 {
		return outOfMemory()
	}
	return 0
}

// lookUp returns the value that a path's program leads to, and the end of the text in which it lies; or 0.
//
//wasm:bind
func lookUp(program ptr) (v, e ptr) { return nativeLookUp(program) }

// lookUpKeys is lookUp for paths of keys and array indexes.
//
//wasm:small
func lookUpKeys(program ptr) (v, e ptr) {
	Path = program
	return findKeys(), end
}

// lookUpAny is lookUp for all paths.
//
//wasm:small
func lookUpAny(program ptr) (v, e ptr) { return walkPath(program, afterSpace(pay), end) }

// newNode notes a child with a name of n bytes; 0 when memory is exhausted.
//
//wasm:small
func newNode(parent, name ptr, n, place uint32) ptr {
	t := take(treeSize)
	if t == 0 {
		targetsEnd = 0
		return 0
	}
	zero := vm.Splat(0)
	vm.Store(t+32, zero)
	vm.Store(t, zero)
	vm.Store(t+16, zero)
	vm.Put32(t+treeName, name)
	vm.Put32(t+treeNameLen, n)
	vm.Put32(t+treePlace, vm.Bswap32(place))
	if parent != 0 {
		vm.Put32(t+treeParent, parent)
		vm.Put32(t+treeNext, vm.U32(parent+treeFirst))
		vm.Put32(parent+treeFirst, t)
	}
	return t
}

// setValue gives a node the value at v, in a text that ends at e.
//
//wasm:small
func setValue(node, v, e ptr) {
	if node != 0 {
		vm.Put32(node+treeValue, v)
		vm.Put32(node+treeLimit, e)
	}
}

// setList makes a node a list.
//
//wasm:small
func setList(node ptr) {
	if node != 0 {
		vm.Put32(node+treeList, 1)
	}
}
