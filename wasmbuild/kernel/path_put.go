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
		v := vm.Load(k)
		vm.Store(o, v)
		m := min(vm.Ctz32(vm.Mask(meansMore(v))|1<<16), e-k)
		k += m
		o += m
		if m == 16 || k >= e {
			continue
		}
		next, r := unescape(k, e, o)
		if c := vm.U8(o); r == o+1 && inPathMeansMore(c) {
			vm.Put8(o, '\\')
			r = put(r, c)
		}
		k, o = next, r
	}
	return o
}

// startsModifier says whether c means more than itself as a component's first byte.
//
//wasm:inline
func startsModifier(c uint32) bool { return c == '@' || opens(c) }

// inPathMeansMore says whether c means more than itself anywhere in a path.
//
//wasm:inline
func inPathMeansMore(c uint32) bool {
	return c == '.' || c == '\\' || c == '*' || c == '?' || c == '|'
}

// meansMore is inPathMeansMore for 16 bytes.
//
//wasm:inline
func meansMore(v vm.V128) vm.V128 {
	return vm.Or(vm.Or(vm.Eq(v, vm.Splat('.')), vm.Eq(v, vm.Splat('\\'))),
		vm.Or(vm.Or(vm.Eq(v, vm.Splat('*')), vm.Eq(v, vm.Splat('?'))), vm.Eq(v, vm.Splat('|'))))
}
