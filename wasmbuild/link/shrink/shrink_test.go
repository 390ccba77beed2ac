package shrink

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

type list = []code.Instr

const typeI32 int64 = -1

func op(o code.Op) code.Instr           { return code.Instr{Op: o} }
func get(l uint32) code.Instr           { return code.Instr{Op: wasm.OpLocalGet, Index: l} }
func set(l uint32) code.Instr           { return code.Instr{Op: wasm.OpLocalSet, Index: l} }
func tee(l uint32) code.Instr           { return code.Instr{Op: wasm.OpLocalTee, Index: l} }
func call(f uint32) code.Instr          { return code.Instr{Op: wasm.OpCall, Index: f} }
func c32(v int64) code.Instr            { return code.Instr{Op: wasm.OpI32Const, Value: v} }
func c64(v int64) code.Instr            { return code.Instr{Op: wasm.OpI64Const, Value: v} }
func area(a uint32, v int64) code.Instr { return code.Instr{Op: wasm.OpI32Const, Area: a, Value: v} }
func text(a uint32, v int64) code.Instr { return code.Instr{Op: wasm.OpI64Const, Area: a, Value: v} }
func br(l uint32) code.Instr            { return code.Instr{Op: wasm.OpBr, Index: l} }
func brIf(l uint32) code.Instr          { return code.Instr{Op: wasm.OpBrIf, Index: l} }
func table(l ...uint32) code.Instr      { return code.Instr{Op: wasm.OpBrTable, Targets: l} }

func block(l uint32, t int64, body ...code.Instr) code.Instr {
	return code.Instr{Op: wasm.OpBlock, Index: l, Value: t, Body: body}
}

func loop(l uint32, body ...code.Instr) code.Instr {
	return code.Instr{Op: wasm.OpLoop, Index: l, Value: code.EmptyType, Body: body}
}

func iff(l uint32, t int64, body, otherwise list) code.Instr {
	return code.Instr{Op: wasm.OpIf, Index: l, Value: t, Body: body, Else: otherwise}
}

const (
	add   = wasm.OpI32Add
	eqz   = wasm.OpI32Eqz
	ret   = wasm.OpReturn
	trap  = wasm.OpUnreachable
	store = wasm.OpI32Store
	load  = wasm.OpI32Load
	none  = code.EmptyType
)

// effect is an instruction that must stay: it stores 0 at the address 0.
var effect = list{c32(0), c32(0), op(store)}

func with(parts ...list) list {
	var all list
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// simplified simplifies the body of a function with two i32 parameters and eight i32 locals.
func simplified(body list, result int64) list {
	f := &code.Func{Body: body, Labels: 100}
	for range 8 {
		f.Locals = append(f.Locals, wasm.I32)
	}
	Simplify(Function{Func: f, Params: []wasm.ValueType{wasm.I32, wasm.I32}, Result: result})
	return f.Body
}

func checkList(t *testing.T, got, want list) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got: %s", diff)
	}
}

