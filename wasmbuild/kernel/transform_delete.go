package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// changeDelete removes the member or element whose value is [p,e): with one
// comma and the white space around the cut. The root is neither.
//
//wasm:small
func changeDelete(p, e ptr) bool {
	from := memberStart(p)
	if from == 0 {
		return false
	}
	from = blankBefore(from)
	to := afterSpace(e)
	if vm.U8(to) == ',' {
		to = afterSpace(to + 1)
		addCut(from, to)
		return true
	}
	if vm.U8(to)|32 != '}' {
		return false // not JSON
	}
	// the last one: the comma before it goes too, even if it is before other cuts
	if last := editsEnd - editSize; editsEnd > edits && vm.U32(last+editTo) >= from {
		from = min(from, vm.U32(last))
	}
	if vm.U8(from-1) == ',' {
		from = blankBefore(from - 1)
	}
	addCut(from, to)
	return true
}

// addCut removes [from,to), together with the last cut if that touches it.
//
//wasm:small
func addCut(from, to ptr) {
	if last := editsEnd - editSize; editsEnd > edits && from <= vm.U32(last+editTo) {
		vm.Put32(last, min(from, vm.U32(last)))
		vm.Put32(last+editTo, to)
		return
	}
	addEdit(from, to, 0, 0)
}

// settleDelete removes the white space around the document when something was removed from it.
//
//wasm:small
func settleDelete() {
	if edits == editsEnd {
		return
	}
	if p := afterSpace(pay); p > pay {
		edits -= editSize
		vm.Put32(edits, pay)
		vm.Put32(edits+editTo, p)
		vm.Put64(edits+editText, 0)
	}
	if e := blankBefore(end); e < end {
		addEdit(e, end, 0, 0)
	}
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
