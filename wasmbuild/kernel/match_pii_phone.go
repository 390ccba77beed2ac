package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// How many digits an international number has, its country code among them: at
// most what E.164 allows, at least the shortest in use.
const (
	phoneMin = 7
	phoneMax = 15
)

// phoneCodes says which of ITU's country codes start with two digits: the two
// alone (wholeCode), or a third digit of the set.
var phoneCodes = [100]uint16{
	20: 0x8000, 0x14e, 0x3ff, 0x3ff, 0x3ff, 0x1ff, 0x3ff, 0x8000, 0, 0x383,
	30: 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x3ff, 0x8000, 0x3ff, 0x2ef, 0x8000,
	40: 0x8000, 0x8000, 0xb, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000,
	50: 0x3ff, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x3ff,
	60: 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x3fd, 0x3ef, 0x7,
	70: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	80: 0, 0x8000, 0x8000, 0, 0x8000, 0x6d, 0x8000, 0, 0x41, 0,
	90: 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x1ff, 0xff, 0x8000, 0x17c,
}

const wholeCode = 1 << 15

// matchPhone accepts text with a phone number: ten digits, eleven of which the
// first is the 1 of North America, or a + and a country code first. Words may
// stand around it, and within it what people part digits by.
//
//wasm:small
func matchPhone(c uint32, p, e ptr) bool {
	q := vm.Addr(&squeezed)
	r := q
	apart := false // whether something that parts numbers follows the digits so far
	start := p
	for ; p < e; p++ {
		d := vm.U8(p)
		if !digit(d) && d != '+' {
			apart = apart || r > q && d < 0x80 && !partsPhone(d) || d == '.' && c != '"'
			continue
		}
		if apart || d == '+' && r > q || r > q+phoneMax {
			return false
		}
		vm.Put8(r, d)
		r++
	}
	if r == q {
		return false
	}
	if vm.U8(q) == '+' {
		return isInternational(q+1, r)
	}
	return (r-q == 10 && vm.U8(q) != '1' || r-q == 11 && vm.U8(q) == '1') && !isDotted(start, e)
}

// partsPhone says whether a byte may stand between a number's digits.
func partsPhone(c uint32) bool {
	return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/'
}

// isDotted says whether [p,e) is four numbers up to 255 with dots between: an IPv4 address.
func isDotted(p, e ptr) bool {
	groups, v, n := uint32(1), uint32(0), uint32(0)
	for ; p < e; p++ {
		d := vm.U8(p)
		switch {
		case digit(d):
			v = v*10 + d - '0'
			n++
			if v > 255 {
				return false
			}
		case d == '.' && n > 0:
			groups++
			v, n = 0, 0
		default:
			return false
		}
	}
	return groups == 4 && n > 0
}

// isInternational says whether the digits [q,r) are a number with its country code.
func isInternational(q, r ptr) bool {
	if r-q < phoneMin || r-q > phoneMax {
		return false
	}
	switch vm.U8(q) {
	case '1':
		return r-q == 11
	case '7':
		return true
	}
	codes := uint32(phoneCodes[number2(q)])
	return codes&wholeCode != 0 || codes>>((vm.U8(q+2)-'0')&15)&1 != 0
}