func TestSimplify(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want list }{
		"arithmetic":           {list{c32(3), c32(4), op(add)}, list{c32(7)}},
		"wraps":                {list{c32(1<<31 - 1), c32(1), op(add)}, list{c32(-1 << 31)}},
		"unsigned comparison":  {list{c32(-1), c32(1), op(wasm.OpI32LtU)}, list{c32(0)}},
		"signed comparison":    {list{c32(-1), c32(1), op(wasm.OpI32LtS)}, list{c32(1)}},
		"shift count masked":   {list{c32(1), c32(33), op(wasm.OpI32Shl)}, list{c32(2)}},
		"text taken apart":     {list{c64(5<<32 | 7), c64(32), op(wasm.OpI64ShrU), op(wasm.OpI32WrapI64)}, list{c32(5)}},
		"64-bit comparison":    {list{c64(-1), c64(0), op(wasm.OpI64GtU)}, list{c32(1)}},
		"division stays":       {list{c32(1), c32(0), op(wasm.OpI32DivU)}, list{c32(1), c32(0), op(wasm.OpI32DivU)}},
		"nothing added":        {list{get(0), c32(0), op(add)}, list{get(0)}},
		"sums":                 {list{get(0), c32(1), op(add), c32(2), op(add)}, list{get(0), c32(3), op(add)}},
		"at most zero":         {list{get(0), c32(0), op(wasm.OpI32LeU)}, list{get(0), op(eqz)}},
		"more than zero":       {list{get(0), c32(0), op(wasm.OpI32GtU), iff(1, typeI32, list{get(0)}, list{get(1)})}, list{get(0), iff(1, typeI32, list{get(0)}, list{get(1)})}},
		"times one":            {list{get(0), c32(1), op(wasm.OpI32Mul)}, list{get(0)}},
		"zero equals":          {list{get(0), c32(0), op(wasm.OpI32Eq)}, list{get(0), op(eqz)}},
		"turned comparison":    {list{get(0), get(1), op(wasm.OpI32LtU), op(eqz)}, list{get(0), get(1), op(wasm.OpI32GeU)}},
		"float stays":          {list{get(0), op(wasm.OpF64Lt), op(eqz)}, list{get(0), op(wasm.OpF64Lt), op(eqz)}},
		"three times not":      {list{get(0), op(eqz), op(eqz), op(eqz)}, list{get(0), op(eqz)}},
		"address decided":      {list{area(1, 0), op(eqz)}, list{c32(0)}},
		"address and more":     {list{area(1, 4), c32(3), op(add)}, list{area(1, 7)}},
		"two addresses":        {list{area(1, 0), area(2, 0), op(wasm.OpI32Sub)}, list{area(1, 0), area(2, 0), op(wasm.OpI32Sub)}},
		"bits of an address":   {list{area(1, 0), c32(3), op(wasm.OpI32And)}, list{area(1, 0), c32(3), op(wasm.OpI32And)}},
		"length of a constant": {list{text(1, 7), op(wasm.OpI32WrapI64)}, list{c32(7)}},
		"place of a constant":  {list{text(1, 7), c64(32), op(wasm.OpI64ShrU), op(wasm.OpI32WrapI64)}, list{area(1, 0)}},
		"text is something":    {list{text(1, 0), op(wasm.OpI64Eqz)}, list{c32(0)}},
		"for nothing":          {list{get(0), get(1), c32(3), op(add), op(add), op(wasm.OpDrop), get(0)}, list{get(0)}},
		"load for nothing":     {list{get(0), op(load), op(wasm.OpDrop), get(0)}, list{get(0), op(load), op(wasm.OpDrop), get(0)}},
		"select decided":       {list{get(0), get(1), c32(0), op(wasm.OpSelect)}, list{get(1)}},
		"select keeps effects": {list{call(1), get(1), c32(0), op(wasm.OpSelect)}, list{call(1), get(1), c32(0), op(wasm.OpSelect)}},

		"if true":              {list{c32(1), iff(1, typeI32, list{get(0)}, list{get(1)})}, list{get(0)}},
		"if false":             {list{c32(0), iff(1, typeI32, list{get(0)}, list{get(1)})}, list{get(1)}},
		"decided by folding":   {list{c32(2), c32(1), op(wasm.OpI32GtU), iff(1, typeI32, list{get(0)}, list{get(1)})}, list{get(0)}},
		"if left early":        {list{c32(1), iff(1, typeI32, list{get(0), get(1), brIf(1), op(wasm.OpDrop), get(1)}, list{get(1)})}, list{block(1, typeI32, get(0), get(1), brIf(1), op(wasm.OpDrop), get(1))}},
		"not not":              {list{get(0), op(eqz), op(eqz), iff(1, typeI32, list{get(0)}, list{get(1)})}, list{get(0), iff(1, typeI32, list{get(0)}, list{get(1)})}},
		"if not":               {list{get(0), op(eqz), iff(1, typeI32, list{get(0)}, list{get(1)})}, list{get(0), iff(1, typeI32, list{get(1)}, list{get(0)})}},
		"else after return":    {list{get(0), iff(1, none, list{get(1), op(ret)}, effect), get(0)}, with(list{get(0), iff(1, none, list{get(1), op(ret)}, nil)}, effect, list{get(0)})},
		"empty if":             {list{call(1), iff(1, none, nil, nil), get(0)}, list{call(1), op(wasm.OpDrop), get(0)}},
		"empty then":           {list{get(0), iff(1, none, nil, effect), get(0)}, list{get(0), op(eqz), iff(1, none, effect, nil), get(0)}},
		"branch never taken":   {list{block(1, none, with(list{c32(0), brIf(1)}, effect)...), get(0)}, with(effect, list{get(0)})},
		"branch always taken":  {list{block(1, none, with(list{c32(1), brIf(1)}, effect)...), get(0)}, list{get(0)}},
		"behind a return":      {with(list{get(0), op(ret)}, effect), list{get(0)}},
		"behind a trap":        {with(list{op(trap)}, effect), list{op(trap)}},
		"behind two returns":   {with(list{get(0), iff(1, none, list{get(0), op(ret)}, list{get(1), op(ret)})}, effect, list{get(1)}), list{get(0), iff(1, none, list{get(0), op(ret)}, nil), get(1)}},
		"behind endless loop":  {with(list{loop(1, with(effect, list{br(1)})...)}, effect, list{get(0)}), list{loop(1, with(effect, list{br(1)})...), op(trap)}},
		"loop that is none":    {list{loop(1, effect...), get(0)}, with(effect, list{get(0)})},
		"block nobody leaves":  {list{block(1, typeI32, get(0)), get(1), op(add)}, list{get(0), get(1), op(add)}},
		"branch to the end":    {list{block(1, typeI32, get(0), br(1)), get(1), op(add)}, list{get(0), get(1), op(add)}},
		"return at the end":    {list{get(0), op(ret)}, list{get(0)}},
		"branch out is return": {list{get(1), iff(1, none, list{get(0), br(0)}, nil), get(1)}, list{get(1), iff(1, none, list{get(0), op(ret)}, nil), get(1)}},
		"block is an if":       {list{block(1, none, with(list{get(0), brIf(1)}, effect)...), get(0)}, list{get(0), op(eqz), iff(1, none, effect, nil), get(0)}},
		"block is nothing":     {list{block(1, none, get(0), get(1), op(add), brIf(1), get(0), get(1), op(add), brIf(1)), get(0)}, list{get(0)}},
		"block is two ifs":     {list{block(1, none, with(list{get(0), op(eqz), brIf(1), get(1), op(eqz), brIf(1)}, effect)...), get(0)}, list{get(0), iff(1, none, list{get(1), iff(1, none, effect, nil)}, nil), get(0)}},
		"early end is an else": {list{block(1, typeI32, get(0), iff(2, none, list{c32(1), br(1)}, nil), c32(2))}, list{get(0), iff(2, typeI32, list{c32(1)}, list{c32(2)})}},
		"chain of cases":       {list{block(1, typeI32, get(0), iff(2, none, list{c32(1), br(1)}, nil), get(1), iff(3, none, list{c32(2), br(1)}, nil), c32(3))}, list{get(0), iff(2, typeI32, list{c32(1)}, list{get(1), iff(3, typeI32, list{c32(2)}, list{c32(3)})})}},
		"over a branch":        {list{block(1, typeI32, block(2, none, get(0), brIf(2), get(1), br(1)), get(0))}, list{get(0), iff(2, typeI32, list{get(0)}, list{get(1)})}},
		"table stays":          {list{block(1, none, with(list{block(2, none, get(0), table(1, 2))}, effect)...), get(0)}, list{block(1, none, with(list{block(2, none, get(0), table(1, 2))}, effect)...), get(0)}},
		"if that branches":     {list{block(1, none, with(list{get(0), iff(2, none, list{br(1)}, nil)}, effect, list{get(1), brIf(1)}, effect, list{get(1), brIf(1)}, effect)...), get(0)}, list{block(1, none, with(list{get(0), brIf(1)}, effect, list{get(1), brIf(1)}, effect, list{get(1), brIf(1)}, effect)...), get(0)}},
		"or":                   {list{get(0), op(eqz), iff(1, typeI32, list{c32(1)}, list{get(1), c32(5), op(wasm.OpI32Eq)})}, list{get(0), op(eqz), get(1), c32(5), op(wasm.OpI32Eq), op(wasm.OpI32Or)}},
		"and":                  {list{get(0), get(1), op(wasm.OpI32LtU), iff(1, typeI32, list{get(1), op(eqz)}, list{c32(0)})}, list{get(0), get(1), op(wasm.OpI32LtU), get(1), op(eqz), op(wasm.OpI32And)}},
		"or of many":           {list{get(0), op(eqz), get(1), op(eqz), op(wasm.OpI32Or), iff(1, typeI32, list{c32(1)}, list{get(1), op(eqz)})}, list{get(0), op(eqz), get(1), op(eqz), op(wasm.OpI32Or), get(1), op(eqz), op(wasm.OpI32Or)}},
		"or of bits stays":     {list{get(0), get(1), op(wasm.OpI32Or), iff(1, typeI32, list{c32(1)}, list{get(1), op(eqz)})}, list{get(0), get(1), op(wasm.OpI32Or), iff(1, typeI32, list{c32(1)}, list{get(1), op(eqz)})}},
		"and of a load stays":  {list{get(0), op(eqz), get(1), op(eqz), op(wasm.OpI32And), iff(1, typeI32, list{get(1), op(load), op(eqz)}, list{c32(0)})}, list{get(0), op(eqz), get(1), op(eqz), op(wasm.OpI32And), iff(1, typeI32, list{get(1), op(load), op(eqz)}, list{c32(0)})}},
		"and of a number":      {list{get(0), op(eqz), get(1), op(eqz), op(wasm.OpI32And), iff(1, typeI32, list{get(1)}, list{c32(0)})}, list{get(0), op(eqz), get(1), op(eqz), op(wasm.OpI32And), iff(1, typeI32, list{get(1)}, list{c32(0)})}},
		"on to the next branch": {
			list{loop(1, block(2, none, get(0), iff(3, none, list{get(1), brIf(2), get(1), op(ret)}, nil), get(0), op(ret)), br(1)), op(trap)},
			list{loop(1, get(0), iff(3, none, list{get(1), brIf(1), get(1), op(ret)}, nil), get(0), op(ret)), op(trap)},
		},
		"loop with one exit": {
			list{block(1, none, loop(2, with(list{get(0), op(load), op(eqz), brIf(1)}, effect, list{br(2)})...)), get(0)},
			list{loop(2, get(0), op(load), iff(1, none, with(effect, list{br(2)}), nil)), get(0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkList(t, simplified(c.in, typeI32), c.want)
		})
	}
}

