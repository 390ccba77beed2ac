package shrink

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// block simplifies a block and appends it, or what is in it if that will do.
func (s *simplifier) block(out []code.Instr, b code.Instr) []code.Instr {
	b.Body = s.list(b.Body)
	b.Body = s.elseRest(b.Body, b.Index, b.Value)
	s.tail(b.Body, b.Value, map[uint32]bool{b.Index: true}, &b.Body)
	s.branchPast(&b)
	if b.Value == code.EmptyType {
		s.blockToIfs(&b)
		s.blockOfLoop(&b)
	}
	if s.leaves[b.Index] == 0 {
		s.changed = true
		return append(out, b.Body...)
	}
	return append(out, b)
}

// elseRest turns "if; A; br label; end; B" in a list that ends where label does
// into "if; A; else; B; end".
func (s *simplifier) elseRest(list []code.Instr, label uint32, t int64) []code.Instr {
	for n := range list {
		i := &list[n]
		if i.Op != wasm.OpIf || len(i.Else) > 0 || i.Value != code.EmptyType || n+1 == len(list) || len(i.Body) == 0 {
			continue
		}
		if last := i.Body[len(i.Body)-1]; last.Op != wasm.OpBr || last.Index != label {
			continue
		}
		s.forget(i.Body[len(i.Body)-1:])
		i.Body = i.Body[:len(i.Body)-1]
		i.Else = s.elseRest(append([]code.Instr{}, list[n+1:]...), label, t)
		i.Value = t
		return list[:n+1]
	}
	return list
}

// branchPast turns "br_if block; br X; end" at the block's end into "eqz; br_if X; end".
func (s *simplifier) branchPast(b *code.Instr) {
	n := len(b.Body)
	if n < 2 || b.Value != code.EmptyType {
		return
	}
	over, to := b.Body[n-2], b.Body[n-1]
	if over.Op != wasm.OpBrIf || over.Index != b.Index || to.Op != wasm.OpBr {
		return
	}
	s.changed = true
	s.count(&over, -1)
	s.count(&to, -1)
	b.Body = s.add(b.Body[:n-2], code.Instr{Op: wasm.OpI32Eqz})
	over.Index = to.Index
	s.count(&over, 1)
	b.Body = s.branchIf(b.Body, over)
}

// blockToIfs turns "block; A; br_if block; B; end" into "A; eqz; if; B; end", if
// one or two br_ifs are all that leave to the block's end: more are shorter as they are.
func (s *simplifier) blockToIfs(b *code.Instr) {
	const most = 2
	found := 0
	for n := range b.Body {
		if i := &b.Body[n]; i.Op == wasm.OpBrIf && i.Index == b.Index {
			found++
		}
	}
	if found != s.leaves[b.Index] || found > most {
		return
	}
	for n := len(b.Body) - 1; n >= 0; n-- {
		i := b.Body[n]
		if i.Op != wasm.OpBrIf || i.Index != b.Index {
			continue
		}
		s.count(&i, -1)
		b.Body = s.ifNot(b.Body, n, b.Index)
		n = min(n, len(b.Body)) // what leads there may be gone
	}
}

// ifNot turns "br_if; B" from n on into "eqz; if; B; end".
func (s *simplifier) ifNot(list []code.Instr, n int, label uint32) []code.Instr {
	s.changed = true
	rest := append([]code.Instr{}, list[n+1:]...)
	list = s.add(list[:n], code.Instr{Op: wasm.OpI32Eqz})
	return s.choose(list, code.Instr{Op: wasm.OpIf, Index: label, Value: code.EmptyType, Body: rest})
}

// blockOfLoop turns "block; loop; A; br_if block; B; br loop; end; end" into
// "loop; A; eqz; if; B; br loop; end; end".
func (s *simplifier) blockOfLoop(b *code.Instr) {
	n := len(b.Body) - 1
	if n < 0 || b.Body[n].Op != wasm.OpLoop || s.leaves[b.Index] != 1 || b.Body[n].Value != code.EmptyType {
		return
	}
	loop := &b.Body[n]
	if last := len(loop.Body) - 1; loop.Body[last].Op != wasm.OpBr || loop.Body[last].Index != loop.Index {
		return
	}
	for n, i := range loop.Body {
		if i.Op == wasm.OpBrIf && i.Index == b.Index {
			s.count(&i, -1)
			loop.Body = s.ifNot(loop.Body, n, b.Index)
			return
		}
	}
}

// choice simplifies an if and appends it, or the branch that is always taken.
func (s *simplifier) choice(out []code.Instr, i code.Instr) []code.Instr {
	if c, ok := lastTruth(out); ok {
		s.changed = true
		taken, other := i.Body, i.Else
		if !c {
			taken, other = other, taken
		}
		s.forget(other)
		return s.block(out[:len(out)-1], code.Instr{Op: wasm.OpBlock, Index: i.Index, Value: i.Value, Body: taken})
	}
	i.Body, i.Else = s.list(i.Body), s.list(i.Else)
	return s.choose(out, i)
}

