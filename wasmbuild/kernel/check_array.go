package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What a check says of arrays; the limits are where an object has them.
const (
	arrayTuple     = 16 // the checks of the first elements
	arrayTupleLen  = 20
	arrayRest      = 24 // the check of the others, 0: there must be none
	arrayRestLabel = 28
	arrayRestWhole = 32
)

// arrayEnter starts with the array at p.
func arrayEnter(p, check, part ptr) ptr {
	l := pushLevel(levelArray, p, check, 0)
	if l == 0 {
		return 0
	}
	vm.Put32(l+levelPart, part)
	vm.Put32(l+levelCount, 0)
	vm.Put32(l+levelDone, 0)
	p = space(p + 1)
	if vm.U8(p) == ']' {
		return arrayClose(l, p)
	}
	return arrayElement(l, p, 0)
}

// arrayNext goes on in an array behind an element.
//
//wasm:inline
func arrayNext(l, p ptr) ptr {
	p = space(p)
	c := vm.U8(p)
	n := vm.U32(l+levelCount) + 1
	vm.Put32(l+levelCount, n)
	if c == ',' {
		return arrayElement(l, space(p+1), n)
	}
	if c != ']' {
		return over(checkBroken)
	}
	return arrayClose(l, p)
}

// arrayElement goes on with element i, at p.
func arrayElement(l, p ptr, i uint32) ptr {
	part := vm.U32(l + levelPart)
	if i < vm.U32(part+arrayTupleLen) {
		return with(vm.U32(vm.U32(part+arrayTuple)+4*i), p)
	}
	rest := vm.U32(part + arrayRest)
	if rest == 0 {
		if !restRefused(l, vm.U32(part+arrayRestLabel), vm.U32(part+arrayRestWhole), p) {
			return 0
		}
		rest = CheckAny
	}
	return with(rest, p)
}

// arrayClose ends the array whose closing bracket is at p.
func arrayClose(l, p ptr) ptr {
	start, check := vm.U32(l+levelStart), vm.U32(l+levelCheck)
	if !withinLimits(l, vm.U32(l+levelPart), vm.U32(l+levelCount)) {
		return 0
	}
	walkDepth--
	popLevel(l)
	return walked(check, start, p+1)
}
