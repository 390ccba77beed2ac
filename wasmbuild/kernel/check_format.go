package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// The formats that schema validation checks, as package schema numbers them.
const (
	checkDateTime = 1 + iota
	checkDate
	checkTime
	checkEmail
	checkHostname
	checkIPv4
	checkIPv6
	checkURI
	checkURIReference
	checkIRI
	checkIRIReference
	checkPointer
	checkRelativePointer
)

// isFormat says whether the text [p,e) has a format.
//
//wasm:bind
func isFormat(format uint32, p, e ptr) bool { return nativeFormat(format, p, e) }

func isNoFormat(format uint32, p, e ptr) bool { return true }

//wasm:small
func isAnyFormat(format uint32, p, e ptr) bool {
	switch format {
	case checkDateTime:
		return e-p > 11 && isDay4(p) && vm.U8(p+10)|32 == 't' && isFullTime(p+11, e)
	case checkDate:
		return e-p == 10 && isDay4(p)
	case checkTime:
		return isFullTime(p, e)
	case checkEmail:
		return isMailbox(p, e)
	case checkHostname:
		return isHostname(p, e)
	case checkIPv4:
		return isIPv4(p, e)
	case checkIPv6:
		return isIPv6(p, e)
	case checkPointer:
		return isPointer(p, e)
	case checkRelativePointer:
		return isRelativePointer(p, e)
	}
	return isURI(p, e, format == checkURI || format == checkIRI, format >= checkIRI)
}

// isFullTime says whether [p,e) is HH:MM:SS, a fraction maybe, and an offset, by
// RFC 3339. A leap second ends a day in UTC.
//
//wasm:small
func isFullTime(p, e ptr) bool {
	if e-p < 9 || vm.U8(p+2) != ':' || vm.U8(p+5) != ':' {
		return false
	}
	hour, minute, second := two(p), two(p+3), two(p+6)
	if hour > 23 || minute > 59 || second > 60 {
		return false
	}
	p += 8
	if vm.U8(p) == '.' {
		q := pastDigits(p+1, e)
		if q == p+1 {
			return false
		}
		p = q
	}
	sign := vm.U8(p)
	offset := uint32(0)
	if e-p == 6 && (sign == '+' || sign == '-') && vm.U8(p+3) == ':' {
		h, m := two(p+1), two(p+4)
		if h > 23 || m > 59 {
			return false
		}
		offset = h*60 + m
	} else if e-p != 1 || sign|32 != 'z' {
		return false
	}
	if second < 60 {
		return true
	}
	at := hour*60 + minute + 1440
	if sign == '-' {
		at += offset
	} else {
		at -= offset
	}
	return at%1440 == 1439
}

// isMailbox says whether [p,e) has text on both sides of an @: what else an
// address may be only its mail server knows.
//
//wasm:small
func isMailbox(p, e ptr) bool {
	for q := p + 1; q+1 < e; q++ {
		if vm.U8(q) == '@' {
			return true
		}
	}
	return false
}

// isPointer says whether [p,e) is a JSON pointer.
//
//wasm:small
func isPointer(p, e ptr) bool {
	if p < e && vm.U8(p) != '/' {
		return false
	}
	for ; p < e; p++ {
		if vm.U8(p) == '~' && (p+1 == e || vm.U8(p+1)-'0' > 1) {
			return false
		}
	}
	return true
}

// isRelativePointer says whether [p,e) is a number of levels to go up, and # or a JSON pointer.
//
//wasm:small
func isRelativePointer(p, e ptr) bool {
	q := pastDigits(p, e)
	if q == p || vm.U8(p) == '0' && q > p+1 {
		return false
	}
	return e-q == 1 && vm.U8(q) == '#' || isPointer(q, e)
}
