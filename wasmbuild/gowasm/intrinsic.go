package gowasm

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// memoryOps are the intrinsics that become a load or store. They end in the
// alignment hint, which is none; the address offset follows.
var memoryOps = map[string][]byte{
	"U8":    {wasm.OpI32Load8U, 0},
	"U16":   {wasm.OpI32Load16U, 0},
	"U32":   {wasm.OpI32Load, 0},
	"U64":   {wasm.OpI64Load, 0},
	"Put8":  {wasm.OpI32Store8, 0},
	"Put16": {wasm.OpI32Store16, 0},
	"Put32": {wasm.OpI32Store, 0},
	"Put64": {wasm.OpI64Store, 0},
	"Load":  {wasm.OpPrefixSIMD, wasm.SIMDLoad, 0},
	"Store": {wasm.OpPrefixSIMD, wasm.SIMDStore, 0},
}

// plainOps are the intrinsics that are instructions without further ado.
var plainOps = map[string][]byte{
	"Copy":            {wasm.OpPrefixMisc, wasm.MiscMemoryCopy, 0, 0},
	"Fill":            {wasm.OpPrefixMisc, wasm.MiscMemoryFill, 0},
	"Pages":           {wasm.OpMemorySize, 0},
	"Grow":            {wasm.OpMemoryGrow, 0},
	"Trap":            {wasm.OpUnreachable},
	"Ctz32":           {wasm.OpI32Ctz},
	"Ctz64":           {wasm.OpI64Ctz, wasm.OpI32WrapI64},
	"Clz32":           {wasm.OpI32Clz},
	"Clz64":           {wasm.OpI64Clz, wasm.OpI32WrapI64},
	"Pop32":           {wasm.OpI32Popcnt},
	"Pop64":           {wasm.OpI64Popcnt, wasm.OpI32WrapI64},
	"Rol32":           {wasm.OpI32Rotl},
	"Ror32":           {wasm.OpI32Rotr},
	"Rol64":           {wasm.OpI64Rotl},
	"Float64bits":     {wasm.OpI64ReintF64},
	"Float64frombits": {wasm.OpF64ReintI64},
	"Trunc64":         {wasm.OpPrefixMisc, wasm.MiscTruncSatS64},
	"Splat":           {wasm.OpPrefixSIMD, wasm.SIMDSplat8},
	"Eq":              {wasm.OpPrefixSIMD, wasm.SIMDEq8},
	"Ne":              {wasm.OpPrefixSIMD, wasm.SIMDNe8},
	"Gt":              {wasm.OpPrefixSIMD, wasm.SIMDGtU8},
	"Ge":              {wasm.OpPrefixSIMD, wasm.SIMDGeU8},
	"Lt":              {wasm.OpPrefixSIMD, wasm.SIMDLtU8},
	"Le":              {wasm.OpPrefixSIMD, wasm.SIMDLeU8},
	"Or":              {wasm.OpPrefixSIMD, wasm.SIMDOr},
	"And":             {wasm.OpPrefixSIMD, wasm.SIMDAnd},
	"AndNot":          {wasm.OpPrefixSIMD, wasm.SIMDAndNot},
	"Xor":             {wasm.OpPrefixSIMD, wasm.SIMDXor},
	"Add":             {wasm.OpPrefixSIMD, wasm.SIMDAdd8},
	"Sub":             {wasm.OpPrefixSIMD, wasm.SIMDSub8},
	"SubSat":          {wasm.OpPrefixSIMD, wasm.SIMDSubSatU8},
	"MinSigned":       {wasm.OpPrefixSIMD, wasm.SIMDMinS8},
	"Shr":             {wasm.OpPrefixSIMD, wasm.SIMDShrU8},
	"Swizzle":         {wasm.OpPrefixSIMD, wasm.SIMDSwizzle},
	"Mask":            {wasm.OpPrefixSIMD, wasm.SIMDBitmask8},
	"Any":             {wasm.OpPrefixSIMD, wasm.SIMDAnyTrue},
	"All":             {wasm.OpPrefixSIMD, wasm.SIMDAllTrue8},
}

