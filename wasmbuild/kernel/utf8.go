package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// utf8Bad returns where the first malformed UTF-8 sequence of [p,e) starts, or e
// if there is none. Sentinels follow e.
//
//wasm:small
func utf8Bad(p, e ptr) ptr {
	// what stands before the text must not matter: start with single characters
	first := min(p+16, e)
	if vm.Mask(vm.Load(p)) == 0 {
		p = first
	}
	p = utf8Scan(p, first, e)
	if p < first {
		return p
	}
	for p < e {
		for e-p >= 64 && vm.Mask(vm.Or(vm.Or(vm.Load(p), vm.Load(p+16)), vm.Or(vm.Load(p+32), vm.Load(p+48)))) == 0 {
			p += 64
		}
		// p is where a character starts, and all before is well-formed; on to a
		// block without other characters, which tells that the one before ends well
		for ascii := false; !ascii && p <= e; p += 16 {
			v := vm.Load(p)
			ascii = vm.Mask(v) == 0
			if vm.Any(utf8Faults(p, v)) {
				return utf8Scan(characterBefore(p), e, e)
			}
		}
	}
	return e
}

// Where skipContainer saw nothing but ASCII, of the payload.
var plainFrom, plainTo ptr

// utf8Rest is utf8Bad for the payload, after a look-up: what that skipped need
// not be looked at again.
//
//wasm:small
func utf8Rest() ptr {
	if p := utf8Bad(pay, plainFrom); p < plainFrom {
		return p
	}
	return utf8Bad(plainTo, end)
}

// utf8Faults marks the bytes of the block v at p which cannot follow the ones
// before them (J. Keiser, D. Lemire: Validating UTF-8 in less than one instruction
// per byte). Each bit stands for a fault that a pair of bytes may have: the tables
// tell which are possible given the first one's halves and the second one's upper half.
//
//wasm:inline
func utf8Faults(p ptr, v vm.V128) vm.V128 {
	before := vm.Load(p - 1)
	faults := vm.And(vm.And(
		vm.Swizzle(vm.Bytes("\x02\x02\x02\x02\x02\x02\x02\x02\x80\x80\x80\x80\x21\x01\x15\x49"), vm.Shr(before, 4)),
		vm.Swizzle(vm.Bytes("\xe7\xa3\x83\x83\x8b\xcb\xcb\xcb\xcb\xcb\xcb\xcb\xcb\xdb\xcb\xcb"), vm.And(before, vm.Splat(15)))),
		vm.Swizzle(vm.Bytes("\x01\x01\x01\x01\x01\x01\x01\x01\xe6\xae\xba\xba\x01\x01\x01\x01"), vm.Shr(v, 4)))
	// two continuation bytes in a row are no fault where a longer character began two or three bytes before
	third := vm.Or(vm.SubSat(vm.Load(p-2), vm.Splat(0xe0-0x80)), vm.SubSat(vm.Load(p-3), vm.Splat(0xf0-0x80)))
	return vm.Xor(faults, vm.And(third, vm.Splat(0x80)))
}

// characterBefore returns the first start of a character from three bytes before p on.
//
//wasm:small
func characterBefore(p ptr) ptr {
	q := p - 3
	for q < p && vm.U8(q)&0xc0 == 0x80 {
		q++
	}
	return q
}

// utf8Scan returns where the first malformed sequence of [p,e) starts, or a
// position not below stop if there is none before that.
//
//wasm:small
func utf8Scan(p, stop, e ptr) ptr {
	for p < stop {
		n := utf8Len(p, e)
		if n-1 > 3 {
			break
		}
		p += n
	}
	return p
}

// utf8Len is the length of the sequence at p. If it is malformed: 4 + the length
// of its bad prefix (1..3), or 0 when it is only cut off by e.
//
//wasm:small
func utf8Len(p, e ptr) uint32 {
	x := vm.U8(p)
	if x < 0x80 {
		return 1
	}
	if x-0xc2 > 0xf4-0xc2 {
		return 5
	}
	size := vm.Clz32(^(x << 24)) // as many as there are leading ones
	for n := uint32(1); n < size; n++ {
		if e-p <= n {
			return 0
		}
		if y := vm.U8(p + n); y&0xc0 != 0x80 || n == 1 && wrongSecond(x<<8|y) {
			return 4 + n
		}
	}
	return size
}

// wrongSecond says whether a first and a second byte start a character that could
// be shorter, a surrogate, or one beyond Unicode.
//
//wasm:inline
func wrongSecond(v uint32) bool {
	return v>>5 == 0xe080>>5 || v>>5 == 0xeda0>>5 || v>>4 == 0xf080>>4 || v >= 0xf490
}

// utf8Reason describes the malformed sequence at bad in words; it lives in the arena.
//
//wasm:small
func utf8Reason(bad ptr) vm.Text {
	o := take(64)
	if o == 0 {
		return 0
	}
	p := o
	if n := utf8Len(bad, end); n == 0 {
		p = putText(p, vm.Lit("incomplete utf-8 byte sequence"))
	} else {
		p = put(putText(p, vm.Lit("invalid utf-8 sequence of ")), '0'+n-4)
		p = putText(p, vm.Lit(" bytes"))
	}
	p = putDecimal(putText(p, vm.Lit(" from index ")), bad-pay)
	return text(o, p-o)
}
