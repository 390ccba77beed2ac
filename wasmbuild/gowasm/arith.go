package gowasm

import (
	"go/ast"
	"go/constant"
	"go/token"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// operators holds each operator's instruction on i32 (signed, unsigned), i64
// (signed, unsigned) and f64. 0 means none: no operator is "unreachable".
var operators = map[token.Token][5]byte{
	token.ADD: {wasm.OpI32Add, wasm.OpI32Add, wasm.OpI64Add, wasm.OpI64Add, wasm.OpF64Add},
	token.SUB: {wasm.OpI32Sub, wasm.OpI32Sub, wasm.OpI64Sub, wasm.OpI64Sub, wasm.OpF64Sub},
	token.MUL: {wasm.OpI32Mul, wasm.OpI32Mul, wasm.OpI64Mul, wasm.OpI64Mul, wasm.OpF64Mul},
	token.QUO: {wasm.OpI32DivS, wasm.OpI32DivU, wasm.OpI64DivS, wasm.OpI64DivU, wasm.OpF64Div},
	token.REM: {wasm.OpI32RemS, wasm.OpI32RemU, wasm.OpI64RemS, wasm.OpI64RemU},
	token.AND: {wasm.OpI32And, wasm.OpI32And, wasm.OpI64And, wasm.OpI64And},
	token.OR:  {wasm.OpI32Or, wasm.OpI32Or, wasm.OpI64Or, wasm.OpI64Or},
	token.XOR: {wasm.OpI32Xor, wasm.OpI32Xor, wasm.OpI64Xor, wasm.OpI64Xor},
	token.SHL: {wasm.OpI32Shl, wasm.OpI32Shl, wasm.OpI64Shl, wasm.OpI64Shl},
	token.SHR: {wasm.OpI32ShrS, wasm.OpI32ShrU, wasm.OpI64ShrS, wasm.OpI64ShrU},
	token.EQL: {wasm.OpI32Eq, wasm.OpI32Eq, wasm.OpI64Eq, wasm.OpI64Eq, wasm.OpF64Eq},
	token.NEQ: {wasm.OpI32Ne, wasm.OpI32Ne, wasm.OpI64Ne, wasm.OpI64Ne, wasm.OpF64Ne},
	token.LSS: {wasm.OpI32LtS, wasm.OpI32LtU, wasm.OpI64LtS, wasm.OpI64LtU, wasm.OpF64Lt},
	token.GTR: {wasm.OpI32GtS, wasm.OpI32GtU, wasm.OpI64GtS, wasm.OpI64GtU, wasm.OpF64Gt},
	token.LEQ: {wasm.OpI32LeS, wasm.OpI32LeU, wasm.OpI64LeS, wasm.OpI64LeU, wasm.OpF64Le},
	token.GEQ: {wasm.OpI32GeS, wasm.OpI32GeU, wasm.OpI64GeS, wasm.OpI64GeU, wasm.OpF64Ge},
}

// binaryOp is the instruction for an operator on values held as k, or 0.
func binaryOp(op token.Token, k number) byte {
	list := operators[op]
	switch {
	case k.value == wasm.F64:
		return list[4]
	case k.value == wasm.V128:
		return 0
	case k.value == wasm.I64 && k.signed:
		return list[2]
	case k.value == wasm.I64:
		return list[3]
	case k.signed:
		return list[0]
	}
	return list[1]
}

// binary applies an operator, shifts excepted, to two pushed values of one
// type; y is the right one, or nil for a constant 1.
func (g *gen) binary(n ast.Node, op token.Token, k number, y ast.Expr) {
	switch {
	case op == token.AND_NOT:
		g.constantOf(k, -1)
		g.op(binaryOp(token.XOR, k), binaryOp(token.AND, k))
		return
	case op == token.QUO && k.signed && k.value != wasm.F64 && g.maybeMinusOne(y):
		g.divide(k)
		return
	}
	code := binaryOp(op, k)
	if code == 0 {
		g.fail(n, "operator %s on this type is not in the subset", op)
		return
	}
	g.op(code)
	switch op {
	case token.ADD, token.SUB, token.MUL:
		g.wrap(k)
	}
}

func (g *gen) maybeMinusOne(e ast.Expr) bool {
	v := g.info.Types[e].Value
	return v == nil || integer(v) == -1
}

// divide is signed division. Dividing the smallest number by -1 would trap.
func (g *gen) divide(k number) {
	x, y := g.take(k.value), g.take(k.value)
	g.set(y)
	g.set(x)
	g.get(y)
	g.constantOf(k, -1)
	g.op(binaryOp(token.EQL, k))
	g.open(wasm.OpIf, k.value)
	g.zero(k.value)
	g.get(x)
	g.op(binaryOp(token.SUB, k))
	g.op(wasm.OpElse)
	g.get(x)
	g.get(y)
	g.op(binaryOp(token.QUO, k))
	g.end()
	g.wrap(k)
}

// wrap brings a result of 8- and 16-bit arithmetic back into range.
func (g *gen) wrap(k number) {
	switch {
	case !k.narrow():
	case k.signed && k.bits == 8:
		g.op(wasm.OpI32Ext8S)
	case k.signed:
		g.op(wasm.OpI32Ext16S)
	default:
		g.i32(1<<k.bits - 1)
		g.op(wasm.OpI32And)
	}
}

// shift shifts the pushed value by count.
func (g *gen) shift(count ast.Expr, op token.Token, k number) {
	code := binaryOp(op, k)
	if k.value != wasm.I32 && k.value != wasm.I64 {
		g.fail(count, "operator %s on this type is not in the subset", op)
		return
	}
	switch v := g.info.Types[count].Value; {
	case v != nil:
		if n := integer(v); n < 0 || n >= int64(k.bits) {
			g.fail(count, "shift by %d of a %d-bit number is not in the subset", n, k.bits)
		}
		g.constantOf(k, integer(v))
		g.op(code)
	case g.of(count).signed:
		g.fail(count, "shift by a signed number is not in the subset: it may be negative")
	case g.bounded(count, k):
		g.shiftCount(g.masked(count, k), k)
		g.op(code)
	default:
		g.checkedShift(count, op, k)
	}
	if op == token.SHL {
		g.wrap(k)
	}
}

// shiftCount pushes a count in a register of the shifted value's type.
func (g *gen) shiftCount(count ast.Expr, k number) {
	g.expr(count)
	switch have := g.of(count).value; {
	case have == wasm.I32 && k.value == wasm.I64:
		g.op(wasm.OpI64ExtI32U)
	case have == wasm.I64 && k.value == wasm.I32:
		g.op(wasm.OpI32WrapI64)
	}
}

// limit is the constant that a count is masked with: x & limit.
func (g *gen) limit(count ast.Expr) (x ast.Expr, limit int64, ok bool) {
	e, ok := ast.Unparen(count).(*ast.BinaryExpr)
	if !ok || e.Op != token.AND {
		return nil, 0, false
	}
	v := g.info.Types[e.Y].Value
	if v == nil || v.Kind() != constant.Int {
		return nil, 0, false
	}
	return e.X, integer(v), true
}

// bounded says whether a count is certainly below the register's width.
func (g *gen) bounded(count ast.Expr, k number) bool {
	_, limit, ok := g.limit(count)
	return ok && limit >= 0 && limit < int64(k.registerBits())
}

// masked is a bounded count without the mask if the instruction masks alike.
func (g *gen) masked(count ast.Expr, k number) ast.Expr {
	if x, limit, _ := g.limit(count); limit == int64(k.registerBits())-1 {
		return x
	}
	return count
}

// checkedShift gives what Go gives for any count: zero, or for signed numbers
// shifted right the sign, when the count reaches the width.
func (g *gen) checkedShift(count ast.Expr, op token.Token, k number) {
	c := g.of(count)
	n := g.take(c.value)
	g.expr(count)
	g.set(n)
	push := func() { // the count as the shifted value's type; too wide a one does not matter
		g.opU(wasm.OpLocalGet, n)
		if c.value == wasm.I32 && k.value == wasm.I64 {
			g.op(wasm.OpI64ExtI32U)
		} else if c.value == wasm.I64 && k.value == wasm.I32 {
			g.op(wasm.OpI32WrapI64)
		}
	}
	within := func() {
		g.opU(wasm.OpLocalGet, n)
		g.constantOf(c, int64(k.registerBits()))
		g.op(binaryOp(token.LSS, c))
	}
	if op == token.SHR && k.signed {
		push()
		g.constantOf(k, int64(k.registerBits())-1)
		within()
		g.op(wasm.OpSelect)
		g.op(binaryOp(op, k))
	} else {
		push()
		g.op(binaryOp(op, k))
		g.zero(k.value)
		within()
		g.op(wasm.OpSelect)
	}
}
