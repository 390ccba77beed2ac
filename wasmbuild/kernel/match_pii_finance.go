package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchFinancial accepts identifiers of finance: of a security (ISIN, CUSIP,
// FIGI), of a legal entity (LEI), of a payment (ISO 11649), or what a payment
// card's magnetic stripe holds (ISO/IEC 7813).
//
//wasm:small
func matchFinancial(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if e-p < 9 {
		return false
	}
	if c := vm.U8(p); c == '%' || c == ';' {
		return isTrack(p, e)
	}
	if e-p > maxCode {
		return false
	}
	q, r := squeeze(p, e)
	n := r - q
	if n < 9 || n > 25 || n == squeezedDigits && n != 20 {
		return false
	}
	if vm.U16(q) == 'R'|'F'<<8 && digit(vm.U8(q+2)) && digit(vm.U8(q+3)) {
		return mod97(q, q+4, mod97(q+4, r, 0)) == 1
	}
	if !digit(vm.U8(r - 1)) {
		return false
	}
	switch n {
	case 9:
		return e-p == 9 && isCUSIP(q)
	case 12:
		return isISIN(q, r) || isFIGI(q)
	case 20:
		return digit(vm.U8(r-2)) && mod97(q, r, 0) == 1
	}
	return false
}

// isISIN: a country, or a code of ISO 6166 for what belongs to none, nine
// characters, a check digit.
//
//wasm:small
func isISIN(q, r ptr) bool {
	return (isCountry(q) || listed(q, 2, vm.Lit("XSEUXAXBXCXDXFQSQT"))) && luhnOf(q, r)
}

// isCUSIP says whether the nine characters at q have a CUSIP's check digit. One
// without letters could be any number.
//
//wasm:small
func isCUSIP(q ptr) bool {
	if !digit(vm.U8(q)) {
		return false
	}
	return doubledCheck(q, 8)
}

// isFIGI: two consonants that are no country's code, G, nine characters, of which the last is a check digit.
//
//wasm:small
func isFIGI(q ptr) bool {
	if vm.U8(q+2) != 'G' || listed(q, 2, vm.Lit("BSBMGGGBGHKYVG")) {
		return false
	}
	for i := uint32(0); i < 11; i++ {
		if c := vm.U8(q + i); listed(q+i, 1, vm.Lit("AEIOU")) || i < 2 && digit(c) {
			return false
		}
	}
	return doubledCheck(q, 11)
}

// doubledCheck says whether the digit behind n values makes the sum of their digits a
// multiple of ten, every second one doubled, letters counting from 10.
//
//wasm:small
func doubledCheck(q ptr, n uint32) bool {
	sum := vm.U8(q+n) - '0'
	for i := uint32(0); i < n; i++ {
		v := value36(vm.U8(q + i))
		if i&1 != 0 {
			v *= 2
		}
		sum += v/10 + v%10
	}
	return sum%10 == 0
}

// isTrack says whether [p,e) starts as track 1 or 2 of a payment card does: a
// sentinel, a card number, a separator.
//
//wasm:small
func isTrack(p, e ptr) bool {
	stop := uint32('=')
	if vm.U8(p) == '%' {
		p++
		if lower(vm.U8(p)) != 'b' {
			return false
		}
		stop = '^'
	}
	p++
	q := p
	for q < e && digit(vm.U8(q)) {
		q++
	}
	return q < e && vm.U8(q) == stop && matchCard('"', p, q)
}
