package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// The candidates of formats: what every match contains, as it is or escaped. A
// format's characters can be escaped as \u00 and two digits.

//wasm:inline
func escapedASCII(p ptr, v vm.V128) vm.V128 {
	zero := vm.Splat('0')
	return vm.And(vm.Eq(v, vm.Splat('\\')), vm.And(vm.Eq(vm.Load(p+3), zero), vm.Eq(vm.Load(p+2), zero)))
}

// hexDigits is 0xff where v has a hex digit.
//
//wasm:inline
func hexDigits(v vm.V128) vm.V128 {
	decimal := vm.Lt(vm.Sub(v, vm.Splat('0')), vm.Splat(10))
	return vm.Or(decimal, vm.Lt(vm.Sub(vm.Or(v, vm.Splat(32)), vm.Splat('a')), vm.Splat(6)))
}

// escapedColon is 0xff where \u003 starts.
//
//wasm:inline
func escapedColon(p ptr, v vm.V128) vm.V128 {
	return vm.And(vm.Eq(v, vm.Splat('\\')), vm.Eq(vm.Load(p+4), vm.Splat('3')))
}

// candidateURL is candidate for URLs: a colon with the end of a scheme before it,
// which tells it from those behind keys.
func candidateURL(p ptr) ptr {
	colon, quote, space := vm.Splat(':'), vm.Splat('"'), vm.Splat(' ')
	for ; p < end; p += 16 {
		v, w := vm.Load(p), vm.Load(p+1)
		hit := vm.And(vm.AndNot(vm.Eq(w, colon), vm.Eq(v, quote)), vm.Gt(v, space))
		if m := vm.Mask(vm.Or(hit, escapedColon(p, v))); m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return end
}

// candidateTime is candidate for RFC 3339: a colon behind a digit.
func candidateTime(p ptr) ptr {
	colon, zero, ten := vm.Splat(':'), vm.Splat('0'), vm.Splat(10)
	for ; p < end; p += 16 {
		v, w := vm.Load(p), vm.Load(p+1)
		hit := vm.And(vm.Eq(w, colon), vm.Lt(vm.Sub(v, zero), ten))
		if m := vm.Mask(vm.Or(hit, escapedColon(p, v))); m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return end
}

// candidateIPv6 is candidate for IPv6 addresses: a colon behind a hex digit or
// another colon.
func candidateIPv6(p ptr) ptr {
	colon := vm.Splat(':')
	for ; p < end; p += 16 {
		v, w := vm.Load(p), vm.Load(p+1)
		hit := vm.And(vm.Eq(w, colon), vm.Or(vm.Eq(v, colon), hexDigits(v)))
		if m := vm.Mask(vm.Or(hit, escapedColon(p, v))); m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return end
}

// candidateMAC is candidate for MAC addresses: two colons or hyphens, two bytes between them.
func candidateMAC(p ptr) ptr {
	colon, hyphen := vm.Splat(':'), vm.Splat('-')
	for ; p < end; p += 16 {
		v, w := vm.Load(p), vm.Load(p+3)
		hit := vm.And(vm.Or(vm.Eq(v, colon), vm.Eq(v, hyphen)), vm.Or(vm.Eq(w, colon), vm.Eq(w, hyphen)))
		if m := vm.Mask(vm.Or(hit, escapedASCII(p, v))); m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return end
}

// candidateUUID is candidate for UUIDs: twelve hex digits in a row, which all its
// forms end in.
func candidateUUID(p ptr) ptr {
	for before := uint32(0); p < end; p += 16 {
		v := vm.Load(p)
		m := vm.Mask(hexDigits(v))
		both := before | m<<16
		before = m
		both &= both >> 1
		both &= both >> 2
		both &= both >> 4
		both &= both >> 4
		if both |= vm.Mask(escapedASCII(p, v)) << 16; both != 0 {
			return p - 16 + vm.Ctz32(both)
		}
	}
	return end
}

// candidateDots is candidate for what has a number between two dots: IPv4
// addresses and versions. A dot with digits up to the end of the 64 bytes may be
// the first of two.
func candidateDots(p ptr) ptr {
	const escape = '\\' | 'u'<<8 | '0'<<16 | '0'<<24
	for ; p < end; p += 64 {
		a, b, c, d := vm.Load(p), vm.Load(p+16), vm.Load(p+32), vm.Load(p+48)
		dots, slashes := eq4(a, b, c, d, vm.Splat('.')), eq4(a, b, c, d, vm.Splat('\\'))
		m := uint64(0)
		if dots != 0 {
			digits := digits4(a, b, c, d)
			m = dots &^ digits & (digits + dots<<1&digits)
			m |= dots & (1 << ((63 - vm.Clz64(^digits)) & 63))
		}
		for ; slashes != 0; slashes &= slashes - 1 {
			if k := vm.Ctz64(slashes); vm.U32(p+k) == escape {
				m |= 1 << (k & 63)
			}
		}
		if m != 0 {
			return p + vm.Ctz64(m)
		}
	}
	return end
}

//wasm:inline
func digits4(a, b, c, d vm.V128) uint64 {
	zero, ten := vm.Splat('0'), vm.Splat(10)
	a, b, c, d = vm.Sub(a, zero), vm.Sub(b, zero), vm.Sub(c, zero), vm.Sub(d, zero)
	return uint64(vm.Mask(vm.Lt(a, ten))|vm.Mask(vm.Lt(b, ten))<<16) | uint64(vm.Mask(vm.Lt(c, ten))|vm.Mask(vm.Lt(d, ten))<<16)<<32
}
