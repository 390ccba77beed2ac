package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

const (
	keccakRate = 136  // bytes of a block, for 256 bits
	keccakPad  = 0x01 // what Ethereum's Keccak has after the message; FIPS 202 has 0x06
)

var (
	keccakState [200]uint8
	keccakSums  [40]uint8 // of the state's columns
	keccakRound = [24]uint64{
		0x1, 0x8082, 0x800000000000808a, 0x8000000080008000, 0x808b, 0x80000001, 0x8000000080008081, 0x8000000000008009,
		0x8a, 0x88, 0x80008009, 0x8000000a, 0x8000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
		0x8000000000008002, 0x8000000000000080, 0x800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x80000001, 0x8000000080008008,
	}
	// where the words go one after another, starting with the second, and how far each is rotated.
	keccakNext   = [24]uint8{10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1}
	keccakRotate = [24]uint8{1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44}
)

// keccak256 returns where the hash of n bytes is, fewer than a block.
func keccak256(p ptr, n, pad uint32) ptr {
	a := vm.Addr(&keccakState)
	vm.Fill(a, 0, 200)
	vm.Copy(a, p, n)
	vm.Put8(a+n, pad)
	vm.Put8(a+keccakRate-1, vm.U8(a+keccakRate-1)|0x80)
	for r := uint32(0); r < 24; r++ {
		keccakMix(a)
		vm.Put64(a, vm.U64(a)^keccakRound[r])
	}
	return a
}

// keccakMix is a round without its constant.
func keccakMix(a ptr) {
	sums := vm.Addr(&keccakSums)
	for x := uint32(0); x < 40; x += 8 {
		q := a + x
		vm.Put64(sums+x, vm.U64(q)^vm.U64(q+40)^vm.U64(q+80)^vm.U64(q+120)^vm.U64(q+160))
	}
	for x := uint32(0); x < 40; x += 8 {
		d := vm.U64(sums+(x+32)%40) ^ vm.Rol64(vm.U64(sums+(x+8)%40), 1)
		for q := a + x; q < a+200; q += 40 {
			vm.Put64(q, vm.U64(q)^d)
		}
	}
	moved := vm.U64(a + 8)
	for i := uint32(0); i < 24; i++ {
		q := a + 8*uint32(keccakNext[i])
		next := vm.U64(q)
		vm.Put64(q, vm.Rol64(moved, uint64(keccakRotate[i])))
		moved = next
	}
	for row := a; row < a+200; row += 40 {
		v, w := vm.U64(row), vm.U64(row+8)
		first, second := v, w
		for x := uint32(0); x < 40; x += 8 {
			u := first
			if x < 24 {
				u = vm.U64(row + x + 16)
			} else if x == 32 {
				u = second
			}
			vm.Put64(row+x, v^^w&u)
			v, w = w, u
		}
	}
}
