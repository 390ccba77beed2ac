package lang

var (
	state   uint32 = 7
	wide    uint64 = 1 << 40
	signed  int8   = -3
	ratio          = 1.5
	enabled        = true
)

func globals(a uint32) (uint32, uint64, int8, float64, bool) {
	state = state*31 + a
	wide ^= uint64(state) << 8
	signed += int8(a)
	ratio = ratio*0.5 + float64(signed)
	enabled = !enabled
	return state, wide, signed, ratio, enabled
}

var squares = [8]uint32{0, 1, 4, 9, 16, 25, 36, 49}
var classes = [256]uint8{'a': 1, 'b', 3, '0': 9}
var small = [...]int8{-1, 2, -3, 127}
var halves = [4]uint16{1, 0xffff, 300}
var signedHalves = [4]int16{-1, 0x7fff, -300}
var offsets = [3]int32{-1, 1 << 30, -1 << 31}
var longs = [3]uint64{1 << 63, 2, 3}
var rates = [2]float64{0.25, -8}
var scratch [16]uint32
var scratch8 [16]uint8
var scratch64 [4]int64
var scratchF [2]float64

func tables(i uint32) uint32 {
	return squares[i&7] + uint32(classes[i&0xff])<<8 + uint32(classes['b'])
}

func signedTables(i uint32) (int8, uint16, int16, int32) {
	return small[i&3], halves[i&3], signedHalves[i&3], offsets[i%3]
}

func wideTables(i uint8) (uint64, float64) { return longs[i%3], rates[i&1] }

func writeArrays(i, v uint32) (uint32, uint8, int64, float64) {
	scratch[i&15] = v
	scratch[(i+1)&15] += v ^ 3
	scratch[2]++
	scratch8[i&15] = uint8(v)
	scratch8[i&15] -= 200
	scratch8[i&7] <<= 1
	scratch64[i&3] = int64(v) << 20
	scratch64[i&3] >>= 3
	scratchF[i&1] += float64(v)
	return scratch[(i+1)&15] + scratch[2] + uint32(len(scratch)), scratch8[i&15], scratch64[i&3], scratchF[i&1]
}

type node uint32

func (n node) kind() uint32          { return uint32(n) & 3 }
func (n node) next(step uint32) node { return n + node(step) }

//wasm:inline
func (n node) both() (uint32, node) { return n.kind(), n.next(1) }

func methods(a uint32) uint32 {
	n := node(a)
	k, m := n.both()
	return k + m.next(5).kind() + uint32(m.next(n.kind()))
}

//wasm:inline
func search(p, limit uint32) (at uint32, found bool) {
	for i := p; i < limit; i++ {
		if i%11 == 0 {
			return i, true
		}
		if i%13 == 0 {
			at = i
		}
	}
	return
}

//wasm:inline
func twice(a uint32) uint32 {
	if a > 1000 {
		return 1000
	}
	return a * 2
}

//wasm:inline
func bump(by uint32) {
	if by == 0 {
		return
	}
	state += by
}

func inlined(a, b uint32) uint32 {
	a &= 0xff
	x, ok := search(a, a+b&0x3f)
	y, _ := search(x, x+20)
	if !ok {
		y += twice(twice(a)) + twice(x+twice(y))
	}
	bump(a)
	for i := uint32(0); i < twice(b&7); i++ {
		if i == 5 {
			break
		}
		y += twice(i)
	}
	return y
}

// small32 calls what inlined expands.
//
//wasm:small
func small32(a, b uint32) uint32 {
	x, ok := search(a&0xff, a&0xff+b&0x3f)
	if !ok {
		return twice(x)
	}
	bump(x)
	return x + expandsSearch(b)
}

// expandsSearch takes its argument's local over, and leaves it alone.
//
//wasm:inline
func expandsSearch(a uint32) uint32 {
	at, _ := search(a&0xff, a&0xff+3)
	b := a
	b++
	return at + a + b
}

func sharesLocals(a, b uint32) uint32 {
	a = expandsSearch(a) + expandsSearch(b) + clobbers(a, b)
	b += clobbers(b, a)
	return a ^ b + expandsSearch(5)
}

// clobbers assigns a parameter, which must not change the caller's variable.
//
//wasm:inline
func clobbers(a, b uint32) uint32 {
	a += b
	a *= 3
	return a
}

// chosen is bound to double by the test.
//
//wasm:bind
func chosen(a uint32) uint32 { return double(a) }

func double(a uint32) uint32 { return a + a }

func bound(a uint32) uint32 { return chosen(a) + 1 }

// hosted is provided by the test's host.
//
//wasm:import env triple
func hosted(a uint32) uint32 { return a * 3 }

func imported(a uint32) uint32 { return hosted(a) ^ 1 }

// Limit is set by the linker.
var Limit uint32 = 1000

func limited(a uint32) uint32 { return min(a, Limit) }
