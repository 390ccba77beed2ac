package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Constants of the matchers that compare text.
var (
	Args             ptr // {address, length} for each argument
	ArgCount         uint32
	LengthMin        uint32
	LengthMax        uint32
	KindFirst        uint32 // IS_TYPE: the first byte which values of the kind start with
	KindFirstOrOther uint32 // and another one it may be
)

// matchEqual accepts text equal to the first argument.
//
//wasm:small
func matchEqual(c uint32, p, e ptr) bool {
	return e-p == vm.U32(Args+4) && equalBytes(p, vm.U32(Args), e-p)
}

// matchContainsAny accepts text that contains one of the arguments.
//
//wasm:small
func matchContainsAny(c uint32, p, e ptr) bool {
	for a, n := Args, ArgCount; n > 0; n-- {
		if contains(p, e, vm.U32(a), vm.U32(a+4)) {
			return true
		}
		a += 8
	}
	return false
}

// matchContainsAll accepts text that contains every argument.
//
//wasm:small
func matchContainsAll(c uint32, p, e ptr) bool {
	for a, n := Args, ArgCount; n > 0; n-- {
		if !contains(p, e, vm.U32(a), vm.U32(a+4)) {
			return false
		}
		a += 8
	}
	return true
}

// contains says whether the n bytes at s occur in [p,e). It compares the first
// and the last byte of 16 positions at once, and the rest where both agree.
func contains(p, e, s ptr, n uint32) bool {
	if n == 0 {
		return true
	}
	if e-p < n {
		return false
	}
	first, last := vm.Splat(vm.U8(s)), vm.Splat(vm.U8(s+n-1))
	for stop := e - n + 1; p < stop; p += 16 {
		m := vm.Mask(vm.And(vm.Eq(vm.Load(p), first), vm.Eq(vm.Load(p+n-1), last)))
		if stop-p < 16 {
			m &= 1<<(stop-p) - 1
		}
		for ; m != 0; m &= m - 1 {
			if equalBytes(p+vm.Ctz32(m), s, n) {
				return true
			}
		}
	}
	return false
}

// candidateText is candidate for rules that look for their first argument: where
// it occurs as it is, or a backslash, since its characters may be escaped.
func candidateText(p ptr) ptr {
	s, n := vm.U32(Args), vm.U32(Args+4)
	first, last, slash := vm.Splat(vm.U8(s)), vm.Splat(vm.U8(s+n-1)), vm.Splat('\\')
	for ; p < end; p += 16 {
		v := vm.Load(p)
		m := vm.Mask(vm.Or(vm.And(vm.Eq(v, first), vm.Eq(vm.Load(p+n-1), last)), vm.Eq(v, slash)))
		for ; m != 0; m &= m - 1 {
			q := p + vm.Ctz32(m)
			if vm.U8(q) == '\\' || equalBytes(q, s, n) {
				return q
			}
		}
	}
	return end
}

// matchLength accepts text of LengthMin to LengthMax bytes.
func matchLength(c uint32, p, e ptr) bool { return e-p >= LengthMin && e-p <= LengthMax }

// matchEmpty accepts null, "" and arrays without elements.
//
//wasm:small
func matchEmpty(c uint32, p, e ptr) bool {
	if c == '[' {
		return firstElement(p, e) == 0 && afterSpace(p+1) == e-1
	}
	return p == e
}

// matchKind accepts values of the rule's kind.
func matchKind(c uint32, p, e ptr) bool {
	return c == KindFirst || c == KindFirstOrOther || KindFirst == '-' && c-'0' < 10
}

// missBoolean is missed for BOOLEAN_TRUE and BOOLEAN_FALSE.
//
//wasm:small
func missBoolean(c uint32, p, e ptr) uint64 {
	if c == 't' || c == 'f' {
		return missPlain(c, p, e)
	}
	return finishWith(exitFalse, vm.Lit("error: field is not a boolean: "), text(p, e-p))
}
