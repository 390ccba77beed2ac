package shrink

import (
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// joinCopies gives a local and its copy one place where that changes nothing:
// while the copy lives, either neither of the two is set, or the original is not
// read any more.
func joinCopies(f Function) (changed bool) {
	for {
		c := &copies{f: f, all: countLocals(f), seen: make([]int, len(f.Params)+len(f.Locals))}
		if !c.join(&f.Body) {
			return changed
		}
		changed = true
	}
}

type copies struct {
	f    Function
	all  []local
	seen []int          // mentions so far
	open [][]code.Instr // bodies of the loops around
}

func (c *copies) typeOf(l uint32) wasm.ValueType {
	if n := len(c.f.Params); int(l) >= n {
		return c.f.Locals[int(l)-n]
	}
	return c.f.Params[l]
}

// join joins the first pair that it finds and says whether there was one.
func (c *copies) join(body *[]code.Instr) bool {
	list := *body
	for n := range list {
		i := &list[n]
		switch i.Op {
		case wasm.OpLocalGet, wasm.OpLocalSet, wasm.OpLocalTee:
			c.seen[i.Index]++
		}
		if copied := i.Op == wasm.OpLocalSet || i.Op == wasm.OpLocalTee; copied && n > 0 && list[n-1].Op == wasm.OpLocalGet && c.joinable(list[n-1].Index, i.Index, list[n:]) {
			rename(list[n+1:], i.Index, list[n-1].Index)
			from := n
			if i.Op == wasm.OpLocalSet {
				from--
			}
			*body = slices.Delete(list, from, n+1)
			return true
		}
		if i.Op == wasm.OpLoop {
			c.open = append(c.open, i.Body)
		}
		if c.join(&i.Body) || c.join(&i.Else) {
			return true
		}
		if i.Op == wasm.OpLoop {
			c.open = c.open[:len(c.open)-1]
		}
	}
	return false
}

// joinable says whether the copy b that rest begins with setting can be a itself.
func (c *copies) joinable(a, b uint32, rest []code.Instr) bool {
	if int(b) < len(c.f.Params) || c.typeOf(a) != c.typeOf(b) || mentions(rest, b) != c.all[b].mentions() {
		return false
	}
	if c.all[b].sets+c.all[b].tees == 1 && !setWhile(rest[1:], a, b) {
		return true
	}
	if c.seen[a] != c.all[a].mentions() {
		return false
	}
	for _, body := range c.open {
		if !setFirst(body, a, mentions(body, a)) { // the next time around, a is read
			return false
		}
	}
	return true
}

// setWhile says whether a is set before the last mention of b.
func setWhile(list []code.Instr, a, b uint32) bool {
	set := false
	for n := range list {
		if mentions(list[n:], b) == 0 {
			return false
		}
		code.Walk(list[n:n+1], func(i *code.Instr) {
			set = set || i.Index == a && (i.Op == wasm.OpLocalSet || i.Op == wasm.OpLocalTee)
		})
		if set {
			return true
		}
	}
	return false
}

func rename(list []code.Instr, from, to uint32) {
	code.Walk(list, func(i *code.Instr) {
		switch i.Op {
		case wasm.OpLocalGet, wasm.OpLocalSet, wasm.OpLocalTee:
			if i.Index == from {
				i.Index = to
			}
		}
	})
}
