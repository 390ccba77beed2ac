package vm

import (
	"math"
	"math/bits"
)

// Ctz32 counts trailing zeros: 32 for 0.
func Ctz32(v uint32) uint32 { return uint32(bits.TrailingZeros32(v)) }

// Ctz64 counts trailing zeros: 64 for 0.
func Ctz64(v uint64) uint32 { return uint32(bits.TrailingZeros64(v)) }

// Clz32 counts leading zeros: 32 for 0.
func Clz32(v uint32) uint32 { return uint32(bits.LeadingZeros32(v)) }

// Clz64 counts leading zeros: 64 for 0.
func Clz64(v uint64) uint32 { return uint32(bits.LeadingZeros64(v)) }

// Pop32 counts ones.
func Pop32(v uint32) uint32 { return uint32(bits.OnesCount32(v)) }

// Pop64 counts ones.
func Pop64(v uint64) uint32 { return uint32(bits.OnesCount64(v)) }

// Rol32 rotates left by n modulo 32.
func Rol32(v, n uint32) uint32 { return bits.RotateLeft32(v, int(n&31)) }

// Ror32 rotates right by n modulo 32.
func Ror32(v, n uint32) uint32 { return bits.RotateLeft32(v, -int(n&31)) }

// Rol64 rotates left by n modulo 64.
func Rol64(v, n uint64) uint64 { return bits.RotateLeft64(v, int(n&63)) }

// Bswap32 turns the byte order around.
func Bswap32(v uint32) uint32 { return bits.ReverseBytes32(v) }

// Float64bits is the IEEE 754 form of f.
func Float64bits(f float64) uint64 { return math.Float64bits(f) }

// Float64frombits is the number whose IEEE 754 form is b.
func Float64frombits(b uint64) float64 { return math.Float64frombits(b) }

// Trunc64 is f without its fraction; out of range it is the nearest int64, and 0 for NaN.
func Trunc64(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= 1<<63:
		return math.MaxInt64
	case f < -1<<63:
		return math.MinInt64
	}
	return int64(f)
}
