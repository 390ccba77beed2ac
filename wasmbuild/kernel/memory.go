package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

type ptr = vm.Ptr

// Heap is where the arena starts. The linker sets it, as it sets every exported variable.
var Heap ptr = 4 * vm.PageSize

const (
	// slack is kept free after every block, for reads past its end, sentinels
	// and short answers.
	slack = 4096
	// maxBlock keeps address arithmetic far from wrapping, and addresses
	// positive in hosts which read them as signed.
	maxBlock = 1 << 29
	// maxHeld is how many messages may be on their way through a module at a time.
	maxHeld = 16
)

var (
	busy bool // while f runs, a host function may call alloc for its answer
	top  ptr  // the arena is free from here on

	// Threads of a host may take turns between alloc, f and the reading of the answer.
	// What is held stays as it is: requests until f takes them, and answers until
	// dealloc, if the host is one that gives them back.
	held     [2 * maxHeld]uint32 // from and to of each, in the order of addresses
	heldSize uint32              // in bytes
	frees    bool                // the host gives answers back
	answered ptr                 // the last answer
)

// room makes memory reach end, or says that it cannot.
//
//wasm:inline
func room(end ptr) bool {
	need, have := (end+vm.PageSize-1)/vm.PageSize, vm.Pages()
	return need <= have || vm.Grow(need-have) != 0xffffffff
}

// alloc is the host's way to place a request, or a host function's answer while
// f runs. All but what is held is free for the next one, so nothing leaks in hosts which
// never call dealloc.
//
//wasm:small
func alloc(n uint32) ptr {
	if n > maxBlock {
		vm.Trap() // a host that gets an address would write there
	}
	p := top
	if busy {
		top = p + (n+15)&^15
	} else {
		p = hold(n + slack)
	}
	if !room(p + n + slack) {
		vm.Trap()
	}
	return p
}

// dealloc lets go of an answer. The Go SDK calls it with the request first, and makes
// one call at a time: what it gives back need not be held. Hosts also make up addresses.
//
//wasm:small
func dealloc(p ptr, n uint32) {
	switch p {
	case answered:
		frees = true
	case request:
		frees, answered = false, 0
	}
	letGo(p)
}

// hold keeps n bytes, where there is room between others. With too much held, the
// host has lost some of it, or gives nothing back after all: all is let go.
//
//wasm:small
func hold(n uint32) ptr {
	if heldSize == 8*maxHeld {
		heldSize, frees = 0, false
	}
	q := vm.Addr(&held)
	e := q + heldSize
	p := Heap
	for ; q < e && vm.U32(q)-p < n; q += 8 {
		p = vm.U32(q + 4)
	}
	if q < e {
		vm.Copy(q+8, q, e-q)
	}
	vm.Put32(q, p)
	vm.Put32(q+4, (p+n+15)&^15)
	heldSize += 8
	return p
}

// letGo ends hold for what lies at an address, if anything does.
//
//wasm:small
func letGo(p ptr) {
	q := vm.Addr(&held)
	for e := q + heldSize; q < e; q += 8 {
		if p-vm.U32(q) < vm.U32(q+4)-vm.U32(q) {
			heldSize -= 8
			if q+8 < e {
				vm.Copy(q, q+8, e-q-8)
			}
			return
		}
	}
}

// take returns n bytes of the arena, 16-byte aligned and followed by slack, or 0 when memory is exhausted.
//
//wasm:small
func take(n uint32) ptr {
	p := (top + 15) &^ 15
	if n > maxBlock || !room(p+n+slack) {
		return 0
	}
	top = p + n
	return p
}

// equal compares n bytes; both sides may be read up to 15 bytes past that.
//
//wasm:inline
func equal(a, b ptr, n uint32) bool {
	for n >= 16 {
		if vm.Mask(vm.Eq(vm.Load(a), vm.Load(b))) != 0xffff {
			return false
		}
		a += 16
		b += 16
		n -= 16
	}
	return vm.Mask(vm.Eq(vm.Load(a), vm.Load(b)))|0xffffffff<<n == 0xffffffff
}

// equalBytes is equal for where speed matters less than size.
func equalBytes(a, b ptr, n uint32) bool { return equal(a, b, n) }

// copyShort copies n bytes and may write up to 15 more. The ranges must not overlap.
//
//wasm:inline
func copyShort(o, s ptr, n uint32) {
	for stop := s + n; s < stop; s += 16 {
		vm.Store(o, vm.Load(s))
		o += 16
	}
}

// textPtr and textLen take a constant apart.
//
//wasm:inline
func textPtr(t vm.Text) ptr { return ptr(t >> 32) }

//wasm:inline
func textLen(t vm.Text) uint32 { return uint32(t) }

//wasm:inline
func text(p ptr, n uint32) vm.Text { return vm.Text(p)<<32 | vm.Text(n) }