func TestSimplifyLocals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want list }{
		"set and got":        {list{get(0), op(load), set(2), get(2)}, list{get(0), op(load)}},
		"used again":         {list{get(0), op(load), set(2), get(2), get(2), op(add)}, list{get(0), op(load), tee(2), get(2), op(add)}},
		"never read":         {list{call(1), set(2), get(0)}, list{call(1), op(wasm.OpDrop), get(0)}},
		"constant":           {list{c32(1), set(2), get(2), get(2), op(add)}, list{c32(2)}},
		"constant set twice": {list{c32(1), set(2), get(0), iff(1, none, list{c32(2), set(2)}, nil), get(2)}, list{c32(1), set(2), get(0), iff(1, none, list{c32(2), set(2)}, nil), get(2)}},
		"long constant":      {list{c32(1 << 30), set(2), get(2), get(2), get(2), call(1)}, list{c32(1 << 30), tee(2), get(2), get(2), call(1)}},
		"text in parts":      {list{text(1, 7), set(2), get(2), c64(32), op(wasm.OpI64ShrU), op(wasm.OpI32WrapI64), get(2), op(wasm.OpI32WrapI64), call(1)}, list{area(1, 0), c32(7), call(1)}},
		"text as a whole":    {list{text(1, 7), set(2), get(2), op(wasm.OpI32WrapI64), get(2), get(2), call(1)}, list{text(1, 7), tee(2), op(wasm.OpI32WrapI64), get(2), get(2), call(1)}},
		"read before set":    {list{get(0), iff(1, none, list{c32(1), set(2)}, nil), get(2)}, list{get(0), iff(1, none, list{c32(1), set(2)}, nil), get(2)}},
		"forwarded":          {list{get(0), op(load), set(2), get(1), get(2), op(store), get(0)}, list{get(1), get(0), op(load), op(store), get(0)}},
		"not past a tee":     {list{get(0), tee(1), set(3), get(1), get(3), call(1)}, list{get(0), tee(1), set(2), get(1), get(2), call(1)}},
		"copy of parameter":  {list{get(0), set(2), get(2), get(2), op(add)}, list{get(0), get(0), op(add)}},
		"copy then set": { // both are wanted
			list{get(0), set(2), get(2), op(load), set(2), get(0), get(2), get(2), call(1)},
			list{get(0), tee(2), op(load), set(2), get(0), get(2), get(2), call(1)},
		},
		"copy of the dead": {
			list{get(0), set(2), loop(1, get(2), c32(1), op(add), tee(2), brIf(1)), get(2)},
			list{loop(1, get(0), c32(1), op(add), tee(0), brIf(1)), get(0)},
		},
		"copy of the living": {
			list{get(0), set(2), loop(1, get(2), c32(1), op(add), tee(2), brIf(1)), get(0)},
			list{get(0), set(2), loop(1, get(2), c32(1), op(add), tee(2), brIf(1)), get(0)},
		},
		"copy in a loop": { // the parameter is read the next time around
			list{loop(1, get(0), set(2), get(2), call(1), set(2), get(2), get(2), call(2), brIf(1)), get(1)},
			list{loop(1, get(0), tee(2), call(1), tee(2), get(2), call(2), brIf(1)), get(1)},
		},
		"original set while the copy lives": {
			list{get(0), set(2), get(1), set(0), get(2), get(0), call(1)},
			list{get(0), set(2), get(1), set(0), get(2), get(0), call(1)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := simplified(c.in, typeI32)
			checkList(t, got, c.want)
		})
	}
}

func TestSortLocals(t *testing.T) {
	t.Parallel()
	f := &code.Func{
		Locals: []wasm.ValueType{wasm.I32, wasm.I64, wasm.I32, wasm.I64, wasm.I32},
		Body:   list{get(1), get(2), get(3), get(4), get(5), get(3), get(5), get(0), call(1)},
	}
	sortLocals(Function{Func: f, Params: []wasm.ValueType{wasm.I32}})
	want := &code.Func{
		Locals: []wasm.ValueType{wasm.I32, wasm.I32, wasm.I32, wasm.I64, wasm.I64},
		Body:   list{get(3), get(4), get(1), get(5), get(2), get(1), get(2), get(0), call(1)},
	}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Errorf("-want +got: %s", diff)
	}
}
