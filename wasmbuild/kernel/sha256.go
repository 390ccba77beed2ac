package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// hashLen is the length of what putHash writes.
const hashLen = 7 + 64

var shaRounds = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

var (
	shaWords [256]byte // the message schedule
	shaLast  [128]byte // the message's end, padded
	shaState [32]byte
)

// putHash writes "sha256:" and the hash of [m,m+n) in lower-case hex.
//
//wasm:small
func putHash(o, m ptr, n uint32) ptr {
	state := vm.Addr(&shaState)
	vm.Put32(state, 0x6a09e667)
	vm.Put32(state+4, 0xbb67ae85)
	vm.Put32(state+8, 0x3c6ef372)
	vm.Put32(state+12, 0xa54ff53a)
	vm.Put32(state+16, 0x510e527f)
	vm.Put32(state+20, 0x9b05688c)
	vm.Put32(state+24, 0x1f83d9ab)
	vm.Put32(state+28, 0x5be0cd19)
	whole := n &^ 63
	shaBlocks(m, m+whole)
	last := vm.Addr(&shaLast)
	rest := n - whole
	size := (rest + 9 + 63) &^ 63
	vm.Fill(last, 0, 128)
	vm.Copy(last, m+whole, rest)
	vm.Put8(last+rest, 0x80)
	vm.Put32(last+size-8, vm.Bswap32(n>>29))
	vm.Put32(last+size-4, vm.Bswap32(n<<3))
	shaBlocks(last, last+size)
	o = putText(o, vm.Lit("sha256:"))
	for i := uint32(0); i < 32; i += 4 {
		o = putHex(o, vm.U32(state+i))
	}
	return o
}

// shaBlocks hashes the 64-byte blocks of [m,stop) into the state.
func shaBlocks(m, stop ptr) {
	state := vm.Addr(&shaState)
	w := vm.Addr(&shaWords)
	for ; m < stop; m += 64 {
		for i := uint32(0); i < 64; i += 4 {
			vm.Put32(w+i, vm.Bswap32(vm.U32(m+i)))
		}
		for q := w + 64; q < w+256; q += 4 {
			x, y := vm.U32(q-60), vm.U32(q-8)
			vm.Put32(q, vm.U32(q-64)+vm.U32(q-28)+(vm.Ror32(x, 7)^vm.Ror32(x, 18)^x>>3)+(vm.Ror32(y, 17)^vm.Ror32(y, 19)^y>>10))
		}
		a, b, c, d := vm.U32(state), vm.U32(state+4), vm.U32(state+8), vm.U32(state+12)
		e, f, g, h := vm.U32(state+16), vm.U32(state+20), vm.U32(state+24), vm.U32(state+28)
		for i := uint32(0); i < 64; i++ {
			t1 := h + (vm.Ror32(e, 6) ^ vm.Ror32(e, 11) ^ vm.Ror32(e, 25)) + (e&f ^ g&^e) + shaRounds[i] + vm.U32(w+i*4)
			t2 := (vm.Ror32(a, 2) ^ vm.Ror32(a, 13) ^ vm.Ror32(a, 22)) + (a&b ^ a&c ^ b&c)
			h, g, f, e, d, c, b, a = g, f, e, d+t1, c, b, a, t1+t2
		}
		vm.Put32(state, vm.U32(state)+a)
		vm.Put32(state+4, vm.U32(state+4)+b)
		vm.Put32(state+8, vm.U32(state+8)+c)
		vm.Put32(state+12, vm.U32(state+12)+d)
		vm.Put32(state+16, vm.U32(state+16)+e)
		vm.Put32(state+20, vm.U32(state+20)+f)
		vm.Put32(state+24, vm.U32(state+24)+g)
		vm.Put32(state+28, vm.U32(state+28)+h)
	}
}

// putHex writes eight digits.
func putHex(o ptr, v uint32) ptr {
	// a nibble per byte, then digits of them: those from 10 on are 39 further on
	x := uint64(vm.Bswap32(v))
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x>>4 | x<<8) & 0x0f0f0f0f0f0f0f0f
	vm.Put64(o, x+0x3030303030303030+(x+0x0606060606060606)>>4&0x0101010101010101*39)
	return o + 8
}
