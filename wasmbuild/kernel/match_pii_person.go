package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchSSN accepts a US social security number in its usual form, white space around.
func matchSSN(c uint32, p, e ptr) bool {
	if e-p < 11 {
		return false
	}
	p, e = trim(p, e)
	return shaped(p, e, vm.Lit("999-99-9999"))
}

// matchSIN accepts a Canadian social insurance number: nine digits with a Luhn
// check digit, hyphens and spaces anywhere.
func matchSIN(c uint32, p, e ptr) bool {
	if e-p < 9 {
		return false
	}
	p, e = trim(p, e)
	count, ok := luhn(p, e)
	return ok && count == 9
}

// matchNINO accepts a British national insurance number, spaces anywhere. Of the
// letters that are not given out it leaves out those that GOV.UK names as pairs.
func matchNINO(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if e-p < 9 || e-p > maxCode {
		return false
	}
	for q := p; q < e; q++ {
		if vm.U8(q) == '-' {
			return false
		}
	}
	p, e = squeeze(p, e)
	return shaped(p, e, vm.Lit("AA999999A")) && !listed(p, 2, vm.Lit("BGGBNKKNTNNTZZ"))
}

// matchVIN accepts a vehicle identification number as ISO 3779 forms it: 17
// letters and digits without I, O and Q. Only some countries have a check digit.
func matchVIN(c uint32, p, e ptr) bool {
	if e-p < 17 {
		return false
	}
	p, e = trim(p, e)
	if e-p != 17 || vm.U8(p) == '0' {
		return false
	}
	for ; p < e; p++ {
		d := lower(vm.U8(p))
		if !alnum(d) || d == 'i' || d == 'o' || d == 'q' {
			return false
		}
	}
	return true
}

// candidateNine is candidate for values with nine digits, hyphens or spaces in a
// row: five, which one of two aligned blocks must have of them; or one of them
// escaped as \u002d, \u0020 or \u003x.
func candidateNine(p ptr) ptr {
	zero, ten, hyphen, space, slash := vm.Splat('0'), vm.Splat(10), vm.Splat('-'), vm.Splat(' '), vm.Splat('\\')
	for ; p < end; p += 16 {
		v, w := vm.Load(p), vm.Load(p+4)
		m := vm.Mask(vm.Or(vm.Lt(vm.Sub(v, zero), ten), vm.Or(vm.Eq(v, hyphen), vm.Eq(v, space))))
		m &= m >> 1
		m &= m >> 2
		m &= m >> 1
		m |= vm.Mask(vm.And(vm.Eq(v, slash), vm.Or(vm.Eq(w, vm.Splat('2')), vm.Eq(w, vm.Splat('3')))))
		if m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return end
}
