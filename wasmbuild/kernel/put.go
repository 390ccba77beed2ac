package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// putText appends a constant; it may write 15 bytes more.
func putText(o ptr, t vm.Text) ptr { return putBytes(o, textPtr(t), textLen(t)) }

// putBytes appends n bytes; it may write 15 bytes more.
func putBytes(o, s ptr, n uint32) ptr {
	copyShort(o, s, n)
	return o + n
}

// putDecimal appends a number in decimal. It calls itself for each digit but the last.
func putDecimal(o ptr, v uint32) ptr {
	if v >= 10 {
		o = putDecimal(o, v/10)
	}
	return put(o, '0'+v%10)
}

// putRune appends a character as UTF-8.
func putRune(o ptr, c uint32) ptr {
	if c < 0x80 {
		return put(o, c)
	}
	n, head := uint32(1), uint32(0xc0) // continuation bytes
	if c >= 0x800 {
		n, head = 2, 0xe0
	}
	if c >= 0x10000 {
		n, head = 3, 0xf0
	}
	for o = put(o, head|c>>(n*6&31)); n > 0; {
		n--
		o = put(o, 0x80|c>>(n*6&31)&63)
	}
	return o
}
