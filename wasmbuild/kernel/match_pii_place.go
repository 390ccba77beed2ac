package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Numerals are the characters that Unicode calls numeric, as NumeralsLen bytes for inRanges.
var (
	Numerals    ptr
	NumeralsLen uint32
)

// matchAddress accepts a postal code of the USA or Canada, white space anywhere.
//
//wasm:small
func matchAddress(c uint32, p, e ptr) bool {
	q := vm.Addr(&squeezed)
	r, numeric := q, true
	for p < e {
		c, next := runeAt(p)
		if !isSpace(c) {
			if r-q > 9 {
				return false
			}
			numeric = numeric && inRanges(c, Numerals, NumeralsLen)
			for ; p < next; p++ {
				vm.Put8(r, vm.U8(p))
				r++
			}
		}
		p = next
	}
	return numeric && (r-q == 5 || r-q == 9) || shaped(q, r, vm.Lit("A9A9A9")) || shaped(q, r, vm.Lit("99999-9999"))
}

// maxPlace is how long a point on Earth may be.
const maxPlace = 64

// matchGeolocation accepts a point on Earth: latitude and longitude in degrees,
// as a pair of decimals, as ISO 6709 writes it in one string or with degrees,
// minutes and seconds, as a geo URI or as a full plus code.
//
//wasm:small
func matchGeolocation(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if e-p < 8 || e-p > maxPlace {
		return false
	}
	if startsFold(p, e, vm.Lit("geo:")) {
		return isPair(p+4, e, 0)
	}
	return isPair(p, e, 3) || isSignedPair(p, e) || isSexagesimal(p, e) || isPlusCode(p, e)
}

// The coordinate that readDegrees read last.
var (
	halves      uint32 // twice its magnitude in whole degrees, and 1 if it has a fraction; or a lot
	degreesPart uint32 // digits of its fraction
	degreesInt  uint32 // digits before the point
)

// isSign says whether c is + or -.
//
//wasm:inline
func isSign(c uint32) bool { return (c-'+')|2 == '-'-'+' }

// readDegrees reads a decimal with maybe a sign and returns the byte after it.
//
//wasm:small
func readDegrees(p, e ptr) ptr {
	halves, degreesPart, degreesInt = 0, 0, 0
	if p < e && isSign(vm.U8(p)) {
		p++
	}
	for ; p < e && digit(vm.U8(p)); p++ {
		halves = min(halves*10+2*(vm.U8(p)-'0'), 1<<24)
		degreesInt++
	}
	if degreesInt == 0 || p >= e || vm.U8(p) != '.' {
		return p
	}
	for p++; p < e && digit(vm.U8(p)); p++ {
		if vm.U8(p) != '0' {
			halves |= 1
		}
		degreesPart++
	}
	return p
}

// within says whether the coordinate read last has at most that many degrees, and at least so many decimals.
//
//wasm:small
func within(limit, decimals uint32) bool {
	return degreesInt-1 < 3 && degreesPart >= decimals && halves <= 2*limit
}

// isPair says whether [p,e) is a latitude and a longitude with a comma between
// them. With no decimals asked for, what a geo URI has behind them may follow.
//
//wasm:small
func isPair(p, e ptr, decimals uint32) bool {
	if decimals > 0 && vm.U8(p) == '(' && vm.U8(e-1) == ')' {
		p++
		e--
	}
	p = readDegrees(p, e)
	if !within(90, decimals) || p >= e || vm.U8(p) != ',' {
		return false
	}
	p++
	if decimals > 0 && p < e && vm.U8(p) == ' ' {
		p++
	}
	p = readDegrees(p, e)
	if !within(180, decimals) {
		return false
	}
	return p == e || decimals == 0 && p < e && (vm.U8(p) == ',' || vm.U8(p) == ';')
}

// isSignedPair says whether [p,e) is ISO 6709's string form in degrees:
// +40.6894-074.0447/, maybe with a height.
//
//wasm:small
func isSignedPair(p, e ptr) bool {
	if vm.U8(e-1) != '/' || !isSign(vm.U8(p)) {
		return false
	}
	q := readDegrees(p, e)
	if degreesInt != 2 || !within(90, 0) || !isSign(vm.U8(q)) {
		return false
	}
	q = readDegrees(q, e)
	if degreesInt != 3 || !within(180, 0) {
		return false
	}
	if isSign(vm.U8(q)) {
		q = readDegrees(q, e)
	}
	return q == e-1 || starts(q, e, vm.Lit("CRS"))
}

// isSexagesimal says whether [p,e) is two angles with degree signs, minutes and
// seconds or decimals, a latitude marked N or S and a longitude marked E or W.
//
//wasm:small
func isSexagesimal(p, e ptr) bool {
	p = readAngle(p, e, 90)
	if p == 0 || p >= e || !listed(p, 1, vm.Lit("NS")) {
		return false
	}
	for p++; p < e && (vm.U8(p) == ' ' || vm.U8(p) == ','); p++ {
	}
	p = readAngle(p, e, 180)
	return p != 0 && p == e-1 && listed(p, 1, vm.Lit("EW"))
}

// readAngle reads an angle of at most limit degrees and returns the byte after it, or 0.
//
//wasm:small
func readAngle(p, e ptr, limit uint32) ptr {
	p = readDegrees(p, e)
	if !digit(vm.U8(p-1)) || !within(limit, 0) || !starts(p, e, vm.Lit("°")) {
		return 0
	}
	for p += 2; p < e; p++ { // minutes, seconds and their marks
		c := vm.U8(p)
		if !digit(c) && c != '.' && c != '\'' && c != '"' && c != ' ' && c < 0x80 {
			return p
		}
	}
	return 0
}

// isPlusCode says whether [p,e) is a full Open Location Code: eight of its twenty
// digits, a +, and two or more.
//
//wasm:small
func isPlusCode(p, e ptr) bool {
	if e-p < 11 || e-p > 16 || vm.U8(p+8) != '+' {
		return false
	}
	for q := p; q < e; q++ {
		if q != p+8 && !listed(q, 1, vm.Lit("23456789CFGHJMPQRVWX")) {
			return false
		}
	}
	return vm.U8(p) <= 'C' && vm.U8(p+1) <= 'V' // within 180 degrees north, 360 east
}
