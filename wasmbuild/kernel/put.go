package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// putText appends a constant; it may write 15 bytes more.
func putText(o ptr, t vm.Text) ptr {
	copyShort(o, textPtr(t), textLen(t))
	return o + textLen(t)
}

// putDecimal appends a number in decimal.
func putDecimal(o ptr, v uint32) ptr {
	n := uint32(1)
	for t := v; t >= 10; t /= 10 {
		n++
	}
	for i := n; i > 0; i-- {
		vm.Put8(o+i-1, '0'+v%10)
		v /= 10
	}
	return o + n
}

// putRune appends a character as UTF-8.
func putRune(o ptr, c uint32) ptr {
	switch {
	case c < 0x80:
		return put(o, c)
	case c < 0x800:
		return put(put(o, 0xc0|c>>6), 0x80|c&63)
	case c < 0x10000:
		return put(put(put(o, 0xe0|c>>12), 0x80|c>>6&63), 0x80|c&63)
	}
	return put(put(put(put(o, 0xf0|c>>18), 0x80|c>>12&63), 0x80|c>>6&63), 0x80|c&63)
}
