package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// numberFault checks the number at p.
//
//wasm:small
func numberFault(p, e ptr) (what uint32, next ptr) {
	start := p
	if vm.U8(p) == '-' {
		p++
		if p >= e {
			return fault(faultEndValue, e), p
		}
		if vm.U8(p)-'0' > 9 {
			return fault(faultNumber, p+1), p
		}
	}
	if vm.U8(p) != '0' {
		p = pastDigits(p, e)
	} else if p++; p < e && vm.U8(p)-'0' < 10 {
		return fault(faultNumber, p+1), p
	}
	if p < e && vm.U8(p) == '.' {
		q := pastDigits(p+1, e)
		if q == p+1 {
			if q >= e {
				return fault(faultEndValue, e), q
			}
			return fault(faultNumber, q+1), q
		}
		p = q
	}
	if p < e && vm.U8(p)|32 == 'e' {
		p++
		if p < e && (vm.U8(p) == '+' || vm.U8(p) == '-') {
			p++
		}
		if p >= e {
			return fault(faultEndValue, e), p
		}
		q := pastDigits(p, e)
		if q == p {
			return fault(faultNumber, p+1), p
		}
		p = q
	}
	if !finite(start, p) {
		return fault(faultRange, p), p
	}
	return faultNone, p
}

//wasm:inline
func pastDigits(p, e ptr) ptr {
	for p < e && vm.U8(p)-'0' < 10 {
		p++
	}
	return p
}

// finite says whether the well-formed number [p,e) fits a float64.
//
//wasm:small
func finite(p, e ptr) bool {
	// the number is 0.head... * 10^scale
	var head uint64
	var scale int32
	kept, fraction := uint32(0), false
	for ; p < e; p++ {
		c := vm.U8(p)
		if c|32 == 'e' {
			scale += scaleOf(p+1, e)
			break
		}
		if c == '.' {
			fraction = true
		}
		if c-'0' > 9 {
			continue
		}
		if kept > 0 || c != '0' {
			if kept < maxFiniteDigits {
				head = head*10 + uint64(c-'0')
				kept++
			}
			if !fraction {
				scale++
			}
		} else if fraction {
			scale--
		}
	}
	if kept == 0 || scale < maxFiniteScale {
		return true
	}
	for ; kept < maxFiniteDigits; kept++ {
		head *= 10
	}
	return scale == maxFiniteScale && head <= maxFiniteHead
}

// The largest float64 is 0.17976931348623157e309; the head is rounded up.
const (
	maxFiniteScale  = 309
	maxFiniteDigits = 17
	maxFiniteHead   = 17976931348623158
)

// scaleOf is the number [p,e), signed; far out of range it is merely large.
//
//wasm:small
func scaleOf(p, e ptr) int32 {
	negative := vm.U8(p) == '-'
	if negative || vm.U8(p) == '+' {
		p++
	}
	v := int32(0)
	for ; p < e && v < 1<<26; p++ {
		v = v*10 + int32(vm.U8(p)-'0')
	}
	if negative {
		return -v
	}
	return v
}
