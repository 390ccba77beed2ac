package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchLicense accepts the number of a driving licence of a country or state
// whose numbers have a form of their own, with spaces and hyphens anywhere; or
// what the barcode of a North American one holds.
//
//wasm:small
func matchLicense(c uint32, p, e ptr) bool {
	if e-p < 12 {
		return false
	}
	if starts(p, e, vm.Lit("@\n\x1e\rANSI ")) || starts(p, e, vm.Lit("@\n\x1c\rANSI ")) || starts(p, e, vm.Lit("@\n\x1e\rAAMVA")) {
		return true
	}
	p, e = trim(p, e)
	if e-p > maxCode {
		return false
	}
	q, r := squeeze(p, e)
	n := r - q
	if n < 12 || n > 16 || !letter(vm.U8(q)) {
		return false
	}
	if n == squeezedDigits+1 {
		return isNameCoded(q, n-1)
	}
	return n == 15 && isIndianLicense(q) || n == 16 && isBritishLicense(q)
}

// isNameCoded says whether the letter at q and the n digits behind it are such as
// states make of the holder's name and date of birth.
//
//wasm:small
func isNameCoded(q ptr, n uint32) bool {
	switch n {
	case 11, 12, 13: // the name's Soundex: Illinois, Florida and others, Wisconsin
		if vm.U8(q+1) < '7' && vm.U8(q+2) < '7' && vm.U8(q+3) < '7' {
			return true
		}
		return n == 12 && dayInMonth(number2(q+5), number2(q+7)) // Quebec
	case 14:
		return dayInMonth(1, number2(q+10)) || dayInMonth(number2(q+13), number2(q+11)) // New Jersey, Ontario
	}
	return false
}

const indianStates = "ANAPARASBRCGCHDDDLDNGAGJHPHRJHJKKAKLLALDMHMLMNMPMZNLODORPBPYRJSKTNTRTSTGUKUAUPWB"

// isIndianLicense: a state, an office, a year, a number.
//
//wasm:small
func isIndianLicense(q ptr) bool {
	return squeezedDigits == 13 && listed(q, 2, vm.Lit(indianStates)) && (number2(q+4) == 19 || number2(q+4) == 20)
}

// isBritishLicense: five letters of the name filled up with 9, the date of birth
// as YMMDDY with 50 added to the month of a woman's, initials, three more characters.
//
//wasm:small
func isBritishLicense(q ptr) bool {
	for i := uint32(1); i < 5; i++ {
		if c := vm.U8(q + i); digit(c) && c != '9' || letter(c) && vm.U8(q+i-1) == '9' {
			return false
		}
	}
	month, day := number2(q+6), number2(q+8)
	return shaped(q+5, q+11, vm.Lit("999999")) && dayInMonth(day, month) && (month < 13 || month > 50) &&
		letter(vm.U8(q+11)) && (letter(vm.U8(q+12)) || vm.U8(q+12) == '9') && digit(vm.U8(q+13)) && letter(vm.U8(q+15))
}
