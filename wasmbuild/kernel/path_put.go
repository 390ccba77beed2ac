package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// putComponent appends a key, given as a JSON string's content of n bytes at k,
// as a path component that leads to it: unescaped from JSON, then escaped for a
// path. It writes at most 2n+2 bytes, and up to 15 more that do not count.
//
//wasm:small
func putComponent(o, k ptr, n uint32) ptr {
	e := k + n
	if n != 0 {
		unescape(k, e, o)
		if startsModifier(vm.U8(o)) {
			o = put(o, '\\')
		}
	}
	for k < e {
		vm.Store(o, vm.Load(k))
		m := min(beforeMore(k), e-k)
		k += m
		o += m
		if m == 16 || k >= e {
			continue
		}
		next, r := unescape(k, e, o)
		if r == o+1 && beforeMore(o) == 0 {
			vm.Put8(r, vm.U8(o))
			vm.Put8(o, '\\')
			r++
		}
		k, o = next, r
	}
	return o
}

// startsModifier says whether c means more than itself as a component's first byte.
//
//wasm:inline
func startsModifier(c uint32) bool { return c == '@' || opens(c) }

// beforeMore counts the bytes at p, up to 16, before one that means more than
// itself anywhere in a path.
//
//wasm:small
func beforeMore(p ptr) uint32 {
	v := vm.Load(p)
	more := vm.Or(vm.Or(vm.Eq(v, vm.Splat('.')), vm.Eq(v, vm.Splat('\\'))),
		vm.Or(vm.Or(vm.Eq(v, vm.Splat('*')), vm.Eq(v, vm.Splat('?'))), vm.Eq(v, vm.Splat('|'))))
	return vm.Ctz32(vm.Mask(more) | 1<<16)
}
