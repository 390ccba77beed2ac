// Package code takes function bodies apart into trees of instructions, and puts
// them together again in their shortest form.
package code

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// Op is an instruction: its opcode, or the prefix and what follows that.
type Op uint16

// Misc and SIMD are the instructions after a prefix.
func Misc(sub uint16) Op { return wasm.OpPrefixMisc<<8 | Op(sub) }

// SIMD is Misc for registers.
func SIMD(sub uint16) Op { return wasm.OpPrefixSIMD<<8 | Op(sub) }

// prefix is the opcode that stands before the instruction's number, or 0.
func (op Op) prefix() byte { return byte(op >> 8) }

// Func is a function body.
type Func struct {
	Locals []wasm.ValueType // parameters left out
	Body   []Instr
	Labels uint32 // labels in use are below this; 0 is the function itself
}

// Ref says that the instruction at an offset in a body depends on where an area
// of memory is placed.
type Ref struct {
	At   int
	Area uint32
}

// Instr is an instruction. What it has besides Op depends on that.
type Instr struct {
	Op      Op
	Index   uint32   // local, global or function; label of a structured instruction, or the one that a branch leaves to
	Offset  uint32   // of a load or store
	Align   uint32   // of a load or store
	Value   int64    // of an integer constant; type of a structured instruction as it is encoded
	Area    uint32   // the area whose address is to be added, or 0 for none
	Raw     []byte   // a register's or floating-point constant, lanes, memory indexes
	Targets []uint32 // br_table's labels, the default last
	Body    []Instr  // of a structured instruction
	Else    []Instr  // of if
}

// Opens says whether the instruction is a block, loop or if.
func (i *Instr) Opens() bool {
	return i.Op == wasm.OpBlock || i.Op == wasm.OpLoop || i.Op == wasm.OpIf
}

// Walk calls visit for each instruction, those inside others too, in order.
func Walk(list []Instr, visit func(*Instr)) {
	for i := range list {
		visit(&list[i])
		Walk(list[i].Body, visit)
		Walk(list[i].Else, visit)
	}
}

// Place adds the address of the instruction's area: to a constant, to the upper
// half of a 64-bit one, or to the offset of a load or store.
func (i *Instr) Place(address uint32) {
	switch i.Op {
	case wasm.OpI32Const:
		i.Value = int64(int32(uint32(i.Value) + address))
	case wasm.OpI64Const:
		i.Value += int64(address) << 32
	default:
		i.Offset += address
	}
	i.Area = 0
}

// EmptyType is the type of a block that leaves nothing, as Value has it.
const EmptyType int64 = -64
