package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// PII_ANY accepts what one of the matchers accepts that are precise enough to
// look at every value. A survey of the value says which of them can: most need
// so many digits, a certain byte, or a certain start. docs/detectors.md lists them.

// What bytes a value has, as survey finds them.
const (
	hasDigits  = 1
	hasLetters = 2 // or @ [ \ ] ^ _ ` { | } ~
	hasAt      = 4
	hasPlus    = 8
	hasNames   = 16 // = or :
	hasComma   = 32
	hasSpace   = 64
	hasOther   = 128 // beyond ASCII
)

// wordless is 1 when none of the rule's words occurs in the payload.
var wordless uint32

var surveyed [16]uint8

// survey says what bytes [p,e) has, and how many digits.
//
//wasm:inline
func survey(p, e ptr) (has, digits uint32) {
	low, high := vm.Bytes("\xc7\x83\x83\x83\x83\x83\x83\x83\x83\x83\x92\x8a\xa2\x92\x82\x82"), vm.Bytes("\x00\x00\x68\x11\x06\x02\x02\x02\x80\x80\x80\x80\x80\x80\x80\x80")
	seen := vm.Splat(0)
	for ; p < e; p += 16 {
		v := vm.Load(p)
		m := vm.Mask(vm.Lt(vm.Sub(v, vm.Splat('0')), vm.Splat(10)))
		if e-p < 16 {
			m &= 1<<((e-p)&31) - 1
			v = vm.And(v, vm.Load(vm.Addr(&surveyTail)+16-(e-p)))
		}
		digits += vm.Pop32(m)
		seen = vm.Or(seen, vm.And(vm.Swizzle(low, vm.And(v, vm.Splat(15))), vm.Swizzle(high, vm.Shr(v, 4))))
	}
	s := vm.Addr(&surveyed)
	vm.Store(s, seen)
	both := vm.U64(s) | vm.U64(s+8)
	both |= both >> 32
	has = uint32(both) | uint32(both)>>16
	return has | has>>8, digits
}

// surveyTail keeps the bytes of a block that belong to the value.
var surveyTail = [32]uint8{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}

// scanAny is worthScanning for PII_ANY: it notes whether the payload has any of the rule's words.
func scanAny() bool {
	c := candidateWord(pay)
	wordless = 0
	if c >= end {
		wordless = 1
	}
	return true
}

// matchAny accepts text that is some kind of personal data.
func matchAny(c uint32, p, e ptr) bool {
	if c == 't' || c == 'f' || p >= e {
		return false
	}
	q, r := p, e
	if a, b := vm.U8(p), vm.U8(e-1); a <= ' ' || b <= ' ' || a|b > 0x7f {
		q, r = trim(p, e)
		if q >= r {
			return false
		}
	}
	has, digits := survey(q, r)
	if digits > 0 && anyWithDigits(c, p, e, q, r, has, digits) {
		return true
	}
	return has&(hasLetters|hasPlus|hasComma|hasNames) != 0 && anyWithLetters(c, p, e, q, r, has)
}

// anyWithDigits tries what has digits; [q,r) is [p,e) without white space around.
func anyWithDigits(c uint32, p, e, q, r ptr, has, digits uint32) bool {
	if has&(hasLetters|hasOther) == 0 && digits > 8 && anyDigits(c, p, e, digits) {
		return true
	}
	if (has&hasPlus != 0 || digits == 10 || digits == 11) && matchPhone(c, p, e) || digits == 9 && matchRouting(c, p, e) {
		return true
	}
	if vm.U8(q) == '-' && vm.U8(r-1) == '/' && matchGeolocation(c, q, r) {
		return true
	}
	return (has&hasLetters != 0 || digits == 9) && r-q > 8 && r-q < 128 && anyIdentifier(c, q, r, digits)
}

// anyDigits tries what has no letters.
//
//wasm:small
func anyDigits(c uint32, p, e ptr, digits uint32) bool {
	switch digits {
	case 9:
		return matchSSN(c, p, e) || matchSIN(c, p, e)
	case 10:
		return matchHealth(c, p, e)
	case 11:
		return matchTaxpayer(c, p, e)
	case 14:
		return matchCard(c, p, e) || matchTaxpayer(c, p, e)
	}
	return digits > 12 && (digits < 20 && matchCard(c, p, e) || matchSerial(c, p, e) || digits == 17 && matchVIN(c, p, e) ||
		digits < 24 && matchFinancial(c, p, e) || digits == 16 && isOrcid(trim(p, e)))
}

// anyIdentifier tries codes of letters and digits.
//
//wasm:small
func anyIdentifier(c uint32, p, e ptr, digits uint32) bool {
	n := e - p
	if n == 17 && matchVIN(c, p, e) || n > 34 && matchPassport(c, p, e) || n > 18 && digits > 14 && isOrcid(p, e) {
		return true
	}
	if letter(vm.U8(p)) && letter(vm.U8(p+1)) && digit(vm.U8(p+2)) && matchIBAN(c, p, e) {
		return true
	}
	if n > 40 {
		return false
	}
	return digits == 6 && matchNINO(c, p, e) || digits > 5 && matchLicense(c, p, e) || digits > 3 && matchTaxpayer(c, p, e) ||
		(digit(vm.U8(e-1)) || lower(vm.U8(p)) == 'r') && matchFinancial(c, p, e) ||
		digits-5 < 3 && matchHealth(c, p, e) || n < 15 && digits > 0 && matchPassport(c, p, e)
}
