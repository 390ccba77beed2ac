package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What the matchers of personal data share. They take text as it is written:
// separators are dropped first where people write them.

//wasm:inline
func digit(c uint32) bool { return c-'0' < 10 }

//wasm:inline
func letter(c uint32) bool { return c|32-'a' < 26 }

// lower is an ASCII letter's small form; other bytes stay.
//
//wasm:inline
func lower(c uint32) uint32 {
	if c-'A' < 26 {
		return c | 32
	}
	return c
}

//wasm:inline
func upper(c uint32) uint32 {
	if c-'a' < 26 {
		return c &^ 32
	}
	return c
}

// starts says whether [p,e) starts with want.
func starts(p, e ptr, want vm.Text) bool {
	return e-p >= textLen(want) && equalBytes(p, textPtr(want), textLen(want))
}

// startsFold is starts for want in small letters and text in letters of any
// case: ASCII ones, and the accented ones of Latin-1.
func startsFold(p, e ptr, want vm.Text) bool {
	n := textLen(want)
	if e-p < n {
		return false
	}
	s := textPtr(want)
	for stop := s + n; s < stop; s++ {
		c, d := vm.U8(p), vm.U8(s)
		if c != d && (c|32 != d || c-'A' >= 26 && c-0x80 >= 0x20) {
			return false
		}
		p++
	}
	return true
}

// startsAny returns the length of the first entry of list, each followed by a |,
// that [p,e) starts with, in the sense of startsFold; 0 if there is none.
func startsAny(p, e ptr, list vm.Text) uint32 {
	s := textPtr(list)
	for stop := s + textLen(list); s < stop; s++ {
		from := s
		for vm.U8(s) != '|' {
			s++
		}
		if startsFold(p, e, text(from, s-from)) {
			return s - from
		}
	}
	return 0
}

// startsColumn is startsAny for a list whose entries take up eight bytes each,
// spaces behind. They consist of small letters and dots.
func startsColumn(p, e ptr, list vm.Text) uint32 {
	const spaces = 0x2020202020202020
	v := vm.U64(p) | spaces
	s := textPtr(list)
	for stop := s + textLen(list); s < stop; s += 8 {
		w := vm.U64(s)
		spare := vm.Clz64(w^spaces) &^ 7 // bits that the entry leaves unused
		if (v^w)<<(spare&63) == 0 && e-p >= 8-spare/8 {
			return 8 - spare/8
		}
	}
	return 0
}

// hasFold says whether want, in small letters, occurs in [p,e), in letters of any case.
func hasFold(p, e ptr, want vm.Text) bool {
	return findFold(p, e, want) < e
}

// findFold returns where want occurs first in [p,e), or e.
func findFold(p, e ptr, want vm.Text) ptr {
	first := vm.Splat(vm.U8(textPtr(want)))
	for ; p < e; p += 16 {
		v := vm.Load(p)
		for m := vm.Mask(vm.Or(vm.Eq(v, first), vm.Eq(vm.Or(v, vm.Splat(32)), first))); m != 0; m &= m - 1 {
			if q := p + vm.Ctz32(m); q < e && startsFold(q, e, want) {
				return q
			}
		}
	}
	return e
}

// listed says whether the n bytes at p are one of the entries of list, all of n bytes.
func listed(p ptr, n uint32, list vm.Text) bool {
	s := textPtr(list)
	for stop := s + textLen(list); s < stop; s += n {
		if equalBytes(p, s, n) {
			return true
		}
	}
	return false
}

// shaped says whether [p,e) has a form: 9 stands for a digit, A for a letter, X
// for either, anything else for itself.
func shaped(p, e ptr, form vm.Text) bool {
	if e-p != textLen(form) {
		return false
	}
	for s := textPtr(form); p < e; s++ {
		c := vm.U8(p)
		ok := false
		switch vm.U8(s) {
		case '9':
			ok = digit(c)
		case 'A':
			ok = letter(c)
		case 'X':
			ok = alnum(c)
		default:
			ok = c == vm.U8(s)
		}
		if !ok {
			return false
		}
		p++
	}
	return true
}

// maxCode is how long identifiers may be with what separates their parts.
const maxCode = 40

// maxSqueezed bounds what squeeze keeps.
const maxSqueezed = 96

var (
	squeezed       [maxSqueezed + 16]uint8
	squeezedDigits uint32 // how many of the bytes are digits
)

