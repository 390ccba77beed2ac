package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// unite sorts the children of every node by name, those of a list by place, and
// unites those that are the same. It says whether there was memory.
//
//wasm:small
func unite() bool {
	for t := root; t != 0; t = nextNode(t) {
		if vm.U32(t+treeValue) != 0 {
			vm.Put32(t+treeFirst, 0) // a value has all that is below it
		}
		if vm.U32(t+treeFirst) != 0 && !sortChildren(t) {
			return false
		}
	}
	return true
}

// nextNode is the node after t when each comes before its children.
//
//wasm:small
func nextNode(t ptr) ptr {
	if first := vm.U32(t + treeFirst); first != 0 {
		return first
	}
	for t != 0 && vm.U32(t+treeNext) == 0 {
		t = vm.U32(t + treeParent)
	}
	if t == 0 {
		return 0
	}
	return vm.U32(t + treeNext)
}

//wasm:small
func sortChildren(t ptr) bool {
	mark := top
	n := uint32(0)
	for k := vm.U32(t + treeFirst); k != 0; k = vm.U32(k + treeNext) {
		n++
	}
	a, b := take(n*sortedSize), take(n*sortedSize)
	if a == 0 || b == 0 {
		return false
	}
	at := a + n*sortedSize // the last child comes first
	for k := vm.U32(t + treeFirst); k != 0; k = vm.U32(k + treeNext) {
		at -= sortedSize
		if vm.U32(t+treeList) != 0 {
			putSorted(at, k, k+treePlace, 4)
		} else {
			putSorted(at, k, vm.U32(k+treeName), vm.U32(k+treeNameLen))
		}
	}
	a = sortEntries(a, b, n)
	last, link := ptr(0), t+treeFirst
	for i := uint32(0); i < n; i++ {
		k := vm.U32(a + i*sortedSize)
		if last != 0 && sameKey(a+(i-1)*sortedSize, a+i*sortedSize) {
			absorb(last, k)
			continue
		}
		vm.Put32(link, k)
		vm.Put32(k+treeParent, t)
		vm.Put32(k+treeNext, 0)
		last, link = k, k+treeNext
	}
	top = mark
	return true
}

// absorb adds a later node with the same name to t. When flattening, the later path counts.
//
//wasm:small
func absorb(t, later ptr) {
	if Flatten != 0 && vm.U32(t+treePlace) != vm.U32(later+treePlace) {
		vm.Put32(t+treePlace, vm.U32(later+treePlace))
		vm.Put32(t+treeValue, 0)
		vm.Put32(t+treeFirst, 0)
		vm.Put32(t+treeList, 0)
	}
	if v := vm.U32(later + treeValue); v != 0 {
		setValue(t, v, vm.U32(later+treeLimit))
	}
	if vm.U32(later+treeList) != 0 {
		setList(t)
	}
	last := ptr(0)
	for k := vm.U32(later + treeFirst); k != 0; k = vm.U32(k + treeNext) {
		last = k
	}
	if last != 0 { // the last child comes first
		vm.Put32(last+treeNext, vm.U32(t+treeFirst))
		vm.Put32(t+treeFirst, vm.U32(later+treeFirst))
	}
}
