package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What putTree returns instead of where the text ends.
const (
	extractTooLarge = 0
	extractInvalid  = 1 // a value is not JSON
)

// putTree prints the tree.
//
//wasm:small
func putTree(o ptr) ptr {
	from := o
	t := root
	for {
		if o-from > maxExtract || !room(o+6*vm.U32(t+treeNameLen)+2*slack) {
			return extractTooLarge
		}
		o = openNode(t, o)
		if vm.U32(t+treeValue) != 0 {
			if o = putValue(t, o); o <= extractInvalid {
				return o
			}
		} else if first := vm.U32(t + treeFirst); first != 0 {
			t = first
			continue
		} else {
			o = closeNode(t, o)
		}
		for t != root && vm.U32(t+treeNext) == 0 {
			t = vm.U32(t + treeParent)
			o = closeNode(t, o)
		}
		if t == root {
			return o
		}
		t = vm.U32(t + treeNext)
	}
}

// openNode prints what comes before a node's value or first child.
//
//wasm:small
func openNode(t, o ptr) ptr {
	vm.Put32(t+treeOut, o)
	parent := vm.U32(t + treeParent)
	if parent != 0 {
		if !opens(vm.U8(o - 1)) {
			o = put(o, ',')
		}
		if vm.U32(parent+treeList) == 0 {
			name := vm.U32(t + treeName)
			o = put(put(putEscaped(put(o, '"'), name, name+vm.U32(t+treeNameLen)), '"'), ':')
		}
	}
	if vm.U32(t+treeValue) != 0 {
		return o
	}
	if vm.U32(t+treeList) != 0 {
		return put(o, '[')
	}
	return put(o, '{')
}

// closeNode prints what comes after a node's children. An object in which there
// is nothing was not there; a list may be empty.
//
//wasm:small
func closeNode(t, o ptr) ptr {
	if vm.U32(t+treeList) != 0 {
		return put(o, ']')
	}
	if vm.U8(o-1) == '{' && t != root {
		return vm.U32(t + treeOut)
	}
	return put(o, '}')
}

// putValue prints a node's value.
//
//wasm:small
func putValue(t, o ptr) ptr {
	v, limit := vm.U32(t+treeValue), vm.U32(t+treeLimit)
	e := endIn(v, limit)
	if e > limit {
		return extractInvalid
	}
	top = o + (e - v) + slack
	if !room(top + slack) {
		return extractTooLarge
	}
	if !validJSON(v, e) {
		return extractInvalid
	}
	if !beginWrite(v, e) {
		return extractTooLarge
	}
	o, _ = writeValue(o, v, 0)
	return o
}
