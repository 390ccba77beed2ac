package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchPassport accepts the machine-readable zone of a travel document (ICAO
// 9303) with its check digits, or only the line that has them; or the serial
// number of a German passport with its check digit.
//
//wasm:small
func matchPassport(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if e-p < 10 || e-p > maxSqueezed {
		return false
	}
	q := vm.Addr(&squeezed)
	r := q
	for ; p < e; p++ {
		c := vm.U8(p)
		if c == ' ' || c == '\n' || c == '\r' {
			continue
		}
		if !digit(c) && c-'A' >= 26 && c != '<' {
			return false
		}
		vm.Put8(r, c)
		r++
	}
	switch r - q {
	case 10:
		return isGermanPassport(q)
	case 36, 44:
		return isZoneLine(q, r)
	case 72:
		return isZoneLine(q+36, r)
	case 88:
		return vm.U8(q) == 'P' && isZoneLine(q+44, r)
	case 90:
		return isCardZone(q)
	}
	return false
}

// isGermanPassport: an authority's letter, eight of the characters in use, a check digit.
func isGermanPassport(q ptr) bool {
	if !listed(q, 1, vm.Lit("CFGHJK")) {
		return false
	}
	for i := uint32(0); i < 9; i++ {
		if !listed(q+i, 1, vm.Lit("0123456789CFGHJKLMNPRTVWXYZ")) {
			return false
		}
	}
	return zoneDigit(q, 9)
}

var (
	zoneSum uint32 // of the characters so far, weighted
	zoneAt  uint32 // how many they were
)

// zoneAdd goes on with a zone's sum over n characters.
func zoneAdd(p ptr, n uint32) {
	for stop := p + n; p < stop; p++ {
		v := uint32(0)
		if c := vm.U8(p); c != '<' {
			v = value36(c)
		}
		switch zoneAt % 3 {
		case 0:
			v *= 7
		case 1:
			v *= 3
		}
		zoneSum += v
		zoneAt++
	}
}

// zoneDigit says whether the check digit behind n characters is right.
func zoneDigit(p ptr, n uint32) bool {
	zoneSum, zoneAt = 0, 0
	zoneAdd(p, n)
	return vm.U8(p+n) == zoneSum%10+'0'
}

// isZoneLine says whether [q,r) is the second line of a passport's zone (44
// characters), or of another document's (36).
func isZoneLine(q, r ptr) bool {
	if !zoneDigit(q, 9) || !zoneDigit(q+13, 6) || !zoneDigit(q+21, 6) || digit(vm.U8(q+10)) || !isZoneDate(q+13) {
		return false
	}
	zoneSum, zoneAt = 0, 0
	zoneAdd(q, 10)
	zoneAdd(q+13, 7)
	zoneAdd(q+21, r-q-22)
	return vm.U8(r-1) == zoneSum%10+'0'
}

// isCardZone says whether the 90 characters at q are the zone of a card: three lines of 30.
func isCardZone(q ptr) bool {
	if !zoneDigit(q+5, 9) || !zoneDigit(q+30, 6) || !zoneDigit(q+38, 6) || !isZoneDate(q+30) {
		return false
	}
	zoneSum, zoneAt = 0, 0
	zoneAdd(q+5, 25)
	zoneAdd(q+30, 7)
	zoneAdd(q+38, 7)
	zoneAdd(q+48, 11)
	return vm.U8(q+59) == zoneSum%10+'0'
}

// isZoneDate says whether the six characters at p may be a date of birth, parts of which may be unknown.
func isZoneDate(p ptr) bool {
	for i := uint32(0); i < 6; i++ {
		if c := vm.U8(p + i); !digit(c) && c != '<' {
			return false
		}
	}
	return vm.U8(p+2) == '<' || vm.U8(p+4) == '<' || dayInMonth(number2(p+4), number2(p+2)) && vm.U8(p+2) < '2'
}