// choose appends an if whose branches are as simple as can be.
func (s *simplifier) choose(out []code.Instr, i code.Instr) []code.Instr {
	if shorter, ok := s.chooseShort(out, i); ok {
		s.changed = true
		return shorter
	}
	for truthOf(&out) {
		s.changed = true
	}
	if len(i.Else) > 0 && (len(i.Body) == 0 || endsIn(out, wasm.OpI32Eqz)) {
		s.changed = true
		i.Body, i.Else = i.Else, i.Body
		out = s.add(out, code.Instr{Op: wasm.OpI32Eqz})
		truthOf(&out)
		if shorter, ok := s.chooseShort(out, i); ok {
			return shorter
		}
	}
	if len(i.Body) == 0 && len(i.Else) == 0 {
		s.changed = true
		return s.add(out, code.Instr{Op: wasm.OpDrop})
	}
	own := map[uint32]bool{i.Index: true}
	s.tail(i.Body, i.Value, own, &i.Body)
	s.tail(i.Else, i.Value, own, &i.Else)
	if i.Value == code.EmptyType && s.leaves[i.Index] == 0 && len(i.Else) > 0 && s.listDiverges(i.Body) {
		s.changed = true // what follows is for the other case alone
		rest := i.Else
		i.Else = nil
		return append(append(out, i), rest...)
	}
	return append(out, i)
}

// chooseShort does without an if where one instruction will do.
func (s *simplifier) chooseShort(out []code.Instr, i code.Instr) ([]code.Instr, bool) {
	if len(i.Body) == 1 && i.Body[0].Op == wasm.OpBr && i.Value == code.EmptyType && i.Body[0].Index != i.Index && s.leaves[i.Index] == 0 {
		b := i.Body[0]
		b.Op = wasm.OpBrIf
		return append(s.branchIf(out, b), i.Else...), true
	}
	if i.Value != int64(wasm.I32)-0x80 || !boolean(out) {
		return nil, false
	}
	switch {
	case isConst(i.Body, 1) && plain(i.Else): // a || b
		return append(append(out, i.Else...), code.Instr{Op: wasm.OpI32Or}), true
	case isConst(i.Else, 0) && plain(i.Body): // a && b
		return append(append(out, i.Body...), code.Instr{Op: wasm.OpI32And}), true
	}
	return nil, false
}

// isConst says whether a list pushes just this constant.
func isConst(list []code.Instr, v int64) bool {
	return len(list) == 1 && list[0].Op == wasm.OpI32Const && list[0].Value == v && list[0].Area == 0
}

// plain says whether a list computes a truth value and may as well do so for
// nothing: it is short and neither traps nor changes anything.
func plain(list []code.Instr) bool {
	const most = 8
	return len(list) <= most && effectless(list) && boolean(list) && expression(list) == 0
}

// total says whether a numeric instruction has a result for all operands.
func total(op code.Op) bool {
	return op >= wasm.OpI32Eqz && op <= wasm.OpI64GeU ||
		op >= wasm.OpI32Clz && op <= wasm.OpI32Mul || op >= wasm.OpI32And && op <= wasm.OpI32Rotr ||
		op >= wasm.OpI64Clz && op <= wasm.OpI64Mul || op >= wasm.OpI64And && op <= wasm.OpI64Rotl ||
		op == wasm.OpI32WrapI64 || op == wasm.OpI64ExtI32S || op == wasm.OpI64ExtI32U
}

// boolean says whether what a list pushes last is 0 or 1.
func boolean(list []code.Instr) bool {
	n := len(list)
	if n == 0 {
		return false
	}
	switch op := list[n-1].Op; {
	case op >= wasm.OpI32Eqz && op <= wasm.OpF64Ge:
		return true
	case op == wasm.OpI32And || op == wasm.OpI32Or:
		at := expression(list[:n-1])
		return at > 0 && boolean(list[:n-1]) && boolean(list[:at])
	}
	return false
}

// branchIf appends a br_if.
func (s *simplifier) branchIf(out []code.Instr, i code.Instr) []code.Instr {
	if c, ok := lastTruth(out); ok {
		s.changed = true
		s.count(&i, -1)
		out = out[:len(out)-1]
		if !c {
			return out
		}
		i.Op = wasm.OpBr
		s.count(&i, 1)
		return s.add(out, i)
	}
	for truthOf(&out) {
		s.changed = true
	}
	return append(out, i)
}

// truthOf drops a pair of eqz, or the comparison in x != 0 or x > 0: a branch only
// asks whether something is zero.
func truthOf(out *[]code.Instr) bool {
	n := len(*out)
	if n < 2 {
		return false
	}
	switch (*out)[n-1].Op {
	case wasm.OpI32Eqz:
		if (*out)[n-2].Op != wasm.OpI32Eqz {
			return false
		}
	case wasm.OpI32Ne, wasm.OpI32GtU:
		if !isConst((*out)[n-2:n-1], 0) {
			return false
		}
	default:
		return false
	}
	*out = (*out)[:n-2]
	return true
}

func endsIn(out []code.Instr, op code.Op) bool { return len(out) > 0 && out[len(out)-1].Op == op }

// tail drops branches that lead to where the code goes anyway: to the end of the
// blocks in ends, all of which leave a value of type t.
func (s *simplifier) tail(list []code.Instr, t int64, ends map[uint32]bool, set *[]code.Instr) {
	if len(list) == 0 {
		return
	}
	last := &list[len(list)-1]
	switch {
	case last.Op == wasm.OpBr && ends[last.Index], last.Op == wasm.OpReturn && ends[0]:
		s.forget(list[len(list)-1:])
		*set = list[:len(list)-1]
		s.tail(*set, t, ends, set)
	case last.Op == wasm.OpBlock && last.Value == t:
		mine := !ends[last.Index]
		ends[last.Index] = true
		s.tail(last.Body, t, ends, &last.Body)
		if mine {
			delete(ends, last.Index)
		}
	case last.Op == wasm.OpIf && last.Value == t:
		s.tail(last.Body, t, ends, &last.Body)
		if len(last.Else) > 0 {
			s.tail(last.Else, t, ends, &last.Else)
		}
		if len(last.Body) == 0 { // of the rest, the next round takes care
			s.changed = true
		}
	}
}
