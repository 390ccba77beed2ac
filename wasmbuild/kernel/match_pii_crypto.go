package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchCrypto accepts an address of a cryptocurrency, or a private key, with a
// valid checksum: Base58Check, Bech32 and Bech32m of Bitcoin and its kin, and
// Ethereum's hex form, whose checksum is in the case of its letters.
//
//wasm:small
func matchCrypto(c uint32, p, e ptr) bool {
	if e-p < 26 {
		return false
	}
	p, e = trim(p, e)
	switch {
	case e-p > 90:
		return false
	case e-p == 42 && vm.U8(p) == '0':
		return vm.U8(p+1) == 'x' && isEthereum(p+2)
	case startsAny(p, e, vm.Lit("bc1|tb1|ltc1|")) > 0:
		return isBech32(p, e)
	}
	return e-p <= 52 && isBase58Check(p, e)
}

// Base58Check: the limbs of a number, the lowest first, and its bytes, the highest first.
const (
	base58Limbs = 10
	base58Bytes = 4 * base58Limbs
)

var (
	limbs  [base58Bytes]uint8
	octets [base58Bytes + 16]uint8
)

// isBase58Check says whether [p,e) encodes an address (25 bytes) or a private key
// (37, or 38 when its public key is compressed) with their checksum.
//
//wasm:small
func isBase58Check(p, e ptr) bool {
	ones := uint32(0)
	for ; p+ones < e && vm.U8(p+ones) == '1'; ones++ {
	}
	for q := p; q < e; q++ {
		if value58(vm.U8(q)) > 57 {
			return false
		}
	}
	low := vm.Addr(&limbs)
	vm.Fill(low, 0, base58Bytes)
	for ; p < e; p++ {
		carry := uint64(value58(vm.U8(p)))
		for q := low; q < low+base58Bytes; q += 4 {
			carry += uint64(vm.U32(q)) * 58
			vm.Put32(q, uint32(carry))
			carry >>= 32
		}
		if carry != 0 {
			return false
		}
	}
	o := vm.Addr(&octets)
	for i := uint32(0); i < base58Bytes; i += 4 {
		vm.Put32(o+base58Bytes-4-i, vm.Bswap32(vm.U32(low+i)))
	}
	zeros := uint32(0)
	for ; zeros < base58Bytes && vm.U8(o+zeros) == 0; zeros++ {
	}
	if zeros < ones {
		return false
	}
	o += zeros - ones // leading ones are leading zeros
	n := uint32(base58Bytes) - zeros + ones
	key := (n == 37 || n == 38) && vm.U8(o) == 0x80
	return (n == 25 || key) && hashTwice(o, n-4) == vm.U32(o+n-4)
}

// value58 is the value of a Base58 digit, above 57 for other bytes: it has no 0, O, I and l.
func value58(c uint32) uint32 {
	switch {
	case c-'1' < 9:
		return c - '1'
	case c-'A' < 8:
		return c - 'A' + 9
	case c-'J' < 5:
		return c - 'J' + 17
	case c-'P' < 11:
		return c - 'P' + 22
	case c-'a' < 11:
		return c - 'a' + 33
	case c-'m' < 14:
		return c - 'm' + 44
	}
	return 58
}

var shaStart = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// hashTwice returns the first four bytes of the SHA-256 of the SHA-256 of n bytes, at most 55.
func hashTwice(p ptr, n uint32) uint32 {
	hashBlock(p, n)
	state := vm.Addr(&shaState)
	for i := uint32(0); i < 32; i += 4 {
		vm.Put32(state+i, vm.Bswap32(vm.U32(state+i)))
	}
	hashBlock(state, 32)
	return vm.Bswap32(vm.U32(state))
}

// hashBlock leaves the SHA-256 of n bytes, at most 55, in shaState.
func hashBlock(p ptr, n uint32) {
	block, state := vm.Addr(&shaLast), vm.Addr(&shaState)
	vm.Fill(block, 0, 64)
	vm.Copy(block, p, n)
	vm.Put8(block+n, 0x80)
	vm.Put32(block+60, vm.Bswap32(n<<3))
	vm.Copy(state, vm.Addr(&shaStart), 32)
	shaBlocks(block, block+64)
}

// What a Bech32 checksum comes to, and a Bech32m one.
const (
	bech32Plain = 1
	bech32M     = 0x2bc830a3
)

// isBech32 says whether [p,e) is an address of a segregated witness (BIP 173,
// BIP 350). It starts with what stands before the 1 in a known one.
//
//wasm:small
func isBech32(p, e ptr) bool {
	one := findByte(p, e, vm.Splat('1'))
	sum := uint32(1)
	for q := p; q < one; q++ {
		sum = bech32Step(sum, lower(vm.U8(q))>>5)
	}
	sum = bech32Step(sum, 0)
	for q := p; q < one; q++ {
		sum = bech32Step(sum, vm.U8(q)&31)
	}
	small, large := false, false
	for q := p; q < e; q++ {
		c := vm.U8(q)
		small, large = small || c-'a' < 26, large || c-'A' < 26
		if q > one {
			v := value32(lower(c))
			if v > 31 {
				return false
			}
			sum = bech32Step(sum, v)
		}
	}
	count := e - one - 8 // digits of the program: less one for its version and six for the checksum
	if small && large || e-one < 8+4 || count*5%8 > 4 {
		return false
	}
	size, version := count*5/8, value32(lower(vm.U8(one+1)))
	if value32(lower(vm.U8(e-7)))&(1<<(count*5%8)-1) != 0 {
		return false
	}
	if version == 0 {
		return sum == bech32Plain && (size == 20 || size == 32)
	}
	return sum == bech32M && version <= 16 && size >= 2 && size <= 40
}

// bech32Step goes on with a checksum.
func bech32Step(sum, v uint32) uint32 {
	top := sum >> 25
	sum = (sum&0x1ffffff)<<5 ^ v
	for i := uint32(0); i < 5; i++ {
		if top>>(i&31)&1 != 0 {
			sum ^= bech32Generator[i]
		}
	}
	return sum
}

var bech32Generator = [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}

// value32 is the value of a Bech32 digit, above 31 for other bytes.
func value32(c uint32) uint32 {
	digits := vm.Lit("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
	for i := uint32(0); i < 32; i++ {
		if vm.U8(textPtr(digits)+i) == c {
			return i
		}
	}
	return 32
}

// isEthereum says whether the 40 characters at p are hex digits whose letters are
// all of one case, or have the case that EIP-55 gives them.
//
//wasm:small
func isEthereum(p ptr) bool {
	if !allHex(p, p+40) {
		return false
	}
	q := vm.Addr(&squeezed)
	small, large := false, false
	for i := uint32(0); i < 40; i++ {
		c := vm.U8(p + i)
		small, large = small || c-'a' < 26, large || c-'A' < 26
		vm.Put8(q+i, lower(c))
	}
	if !small || !large {
		return true
	}
	hash := keccak256(q, 40, keccakPad)
	for i := uint32(0); i < 40; i++ {
		c := vm.U8(p + i)
		half := vm.U8(hash+i/2) >> ((4 - i&1*4) & 31) & 15
		if letter(c) && (c-'A' < 26) != (half > 7) {
			return false
		}
	}
	return true
}
