package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A number matcher accepts an interval of real numbers. Its ends are exact
// decimals which the planner has chosen so that the decimal in the payload lies
// between them exactly when its nearest float64 would satisfy the comparison:
// nothing is rounded here, so nothing is rounded wrongly.
//
// An end is {flags, point, count, digits}: the value is 0.d1d2d3... * 10^point
// with count digits, the first and the last not 0; see the flags below.
var NumberLow, NumberHigh ptr

const (
	boundNegative  = 1 // the end is below zero
	boundZero      = 2 // the end is zero
	boundInfinite  = 4 // the end is infinite
	boundInclusive = 8 // the end itself belongs to the interval
)

// maxPoint bounds exponents: beyond it only their sign matters.
const maxPoint = 1 << 29

// What parseNumber found.
const (
	numberNone = iota // no number: counts as 0
	numberFinite
	numberInfinite
	numberNaN
)

// The number that parseNumber read last: its sign, its first and last digit that
// are not 0 (and a decimal point maybe between), and where its point is.
var (
	negative              bool
	firstDigit, lastDigit ptr // equal: the number is zero
	point                 int32
)

// matchNumber accepts values in the rule's interval.
func matchNumber(c uint32, p, e ptr) bool {
	return number(c, p, e) != numberNaN && inInterval(NumberLow, NumberHigh)
}

// number reads a value as a number: true is 1, what is no number is 0.
//
//wasm:small
func number(c uint32, p, e ptr) uint32 {
	if c == 't' {
		one := vm.Lit("1")
		p, e = textPtr(one), textPtr(one)+1
	} else if c == 'f' || opens(c) {
		p = e
	}
	kind := parseNumber(p, e)
	if kind == numberNone {
		negative, firstDigit, lastDigit, point = false, p, p, 0
	}
	if kind == numberInfinite {
		infinite := vm.Lit("1") // more than any finite end
		firstDigit, lastDigit, point = textPtr(infinite), textPtr(infinite)+1, 2*maxPoint
	}
	return kind
}

// parseNumber reads [p,e): sign, digits with a point somewhere, exponent; or
// inf, infinity, nan in any case.
//
//wasm:small
func parseNumber(p, e ptr) uint32 {
	negative = false
	if p < e && (vm.U8(p) == '-' || vm.U8(p) == '+') {
		negative = vm.U8(p) == '-'
		p++
	}
	if p >= e {
		return numberNone
	}
	if c := vm.U8(p); c-'0' > 9 && c != '.' {
		return wordNumber(p, e)
	}
	firstDigit, lastDigit, point = p, p, 0
	whole, some, dotted := uint32(0), false, false
	for ; p < e; p++ {
		c := vm.U8(p)
		if c == '.' && !dotted {
			dotted = true
			continue
		}
		if c-'0' > 9 {
			break
		}
		some = true
		if c != '0' {
			if firstDigit == lastDigit {
				firstDigit = p
			}
			lastDigit = p + 1
		}
		if firstDigit == lastDigit { // leading zeros
			if dotted {
				point--
			}
		} else if !dotted {
			whole++
		}
	}
	if !some {
		return numberNone
	}
	point += int32(whole)
	if p < e {
		return numberExponent(p, e)
	}
	return numberFinite
}

// numberExponent reads an exponent, which must end the text.
//
//wasm:small
func numberExponent(p, e ptr) uint32 {
	if vm.U8(p)|32 != 'e' {
		return numberNone
	}
	p++
	down := false
	if p < e && (vm.U8(p) == '-' || vm.U8(p) == '+') {
		down = vm.U8(p) == '-'
		p++
	}
	if p >= e {
		return numberNone
	}
	v := int32(0)
	for ; p < e; p++ {
		d := vm.U8(p) - '0'
		if d > 9 {
			return numberNone
		}
		if v < maxPoint/16 {
			v = v*10 + int32(d)
		}
	}
	if down {
		v = -v
	}
	point += v
	return numberFinite
}

// wordNumber reads inf, infinity and nan.
//
//wasm:small
func wordNumber(p, e ptr) uint32 {
	n := e - p
	if n == 3 && lower3(p) == 'n'|'a'<<8|'n'<<16 {
		return numberNaN
	}
	if (n == 3 || n == 8) && lower3(p) == 'i'|'n'<<8|'f'<<16 {
		if n == 3 || vm.U32(p+3)|0x20202020 == 0x74696e69 && vm.U8(p+7)|32 == 'y' {
			return numberInfinite
		}
	}
	return numberNone
}

//wasm:inline
func lower3(p ptr) uint32 { return vm.U32(p)&0xffffff | 0x202020 }

// inInterval says whether the number read last lies between two ends.
//
//wasm:small
func inInterval(low, high ptr) bool {
	a, b := compare(low), compare(high)
	return (a > 0 || a == 0 && vm.U32(low)&boundInclusive != 0) &&
		(b < 0 || b == 0 && vm.U32(high)&boundInclusive != 0)
}

// compare says how the number read last compares with an end: below 0, 0 or above 0.
//
//wasm:small
func compare(bound ptr) int32 {
	flags := vm.U32(bound)
	ours, theirs := int32(0), int32(1)
	if firstDigit != lastDigit {
		ours = 1
		if negative {
			ours = -1
		}
	}
	if flags&boundZero != 0 {
		theirs = 0
	} else if flags&boundNegative != 0 {
		theirs = -1
	}
	if ours != theirs || ours == 0 {
		return ours - theirs
	}
	size := int32(0)
	if flags&boundInfinite == 0 {
		size = compareDigits(bound)
	} else if point < maxPoint*3/2 {
		size = -1
	}
	return size * ours
}

// compareDigits compares magnitudes, neither of them zero.
//
//wasm:small
func compareDigits(bound ptr) int32 {
	if p := int32(vm.U32(bound + 4)); point != p {
		if point < p {
			return -1
		}
		return 1
	}
	q := vm.U32(bound + 12)
	stop := q + vm.U32(bound+8)
	for p := firstDigit; p < lastDigit; p++ {
		c := vm.U8(p)
		if c == '.' {
			continue
		}
		if q == stop {
			return 1
		}
		if d := vm.U8(q); c != d {
			return int32(c) - int32(d)
		}
		q++
	}
	if q < stop {
		return -1
	}
	return 0
}
