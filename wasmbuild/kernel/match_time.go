package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchRFC3339 accepts a date and time by RFC 3339: T, t or a space between, any
// number of decimals, a second 60 for leap seconds, Z, z or an offset. The
// offset's minus may be the mathematical one, as ISO 8601 wants it.
//
//wasm:small
func matchRFC3339(c uint32, p, e ptr) bool {
	const seconds = uint32(len("2006-01-02T15:04:05"))
	if e-p <= seconds || !isDate(p) || !isTime(p+11) || twoDigits(p+17) > 60 || vm.U8(p+16) != ':' {
		return false
	}
	if t := vm.U8(p + 10); t|32 != 't' && t != ' ' {
		return false
	}
	p += seconds
	if vm.U8(p) == '.' {
		start := p + 1
		for p = start; p < e && vm.U8(p)-'0' < 10; p++ {
		}
		if p == start {
			return false
		}
	}
	return isZone(p, e)
}

// isDate says whether year, month and day at p are a date.
//
//wasm:small
func isDate(p ptr) bool {
	century, year, month, day := twoDigits(p), twoDigits(p+2), twoDigits(p+5), twoDigits(p+8)
	if century > 99 || year > 99 || month-1 > 11 || vm.U8(p+4) != '-' || vm.U8(p+7) != '-' {
		return false
	}
	last := 30 + (month^month>>3)&1
	if month == 2 {
		last = 28
		if year == 0 {
			year = century
		}
		if year&3 == 0 {
			last = 29
		}
	}
	return day-1 < last
}

// isTime says whether hours and minutes at p are a time of day.
//
//wasm:small
func isTime(p ptr) bool { return twoDigits(p) < 24 && vm.U8(p+2) == ':' && twoDigits(p+3) < 60 }

// isZone says whether [p,e) is Z or an offset from UTC.
//
//wasm:small
func isZone(p, e ptr) bool {
	const minusSign = 0x9288e2 // U+2212 in UTF-8
	if p == e {
		return false
	}
	switch b := vm.U8(p); {
	case b|32 == 'z':
		return p+1 == e
	case b == '+' || b == '-':
		p++
	case vm.U32(p)&0xffffff == minusSign:
		p += 3
	default:
		return false
	}
	return p+uint32(len("15:04")) == e && isTime(p)
}

// twoDigits is the number at p, above 99 if there is none.
//
//wasm:small
func twoDigits(p ptr) uint32 {
	tens, ones := vm.U8(p)-'0', vm.U8(p+1)-'0'
	if tens > 9 || ones > 9 {
		return 100
	}
	return tens*10 + ones
}

const (
	// lastSecond is the last second of the year 262143, the calendar's end in the
	// library that the original module was made with.
	lastSecond = 8210298412799
	// lastNano is the last nanosecond that 64 bits can hold, in the year 2262.
	lastNano = 1<<63 - 1
)

// matchUnix accepts seconds since 1970: digits, up to lastSecond.
//
//wasm:small
func matchUnix(c uint32, p, e ptr) bool { return countEnd(p, e, lastSecond) == e }

// matchUnixNano accepts nanoseconds since 1970: digits, up to lastNano.
//
//wasm:small
func matchUnixNano(c uint32, p, e ptr) bool { return countEnd(p, e, lastNano) == e }

// countEnd returns the end of the decimal number at p, which may have leading
// zeros; 0 if there is none, or it is above last.
//
//wasm:small
func countEnd(p, e ptr, last uint64) ptr {
	start, v, tenth := p, uint64(0), last/10
	for ; p < e; p++ {
		d := uint64(vm.U8(p) - '0')
		if d > 9 {
			break
		}
		if v > tenth || d > last-v*10 {
			return 0
		}
		v = v*10 + d
	}
	if p == start {
		return 0
	}
	return p
}
