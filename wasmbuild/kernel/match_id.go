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
		return hexMask(p)&hexMask(p+16) == 0xffff
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
	if hexMask(p)|hexMask(p+16)<<16 != ^uint32(hyphens) || hexMask(p+20) != 0xfff7 {
		return false
	}
	for k := uint32(8); k <= 23; k += 5 {
		if b := vm.U8(p + k); b != '-' && b != ':' {
			return false
		}
	}
	return true
}

// hexMask has a bit for each of the 16 bytes at p that is a hex digit.
func hexMask(p ptr) uint32 { return vm.Mask(hexDigits(vm.Load(p))) }

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
	q := countEnd(p, e, 1<<64-1)
	if vm.U8(p) == '0' && q > p+1 {
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
		start, digits := p, numbers
		for ; p < e; p++ {
			b := vm.U8(p)
			if b-'0' > 9 {
				if !alnum(b) && b != '-' {
					break
				}
				digits = false
			}
		}
		if p == start || digits && vm.U8(start) == '0' && p-start > 1 {
			return 0
		}
		if p == e || vm.U8(p) != '.' {
			return p
		}
		p++
	}
}
