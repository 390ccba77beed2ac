package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// ibanForms has, for each country of the IBAN registry, what follows its check
// digits: counts of digits (n), letters (a) and either (c). A space ends the list.
const ibanForms = "AD8n12cAE19nAL8n16cAT16nAZ4a20cBA16nBE12nBG4a6n8cBH4a14cBI23nBR23n1a1cBY4c4n16cCH5n12cCR18nCY8n16cCZ20n" +
	"DE18nDJ23nDK14nDO4c20nEE16nEG25nES20nFI14nFK2a12nFO14nFR10n11c2nGB4a14nGE2a16nGI4a15cGL14nGR7n16cGT24cHN4a20nHR17nHU24n" +
	"IE4a14nIL19nIQ4a15nIS22nIT1a10n12cJO4a4n18cKW4a22cKZ3n13cLB4n20cLC4a24cLI5n12cLT16nLU3n13cLV4a13cLY21nMC10n11c2nMD20cME18n" +
	"MK3n10c2nMN16nMR23nMT4a5n18cMU4a19n3aNI4a20nNL4a10nNO11nOM3n16cPK4a16cPL24nPS4a21cPT21nQA4a21cRO4a16cRS18nRU14n15cSA2n18c" +
	"SC4a20n3aSD14nSE20nSI15nSK20nSM1a10n12cSO19nST21nSV4a20nTL19nTN20nTR6n16cUA6n19cVA18nVG4a16nXK16nYE4a4n18c "

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
//
//wasm:small
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
//
//wasm:small
func isNational(q, r ptr) bool {
	forms := vm.Lit(ibanForms)
	f := textPtr(forms)
	for vm.U8(f) != ' ' {
		known := vm.U16(f) == vm.U16(q)
		f += 2
		at := q + 4
		for digit(vm.U8(f)) {
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
//
//wasm:small
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
