package wasm

import "encoding/binary"

// AppendU32 appends v in LEB128.
//
// See https://www.w3.org/TR/wasm-core-2/#integers%E2%91%A4
func AppendU32(b []byte, v uint32) []byte { return binary.AppendUvarint(b, uint64(v)) }

// AppendS64 appends v in signed LEB128. Constants of both widths use it.
func AppendS64(b []byte, v int64) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// U32 reads a number that AppendU32 or another encoder wrote and says how many
// bytes it took: 0 if it is cut off or does not fit.
func U32(b []byte) (v uint32, n int) {
	var wide uint64
	for n < len(b) && n < 5 {
		c := b[n]
		wide |= uint64(c&0x7f) << (7 * n)
		n++
		if c < 0x80 {
			if wide > 0xffffffff {
				return 0, 0
			}
			return uint32(wide), n
		}
	}
	return 0, 0
}

// S64 reads a signed number and says how many bytes it took: 0 if it is cut off
// or too long.
func S64(b []byte) (v int64, n int) {
	for shift := 0; n < len(b) && n < 10; shift += 7 {
		c := b[n]
		n++
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if shift+7 < 64 && c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v, n
		}
	}
	return 0, 0
}
