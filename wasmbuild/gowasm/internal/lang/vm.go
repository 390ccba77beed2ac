package lang

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

const area = 40000 // free memory

func loads(v uint32, w uint64) (uint32, uint32, uint32, uint64) {
	p := vm.Ptr(area)
	vm.Put64(p, w)
	vm.Put32(p+8, v)
	vm.Put16(p+12, v)
	vm.Put8(p+14, v)
	return vm.U32(p + 3), vm.U16(p + 7), vm.U8(p + 13), vm.U64(p + 5)
}

func moves(n uint32) uint64 {
	n &= 31
	vm.Put64(area, 0x0123456789abcdef)
	vm.Fill(area+8, n, 40)
	vm.Copy(area+3, area, n)
	return vm.U64(area) ^ vm.U64(area+n)
}

func grow(n uint32) bool {
	had := vm.Pages()
	if vm.Grow(n&1) == 0xffffffff {
		return false
	}
	return vm.Pages() == had+n&1
}

func bitCounts(a uint32, b uint64) (uint32, uint32, uint32, uint32, uint32, uint32) {
	return vm.Ctz32(a), vm.Clz32(a), vm.Pop32(a), vm.Ctz64(b), vm.Clz64(b), vm.Pop64(b)
}

func rotations(a, n uint32, b uint64) (uint32, uint32, uint64, uint32) {
	return vm.Rol32(a, n), vm.Ror32(a, n), vm.Rol64(b, uint64(n)), vm.Bswap32(a)
}

func floatBits(a float64, b uint64) (uint64, float64, int64) {
	return vm.Float64bits(a), vm.Float64frombits(b &^ (1 << 62)), vm.Trunc64(a)
}

func literals() (uint32, uint32, uint32, uint32) {
	a, b, empty := vm.Lit("hello"), vm.Lit("wor\x00ld"), vm.Lit("")
	return vm.U8(vm.Ptr(a>>32) + 4), uint32(b), vm.U8(vm.Ptr(b>>32) + 3), uint32(empty)
}

func address(i uint32) (uint32, uint32) {
	return vm.U32(vm.Addr(&squares) + i&7*4), vm.U8(vm.Addr(&classes) + i&0xff)
}

var board [64]uint8

func addressWrites(i, v uint32) uint32 {
	vm.Put8(vm.Addr(&board)+i&63, v)
	return vm.U8(vm.Addr(&board) + (v+i)&63)
}

func trap(a uint32) uint32 {
	if a == 7 {
		vm.Trap()
	}
	return a
}

//wasm:inline
func registers(a, b uint64) (x, y vm.V128) {
	vm.Put64(area, a)
	vm.Put64(area+8, b)
	vm.Put64(area+16, b^a<<1)
	vm.Put64(area+24, a)
	return vm.Load(area), vm.Load(area + 16)
}

func digest(v vm.V128) uint64 {
	vm.Store(area+32, v)
	return vm.U64(area+32) ^ vm.Rol64(vm.U64(area+40), 7)
}

func compares(a, b uint64) (uint64, uint64, uint64, uint64, uint64, uint64) {
	x, y := registers(a, b)
	return digest(vm.Eq(x, y)), digest(vm.Ne(x, y)), digest(vm.Gt(x, y)), digest(vm.Ge(x, y)), digest(vm.Lt(x, y)), digest(vm.Le(x, y))
}

func combines(a, b uint64) (uint64, uint64, uint64, uint64) {
	x, y := registers(a, b)
	return digest(vm.Or(x, y)), digest(vm.And(x, y)), digest(vm.AndNot(x, y)), digest(vm.Xor(x, y))
}

func lanes(a, b uint64) (uint64, uint64, uint64, uint64, uint64, uint64) {
	x, y := registers(a, b)
	return digest(vm.Add(x, y)), digest(vm.Sub(x, y)), digest(vm.SubSat(x, y)), digest(vm.Shr(x, 3)), digest(vm.Swizzle(x, y)), digest(vm.MinSigned(x, y))
}

func summaries(a, b uint64, c uint32) (uint32, bool, bool, uint64, uint64, uint64) {
	x, y := registers(a, b)
	var none vm.V128
	return vm.Mask(x), vm.Any(vm.Xor(x, y)), vm.All(y), digest(vm.Splat(c)), digest(vm.Splat('x')), digest(vm.Or(none, vm.Bytes("0123456789abcde\xff")))
}

//wasm:small
func smallSplat(a uint64) (uint64, uint64) {
	x, y := registers(a, a)
	return digest(vm.Or(x, vm.Splat('"'))), digest(vm.Eq(y, vm.Splat(0xff)))
}
