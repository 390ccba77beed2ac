package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// An edit replaces [from,to) of the payload by a text. Edits are in order and
// do not overlap.
const (
	editTo   = 4
	editText = 8
	editLen  = 12
	editSize = 16
)

const transformed = "Successfully transformed payload"

// edits are [edits, editsEnd); the texts made for them follow at top.
var edits, editsEnd ptr

// beginEdits makes room for as many edits as the targets may need.
//
//wasm:small
func beginEdits() bool {
	edits = take((targetsEnd - targets) + editSize)
	editsEnd = edits
	return edits != 0
}

// settle does what edits entail beside themselves.
//
//wasm:bind
func settle() { nativeSettle() }

//wasm:small
func settleNothing() {}

// addEdit notes an edit which comes after all others.
//
//wasm:bind
func addEdit(from, to, s ptr, n uint32) { nativeAddEdit(from, to, s, n) }

// listEdit is addEdit for rules with several targets.
//
//wasm:small
func listEdit(from, to, s ptr, n uint32) {
	vm.Put32(editsEnd, from)
	vm.Put32(editsEnd+editTo, to)
	vm.Put32(editsEnd+editText, s)
	vm.Put32(editsEnd+editLen, n)
	editsEnd += editSize
}

// applyEdits changes the payload in place and answers with it. What is before
// the first edit stays where it is, unless the answer's header grows.
//
//wasm:small
func applyEdits() uint64 {
	if edits == editsEnd {
		return finish(exitTrue, vm.Lit(transformed))
	}
	settle()
	size := end - pay
	grown, at := size, pay
	for d := edits; d < editsEnd; d += editSize {
		from, to := vm.U32(d), vm.U32(d+editTo)
		if from < at || to < from || to > end {
			return notValid() // only a payload that is not JSON can lead to that
		}
		at = to
		grown += vm.U32(d+editLen) - (to - from)
	}
	shift := uint32(0)
	if vlen(grown) > vlen(size) {
		shift = vlen(grown) - vlen(size)
	}
	if grown > maxBlock || !clearWay(pay+shift+grown+slack) {
		return outOfMemory()
	}
	moveLeft(shift)
	moveRight(shift + grown - size)
	insertTexts(shift)
	o := putTail(pay+shift+grown, exitTrue, vm.Lit(transformed))
	return done(putHead(pay+shift, grown), o)
}

// clearWay moves the arena's content from block on up behind the address.
//
//wasm:small
func clearWay(behind ptr) bool {
	if behind <= block {
		return room(behind)
	}
	up := (behind - block + 15) &^ 15
	if !room(top + up + slack) {
		return false
	}
	vm.Copy(block+up, block, top-block)
	edits += up
	editsEnd += up
	for d := edits; d < editsEnd; d += editSize {
		if s := vm.U32(d + editText); s >= block {
			vm.Put32(d+editText, s+up)
		}
	}
	return true
}

// The stretches between edits go to their new places: those that go left from
// the left, those that go right from the right. Thus no stretch is overwritten
// before it has moved.

// moveLeft moves what goes left. shift is where the first stretch goes.
//
//wasm:small
func moveLeft(shift uint32) {
	for d := edits; d < editsEnd; d += editSize {
		shift += vm.U32(d+editLen) - (vm.U32(d+editTo) - vm.U32(d))
		if int32(shift) < 0 {
			from := vm.U32(d + editTo)
			vm.Copy(from+shift, from, stretchEnd(d)-from)
		}
	}
}

// moveRight moves what goes right. shift is where the last stretch goes.
//
//wasm:small
func moveRight(shift uint32) {
	for d := editsEnd; d > edits; {
		d -= editSize
		from := vm.U32(d + editTo)
		if int32(shift) > 0 {
			vm.Copy(from+shift, from, stretchEnd(d)-from)
		}
		shift -= vm.U32(d+editLen) - (from - vm.U32(d))
	}
	if shift != 0 {
		vm.Copy(pay+shift, pay, vm.U32(edits)-pay)
	}
}

// stretchEnd is where the stretch after an edit ends.
//
//wasm:small
func stretchEnd(d ptr) ptr {
	if d+editSize < editsEnd {
		return vm.U32(d + editSize)
	}
	return end
}

// insertTexts writes the edits' texts into the gaps.
//
//wasm:small
func insertTexts(shift uint32) {
	for d := edits; d < editsEnd; d += editSize {
		n := vm.U32(d + editLen)
		vm.Copy(vm.U32(d)+shift, vm.U32(d+editText), n)
		shift += n - (vm.U32(d+editTo) - vm.U32(d))
	}
}