// squeeze writes the letters and digits of [p,e) to squeezed, letters in upper
// case, without white space around and without hyphens and spaces within. It
// returns where they are: nothing if there is any other byte, or too many.
func squeeze(p, e ptr) (q, r ptr) {
	q = vm.Addr(&squeezed)
	r = q
	squeezedDigits = 0
	p, e = trim(p, e)
	for ; p < e; p++ {
		c := vm.U8(p)
		if c == ' ' || c == '-' {
			continue
		}
		if !alnum(c) || r == q+maxSqueezed {
			return q, q
		}
		if digit(c) {
			squeezedDigits++
		}
		vm.Put8(r, upper(c))
		r++
	}
	return q, r
}

// digitsOf writes the digits of [p,e) to squeezed and returns where they are. It
// leaves out all else, and digits beyond the first 32.
func digitsOf(p, e ptr) (q, r ptr) {
	q = vm.Addr(&squeezed)
	r = q
	for ; p < e && r < q+32; p++ {
		if c := vm.U8(p); digit(c) {
			vm.Put8(r, c)
			r++
		}
	}
	return q, r
}

// number2 is the number that two digits make.
//
//wasm:inline
func number2(p ptr) uint32 { return (vm.U8(p)-'0')*10 + vm.U8(p+1) - '0' }

// weighted sums the values of the characters at p, letters counting from 10,
// each times its weight: a digit of weights, in which ':' is ten.
func weighted(p ptr, weights vm.Text) uint32 {
	sum := uint32(0)
	w := textPtr(weights)
	for stop := w + textLen(weights); w < stop; w++ {
		sum += value36(vm.U8(p)) * (vm.U8(w) - '0')
		p++
	}
	return sum
}

// value36 is a digit's or a letter's value, letters counting from 10.
func value36(c uint32) uint32 {
	if letter(c) {
		return c | 32 - 'a' + 10
	}
	return c - '0'
}

// mod97 is ISO 7064's remainder of [p,e), go on from the remainder m: letters count as two digits.
func mod97(p, e ptr, m uint32) uint32 {
	for ; p < e; p++ {
		v := value36(vm.U8(p))
		if v > 9 {
			m = m*100 + v
		} else {
			m = m*10 + v
		}
		m %= 97
	}
	return m
}

// mod11and10 says whether the digits of [p,e) have a check digit of ISO 7064's MOD 11,10.
func mod11and10(p, e ptr) bool {
	m := uint32(10)
	for ; p < e-1; p++ {
		m = (m + vm.U8(p) - '0') % 10
		if m == 0 {
			m = 10
		}
		m = m * 2 % 11
	}
	return (m+vm.U8(p)-'0')%10 == 1
}

// luhnOf says whether the digits and letters of [p,e) have a Luhn check digit at
// their end, letters counting as two digits.
func luhnOf(p, e ptr) bool {
	sum, double := uint32(0), false
	for e > p {
		e--
		v := value36(vm.U8(e))
		for {
			d := v % 10
			if double {
				d *= 2
			}
			sum += d/10 + d%10
			double = !double
			if v < 10 {
				break
			}
			v /= 10
		}
	}
	return sum%10 == 0
}

// dayInMonth says whether day and month may be: a month may have 50 added.
func dayInMonth(day, month uint32) bool {
	if month > 50 {
		month -= 50
	}
	return day-1 < 31 && month-1 < 12
}

// countries has a bit for the second letter of each code of ISO 3166-1, and of
// XK, by the first letter.
var countries = [26]uint32{
	0x2df5978, 0x36f7bfb, 0x3f27ded, 0x2005610, 0xe00d4, 0x25700, 0x15fb9fb, 0x1a3400, 0xf7818,
	0xd010, 0x342b1d0, 0x13e0507, 0x3fffcfd, 0x212c975, 0x1000, 0x14e3cf1, 0x1, 0x544010,
	0x3ae7fdf, 0x26a7eec, 0x3041041, 0x102155, 0x40020, 0x400, 0x80010, 0x401001,
}

// isCountry says whether the two capital letters at p are a country's code.
func isCountry(p ptr) bool {
	a, b := vm.U8(p)-'A', vm.U8(p+1)-'A'
	return a < 26 && b < 26 && countries[a]>>(b&31)&1 != 0
}
