package vm

// V128 is a SIMD register of 16 bytes.
type V128 [16]byte

// Load loads 16 bytes. Of several loads from one address with constants added,
// do the highest first: engines then check the memory's bounds once.
func Load(p Ptr) (v V128) { copy(v[:], Mem[p:p+16]); return v }

// Store stores 16 bytes.
func Store(p Ptr, v V128) { copy(Mem[p:p+16], v[:]) }

// Splat is 16 times the low byte of c.
func Splat(c uint32) (v V128) {
	for i := range v {
		v[i] = byte(c)
	}
	return v
}

// Bytes is a constant register: s holds its 16 bytes. Compiled, s must be a constant.
func Bytes(s string) (v V128) {
	if len(s) != len(v) {
		panic("vm: Bytes needs 16 bytes")
	}
	copy(v[:], s)
	return v
}

func lanes(a, b V128, f func(x, y byte) byte) (v V128) {
	for i := range v {
		v[i] = f(a[i], b[i])
	}
	return v
}

func truth(ok bool) byte {
	if ok {
		return 0xff
	}
	return 0
}

// Eq, Ne, Gt, Ge, Lt and Le compare unsigned bytes: 0xff where it holds, else 0.
func Eq(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return truth(x == y) }) }

// Ne is not Eq.
func Ne(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return truth(x != y) }) }

// Gt is a > b, unsigned.
func Gt(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return truth(x > y) }) }

// Ge is a >= b, unsigned.
func Ge(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return truth(x >= y) }) }

// Lt is a < b, unsigned.
func Lt(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return truth(x < y) }) }

// Le is a <= b, unsigned.
func Le(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return truth(x <= y) }) }

// Or is a | b.
func Or(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return x | y }) }

// And is a & b.
func And(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return x & y }) }

// AndNot is a &^ b.
func AndNot(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return x &^ y }) }

// Xor is a ^ b.
func Xor(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return x ^ y }) }

// Add adds bytes, wrapping.
func Add(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return x + y }) }

// Sub subtracts bytes, wrapping.
func Sub(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return x - y }) }

// SubSat subtracts unsigned bytes, stopping at 0.
func SubSat(a, b V128) V128 { return lanes(a, b, func(x, y byte) byte { return x - min(x, y) }) }

// MinSigned is the smaller one of signed bytes.
func MinSigned(a, b V128) V128 {
	return lanes(a, b, func(x, y byte) byte { return byte(min(int8(x), int8(y))) })
}

// Shr shifts each byte right by n, which must be below 8.
func Shr(a V128, n uint32) V128 {
	if n > 7 {
		panic("vm: Shr by more than 7")
	}
	return lanes(a, a, func(x, _ byte) byte { return x >> n })
}

// Swizzle picks table[i] for each byte i of index, and 0 where i is above 15.
func Swizzle(table, index V128) V128 {
	return lanes(index, index, func(i, _ byte) byte {
		if i > 15 {
			return 0
		}
		return table[i]
	})
}

// Mask collects the top bit of each byte.
func Mask(a V128) (m uint32) {
	for i := range a {
		m |= uint32(a[i]>>7) << i
	}
	return m
}

// Any says whether a bit is set.
func Any(a V128) bool { return a != V128{} }

// All says whether no byte is zero.
func All(a V128) bool { return Mask(Eq(a, V128{})) == 0 }
