package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// The string formats that inference tells apart.
const (
	formatNone = iota
	formatInteger
	formatDate
	formatDateTime
)

// formatOf is the format of the string whose unescaped content is [p,e).
//
//wasm:small
func formatOf(p, e ptr) uint32 {
	switch {
	case e-p < 1 || vm.U8(p) >= 'A':
		return formatNone // no format starts with a letter
	case isInteger32(p, e):
		return formatInteger
	case isCalendarDate(p, e):
		return formatDate
	case isDateTime(p, e):
		return formatDateTime
	}
	return formatNone
}

// hasFormat says whether [p,e) has a format; none has formatNone.
func hasFormat(format uint32, p, e ptr) bool {
	switch format {
	case formatDateTime:
		return isDateTime(p, e)
	case formatDate:
		return isCalendarDate(p, e)
	case formatInteger:
		return isInteger32(p, e)
	}
	return false
}

// isInteger32 says whether [p,e) is a signed 32-bit number with an optional sign.
//
//wasm:small
func isInteger32(p, e ptr) bool {
	most := uint64(1<<31 - 1)
	switch vm.U8(p) {
	case '-':
		most++
		p++
	case '+':
		p++
	}
	if p == e {
		return false
	}
	v := uint64(0)
	for ; p < e; p++ {
		d := vm.U8(p) - '0'
		if d > 9 {
			return false
		}
		v = v*10 + uint64(d)
		if v > most {
			return false
		}
	}
	return true
}

// isCalendarDate says whether [p,e) is year-month-day, a day of the calendar. Years may
// have a sign, and then more than four digits; white space may precede a number.
//
//wasm:small
func isCalendarDate(p, e ptr) bool {
	p = skipSpaces(p, e)
	sign, most := p < e && (vm.U8(p) == '-' || vm.U8(p) == '+'), uint32(4)
	if sign {
		most = 6 // years end at 262143
		p++
	}
	q, year := fewDigits(p, e, most)
	if q == p || q >= e || vm.U8(q) != '-' || year > 262143 {
		return false
	}
	p = skipSpaces(q+1, e)
	q, month := fewDigits(p, e, 2)
	if q == p || q >= e || vm.U8(q) != '-' {
		return false
	}
	p = skipSpaces(q+1, e)
	q, day := fewDigits(p, e, 2)
	return q > p && q == e && isDay(year, month, day)
}

//wasm:small
func skipSpaces(p, e ptr) ptr {
	for p < e && (vm.U8(p) == ' ' || vm.U8(p)-9 < 5) {
		p++
	}
	return p
}

// fewDigits reads at most n digits.
//
//wasm:small
func fewDigits(p, e ptr, n uint32) (q ptr, v uint32) {
	for q = p; q < e && n > 0 && vm.U8(q)-'0' < 10; q++ {
		v = v*10 + vm.U8(q) - '0'
		n--
	}
	return q, v
}

// isDay says whether the calendar has that day.
//
//wasm:small
func isDay(year, month, day uint32) bool {
	last := uint32(31)
	switch month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 28
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			last = 29
		}
	}
	return month-1 < 12 && day-1 < last
}

// isDateTime says whether [p,e) is an RFC 3339 date-time. A space may stand for
// the T, and U+2212 for the offset's minus.
//
//wasm:small
func isDateTime(p, e ptr) bool {
	if e-p < 20 || !isDay4(p) {
		return false
	}
	if t := vm.U8(p + 10); t|32 != 't' && t != ' ' {
		return false
	}
	if vm.U8(p+13) != ':' || vm.U8(p+16) != ':' || two(p+11) > 23 || two(p+14) > 59 || two(p+17) > 60 {
		return false
	}
	p += 19
	if vm.U8(p) == '.' {
		q := pastDigits(p+1, e)
		if q == p+1 {
			return false
		}
		p = q
	}
	return isOffset(p, e)
}

// isDay4 says whether YYYY-MM-DD is at p.
//
//wasm:small
func isDay4(p ptr) bool {
	century, year := two(p), two(p+2)
	return century < 100 && year < 100 && vm.U8(p+4) == '-' && vm.U8(p+7) == '-' && isDay(century*100+year, two(p+5), two(p+8))
}

// isOffset says whether [p,e) is Z or a sign and HH:MM.
//
//wasm:small
func isOffset(p, e ptr) bool {
	if e-p == 1 {
		return vm.U8(p)|32 == 'z'
	}
	if e-p == 8 && vm.U8(p) == 0xe2 && vm.U8(p+1) == 0x88 && vm.U8(p+2) == 0x92 {
		p += 2
	} else if e-p != 6 || vm.U8(p) != '+' && vm.U8(p) != '-' {
		return false
	}
	return two(p+1) < 24 && vm.U8(p+3) == ':' && two(p+4) < 60
}

// two is the value of two digits, 100 if they are not.
//
//wasm:inline
func two(p ptr) uint32 {
	a, b := vm.U8(p)-'0', vm.U8(p+1)-'0'
	if a > 9 || b > 9 {
		return 100
	}
	return a*10 + b
}
