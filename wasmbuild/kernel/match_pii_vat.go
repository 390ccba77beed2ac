package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// isVAT says whether [q,r) is a VAT number of a member state of the EU: the
// state's code, and digits with its check.
//
//wasm:small
func isVAT(q, r ptr) bool {
	n := r - q - 2
	d := q + 2
	switch vm.U16(q) {
	case 'A' | 'T'<<8:
		return n == 9 && vm.U8(d) == 'U' && allDigits(d+1, r) && (sumOfProducts(d+1, 7)+4+vm.U8(r-1)-'0')%10 == 0
	case 'E' | 'S'<<8:
		return n == 9 && isSpanish(d)
	case 'N' | 'L'<<8:
		return n == 12 && vm.U8(d+9) == 'B' && allDigits(d, d+9) && allDigits(d+10, r) &&
			(mod97(q, r, 0) == 1 || weighted(d, vm.Lit("98765432"))%11 == vm.U8(d+8)-'0')
	}
	if !allDigits(d, r) {
		return false
	}
	if c := vm.U8(r - 1); n == 9 && vm.U16(q) == 'E'|'L'<<8 {
		return vatEL(d, c)
	}
	switch vm.U16(q) {
	case 'B' | 'E'<<8:
		return n == 10 && (mod97(d, d+8, 0)+number2(r-2))%97 == 0
	case 'D' | 'E'<<8:
		return n == 9 && mod11and10(d, r)
	case 'D' | 'K'<<8:
		return n == 8 && weighted(d, vm.Lit("27654321"))%11 == 0
	case 'F' | 'I'<<8:
		return n == 8 && weighted(d, vm.Lit("79:58421"))%11 == 0
	case 'F' | 'R'<<8:
		return n == 11 && luhnOf(d+2, r) && (12+3*mod97(d+2, r, 0))%97 == number2(d)
	case 'H' | 'U'<<8:
		return n == 8 && weighted(d, vm.Lit("97319731"))%10 == 0
	case 'I' | 'T'<<8:
		return n == 11 && luhnOf(d, r)
	case 'L' | 'U'<<8:
		return n == 8 && remainder(d, d+6, 89) == number2(d+6)
	case 'P' | 'L'<<8:
		return n == 10 && weighted(d, vm.Lit("657234567:"))%11 == 0
	case 'P' | 'T'<<8:
		return n == 9 && check11(d, vm.Lit("98765432"), vm.U8(r-1))
	case 'S' | 'E'<<8:
		return n == 12 && luhnOf(d, d+10) && number2(r-2) == 1
	case 'S' | 'I'<<8:
		return n == 8 && check11(d, vm.Lit("8765432"), vm.U8(r-1))
	}
	return false
}

// vatEL checks a Greek number, whose weights are powers of two.
func vatEL(d ptr, last uint32) bool {
	sum := uint32(0)
	for i := uint32(0); i < 8; i++ {
		sum = (sum + vm.U8(d+i) - '0') * 2
	}
	return sum%11%10 == last-'0'
}

func allDigits(p, e ptr) bool {
	for ; p < e; p++ {
		if !digit(vm.U8(p)) {
			return false
		}
	}
	return true
}

// remainder is the number that the digits of [p,e) make, modulo m.
func remainder(p, e ptr, m uint32) uint32 {
	v := uint32(0)
	for ; p < e; p++ {
		v = (v*10 + vm.U8(p) - '0') % m
	}
	return v
}

// sumOfProducts is Luhn's sum of n digits, every second one doubled.
func sumOfProducts(p ptr, n uint32) uint32 {
	sum := uint32(0)
	for i := uint32(0); i < n; i++ {
		d := vm.U8(p+i) - '0'
		if i&1 != 0 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return sum
}
