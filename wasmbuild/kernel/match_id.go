package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

const (
	uuidDigits = 32
	uuidLength = uuidDigits + 4 // with hyphens
	urnLength  = 9              // of urn:uuid:
)

// matchUUID accepts a UUID of any version: 32 hex digits; or with hyphens, or
// colons in their place, and then also in braces or as a URN (RFC 9562).
//
//wasm:small
func matchUUID(c uint32, p, e ptr) bool {
	switch e - p {
	case uuidDigits:
		for ; p < e; p++ {
			if hexDigit(vm.U8(p)) > 15 {
				return false
			}
		}
		return true
	case uuidLength + 2:
		if vm.U8(p) != '{' || vm.U8(e-1) != '}' {
			return false
		}
		p++
	case uuidLength + urnLength:
		// "urn:uuid:" in any case: only a colon is one after |32, except for 0x1a
		if vm.U64(p)|0x2020202020202020 != 0x646975753a6e7275 || vm.U8(p+3) != ':' || vm.U8(p+8) != ':' {
			return false
		}
		p += urnLength
	case uuidLength:
	default:
		return false
	}
	return isHyphenated(p)
}

// isHyphenated says whether the 36 bytes at p are groups of 8, 4, 4, 4 and 12 hex digits.
//
//wasm:small
func isHyphenated(p ptr) bool {
	const hyphens = 1<<8 | 1<<13 | 1<<18 | 1<<23
	for k := uint32(0); k < uuidLength; k++ {
		b := vm.U8(p + k)
		if k < 32 && uint32(hyphens)>>k&1 != 0 {
			if b != '-' && b != ':' {
				return false
			}
		} else if hexDigit(b) > 15 {
			return false
		}
	}
	return true
}

// matchSemver accepts a version by Semantic Versioning 2.0.0 whose numbers fit in 64 bits.
//
//wasm:small
func matchSemver(c uint32, p, e ptr) bool {
	for part := uint32(0); part < 3; part++ {
		q := semverNumber(p, e)
		if q == 0 || part < 2 && (q == e || vm.U8(q) != '.') {
			return false
		}
		p = q + 1
	}
	p-- // what follows the numbers
	if p < e && vm.U8(p) == '-' {
		p = semverLabels(p+1, e, true)
		if p == 0 {
			return false
		}
	}
	if p < e && vm.U8(p) == '+' {
		p = semverLabels(p+1, e, false)
	}
	return p == e
}

// semverNumber returns the end of the number at p, 0 if it is none: leading zeros are not allowed.
//
//wasm:small
func semverNumber(p, e ptr) ptr {
	q := p
	for q < e && vm.U8(q)-'0' < 10 {
		q++
	}
	if q == p || vm.U8(p) == '0' && q > p+1 || q-p > 20 || q-p == 20 && !isCount(p, q, 1<<64-1) {
		return 0
	}
	return q
}

// semverLabels returns the end of the labels at p with dots between, 0 if one of
// them is none: empty or, where numbers count, a number with leading zeros.
//
//wasm:small
func semverLabels(p, e ptr, numbers bool) ptr {
	for {
		start, digits := p, true
		for ; p < e && (alnum(vm.U8(p)) || vm.U8(p) == '-'); p++ {
			digits = digits && vm.U8(p) <= '9' && vm.U8(p) != '-'
		}
		if p == start || numbers && digits && vm.U8(start) == '0' && p-start > 1 {
			return 0
		}
		if p == e || vm.U8(p) != '.' {
			return p
		}
		p++
	}
}
