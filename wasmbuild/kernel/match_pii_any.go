package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// PII_ANY accepts what one of the matchers accepts that are precise enough to
// look at every value. A survey of the value says which of them can: most need
// so many digits, a certain byte, or a certain start. docs/detectors.md lists them.

// What bytes a value has, as survey finds them.
const (
	hasColon   = 1
	hasLetters = 2 // or @ [ \ ] ^ _ ` { | } ~
	hasAt      = 4
	hasPlus    = 8
	hasEquals  = 16
	hasComma   = 32
	hasSpace   = 64
	hasOther   = 128 // beyond ASCII
)

// wordless is 1 when none of the rule's words occurs in the payload.
var wordless uint32

var surveyed [16]uint8

// survey says what bytes [p,e) has, how many digits, and how many letters.
//
//wasm:inline
func survey(p, e ptr) (has, digits, letters uint32) {
	low, high := vm.Bytes("\xc6\x82\x82\x82\x82\x82\x82\x82\x82\x82\x83\x8a\xa2\x92\x82\x82"), vm.Bytes("\x00\x00\x68\x11\x06\x02\x02\x02\x80\x80\x80\x80\x80\x80\x80\x80")
	seen := vm.Splat(0)
	for ; p < e; p += 16 {
		v := vm.Load(p)
		m := vm.Mask(vm.Lt(vm.Sub(v, vm.Splat('0')), vm.Splat(10)))
		if e-p < 16 {
			m &= 1<<((e-p)&31) - 1
			v = vm.And(v, vm.Load(vm.Addr(&surveyTail)+16-(e-p)))
		}
		digits += vm.Pop32(m)
		letters += vm.Pop32(vm.Mask(vm.Lt(vm.Sub(vm.Or(v, vm.Splat(32)), vm.Splat('a')), vm.Splat(26))))
		seen = vm.Or(seen, vm.And(vm.Swizzle(low, vm.And(v, vm.Splat(15))), vm.Swizzle(high, vm.Shr(v, 4))))
	}
	s := vm.Addr(&surveyed)
	vm.Store(s, seen)
	both := vm.U64(s) | vm.U64(s+8)
	both |= both >> 32
	has = uint32(both) | uint32(both)>>16
	return has | has>>8, digits, letters
}

// surveyTail keeps the bytes of a block that belong to the value.
var surveyTail = [32]uint8{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}

// scanAny is worthScanning for PII_ANY: it notes whether the payload has any of the rule's words.
func scanAny() bool {
	wordless = 1
	for p := candidateWord(pay); p < end && wordless != 0; p = candidateWord(p + 1) {
		if vm.U8(p) == '\\' || isReligion(p, end) || startsAny(p, end, vm.Lit(degreeNames)) > 0 {
			wordless = 0
		}
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
	has, digits, letters := survey(q, r)
	if digits > 0 && anyWithDigits(c, p, e, q, r, has, digits, letters) {
		return true
	}
	return has&(hasLetters|hasPlus|hasComma) != 0 && anyWithLetters(c, p, e, q, r, has, digits+letters == r-q)
}

// anyWithDigits tries what has digits; [q,r) is [p,e) without white space around.
func anyWithDigits(c uint32, p, e, q, r ptr, has, digits, letters uint32) bool {
	if has&(hasLetters|hasOther) == 0 && digits > 8 && anyDigits(c, p, e, q, digits) {
		return true
	}
	if (has&hasPlus != 0 || digits == 10 || digits == 11) && matchPhone(c, p, e) || digits == 9 && matchRouting(c, p, e) {
		return true
	}
	if vm.U8(q) == '-' && vm.U8(r-1) == '/' && matchGeolocation(c, q, r) {
		return true
	}
	n := digits + letters
	if digits > 14 && (r-q == 19 || startsAny(q, r, vm.Lit("http|orcid|")) > 0) && isOrcid(q, r) {
		return true
	}
	return n > 8 && has&(hasColon|hasAt|hasPlus|hasEquals|hasComma) == 0 && (letters > 0 || digits == 9) && r-q < 128 && anyIdentifier(c, q, r, digits, n)
}

// anyDigits tries what has no letters.
//
//wasm:small
func anyDigits(c uint32, p, e, q ptr, digits uint32) bool {
	switch digits {
	case 9:
		return matchSSN(c, p, e) || matchSIN(c, p, e)
	case 10:
		return matchHealth(c, p, e)
	case 11:
		return matchTaxpayer(c, p, e)
	case 14:
		if matchTaxpayer(c, p, e) {
			return true
		}
	}
	if digits > 12 && digits < 20 && matchCard(c, p, e) {
		return true
	}
	switch digits {
	case 15, 19:
		return matchSerial(c, p, e)
	case 17:
		return matchVIN(c, p, e)
	case 20:
		return matchSerial(c, p, e) || matchFinancial(c, p, e)
	}
	return vm.U8(q) == ';' && matchFinancial(c, p, e)
}

// anyIdentifier tries codes of letters and digits, n in all.
//
//wasm:small
func anyIdentifier(c uint32, p, e ptr, digits, n uint32) bool {
	switch {
	case e-p == 17 && matchVIN(c, p, e):
		return true
	case letter(vm.U8(p)) && letter(vm.U8(p+1)) && digit(vm.U8(p+2)) && matchIBAN(c, p, e):
		return true
	case e-p > 35 && matchPassport(c, p, e):
		return true
	case n > 25 || e-p > maxCode:
		return false
	case (digit(vm.U8(e-1)) || lower(vm.U8(p)) == 'r') && matchFinancial(c, p, e):
		return true
	case n < 12 && (digits == 6 && matchNINO(c, p, e) || digits-5 < 3 && matchHealth(c, p, e) || n == 10 && matchPassport(c, p, e)):
		return true
	}
	return n < 17 && (digits > 3 && matchTaxpayer(c, p, e) || n > 11 && digits > 5 && matchLicense(c, p, e))
}
