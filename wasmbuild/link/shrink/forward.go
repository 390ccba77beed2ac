package shrink

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// forwarder removes locals that are set once and read once, soon after: what was
// set is computed where it is read. Only what has no effect and does not depend
// on it comes in between, so nothing happens in another order.
type forwarder struct {
	all     []local
	changed bool
}

func (w *forwarder) list(list []code.Instr) []code.Instr {
	out := list[:0]
	for n := range list {
		i := list[n]
		i.Body, i.Else = w.list(i.Body), w.list(i.Else)
		if i.Op == wasm.OpLocalGet {
			if moved, ok := w.forward(out, i.Index); ok {
				out = moved
				w.changed = true
				continue
			}
		}
		out = append(out, i)
	}
	return out
}

// forward turns "X; set l; pushes" at the end of out into "pushes; X", which is
// what "X; set l; pushes; get l" needs.
func (w *forwarder) forward(out []code.Instr, l uint32) ([]code.Instr, bool) {
	if w.all[l] != (local{gets: 1, sets: 1}) {
		return nil, false
	}
	set := len(out) - 1
	for set >= 0 && pure(&out[set]) {
		set--
	}
	if set < 0 || out[set].Op != wasm.OpLocalSet || out[set].Index != l {
		return nil, false
	}
	from := expression(out[:set])
	if from < 0 || !independent(out[from:set], out[set+1:]) {
		return nil, false
	}
	moved := append([]code.Instr{}, out[from:set]...)
	pushes := append([]code.Instr{}, out[set+1:]...)
	return append(append(out[:from], pushes...), moved...), true
}

// independent says whether pushes are worth the same before x as after it.
func independent(x, pushes []code.Instr) bool {
	for n := range pushes {
		p := &pushes[n]
		free := true
		code.Walk(x, func(i *code.Instr) {
			switch i.Op {
			case wasm.OpCall, wasm.OpGlobalSet:
				free = free && p.Op != wasm.OpGlobalGet
			case wasm.OpLocalSet, wasm.OpLocalTee:
				free = free && (p.Op != wasm.OpLocalGet || p.Index != i.Index)
			}
		})
		if !free {
			return false
		}
	}
	return true
}
