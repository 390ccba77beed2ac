// Package shrink makes decoded functions smaller without changing what they do.
// It is what is left to gain once a rule's variables are constants: conditions
// that are decided, branches that nobody takes, blocks that nobody leaves,
// functions that are called from one place. It makes no loop slower: whatever
// runs afterwards ran before.
//
// It relies on how gowasm writes code: a branch never leaves more on the stack
// than its target takes, and blocks have no parameters.
package shrink

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// rounds bounds how often a function is gone through; two or three are usual.
const rounds = 8

// Function is a function with its signature. Result is the type of a block that
// leaves what the function does.
type Function struct {
	*code.Func
	Params []wasm.ValueType
	Result int64
}

// Simplify shrinks one function.
func Simplify(f Function) {
	for range rounds {
		s := &simplifier{leaves: map[uint32]int{}}
		s.countBranches(f.Body)
		f.Body = s.list(f.Body)
		s.tail(f.Body, f.Result, map[uint32]bool{0: true}, &f.Body)
		if !simplifyLocals(f) && !s.changed {
			break
		}
	}
	sortLocals(f)
}

// simplifier goes through one function.
type simplifier struct {
	leaves  map[uint32]int // how many branches leave to each label
	changed bool
}

func (s *simplifier) countBranches(list []code.Instr) {
	code.Walk(list, func(i *code.Instr) { s.count(i, 1) })
}

// forget takes instructions that are dropped out of the count.
func (s *simplifier) forget(list []code.Instr) {
	if len(list) > 0 {
		s.changed = true
	}
	code.Walk(list, func(i *code.Instr) { s.count(i, -1) })
}

func (s *simplifier) count(i *code.Instr, n int) {
	switch i.Op {
	case wasm.OpBr, wasm.OpBrIf:
		s.leaves[i.Index] += n
	case wasm.OpBrTable:
		for _, l := range i.Targets {
			s.leaves[l] += n
		}
	}
}

// list simplifies instructions that follow each other.
func (s *simplifier) list(in []code.Instr) []code.Instr {
	out := make([]code.Instr, 0, len(in))
	for n := range in {
		if n+1 < len(in) {
			s.thread(&in[n], &in[n+1])
		}
		out = s.add(out, in[n])
		if len(out) == 0 || !s.diverges(&out[len(out)-1]) {
			continue
		}
		// nothing gets to the rest
		rest := in[n+1:]
		if len(rest) == 0 {
			break
		}
		last := &out[len(out)-1]
		if last.Opens() && rest[0].Op == wasm.OpUnreachable && len(rest) == 1 {
			out = append(out, rest[0])
			break
		}
		s.forget(rest)
		if last.Opens() { // whose type may not be the list's
			out = append(out, code.Instr{Op: wasm.OpUnreachable})
		}
		break
	}
	return out
}

// thread has what leaves a block to a branch behind it go where that leads.
func (s *simplifier) thread(b, next *code.Instr) {
	if b.Op != wasm.OpBlock || b.Value != code.EmptyType || next.Op != wasm.OpBr || next.Index == 0 || s.leaves[b.Index] == 0 {
		return
	}
	s.changed = true
	code.Walk(b.Body, func(i *code.Instr) {
		s.count(i, -1)
		if (i.Op == wasm.OpBr || i.Op == wasm.OpBrIf) && i.Index == b.Index {
			i.Index = next.Index
		}
		for n := range i.Targets {
			if i.Targets[n] == b.Index {
				i.Targets[n] = next.Index
			}
		}
		s.count(i, 1)
	})
}

// add appends an instruction, in a simpler way if what stands before allows it.
func (s *simplifier) add(out []code.Instr, i code.Instr) []code.Instr {
	switch i.Op {
	case wasm.OpNop:
		return out
	case wasm.OpBlock:
		return s.block(out, i)
	case wasm.OpLoop:
		i.Body = s.list(i.Body)
		if s.leaves[i.Index] == 0 {
			s.changed = true
			return append(out, i.Body...)
		}
		return append(out, i)
	case wasm.OpIf:
		return s.choice(out, i)
	case wasm.OpBrIf:
		return s.branchIf(out, i)
	case wasm.OpBr:
		if i.Index == 0 {
			s.count(&i, -1)
			s.changed = true
			i = code.Instr{Op: wasm.OpReturn}
		}
	}
	if folded, ok := fold(out, i); ok {
		s.changed = true
		return folded
	}
	return append(out, i)
}

// diverges says whether nothing ever comes behind an instruction.
func (s *simplifier) diverges(i *code.Instr) bool {
	switch i.Op {
	case wasm.OpBr, wasm.OpBrTable, wasm.OpReturn, wasm.OpUnreachable:
		return true
	case wasm.OpLoop:
		return s.listDiverges(i.Body)
	case wasm.OpBlock:
		return s.leaves[i.Index] == 0 && s.listDiverges(i.Body)
	case wasm.OpIf:
		return s.leaves[i.Index] == 0 && s.listDiverges(i.Body) && s.listDiverges(i.Else)
	}
	return false
}

func (s *simplifier) listDiverges(list []code.Instr) bool {
	return len(list) > 0 && s.diverges(&list[len(list)-1])
}
