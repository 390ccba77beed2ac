package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// ibanForms has, for each country of the IBAN registry, what follows its check
// digits: counts of digits (n), letters (a) and either (c).
const ibanForms = "AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n CY8n16c CZ20n " +
	"DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n " +
	"IE4a14n IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n MD20c ME18n " +
	"MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c SA2n18c " +
	"SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n TN20n TR6n16c UA6n19c VA18n VG4a16n XK16n YE4a4n18c "

// How long IBANs are, without spaces.
const (
	ibanMin = 15
	ibanMax = 34
)

// matchIBAN accepts an ISO 13616 account number with valid check digits and its
// country's form: in one piece or in groups of four, white space around.
//
//wasm:small
func matchIBAN(c uint32, p, e ptr) bool {
	if e-p < ibanMin {
		return false
	}
	p, e = trim(p, e)
	q, r := ungrouped(p, e)
	if r-q < ibanMin || !letter(vm.U8(q)) || !letter(vm.U8(q+1)) || !digit(vm.U8(q+2)) || !digit(vm.U8(q+3)) {
		return false
	}
	return isNational(q, r) && mod97(q, q+4, mod97(q+4, r, 0)) == 1
}

// ungrouped writes text to squeezed, in upper case, without the spaces after
// each fourth character. It returns nothing if there are others, or only some of these.
func ungrouped(p, e ptr) (q, r ptr) {
	q = vm.Addr(&squeezed)
	r = q
	if e-p > ibanMax/4*5+2 {
		return q, q
	}
	grouped := e-p > 4 && vm.U8(p+4) == ' '
	for i := uint32(0); p+i < e; i++ {
		c := vm.U8(p + i)
		if grouped && i%5 == 4 {
			if c != ' ' {
				return q, q
			}
			continue
		}
		if !alnum(c) {
			return q, q
		}
		vm.Put8(r, upper(c))
		r++
	}
	return q, r
}

// isNational says whether [q,r) has the form that its country gave its IBANs.
func isNational(q, r ptr) bool {
	forms := vm.Lit(ibanForms)
	f := textPtr(forms)
	for stop := f + textLen(forms); f < stop; f++ {
		known := vm.U16(f) == vm.U16(q)
		f += 2
		at := q + 4
		for vm.U8(f) != ' ' {
			n := uint32(0)
			for ; digit(vm.U8(f)); f++ {
				n = n*10 + vm.U8(f) - '0'
			}
			if known && !allOf(at, n, vm.U8(f)) {
				return false
			}
			at += n
			f++
		}
		if known {
			return at == r
		}
	}
	return false
}

// allOf says whether n characters are digits ('n'), letters ('a') or either.
func allOf(p ptr, n, kind uint32) bool {
	for stop := p + n; p < stop; p++ {
		if c := vm.U8(p); digit(c) && kind == 'a' || letter(c) && kind == 'n' {
			return false
		}
	}
	return true
}

// swiftMax is how long a code with its hyphens may be.
const swiftMax = 16

// matchSwift accepts an ISO 9362 business identifier code: a bank, a country, a
// place and maybe a branch, in letters of any case, hyphens between, white space around.
//
//wasm:small
func matchSwift(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if e-p > swiftMax {
		return false
	}
	q := vm.Addr(&squeezed)
	r := q
	for ; p < e; p++ {
		c := vm.U8(p)
		if c == '-' {
			continue
		}
		if !alnum(c) || r == q+11 {
			return false
		}
		vm.Put8(r, upper(c))
		r++
	}
	return (r-q == 8 || r-q == 11) && allOf(q, 6, 'a') && isCountry(q+4)
}

// matchRouting accepts text whose digits are a routing number of the American
// Bankers Association: nine, a Federal Reserve district and a check digit.
//
//wasm:small
func matchRouting(c uint32, p, e ptr) bool {
	q, r := digitsOf(p, e)
	if r-q != 9 {
		return false
	}
	d := number2(q)
	return (d <= 12 || d-21 < 12 || d-61 < 12 || d == 80) && weighted(q, vm.Lit("371371371"))%10 == 0
}
