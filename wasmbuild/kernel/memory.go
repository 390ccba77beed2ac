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
)

var (
	busy bool // while f runs, a host function may call alloc for its answer
	top  ptr  // the arena is free from here on
)

// room makes memory reach end, or says that it cannot.
//
//wasm:inline
func room(end ptr) bool {
	need, have := (end+vm.PageSize-1)/vm.PageSize, vm.Pages()
	return need <= have || vm.Grow(need-have) != 0xffffffff
}

// alloc is the host's way to place a request, or a host function's answer while
// f runs. The arena starts over with each request, so nothing leaks in hosts
// which never call dealloc.
//
//wasm:small
func alloc(n uint32) ptr {
	p := Heap
	if busy {
		p = top
	}
	if n > maxBlock || !room(p+n+slack) {
		vm.Trap() // a host that gets an address would write there
	}
	if busy {
		top = p + (n+15)&^15
	}
	return p
}

// dealloc does nothing: hosts call it twice, late, or with made-up addresses.
func dealloc(p ptr, n uint32) {}

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
