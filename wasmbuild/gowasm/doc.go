// Package gowasm compiles a small subset of Go to WebAssembly. The subset is
// what kernel code needs, and no more; the same source runs natively under go
// test. There is no optimiser here: the engines that run modules have one, and
// package shrink makes the code short.
//
// # The language
//
//   - Types: bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64,
//     float64, named types over these, and vm.V128 and vm.Text. Not int, uint
//     or uintptr, whose size depends on the machine.
//   - Package level: functions, methods with value receivers on named numbers,
//     constants, types, variables of the types above with constant initial
//     values, and arrays of numbers with constant elements.
//   - Statements: var, const, :=, =, op=, ++, --, if, for (three clauses,
//     condition, endless, range over an integer), switch without fallthrough,
//     break and continue with or without a label, return, blocks.
//   - Expressions: constants, variables, array elements, calls, conversions,
//     all operators on numbers and booleans, min, max, panic.
//   - Functions have any number of parameters and results. Recursion is fine.
//   - One package may be imported: vm. Its functions become instructions.
//
// Anything else is an error with a position: strings, slices, maps, pointers,
// structs, interfaces, closures, goto, defer, goroutines.
//
// # Directives
//
// In the doc comment of a function:
//
//	//wasm:inline              expand the body at each call
//	//wasm:small               call inline functions here instead of expanding
//	                           them: for code that is seldom run
//	//wasm:bind                the linker binds the name to another function of
//	                           the same type; the body is for native runs
//	//wasm:import MODULE NAME  the host provides it; the body is for native runs
//
// A file with the constraint //go:build !gowasm is for native runs only.
// Exported package variables are set by the linker.
//
// # Meaning
//
// What compiles means the same as in Go. Where plain instructions would differ:
//
//   - A shift by the operand's width or more gives what Go gives. A count that
//     is masked (n & 31, n & 63) or constant costs nothing extra; a constant
//     count that reaches the width is refused, as is a signed variable count.
//   - The smallest signed number divided by -1 is itself. Dividing by zero traps
//     where Go panics.
//   - 8- and 16-bit arithmetic wraps.
//   - A float64 cannot be converted to an integer, since Go leaves out-of-range
//     values open: use vm.Trunc64.
//   - Go leaves open whether a variable is read before or after a call in the
//     same expression. When the call may write that variable it is refused.
//   - An array index out of range panics natively; compiled it reads or writes
//     another part of the module's memory. Kernel tests must rule it out.
package gowasm
