package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Literals as little-endian words; false is told by its last four letters.
const (
	wordTrue = 0x65757274
	wordAlse = 0x65736c61
	wordNull = 0x6c6c756e
)

// space skips the white space that JSON knows.
//
//wasm:inline
func space(p ptr) ptr {
	if vm.U8(p) > ' ' {
		return p
	}
	return manySpaces(p)
}

func manySpaces(p ptr) ptr {
	for {
		v := vm.Load(p)
		blank := vm.Or(vm.Or(vm.Eq(v, vm.Splat(' ')), vm.Eq(v, vm.Splat('\n'))), vm.Or(vm.Eq(v, vm.Splat('\r')), vm.Eq(v, vm.Splat('\t'))))
		if m := vm.Mask(blank) ^ 0xffff; m != 0 {
			return p + vm.Ctz32(m)
		}
		p += 16
	}
}

// strictEnd returns the closing quote of the string whose content starts at p
// and whether it has escapes, or 0 if it holds what JSON forbids. A string that
// is cut off has its quote at or past end.
//
//wasm:inline
func strictEnd(p ptr) (q ptr, esc bool) {
	for {
		v := vm.Load(p)
		m := vm.Mask(vm.Or(vm.Or(vm.Eq(v, vm.Splat('"')), vm.Eq(v, vm.Splat('\\'))), vm.Lt(v, vm.Splat(' '))))
		if m == 0 {
			p += 16
			continue
		}
		p += vm.Ctz32(m)
		if vm.U8(p) == '"' {
			return p, esc
		}
		esc = true
		if p = afterEscape(p); p == 0 {
			return 0, true
		}
	}
}

// afterEscape returns what follows the escape at p, or 0 if it is none.
//
//wasm:small
func afterEscape(p ptr) ptr {
	if vm.U8(p) != '\\' {
		return 0
	}
	what, next := escapeFault(p+1, end)
	if what != faultNone {
		return 0
	}
	return next
}

// shortNumber returns the end and the kind of the number at p, whose first byte
// is c, if it has at most 15 characters, no sign and no exponent, as most have; else kind 0.
//
//wasm:inline
func shortNumber(c uint32, p ptr) (q ptr, kind uint32) {
	m := vm.Mask(vm.Gt(vm.Sub(vm.Load(p), vm.Splat('0')), vm.Splat(9))) | 1<<16
	n := vm.Ctz32(m)
	q = p + n
	next := vm.U8(q)
	if n-1 > 14 || c == '0' && n > 1 {
		return q, 0
	}
	kind = kindInteger
	if next == '.' {
		after := vm.Ctz32(m & (m - 1))
		if after == n+1 || after > 15 {
			return q, 0
		}
		q = p + after
		next = vm.U8(q)
		kind = kindNumber
	}
	if next|32 == 'e' {
		kind = 0
	}
	return q, kind
}

// anyNumber returns the end and the kind of the number at p. 0: no number, or
// none that is finite.
func anyNumber(p ptr) (q ptr, kind uint32) {
	q = validNumber(p, end)
	if q > end {
		return 0, 0
	}
	if isInteger64(p, q) {
		return q, kindInteger
	}
	if !finite(p, q) {
		return 0, 0
	}
	return q, kindNumber
}

// isInteger64 says whether the well-formed number [p,e) is written as an integer
// that an int64 or a uint64 holds; -0 is not.
//
//wasm:small
func isInteger64(p, e ptr) bool {
	most := uint64(1<<64 - 1)
	minus := vm.U8(p) == '-'
	if minus {
		most = 1 << 63
		p++
	}
	v := uint64(0)
	for ; p < e; p++ {
		d := uint64(vm.U8(p) - '0')
		if d > 9 || v > (most-d)/10 {
			return false
		}
		v = v*10 + d
	}
	return !minus || v > 0
}
