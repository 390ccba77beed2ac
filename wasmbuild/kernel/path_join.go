package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// join makes one object of an array of objects. Of members with the same key,
// the place of the first and the value of the last count, unless all are to be kept.
//
//wasm:small
func join(keep uint32, p, e ptr) (v, ve ptr) {
	list := take(0)
	if list == 0 {
		return 0, 0
	}
	n := uint32(0)
	for q := firstElement(p, e); q != 0; q = nextElement(q, e) {
		if stop := complete(q, e); vm.U8(q) == '{' && stop != 0 {
			n += noteMembers(list+n*memberSize, q, stop)
		}
	}
	if keep == 0 && !dropRepeated(list, n) {
		return 0, 0
	}
	v = build(e - p)
	if v == 0 {
		return 0, 0
	}
	o := put(v, '{')
	for m := list; m < list+n*memberSize; m += memberSize {
		k := vm.U32(m)
		if k == 0 {
			continue
		}
		if o > v+1 {
			o = put(o, ',')
		}
		o = put(copied(o, k-1, vm.U32(m+4)+1), ':')
		o = copied(o, vm.U32(m+8), vm.U32(m+12))
	}
	return v, sealed(put(o, '}'))
}

// dropRepeated gives the first of members with the same key the value of the
// last, and drops the others by making their key 0. It says whether there was memory.
//
//wasm:small
func dropRepeated(list ptr, n uint32) bool {
	sorted := sortMembers(list, n)
	if sorted == 0 {
		return false
	}
	for i := uint32(0); i < n; {
		m := vm.U32(sorted + i*sortedSize)
		for i++; i < n && sameKey(sorted+(i-1)*sortedSize, sorted+i*sortedSize); i++ {
			later := vm.U32(sorted + i*sortedSize)
			vm.Copy(m+8, later+8, 8)
			vm.Put32(later, 0)
		}
	}
	return true
}

// sortedSize is the size of an entry in a sorted list: {member, key, length}, the key unescaped.
const sortedSize = 12

// sortMembers lists the members by key, those with the same key in their own order. 0: no memory.
//
//wasm:small
func sortMembers(list ptr, n uint32) ptr {
	a := take(n * sortedSize)
	b := take(n * sortedSize)
	if a == 0 || b == 0 {
		return 0
	}
	for i := uint32(0); i < n; i++ {
		m := list + i*memberSize
		k, e := unescaped(vm.U32(m), vm.U32(m+4))
		if k == 0 {
			return 0
		}
		putSorted(a+i*sortedSize, m, k, e-k)
	}
	return sortEntries(a, b, n)
}

// sortEntries sorts the n entries at a by key, those with the same key in their
// own order. The sorted list is at a or b.
//
//wasm:small
func sortEntries(a, b ptr, n uint32) ptr {
	for run := uint32(1); run < n; run *= 2 { // merge runs from a to b
		for i := uint32(0); i < n; i += 2 * run {
			merge(a, b, i, min(i+run, n), min(i+2*run, n))
		}
		a, b = b, a
	}
	return a
}

//wasm:inline
func putSorted(at, member, key ptr, n uint32) {
	vm.Put32(at, member)
	vm.Put32(at+4, key)
	vm.Put32(at+8, n)
}

// merge merges the sorted runs [i,j) and [j,k) of a into b.
//
//wasm:small
func merge(a, b ptr, i, j, k uint32) {
	l, r := i, j
	for o := b + i*sortedSize; o < b+k*sortedSize; o += sortedSize {
		from := a + l*sortedSize
		if l == j || r < k && keyOrder(a+r*sortedSize, from) < 0 {
			from = a + r*sortedSize
			r++
		} else {
			l++
		}
		vm.Copy(o, from, sortedSize)
	}
}

// keyOrder compares the keys of two entries.
//
//wasm:small
func keyOrder(x, y ptr) int32 {
	k := vm.U32(x + 4)
	return order(k, k+vm.U32(x+8), vm.U32(y+4), vm.U32(y+8))
}

func sameKey(x, y ptr) bool { return keyOrder(x, y) == 0 }
