package wasm

import (
	"bytes"
	"math"
	"testing"
)

func TestLEB128(t *testing.T) {
	t.Parallel()
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, 127, 128, 300, math.MaxInt32, math.MinInt32, math.MaxUint32, math.MaxInt64, math.MinInt64} {
		b := AppendS64(nil, v)
		if got, n := S64(append(b, 0xff)); got != v || n != len(b) {
			t.Errorf("S64(%x) = %d, %d; want %d, %d", b, got, n, v, len(b))
		}
	}
	for _, v := range []uint32{0, 127, 128, 16383, 16384, math.MaxUint32} {
		b := AppendU32(nil, v)
		if got, n := U32(append(b, 0xff)); got != v || n != len(b) {
			t.Errorf("U32(%x) = %d, %d; want %d, %d", b, got, n, v, len(b))
		}
	}
}

func TestLEB128Malformed(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{nil, {0x80}, bytes.Repeat([]byte{0x80}, 5), {0xff, 0xff, 0xff, 0xff, 0x1f}, append(bytes.Repeat([]byte{0x80}, 5), 0)} {
		if v, n := U32(b); n != 0 {
			t.Errorf("U32(%x) = %d, %d; want nothing", b, v, n)
		}
	}
	for _, b := range [][]byte{nil, {0xff}, append(bytes.Repeat([]byte{0x80}, 10), 0)} {
		if v, n := S64(b); n != 0 {
			t.Errorf("S64(%x) = %d, %d; want nothing", b, v, n)
		}
	}
}
