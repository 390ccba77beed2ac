package shrink

import (
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// program is a module's functions; the caller is function 0. All take i32s.
func program(caller list, callees map[uint32]Function) map[uint32]Function {
	all := map[uint32]Function{0: {Func: &code.Func{Body: caller, Labels: 50}, Params: []wasm.ValueType{wasm.I32, wasm.I32}, Result: typeI32}}
	for i, f := range callees {
		all[i] = f
	}
	return all
}

// function has so many parameters and locals.
func function(params, locals int, result int64, body ...code.Instr) Function {
	f := Function{Func: &code.Func{Body: body, Labels: 50}, Result: result}
	for range params {
		f.Params = append(f.Params, wasm.I32)
	}
	for range locals {
		f.Locals = append(f.Locals, wasm.I32)
	}
	return f
}

func TestInline(t *testing.T) {
	t.Parallel()
	sum := function(2, 0, typeI32, get(0), get(1), op(add))
	turned := function(2, 0, typeI32, get(1), get(0), op(add), get(0), op(add))
	early := function(1, 0, typeI32, get(0), op(load), iff(1, none, list{c32(1), op(ret)}, nil), get(0), op(load))
	counter := function(1, 1, typeI32, get(1), get(0), op(add), tee(1), op(load), get(1), op(add))
	for name, c := range map[string]struct {
		caller  list
		callees map[uint32]Function
		want    list
		left    int // functions
	}{
		"once":               {list{get(0), get(1), call(1)}, map[uint32]Function{1: sum}, list{get(0), get(1), op(add)}, 1},
		"through another":    {list{get(0), call(2)}, map[uint32]Function{1: sum, 2: function(1, 0, typeI32, get(0), c32(5), call(1))}, list{get(0), c32(5), op(add)}, 1},
		"twice":              {list{get(0), call(1), call(1)}, map[uint32]Function{1: counter}, list{get(0), call(1), call(1)}, 2},
		"thin":               {list{get(0), get(1), call(1), get(1), call(1)}, map[uint32]Function{1: sum}, list{get(0), get(1), op(add), get(1), op(add)}, 1},
		"thin on thin":       {list{get(0), get(1), call(2), get(1), call(2)}, map[uint32]Function{1: sum, 2: function(2, 0, typeI32, get(0), get(1), call(1))}, list{get(0), get(1), op(add), get(1), op(add)}, 1},
		"wrong order":        {list{get(0), get(1), call(1), get(1), call(1)}, map[uint32]Function{1: function(2, 0, typeI32, get(1), get(0), op(add))}, list{get(0), get(1), call(1), get(1), call(1)}, 2},
		"import":             {list{get(0), get(1), call(9)}, nil, list{get(0), get(1), call(9)}, 1},
		"computed arguments": {list{get(0), op(load), get(1), op(load), call(1)}, map[uint32]Function{1: sum}, list{get(0), op(load), get(1), op(load), op(add)}, 1},
		"argument taken out": {
			list{get(1), get(0), op(load), call(1)}, map[uint32]Function{1: turned},
			list{get(0), op(load), get(1), op(add), get(1), op(add)}, 1,
		},
		"argument that changes": {
			list{get(1), get(0), tee(1), call(1)}, map[uint32]Function{1: turned},
			list{get(1), get(0), tee(1), set(3), set(2), get(3), get(2), op(add), get(2), op(add)}, 1,
		},
		"return at the end": {
			list{get(1), call(1)}, map[uint32]Function{1: early},
			list{get(1), op(load), iff(51, none, list{c32(1), op(ret)}, nil), get(1), op(load)}, 1,
		},
		"return in the middle": {
			list{get(1), call(1), get(0), op(add)}, map[uint32]Function{1: early},
			list{get(1), op(load), iff(51, typeI32, list{c32(1)}, list{get(1), op(load)}), get(0), op(add)}, 1,
		},
		"zero locals in a loop": {
			list{loop(1, get(0), call(1), brIf(1)), get(0)}, map[uint32]Function{1: counter},
			list{loop(1, c32(0), tee(2), get(0), op(add), tee(2), op(load), get(2), op(add), brIf(1)), get(0)}, 1,
		},
		"itself": {list{get(0), get(1), call(1)}, map[uint32]Function{1: function(2, 0, typeI32, get(0), get(1), call(1))}, list{get(0), get(1), call(1)}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			callees := map[uint32]Function{}
			for i, f := range c.callees { // cases share functions
				f.Func = &code.Func{Locals: f.Locals, Body: append(list{}, f.Body...), Labels: f.Labels}
				callees[i] = f
			}
			all := program(c.caller, callees)
			Inline(all, func(i uint32) bool { return i == 0 })
			if len(all) != c.left {
				t.Errorf("%d functions are left, want %d", len(all), c.left)
			}
			if c.want != nil {
				checkList(t, all[0].Body, c.want)
			}
		})
	}
}
