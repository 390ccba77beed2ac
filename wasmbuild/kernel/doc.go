// Package kernel is the code that step modules are made of. It is ordinary Go,
// tested and fuzzed as such, and compiled to WebAssembly by gowasm; the linker
// then keeps what one rule needs and appends that rule's constants.
//
// What every file relies on:
//
//   - A request lives at the arena's start, and nothing that another one needs lies
//     behind it. begin finds its payload, [pay,end), and writes 16 quotes after it, so
//     that every string scan stops without a bounds check per step. A position past
//     end means that a value is cut off.
//   - Reads may run up to 64 bytes past end and see anything there: what they
//     see must never change an answer.
//   - An answer is the request's payload in place, its header rewritten, with
//     the other fields written after it. Answers stay valid until they are given
//     back; to hosts that never do that, until the next alloc.
//   - Nothing traps on any input. Nothing recurses with the payload's nesting
//     further than a fixed depth.
//   - Duplicate keys: the first one counts.
//
// Exported variables are a rule's constants: the linker sets them. Comments the
// compiler reads: //wasm:inline, and //wasm:bind for functions which the linker
// replaces by the rule's choice (their bodies are for native runs).
package kernel
