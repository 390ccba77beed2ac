package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchHealth accepts identifiers of health care: of patients (the NHS number,
// the US Medicare beneficiary identifier), of those who treat them (the US NPI
// and DEA number), and of what they suffer from (ICD-10 codes with a subcategory).
//
//wasm:small
func matchHealth(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if e-p < 5 || e-p > maxCode {
		return false
	}
	if vm.U8(p+3) == '.' {
		return isDiagnosis(p, e)
	}
	q, r := squeeze(p, e)
	switch r - q {
	case 9:
		return squeezedDigits == 7 && e-p == 9 && isDEA(q, r)
	case 10:
		return squeezedDigits == 10 && (isNHS(q) || c == '"' && isNPI(q, r))
	case 11:
		return isMBI(q, r)
	}
	return false
}

// isDiagnosis says whether [p,e) is an ICD-10 code: a letter, a digit, a digit or
// one of two letters, and after the dot one to four characters, the first a digit or X.
func isDiagnosis(p, e ptr) bool {
	n := e - p
	if n < 5 || n > 8 || vm.U8(p)-'A' >= 26 || !digit(vm.U8(p+1)) || !digit(vm.U8(p+2)) && vm.U8(p+2)-'A' >= 2 {
		return false
	}
	if c := vm.U8(p + 4); !digit(c) && c != 'X' {
		return false
	}
	for q := p + 5; q < e; q++ {
		if c := vm.U8(q); !digit(c) && c-'A' >= 26 {
			return false
		}
	}
	return true
}

// isNHS says whether the ten digits at q are an NHS number: of the ranges in use
// south of Scotland, or of the one for examples, which starts with 9.
func isNHS(q ptr) bool {
	d := 11 - weighted(q, vm.Lit(":98765432"))%11
	return listed(q, 1, vm.Lit("34679")) && d != 10 && vm.U8(q+9)-'0' == d%11
}

// isNPI says whether the ten digits [q,r) are an NPI, whose check digit is that of
// a card number which starts with 80840. As a JSON number it would be a time.
func isNPI(q, r ptr) bool {
	return vm.U8(q)-'1' < 2 && (doubledTail(q)+24+vm.U8(r-1)-'0')%10 == 0
}

// doubledTail is Luhn's sum of nine digits, of which the last is doubled.
func doubledTail(q ptr) uint32 {
	sum := uint32(0)
	for i := uint32(0); i < 9; i++ {
		d := vm.U8(q+i) - '0'
		if i&1 == 0 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return sum
}

// isDEA says whether [q,r) is a number of the Drug Enforcement Administration: a
// registrant's type, a letter or 9, six digits and a check digit.
func isDEA(q, r ptr) bool {
	if !listed(q, 1, vm.Lit("ABCDEFGHJKLMPRSTUX")) || !shaped(q+1, r, vm.Lit("A9999999")) {
		return false
	}
	return weighted(q+2, vm.Lit("121212"))%10 == vm.U8(r-1)-'0'
}

// isMBI says whether [q,r) has the form that CMS gives a beneficiary's identifier.
func isMBI(q, r ptr) bool {
	if !shaped(q, r, vm.Lit("9AX9AX9AA99")) || vm.U8(q) == '0' {
		return false
	}
	for ; q < r; q++ {
		if listed(q, 1, vm.Lit("SLOIBZ")) {
			return false
		}
	}
	return true
}
