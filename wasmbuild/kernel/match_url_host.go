package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// domainText holds a host's part that must be looked at as a whole, without what
// urlByte leaves out and with what is escaped.
var domainText [maxDomainText]uint8

const maxDomainText = 256

// hostOK judges the host [p,e), which is not empty: an IPv6 address in brackets,
// or a domain or IPv4 address; for schemes that are not special any name.
//
//wasm:small
func hostOK(p, e ptr, special bool) bool {
	b, next := urlByte(p, e)
	if b == '[' {
		return bracketsOK(next, e)
	}
	if special {
		return domainOK(p, e)
	}
	for {
		b, p = urlByte(p, e)
		if b == urlEnd {
			return true
		}
		if b == 0 || b == ' ' || isHostDelimiter(b) {
			return false
		}
	}
}

// isHostDelimiter says whether b is one of # / : < > ? @ [ \ ] ^ |, which no host may contain.
//
//wasm:small
func isHostDelimiter(b uint32) bool {
	const low = 1<<'#' | 1<<'/' | 1<<':' | 1<<'<' | 1<<'>' | 1<<'?'
	const high = 1<<('@'-64) | 1<<('['-64) | 1<<('\\'-64) | 1<<(']'-64) | 1<<('^'-64) | 1<<('|'-64)
	if b < 64 {
		return uint64(low)>>b&1 != 0
	}
	return b < 128 && uint64(high)>>(b-64)&1 != 0
}

// bracketsOK says whether [p,e) is an IPv6 address and a closing bracket.
//
//wasm:small
func bracketsOK(p, e ptr) bool {
	o := vm.Addr(&domainText)
	for n := uint32(0); n <= maxIPv6; n++ {
		b, next := urlByte(p, e)
		if b == ']' {
			b, _ = urlByte(next, e)
			return b == urlEnd && isIPv6(o, o+n)
		}
		vm.Put8(o+n, b)
		p = next
	}
	return false
}

// domainOK judges the domain or IPv4 address [p,e) by UTS 46 as the URL Standard
// asks for it, from where it comes: what stands for several letters is not
// spelled out. It does not check the rules for text from right to left and for
// joiners, and takes characters that no Unicode version assigns for letters.
//
//wasm:small
func domainOK(p, e ptr) bool {
	o := vm.Addr(&domainText)
	start, last := p, p // of this label and the one before
	count, other, total := uint32(0), uint32(0), uint32(0)
	for q := p; ; {
		c, next := hostRune(q, e)
		switch {
		case c == '.' || c == urlEnd:
			if !labelOK(o, count, other) {
				return false
			}
			if c == urlEnd {
				if total == 0 {
					return false
				}
				if count+other > 0 {
					last = start
				}
				v, _, digits := labelNumber(last, e)
				return v == badNumber && !digits || addressOK(p, e)
			}
			start, last = next, start
			count, other = 0, 0
		case c >= 0x80:
			if inRanges(c, vm.Addr(&hostRefused), uint32(len(hostRefused))) {
				return false
			}
			other++
		case c <= ' ' || c == '%' || c == 0x7f || isHostDelimiter(c):
			return false
		default:
			if count < maxDomainText {
				vm.Put8(o+count, c)
			}
			count++
		}
		total++
		q = next
	}
}

// labelOK checks a label of count ASCII characters at p and others. One that
// starts with xn-- must be Punycode.
//
//wasm:small
func labelOK(p ptr, count, other uint32) bool {
	return !isPunycode(p, p+count) || other == 0 && count <= maxDomainText && validPunycode(p+4, p+count)
}
