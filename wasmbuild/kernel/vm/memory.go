// Package vm is what kernel code may do beyond plain Go: linear memory, SIMD
// registers and bit counts. The compiler (gowasm) turns each function into an
// instruction or two; the bodies here let the same kernel code run natively in
// tests, fuzzing and a debugger. Native state is one global memory, as one
// module instance has one: native kernel tests do not run in parallel.
package vm

import "encoding/binary"

// Ptr is an address in linear memory.
type Ptr = uint32

// PageSize is the unit of Pages and Grow.
const PageSize = 1 << 16

// maxPages is the cap the Go SDK sets on its modules: 62.5 MiB.
const maxPages = 1000

// Mem is the native stand-in for linear memory. It grows as the module's would.
var Mem = make([]byte, 2*PageSize)

// U8 loads a byte.
func U8(p Ptr) uint32 { return uint32(Mem[p]) }

// U16 loads a little-endian 16-bit number.
func U16(p Ptr) uint32 { return uint32(binary.LittleEndian.Uint16(Mem[p:])) }

// U32 loads a little-endian 32-bit number.
func U32(p Ptr) uint32 { return binary.LittleEndian.Uint32(Mem[p:]) }

// U64 loads a little-endian 64-bit number.
func U64(p Ptr) uint64 { return binary.LittleEndian.Uint64(Mem[p:]) }

// Put8 stores the low byte of v.
func Put8(p Ptr, v uint32) { Mem[p] = byte(v) }

// Put16 stores the low 16 bits of v.
func Put16(p Ptr, v uint32) { binary.LittleEndian.PutUint16(Mem[p:], uint16(v)) }

// Put32 stores v.
func Put32(p Ptr, v uint32) { binary.LittleEndian.PutUint32(Mem[p:], v) }

// Put64 stores v.
func Put64(p Ptr, v uint64) { binary.LittleEndian.PutUint64(Mem[p:], v) }

// Copy copies n bytes; the ranges may overlap.
func Copy(d, s Ptr, n uint32) { copy(Mem[d:d+n], Mem[s:s+n]) }

// Fill sets n bytes to the low byte of c.
func Fill(d Ptr, c, n uint32) {
	for i := range Mem[d : d+n] {
		Mem[d+Ptr(i)] = byte(c)
	}
}

// Pages is the size of memory in pages.
func Pages() uint32 { return uint32(len(Mem) / PageSize) }

// Grow adds n pages of zeros and returns the size before, or 0xffffffff when there is no room.
func Grow(n uint32) uint32 {
	had := Pages()
	if uint64(had)+uint64(n) > maxPages {
		return 0xffffffff
	}
	Mem = append(Mem, make([]byte, int(n)*PageSize)...)
	return had
}

// Trap aborts the call.
func Trap() { panic("vm: trap") }
