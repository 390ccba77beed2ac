package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchEmail accepts text that is one e-mail address, white space around it aside.
//
//wasm:small
func matchEmail(c uint32, p, e ptr) bool {
	at := findByte(p, e, vm.Splat('@'))
	if at >= e || findByte(at+1, e, vm.Splat('@')) < e {
		return false
	}
	p, e = trim(p, e)
	return at > p && at < e && isDomain(at+1, e)
}

// candidateAt is candidate for e-mail addresses: an @, maybe escaped as \u0040.
//
//wasm:small
func candidateAt(p ptr) ptr {
	at, slash, four := vm.Splat('@'), vm.Splat('\\'), vm.Splat('4')
	for ; p < end; p += 16 {
		v := vm.Load(p)
		if m := vm.Mask(vm.Or(vm.Eq(v, at), vm.And(vm.Eq(v, slash), vm.Eq(vm.Load(p+4), four)))); m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return end
}

// findByte returns where the byte that c is made of occurs first in [p,e), or a position not below e.
//
//wasm:inline
func findByte(p, e ptr, c vm.V128) ptr {
	for ; p < e; p += 16 {
		if m := vm.Mask(vm.Eq(vm.Load(p), c)); m != 0 {
			return p + vm.Ctz32(m)
		}
	}
	return e
}

// What DNS allows.
const (
	maxLabel  = 63
	maxDomain = 253
)

// isDomain says whether [p,e) is a host name of two or more labels. Characters
// outside ASCII are judged as UTS 46 does, but for those that no Unicode version
// assigns, and a label's length in Punycode is its least possible length.
//
//wasm:small
func isDomain(p, e ptr) bool {
	labels, total := uint32(0), uint32(0)
	for {
		stop, size := domainLabel(p, e)
		if size == 0 || size > maxLabel {
			return false
		}
		labels++
		total += size
		if stop >= e {
			return labels > 1 && total <= maxDomain
		}
		total++
		_, p = runeAt(stop)
	}
}

// domainLabel returns where the label at p ends and its length; 0 if it is malformed.
//
//wasm:small
func domainLabel(p, e ptr) (stop ptr, size uint32) {
	start := p
	ascii, other := uint32(0), uint32(0)
	for p < e {
		c, next := vm.U8(p), p+1
		if c >= 0x80 {
			c, next = runeAt(p)
		}
		if c >= 0xff01 && c <= 0xff5e {
			c -= 0xfee0 // full width
		}
		if c == '.' || c == 0x3002 || c == 0xff61 {
			break
		}
		switch {
		case c < 0x80:
			if !alnum(c) && c != '-' {
				return p, 0
			}
			ascii++
		case inRanges(c, vm.Addr(&domainIgnored), uint32(len(domainIgnored))):
		case inRanges(c, vm.Addr(&domainRefused), uint32(len(domainRefused))):
			return p, 0
		default:
			other++
		}
		p = next
	}
	if other == 0 {
		if isPunycode(start, p) && !validPunycode(start+4, p) {
			return p, 0
		}
		return p, ascii
	}
	if ascii > 0 {
		ascii++ // the delimiter
	}
	return p, uint32(len("xn--")) + ascii + other
}

//wasm:inline
func alnum(c uint32) bool { return c-'0' < 10 || c|32-'a' < 26 }

// Characters outside ASCII that UTS 46 drops, and those it refuses: spaces,
// controls, private use and what stands for no character.
var (
	domainIgnored = [...]uint8{
		0x81, 0x2d, 0x01, 0x85, 0x21, 0x01, 0xa9, 0x3b, 0x03, 0x01, 0x01, 0x8f, 0x7b, 0x01, 0x54, 0x01, 0x03, 0x01, 0x83, 0xbb, 0x1b, 0x10, 0x81, 0x6f,
		0x01,
	}
	domainRefused = [...]uint8{
		0x81, 0x00, 0x21, 0xab, 0x5f, 0x01, 0x83, 0x0d, 0x01, 0x8f, 0x71, 0x0b, 0x03, 0x02, 0x18, 0x08, 0x2f, 0x05, 0x01, 0x0b, 0x9f, 0x10, 0x01, 0x82,
		0xdf, 0x7f, 0xb2, 0x00, 0x89, 0x50, 0x20, 0x84, 0x00, 0x10, 0xb4, 0x80, 0x00, 0x8c, 0x80, 0x00,
	}
)

// isPunycode says whether the label starts with xn--.
//
//wasm:small
func isPunycode(p, e ptr) bool {
	return e-p >= 4 && vm.U32(p)|0x2020 == 'x'|'n'<<8|'-'<<16|'-'<<24
}

// validPunycode says whether the label's part after xn-- decodes to characters
// outside ASCII (RFC 3492), none of them refused.
//
//wasm:small
func validPunycode(p, e ptr) bool {
	q := e
	for q > p && vm.U8(q-1) != '-' {
		q--
	}
	count := uint32(0) // of characters so far
	if q > p {
		count = q - 1 - p
		if count == 0 {
			return false
		}
	}
	if q == e {
		return false
	}
	n, i, bias := uint32(128), uint32(0), uint32(72)
	for first := true; q < e; first = false {
		old, w := i, uint32(1)
		for k := uint32(36); ; k += 36 {
			if q >= e {
				return false
			}
			d := punycodeDigit(vm.U8(q))
			q++
			if d > 35 || i > 1<<25 || w > 1<<25 {
				return false
			}
			i += d * w
			t := uint32(1)
			if k > bias {
				t = min(k-bias, 26)
			}
			if d < t {
				break
			}
			w *= 36 - t
		}
		count++
		bias = punycodeBias(i-old, count, first)
		n += i / count
		i = i%count + 1
		if n-0xd800 < 0x800 || inRanges(n, vm.Addr(&domainRefused), uint32(len(domainRefused))) || n > 0x10ffff {
			return false
		}
	}
	return true
}

//wasm:inline
func punycodeDigit(c uint32) uint32 {
	if c-'0' < 10 {
		return c - '0' + 26
	}
	return c | 32 - 'a'
}

//wasm:small
func punycodeBias(delta, count uint32, first bool) uint32 {
	if first {
		delta /= 700
	} else {
		delta /= 2
	}
	delta += delta / count
	k := uint32(0)
	for ; delta > 455; k += 36 {
		delta /= 35
	}
	return k + 36*delta/(delta+38)
}
