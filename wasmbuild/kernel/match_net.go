package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchIPv4 accepts an IPv4 address: four decimal numbers up to 255 without
// leading zeros.
//
//wasm:small
func matchIPv4(c uint32, p, e ptr) bool { return isIPv4(p, e) }

//wasm:small
func isIPv4(p, e ptr) bool {
	for part := uint32(0); ; part++ {
		q, v := fewDigits(p, e, 3)
		if q == p || v > 255 || vm.U8(p) == '0' && q-p > 1 {
			return false
		}
		if part == 3 || q == e {
			return part == 3 && q == e
		}
		if vm.U8(q) != '.' {
			return false
		}
		p = q + 1
	}
}

// maxIPv6 is how long an IPv6 address can be: six groups of four digits and a dotted quad.
const maxIPv6 = 6*5 + 15

// matchIPv6 accepts an IPv6 address as RFC 4291 writes them: :: once at most, for
// one group or more, and maybe a dotted quad for the last two. No zone.
//
//wasm:small
func matchIPv6(c uint32, p, e ptr) bool { return isIPv6(p, e) }

//wasm:small
func isIPv6(p, e ptr) bool {
	if e-p < 2 || e-p > maxIPv6 {
		return false
	}
	groups, gap := uint32(0), vm.U16(p) == ':'|':'<<8
	if gap {
		p += 2
	}
	for p < e {
		q := p
		for q < e && hexDigit(vm.U8(q)) < 16 {
			q++
		}
		if q < e && vm.U8(q) == '.' {
			return isIPv4(p, e) && fullIPv6(groups+2, gap)
		}
		groups++
		if q == p || q-p > 4 || q < e && (vm.U8(q) != ':' || q+1 == e) {
			return false
		}
		p = q + 1
		if p < e && vm.U8(p) == ':' {
			if gap {
				return false
			}
			gap = true
			p++
		}
	}
	return fullIPv6(groups, gap)
}

//wasm:small
func fullIPv6(groups uint32, gap bool) bool { return groups < 8 && gap || groups == 8 && !gap }

// macLength is the length of six pairs of digits and what is between them.
const macLength = 6*3 - 1

// matchMAC accepts a MAC address: six pairs of hex digits with colons or hyphens between.
//
//wasm:small
func matchMAC(c uint32, p, e ptr) bool {
	if e-p != macLength {
		return false
	}
	for left := uint32(3); p < e; p++ {
		b := vm.U8(p)
		if left--; left > 0 {
			if hexDigit(b) > 15 {
				return false
			}
			continue
		}
		if b != ':' && b != '-' {
			return false
		}
		left = 3
	}
	return true
}

// matchHostname accepts labels of ASCII letters, digits and hyphens with dots between.
//
//wasm:small
func matchHostname(c uint32, p, e ptr) bool { return isHostname(p, e) }

//wasm:small
func isHostname(p, e ptr) bool {
	if e-p > maxDomain {
		return false
	}
	for start := p; ; p++ {
		b := uint32('.')
		if p < e {
			b = vm.U8(p)
		}
		if alnum(b) || b == '-' && p > start {
			continue
		}
		if b != '.' || p == start || p-start > maxLabel || vm.U8(p-1) == '-' {
			return false
		}
		if p == e {
			return true
		}
		start = p + 1
	}
}
