package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchTaxpayer accepts a taxpayer's number of the USA, Brazil, Italy, Spain,
// Germany, India or Australia, or a VAT number of the EU with its country's code:
// all but the American, which has reserved ranges, and the Indian have check digits.
//
//wasm:small
func matchTaxpayer(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if e-p < 9 || e-p > maxCode {
		return false
	}
	switch e - p {
	case 10:
		if shaped(p, e, vm.Lit("99-9999999")) {
			return einCodes[number2(p)>>5]>>(number2(p)&31)&1 != 0
		}
	case 11:
		if shaped(p, e, vm.Lit("999-99-9999")) {
			return isITIN(vm.U8(p), number2(p+4))
		}
	case 14, 18:
		if shaped(p, e, vm.Lit("999.999.999-99")) || shaped(p, e, vm.Lit("99.999.999/9999-99")) {
			return isBrazilian(digitsOf(p, e))
		}
	}
	q, r := squeeze(p, e)
	n := r - q
	switch {
	case n == squeezedDigits:
		return isBrazilian(q, r) || n == 11 && (isGermanTax(q, r) || isAustralian(q))
	case n == 16:
		return squeezedDigits > 3 && isItalian(q)
	case n == 9 && isSpanish(q), n == 10 && isIndian(q, r):
		return true
	}
	return n >= 10 && n <= 14 && isVAT(q, r)
}

// einCodes are the first two digits of the employer numbers that the IRS gives out.
var einCodes = [4]uint32{0xcff1fc7e, 0xfffdffff, 0xfdff3f9f, 0xc}

// isITIN says whether a number that starts with 9 and has this group is a taxpayer's (ITIN, ATIN).
func isITIN(first, group uint32) bool {
	return first == '9' && (group-50 < 16 || group-70 < 19 || group-90 < 10)
}

// isBrazilian says whether the digits [q,r) are a CPF (11) or a CNPJ (14), with two check digits.
//
//wasm:small
func isBrazilian(q, r ptr) bool {
	switch r - q {
	case 11:
		return !sameBytes(q, r) && check11(q, vm.Lit(":98765432"), vm.U8(r-2)) && check11(q, vm.Lit(";:98765432"), vm.U8(r-1))
	case 14:
		return !sameBytes(q, r) && check11(q, vm.Lit("543298765432"), vm.U8(r-2)) && check11(q, vm.Lit("6543298765432"), vm.U8(r-1))
	}
	return false
}

// check11 says whether a check digit is eleven less the weighted sum's remainder,
// or 0 where that has two digits.
func check11(q ptr, weights vm.Text, digit uint32) bool {
	d := 11 - weighted(q, weights)%11
	if d > 9 {
		d = 0
	}
	return digit == d+'0'
}

func sameBytes(q, r ptr) bool {
	for p := q + 1; p < r; p++ {
		if vm.U8(p) != vm.U8(q) {
			return false
		}
	}
	return true
}

// isGermanTax: of the first ten digits one occurs two or three times, no other
// more than once; the last is a check digit.
func isGermanTax(q, r ptr) bool {
	if vm.U8(q) == '0' || !mod11and10(q, r) {
		return false
	}
	seen, again := uint32(0), uint32(0)
	for p := q; p < r-1; p++ {
		bit := uint32(1) << ((vm.U8(p) - '0') & 31)
		again |= seen & bit
		seen |= bit
	}
	return vm.Pop32(again) == 1 && vm.Pop32(seen) >= 8
}

// isAustralian says whether the eleven digits at q are an Australian business number.
func isAustralian(q ptr) bool {
	return vm.U8(q) != '0' && (weighted(q, vm.Lit(":13579;=?AC"))-10)%89 == 0
}

// isItalian says whether the 16 characters at q are a codice fiscale: a name, a
// date of birth, a place, a check letter. Digits may stand as letters.
//
//wasm:small
func isItalian(q ptr) bool {
	form := vm.Lit("AAAAAAXXAXXAXXXA")
	if !shaped(q, q+16, form) || !listed(q+8, 1, vm.Lit("ABCDEHLMPRST")) {
		return false
	}
	odd := vm.Lit("\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15\x02\x04\x12\x14\x0b\x03\x06\x08\x0c\x0e\x10\x0a\x16\x19\x18\x17")
	sum := uint32(0)
	for i := uint32(0); i < 15; i++ {
		c := vm.U8(q + i)
		v := c - 'A'
		if digit(c) {
			v = c - '0'
		} else if vm.U8(textPtr(form)+i) == 'X' && !listed(q+i, 1, vm.Lit("LMNPQRSTUV")) {
			return false
		}
		if i&1 == 0 {
			v = vm.U8(textPtr(odd) + v)
		}
		sum += v
	}
	return vm.U8(q+15) == sum%26+'A'
}

// isSpanish says whether the nine characters at q are a NIF of eight digits, or
// an NIE that starts with X, Y or Z, and a check letter.
func isSpanish(q ptr) bool {
	v := uint32(0)
	if c := vm.U8(q); c-'X' < 3 {
		v = c - 'X'
	} else if digit(c) {
		v = c - '0'
	} else {
		return false
	}
	for i := uint32(1); i < 8; i++ {
		if !digit(vm.U8(q + i)) {
			return false
		}
		v = v*10 + vm.U8(q+i) - '0'
	}
	return vm.U8(q+8) == vm.U8(textPtr(vm.Lit("TRWAGMYFPDXBNJZSQVHLCKE"))+v%23)
}

// isIndian says whether [q,r) is a permanent account number, whose fourth letter says what its holder is.
func isIndian(q, r ptr) bool {
	return shaped(q, r, vm.Lit("AAAAA9999A")) && listed(q+3, 1, vm.Lit("ABCFGHJLPT"))
}
