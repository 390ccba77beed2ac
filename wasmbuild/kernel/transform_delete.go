package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// changeDelete removes the member or element whose value is [p,e): with one
// comma and the white space around the cut. The root is neither.
//
//wasm:small
func changeDelete(p, e ptr) bool {
	if !findCut(p, e) {
		return false
	}
	touching := editsEnd > edits && cutFrom <= vm.U32(editsEnd-editSize+editTo)
	if touching {
		editsEnd -= editSize // make one cut of both
		cutFrom = min(cutFrom, vm.U32(editsEnd))
	}
	if cutLast {
		cutComma()
	}
	addEdit(cutFrom, cutTo, 0, 0)
	return true
}

// changeDeleteOne is changeDelete for the only target.
//
//wasm:small
func changeDeleteOne(p, e ptr) bool {
	if !findCut(p, e) {
		return false
	}
	if cutLast {
		cutComma()
	}
	settleDelete()
	addEdit(cutFrom, cutTo, 0, 0)
	return true
}

// A cut: it leaves the comma before it, or is the last in its container.
var (
	cutFrom, cutTo ptr
	cutLast        bool
)

// findCut sets the cut that removes the member or element whose value is [p,e).
// It returns false if there is none.
//
//wasm:small
func findCut(p, e ptr) bool {
	cutFrom = memberStart(p)
	if cutFrom == 0 {
		return false
	}
	cutFrom = blankBefore(cutFrom)
	cutTo = afterSpace(e)
	cutLast = vm.U8(cutTo) != ','
	if cutLast {
		return vm.U8(cutTo)|32 == '}'
	}
	cutTo = afterSpace(cutTo + 1)
	return true
}

// cutComma has the cut take in the comma before it.
//
//wasm:small
func cutComma() {
	if vm.U8(cutFrom-1) == ',' {
		cutFrom = blankBefore(cutFrom - 1)
	}
}

// settleDelete leaves out the white space around the document.
//
//wasm:small
func settleDelete() {
	pay = afterSpace(pay)
	end = blankBefore(end)
}

// memberStart returns where the key, or the element, starts whose value is at
// p; 0 if that is the root.
//
//wasm:small
func memberStart(p ptr) ptr {
	q := blankBefore(p)
	if q == pay {
		return 0
	}
	if vm.U8(q-1) != ':' {
		return p
	}
	q = blankBefore(q - 1)
	for q -= 2; q > pay; q-- { // from before the key's closing quote
		if vm.U8(q) == '"' && !escapedAt(q) {
			return q
		}
	}
	return 0
}

// escapedAt says whether an odd number of backslashes precedes p.
//
//wasm:small
func escapedAt(p ptr) bool {
	q := p
	for q > pay && vm.U8(q-1) == '\\' {
		q--
	}
	return (p-q)&1 != 0
}
