package shrink

import (
	"bytes"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// shareRegisters has a function make a constant register, all of whose bytes are
// equal, once at its start if it is used in several places: 18 bytes less for each
// but the first.
func shareRegisters(f Function) {
	uses := [256]int{}
	code.Walk(f.Body, func(i *code.Instr) {
		if b, ok := splat(i); ok {
			uses[b]++
		}
	})
	var head []code.Instr
	locals := map[byte]uint32{}
	for b, n := range uses {
		if n < 2 {
			continue
		}
		l := uint32(len(f.Params) + len(f.Locals))
		f.Locals = append(f.Locals, wasm.V128)
		locals[byte(b)] = l
		head = append(head, const32(uint32(b)), code.Instr{Op: code.SIMD(wasm.SIMDSplat8)}, code.Instr{Op: wasm.OpLocalSet, Index: l})
	}
	if len(head) == 0 {
		return
	}
	code.Walk(f.Body, func(i *code.Instr) {
		if b, ok := splat(i); ok && uses[b] > 1 {
			*i = code.Instr{Op: wasm.OpLocalGet, Index: locals[b]}
		}
	})
	f.Body = append(head, f.Body...)
	sortLocals(f)
}

// splat is the byte that a constant register consists of.
func splat(i *code.Instr) (b byte, ok bool) {
	if i.Op != code.SIMD(wasm.SIMDConst) {
		return 0, false
	}
	return i.Raw[0], bytes.Count(i.Raw, i.Raw[:1]) == len(i.Raw)
}
