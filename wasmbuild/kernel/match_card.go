package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// How many digits payment cards have.
const (
	cardMin = 13
	cardMax = 19
)

// matchCard accepts text that is a payment card number: digits with a valid Luhn
// check digit, hyphens and spaces anywhere, white space around.
//
//wasm:small
func matchCard(c uint32, p, e ptr) bool {
	if e-p < cardMin {
		return false
	}
	p, e = trim(p, e)
	count, ok := luhn(p, e)
	return ok && count >= cardMin && count <= cardMax
}

// candidateCard is candidate for payment cards: seven digits, hyphens or spaces
// in a row, which one of two aligned blocks must have of any thirteen; or one of
// them escaped as \u002d, \u0020 or \u003x.
func candidateCard(p ptr) ptr {
	zero, ten, hyphen, space, slash := vm.Splat('0'), vm.Splat(10), vm.Splat('-'), vm.Splat(' '), vm.Splat('\\')
	for ; p < end; p += 16 {
		v, w := vm.Load(p), vm.Load(p+4)
		m := vm.Mask(vm.Or(vm.Lt(vm.Sub(v, zero), ten), vm.Or(vm.Eq(v, hyphen), vm.Eq(v, space))))
		m &= m >> 1
		m &= m >> 2
		m &= m >> 3
		m |= vm.Mask(vm.And(vm.Eq(v, slash), vm.Or(vm.Eq(w, vm.Splat('2')), vm.Eq(w, vm.Splat('3')))))
		if m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return end
}

// luhn counts the digits of [p,e) and checks the last one. Anything but digits, hyphens and spaces fails.
func luhn(p, e ptr) (count uint32, ok bool) {
	// sums of the digits so far, if the last one is not doubled and if it is
	plain, doubled := uint32(0), uint32(0)
	for ; p < e; p++ {
		c := vm.U8(p)
		if c == '-' || c == ' ' {
			continue
		}
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		twice := 2 * d
		if twice > 9 {
			twice -= 9
		}
		plain, doubled = doubled+d, plain+twice
		count++
	}
	return count, plain%10 == 0
}
