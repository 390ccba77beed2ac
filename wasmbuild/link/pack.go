package link

import (
	"cmp"
	"slices"
)

// segmentHead is about what a data segment costs besides its bytes: so many
// zeros are worth leaving out.
const segmentHead = 6

// pack leaves out zeros, which memory starts with, and joins what lies close together.
func pack(data []Data) []Data {
	data = slices.SortedStableFunc(slices.Values(data), func(a, b Data) int { return cmp.Compare(a.Offset, b.Offset) })
	var out []Data
	for _, d := range data {
		b, at := d.Bytes, d.Offset
		for len(b) > 0 {
			start := zeros(b)
			b, at = b[start:], at+uint32(start)
			n := upToZeros(b)
			out = join(out, at, b[:n])
			b, at = b[n:], at+uint32(n)
		}
	}
	return out
}

// join appends bytes at an address, to the last segment if that is cheaper than a new one.
func join(out []Data, at uint32, b []byte) []Data {
	if len(b) == 0 {
		return out
	}
	if len(out) > 0 {
		last := &out[len(out)-1]
		end := last.Offset + uint32(len(last.Bytes))
		if at >= end && at-end < segmentHead {
			last.Bytes = append(append(last.Bytes, make([]byte, at-end)...), b...)
			return out
		}
	}
	return append(out, Data{Offset: at, Bytes: slices.Clone(b)})
}

// zeros counts leading zeros.
func zeros(b []byte) int {
	for i, c := range b {
		if c != 0 {
			return i
		}
	}
	return len(b)
}

// upToZeros is how many bytes stand before a long run of zeros or trailing ones.
func upToZeros(b []byte) int {
	for i := 0; i < len(b); i++ {
		if n := zeros(b[i:]); n >= segmentHead || i+n == len(b) {
			return i
		}
	}
	return len(b)
}
