package link

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/link/shrink"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// settleGlobals takes out what sets globals that nothing reads, makes constants of
// those that nothing sets, and says whether there were any.
func (p *pruner) settleGlobals() (settled bool) {
	read, set := map[uint32]bool{}, map[uint32]bool{}
	for _, e := range p.m.Exports {
		if e.Kind == wasm.ExternGlobal {
			read[e.Index], set[e.Index] = true, true
		}
	}
	for _, f := range p.bodies {
		code.Walk(f.Body, func(i *code.Instr) {
			switch i.Op {
			case wasm.OpGlobalGet:
				read[i.Index] = true
			case wasm.OpGlobalSet:
				set[i.Index] = true
			}
		})
	}
	for _, f := range p.bodies {
		changed := false
		code.Walk(f.Body, func(i *code.Instr) {
			switch {
			case i.Op == wasm.OpGlobalSet && !read[i.Index]:
				*i = code.Instr{Op: wasm.OpDrop}
			case i.Op == wasm.OpGlobalGet && !set[i.Index] && p.m.Globals[i.Index].Type == wasm.I32:
				*i = p.m.Globals[i.Index].initial()
			default:
				return
			}
			changed = true
		})
		if changed {
			shrink.Simplify(f)
			settled = true
		}
	}
	return settled
}

// initial pushes what a 32-bit global starts with.
func (g *Global) initial() code.Instr {
	_, value := newReader(g.Init).constant(g.Type)
	return code.Instr{Op: wasm.OpI32Const, Value: value}
}