// intrinsic compiles a call of a function of package vm.
func (g *gen) intrinsic(e *ast.CallExpr, f *types.Func) []wasm.ValueType {
	switch name := f.Name(); name {
	case "Lit":
		return g.literal(e)
	case "Addr":
		return g.addressOf(e)
	case "Bytes":
		return g.constantRegister(e)
	case "Bswap32":
		g.expr(e.Args[0])
		g.swapBytes()
	default:
		if code, ok := memoryOps[name]; ok {
			g.memoryOp(e, code)
		} else if code, ok := plainOps[name]; ok {
			g.plainOp(e, name, code)
		} else {
			g.fail(e, "vm.%s is not in the subset", name)
		}
	}
	return g.tuple(e, f.Signature().Results())
}

func (g *gen) plainOp(e *ast.CallExpr, name string, code []byte) {
	if name == "Splat" && !g.small && g.loops > 0 {
		if v := g.info.Types[e.Args[0]].Value; v != nil { // 14 bytes longer, and faster
			var b [16]byte
			for i := range b {
				b[i] = byte(integer(v))
			}
			g.v128(b)
			return
		}
	}
	if name == "Shr" {
		if v := g.info.Types[e.Args[1]].Value; v == nil || integer(v) > 7 {
			g.fail(e.Args[1], "vm.Shr by anything but a constant below 8 is not in the subset")
		}
	}
	g.values(e.Args)
	g.op(code...)
}

// foldLimit bounds the constants that become part of an instruction. Adding
// them there does not wrap around, which no address in use comes near.
const foldLimit = 1 << 16

// memoryOp compiles a load or store. A constant added to the address costs nothing.
func (g *gen) memoryOp(e *ast.CallExpr, code []byte) {
	address, offset := e.Args[0], uint32(0)
	if sum, ok := ast.Unparen(address).(*ast.BinaryExpr); ok && sum.Op == token.ADD && g.info.Types[sum].Value == nil {
		if v := g.info.Types[sum.Y].Value; v != nil && integer(v) < foldLimit {
			address, offset = sum.X, uint32(integer(v))
		}
	}
	g.expr(address)
	for _, a := range e.Args[1:] {
		g.expr(a)
	}
	g.op(code...)
	g.code = wasm.AppendU32(g.code, offset)
}

// stringArg is the constant string that a call has as its argument.
func (g *gen) stringArg(e *ast.CallExpr) string {
	v := g.info.Types[e.Args[0]].Value
	if v == nil || v.Kind() != constant.String {
		g.fail(e.Args[0], "a string that is not constant is not in the subset")
		return ""
	}
	return constant.StringVal(v)
}

func (g *gen) literal(e *ast.CallExpr) []wasm.ValueType {
	s := g.stringArg(e)
	g.refer(g.text(s))
	g.i64(int64(len(s))) // and the address in the upper half
	return []wasm.ValueType{wasm.I64}
}

func (g *gen) addressOf(e *ast.CallExpr) []wasm.ValueType {
	var a array
	ref, ok := ast.Unparen(e.Args[0]).(*ast.UnaryExpr)
	if ok {
		a, ok = g.arrayAt(ref.X)
	}
	if !ok {
		g.fail(e, "the address of anything but a package-level array is not in the subset")
	}
	g.refer(a.area)
	g.i32(0)
	return []wasm.ValueType{wasm.I32}
}

func (g *gen) constantRegister(e *ast.CallExpr) []wasm.ValueType {
	s := g.stringArg(e)
	if len(s) != 16 {
		g.fail(e, "vm.Bytes needs 16 bytes, not %d", len(s))
		return []wasm.ValueType{wasm.V128}
	}
	g.v128([16]byte([]byte(s)))
	return []wasm.ValueType{wasm.V128}
}

// swapBytes turns the byte order of the pushed i32 around: there is no instruction for it.
func (g *gen) swapBytes() {
	const evenBytes = 0x00ff00ff
	v := g.take(wasm.I32)
	g.set(v)
	g.get(v)
	g.i32(8)
	g.op(wasm.OpI32Rotr)
	g.i32(^evenBytes)
	g.op(wasm.OpI32And)
	g.get(v)
	g.i32(8)
	g.op(wasm.OpI32Rotl)
	g.i32(evenBytes)
	g.op(wasm.OpI32And, wasm.OpI32Or)
}
