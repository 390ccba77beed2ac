package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// isListed says whether the value [p,e) is in a table of canonical texts.
//
//wasm:bind
func isListed(table, p, e ptr) bool { return nativeListed(table, p, e) }

func isNotListed(table, p, e ptr) bool { return false }

//wasm:small
func isInTable(table, p, e ptr) bool {
	mark := top
	q, r := canonicalText(p, e)
	top = mark
	return q != 0 && findText(table, q, r-q) != 0
}

// findText finds the text [p,p+n) in a table and returns its record, or 0.
func findText(table, p ptr, n uint32) ptr {
	if table == 0 {
		return 0
	}
	mask := vm.U32(table)
	for i := textHash(p, n) & mask; ; i = (i + 1) & mask {
		record := vm.U32(table + 4 + 4*i)
		if record == 0 || vm.U32(record+4) == n && equalBytes(vm.U32(record), p, n) {
			return record
		}
	}
}

// textHash is a hash of the text [p,p+n); what follows makes no difference.
func textHash(p ptr, n uint32) uint32 {
	h := uint64(n) * 0x9e3779b97f4a7c15
	for i := uint32(0); i < n; i += 8 {
		v := vm.U64(p + i)
		if n-i < 8 {
			v &= 1<<(8*(n-i)&63) - 1
		}
		h = (h ^ v) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return uint32(h)
}

// canonicalText returns a text that equal values have in common: [p,e) itself, or a
// text in the arena. 0: the walk is over.
//
//wasm:small
func canonicalText(p, e ptr) (q, r ptr) {
	c := vm.U8(p)
	switch {
	case c == '"' && !has(p, e, vm.Splat('\\')), c == 't', c == 'f', c == 'n':
		return p, e
	}
	q = take(3*(e-p) + 64)
	if q == 0 {
		over(checkNoMemory)
		return 0, 0
	}
	printSorted, printExact = true, true
	r = printValue(q, p, q+3*(e-p)+32)
	if r == 0 || !spend((e-p)/16) {
		over(checkTooLong)
		return 0, 0
	}
	return q, r
}

// allDiffer says whether no two elements of the array [p,e) are equal.
//
//wasm:bind
func allDiffer(p, e ptr) bool { return nativeDiffer(p, e) }

func isAnyArray(p, e ptr) bool { return true }

// noneRepeated finds equal elements with a table of their texts: {text, length} each.
//
//wasm:small
func noneRepeated(p, e ptr) bool {
	mark := top
	n := uint32(0)
	for q := firstElement(p, e); q != 0; q = nextElement(q, e) {
		n++
	}
	slots := uint32(4)
	for slots < 2*n {
		slots *= 2
	}
	table := take(8 * slots)
	if table == 0 {
		over(checkNoMemory)
		return false
	}
	vm.Fill(table, 0, 8*slots)
	differ := true
	for q := firstElement(p, e); q != 0 && differ; q = nextElement(q, e) {
		stop, _ := skipValue(q, e)
		t, u := canonicalText(q, stop)
		differ = t != 0 && addText(table, slots-1, t, u-t)
	}
	top = mark
	return differ
}

// addText adds a text to a table of noneRepeated, and says whether it was not there.
//
//wasm:small
func addText(table, mask, p ptr, n uint32) bool {
	for i := textHash(p, n) & mask; ; i = (i + 1) & mask {
		at := table + 8*i
		q := vm.U32(at)
		if q == 0 {
			vm.Put32(at, p)
			vm.Put32(at+4, n)
			return true
		}
		if !spend(1) || vm.U32(at+4) == n && equalBytes(q, p, n) {
			return false
		}
	}
}
