package shrink

import (
	"math/bits"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// fold appends an instruction to out in a simpler way, if there is one.
func fold(out []code.Instr, i code.Instr) ([]code.Instr, bool) {
	n := len(out)
	if n == 0 {
		return nil, false
	}
	last := &out[n-1]
	switch op := i.Op; {
	case op == wasm.OpDrop:
		return foldDrop(out)
	case op == wasm.OpLocalGet && last.Op == wasm.OpLocalSet && last.Index == i.Index:
		out[n-1].Op = wasm.OpLocalTee
		return out, true
	case op == wasm.OpLocalSet && last.Op == wasm.OpLocalGet && last.Index == i.Index:
		return out[:n-1], true
	case op == wasm.OpSelect:
		return foldSelect(out)
	case op == wasm.OpI32Eqz:
		return foldEqz(out)
	case last.Op == wasm.OpI32Const:
		return fold32(out, op)
	case last.Op == wasm.OpI64Const:
		return fold64(out, op)
	case op == wasm.OpI32WrapI64:
		return foldUpper(out)
	}
	return nil, false
}

// foldDrop drops what is pushed for nothing.
func foldDrop(out []code.Instr) ([]code.Instr, bool) {
	n := len(out)
	switch last := &out[n-1]; {
	case pure(last):
		return out[:n-1], true
	case last.Op == wasm.OpLocalTee:
		last.Op = wasm.OpLocalSet
		return out, true
	}
	if from := expression(out); from >= 0 && effectless(out[from:]) {
		return out[:from], true
	}
	return nil, false
}

// effectless says whether computing something changes nothing and cannot fail.
func effectless(list []code.Instr) bool {
	for n := range list {
		if i := &list[n]; !pure(i) && !total(i.Op) && i.Op != wasm.OpSelect {
			return false
		}
	}
	return true
}

// pure says whether the instruction pushes a value and does nothing else.
func pure(i *code.Instr) bool {
	switch i.Op {
	case wasm.OpLocalGet, wasm.OpGlobalGet, wasm.OpI32Const, wasm.OpI64Const, wasm.OpF64Const:
		return true
	}
	return false
}

// foldSelect chooses between two simple operands when the condition is constant.
func foldSelect(out []code.Instr) ([]code.Instr, bool) {
	n := len(out)
	c, ok := lastTruth(out)
	if !ok || n < 3 || !pure(&out[n-2]) || !pure(&out[n-3]) {
		return nil, false
	}
	if !c {
		out[n-3] = out[n-2]
	}
	return out[:n-2], true
}

// lastTruth says whether out ends in an i32 constant, and that is not 0. No area
// lies at the address 0.
func lastTruth(out []code.Instr) (truth, ok bool) {
	if n := len(out); n > 0 && out[n-1].Op == wasm.OpI32Const {
		return out[n-1].Value != 0 || out[n-1].Area != 0, true
	}
	return false, false
}

// inverse holds the comparison that is true when another one is false.
var inverse = map[code.Op]code.Op{
	wasm.OpI32Eq: wasm.OpI32Ne, wasm.OpI32LtS: wasm.OpI32GeS, wasm.OpI32LtU: wasm.OpI32GeU, wasm.OpI32GtS: wasm.OpI32LeS, wasm.OpI32GtU: wasm.OpI32LeU,
	wasm.OpI32Ne: wasm.OpI32Eq, wasm.OpI32GeS: wasm.OpI32LtS, wasm.OpI32GeU: wasm.OpI32LtU, wasm.OpI32LeS: wasm.OpI32GtS, wasm.OpI32LeU: wasm.OpI32GtU,
	wasm.OpI64Eq: wasm.OpI64Ne, wasm.OpI64LtS: wasm.OpI64GeS, wasm.OpI64LtU: wasm.OpI64GeU, wasm.OpI64GtS: wasm.OpI64LeS, wasm.OpI64GtU: wasm.OpI64LeU,
	wasm.OpI64Ne: wasm.OpI64Eq, wasm.OpI64GeS: wasm.OpI64LtS, wasm.OpI64GeU: wasm.OpI64LtU, wasm.OpI64LeS: wasm.OpI64GtS, wasm.OpI64LeU: wasm.OpI64GtU,
}

func foldEqz(out []code.Instr) ([]code.Instr, bool) {
	n := len(out)
	last := &out[n-1]
	if c, ok := lastTruth(out); ok {
		*last = const32(uint32(truth(!c)))
		return out, true
	}
	if op, ok := inverse[last.Op]; ok {
		last.Op = op
		return out, true
	}
	if last.Op == wasm.OpI64Eqz { // a byte longer than two eqz, of which wazero would make two comparisons
		return append(out[:n-1], code.Instr{Op: wasm.OpI64Const}, code.Instr{Op: wasm.OpI64Ne}), true
	}
	if n > 1 && last.Op == wasm.OpI32Eqz && (out[n-2].Op == wasm.OpI32Eqz || out[n-2].Op == wasm.OpI64Eqz) {
		return out[:n-1], true
	}
	return nil, false
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// fold32 applies an instruction to the 32-bit constant that out ends in, and to
// the one before it for operators.
func fold32(out []code.Instr, op code.Op) ([]code.Instr, bool) {
	n := len(out)
	if out[n-1].Area != 0 || n > 1 && out[n-2].Area != 0 {
		return foldAddress(out, op)
	}
	y := uint32(out[n-1].Value)
	if v, ok := unary32(op, y); ok {
		out[n-1] = v
		return out, true
	}
	if n > 1 && out[n-2].Op == wasm.OpI32Const {
		v, ok := binary32(op, uint32(out[n-2].Value), y)
		if ok {
			out[n-2].Value = int64(int32(v))
			return out[:n-1], true
		}
		return nil, false
	}
	switch {
	case y == 0 && neutral32[op], y == 1 && op == wasm.OpI32Mul:
		return out[:n-1], true
	case y == 0 && (op == wasm.OpI32Eq || op == wasm.OpI32LeU), y == 1 && op == wasm.OpI32LtU:
		return append(out[:n-1], code.Instr{Op: wasm.OpI32Eqz}), true
	case op == wasm.OpI32Add && n > 2 && out[n-2].Op == wasm.OpI32Add && out[n-3].Op == wasm.OpI32Const:
		out[n-3].Value = int64(int32(uint32(out[n-3].Value) + y))
		return out[:n-1], true
	}
	return nil, false
}

// neutral32 are the operators that zero as the right operand does nothing to.
var neutral32 = map[code.Op]bool{
	wasm.OpI32Add: true, wasm.OpI32Sub: true, wasm.OpI32Or: true, wasm.OpI32Xor: true,
	wasm.OpI32Shl: true, wasm.OpI32ShrU: true, wasm.OpI32ShrS: true,
}

func unary32(op code.Op, x uint32) (code.Instr, bool) {
	switch op {
	case wasm.OpI32Clz:
		return const32(uint32(bits.LeadingZeros32(x))), true
	case wasm.OpI32Ctz:
		return const32(uint32(bits.TrailingZeros32(x))), true
	case wasm.OpI64ExtI32U:
		return const64(uint64(x)), true
	case wasm.OpI64ExtI32S:
		return const64(uint64(int64(int32(x)))), true
	}
	return code.Instr{}, false
}

func const32(x uint32) code.Instr {
	return code.Instr{Op: wasm.OpI32Const, Value: int64(int32(x))}
}

func const64(x uint64) code.Instr { return code.Instr{Op: wasm.OpI64Const, Value: int64(x)} }

func binary32(op code.Op, x, y uint32) (uint32, bool) {
	switch op {
	case wasm.OpI32Add:
		return x + y, true
	case wasm.OpI32Sub:
		return x - y, true
	case wasm.OpI32Mul:
		return x * y, true
	case wasm.OpI32And:
		return x & y, true
	case wasm.OpI32Or:
		return x | y, true
	case wasm.OpI32Xor:
		return x ^ y, true
	case wasm.OpI32Shl:
		return x << (y & 31), true
	case wasm.OpI32ShrU:
		return x >> (y & 31), true
	case wasm.OpI32ShrS:
		return uint32(int32(x) >> (y & 31)), true
	}
	if r, ok := compare(op-wasm.OpI32Eq, uint64(x), uint64(y), int64(int32(x)), int64(int32(y))); ok {
		return uint32(r), true
	}
	return 0, false
}

// compare evaluates the comparison that stands so far behind "equal".
func compare(nth code.Op, x, y uint64, sx, sy int64) (int64, bool) {
	switch nth {
	case 0:
		return truth(x == y), true
	case 1:
		return truth(x != y), true
	case 2:
		return truth(sx < sy), true
	case 3:
		return truth(x < y), true
	case 4:
		return truth(sx > sy), true
	case 5:
		return truth(x > y), true
	case 6:
		return truth(sx <= sy), true
	case 7:
		return truth(x <= y), true
	case 8:
		return truth(sx >= sy), true
	case 9:
		return truth(x >= y), true
	}
	return 0, false
}

// fold64 is fold32 for 64-bit constants.
func fold64(out []code.Instr, op code.Op) ([]code.Instr, bool) {
	n := len(out)
	if out[n-1].Area != 0 || n > 1 && out[n-2].Area != 0 {
		return foldText(out, op)
	}
	y := uint64(out[n-1].Value)
	switch op {
	case wasm.OpI64Eqz:
		out[n-1] = const32(uint32(truth(y == 0)))
		return out, true
	case wasm.OpI32WrapI64:
		out[n-1] = const32(uint32(y))
		return out, true
	}
	if n < 2 || out[n-2].Op != wasm.OpI64Const {
		return nil, false
	}
	x := uint64(out[n-2].Value)
	if r, ok := compare(op-wasm.OpI64Eq, x, y, int64(x), int64(y)); ok {
		out[n-2] = const32(uint32(r))
		return out[:n-1], true
	}
	if v, ok := binary64(op, x, y); ok {
		out[n-2] = const64(v)
		return out[:n-1], true
	}
	return nil, false
}

func binary64(op code.Op, x, y uint64) (uint64, bool) {
	switch op {
	case wasm.OpI64Add:
		return x + y, true
	case wasm.OpI64Sub:
		return x - y, true
	case wasm.OpI64And:
		return x & y, true
	case wasm.OpI64Or:
		return x | y, true
	case wasm.OpI64Xor:
		return x ^ y, true
	case wasm.OpI64Shl:
		return x << (y & 63), true
	case wasm.OpI64ShrU:
		return x >> (y & 63), true
	}
	return 0, false
}
