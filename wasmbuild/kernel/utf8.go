package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// utf8Bad returns where the first malformed UTF-8 sequence of [p,e) starts, or e
// if there is none. Sentinels follow e.
func utf8Bad(p, e ptr) ptr {
	for p < e {
		for e-p >= 64 && vm.Mask(vm.Or(vm.Or(vm.Load(p), vm.Load(p+16)), vm.Or(vm.Load(p+32), vm.Load(p+48)))) == 0 {
			p += 64
		}
		for p < e && vm.Mask(vm.Load(p)) == 0 {
			p += 16
		}
		for stop := min(p+16, e); p < stop; {
			if vm.U8(p) < 0x80 {
				p++
				continue
			}
			n := utf8Len(p, e)
			if n == 0 || n > 4 {
				return p
			}
			p += n
		}
	}
	return e
}

// utf8Len is the length of the sequence at p. If it is malformed: 4 + the length
// of its bad prefix (1..3), or 0 when it is only cut off by e.
func utf8Len(p, e ptr) uint32 {
	x := vm.U8(p)
	if x < 0x80 {
		return 1
	}
	if x-0xc2 > 0xf4-0xc2 {
		return 5
	}
	low, high := uint32(0x80), uint32(0xbf) // what the second byte may be
	switch x {
	case 0xe0:
		low = 0xa0
	case 0xed:
		high = 0x9f
	case 0xf0:
		low = 0x90
	case 0xf4:
		high = 0x8f
	}
	for n := uint32(1); ; n++ {
		if n > 1 && x < 0xe0 || n > 2 && x < 0xf0 || n > 3 {
			return n
		}
		if e-p <= n {
			return 0
		}
		if y := vm.U8(p + n); y < low || y > high {
			return 4 + n
		}
		low, high = 0x80, 0xbf
	}
}

// utf8Reason describes the malformed sequence at bad in words; it lives in the arena.
func utf8Reason(bad ptr) vm.Text {
	o := take(64)
	if o == 0 {
		return 0
	}
	p := o
	if n := utf8Len(bad, end); n == 0 {
		p = putText(p, vm.Lit("incomplete utf-8 byte sequence from index "))
	} else {
		p = putText(p, vm.Lit("invalid utf-8 sequence of "))
		p = put(p, '0'+n-4)
		p = putText(p, vm.Lit(" bytes from index "))
	}
	p = putDecimal(p, bad-pay)
	return text(o, p-o)
}
