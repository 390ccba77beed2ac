package gowasm

import (
	"encoding/binary"
	"go/ast"
	"go/constant"
	"go/types"
	"math"

	"github.com/streamdal/streamdal-server/wasmbuild/link"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// arrayAlign keeps SIMD loads of short tables in one cache line. Tables that do not
// consist of such blocks lie as close as their elements may.
const arrayAlign = 16

// array is a package-level array in linear memory.
type array struct {
	area uint32 // its number in the module
	elem number
}

// declareVars makes scalars globals and arrays memory.
func (c *compiler) declareVars(s *ast.ValueSpec) {
	for i, name := range s.Names {
		v, ok := c.info.Defs[name].(*types.Var)
		if !ok || name.Name == "_" {
			continue
		}
		var init ast.Expr
		if len(s.Values) == len(s.Names) {
			init = s.Values[i]
		} else if len(s.Values) > 0 {
			c.fail(name, "variable %s needs a constant of its own", name.Name)
			continue
		}
		// V128 is an array only natively.
		if a, ok := v.Type().Underlying().(*types.Array); ok && !isV128(v.Type()) {
			c.declareArray(name, v, a, init)
		} else {
			c.declareGlobal(name, v, init)
		}
	}
}

func (c *compiler) declareGlobal(name *ast.Ident, v *types.Var, init ast.Expr) {
	k := c.number(name, v.Type())
	value := constant.MakeInt64(0)
	if init != nil {
		if value = c.info.Types[init].Value; value == nil {
			c.fail(init, "initial value of %s is not a constant", name.Name)
			return
		}
	}
	if k.value == wasm.V128 {
		c.fail(name, "package variables of type %s are not in the subset", v.Type())
		return
	}
	index := uint32(len(c.out.Globals))
	c.globals[v] = index
	c.out.Globals = append(c.out.Globals, link.Global{Type: k.value, Mutable: true, Init: append(appendConst(nil, k, value), wasm.OpEnd)})
	if name.IsExported() {
		c.out.Exports = append(c.out.Exports, link.Export{Name: name.Name, Kind: wasm.ExternGlobal, Index: index})
	}
}

func (c *compiler) declareArray(name *ast.Ident, v *types.Var, t *types.Array, init ast.Expr) {
	k := c.number(name, t.Elem())
	if k.value == wasm.V128 || k.bits == 1 {
		c.fail(name, "arrays of %s are not in the subset", t.Elem())
		return
	}
	a := link.Area{Size: uint32(t.Len()) * (k.bits / 8), Align: arrayAlign}
	if a.Size%arrayAlign != 0 {
		a.Align = k.bits / 8
	}
	if init != nil {
		a.Bytes = c.elements(init, t, k)
	}
	c.arrays[v] = array{c.addArea(a), k}
}

// elements lays out a composite literal of constants.
func (c *compiler) elements(init ast.Expr, t *types.Array, k number) []byte {
	size := int64(k.bits / 8)
	image := make([]byte, t.Len()*size)
	lit, ok := init.(*ast.CompositeLit)
	if !ok {
		c.fail(init, "an array needs a literal with constant elements")
		return image
	}
	next := int64(0)
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			next, _ = constant.Int64Val(c.info.Types[kv.Key].Value)
			e = kv.Value
		}
		value := c.info.Types[e].Value
		if value == nil {
			c.fail(e, "array element is not a constant")
			return image
		}
		putConst(image[next*size:], k, value)
		next++
	}
	return image
}

// text is the area of a constant string, the same for equal ones; an empty one needs none.
func (c *compiler) text(s string) uint32 {
	if s == "" {
		return 0
	}
	at, ok := c.texts[s]
	if !ok {
		at = c.addArea(link.Area{Size: uint32(len(s)), Align: 1, Bytes: []byte(s)})
		c.texts[s] = at
	}
	return at
}

// addArea returns the area's number.
func (c *compiler) addArea(a link.Area) uint32 {
	c.out.Areas = append(c.out.Areas, a)
	return uint32(len(c.out.Areas))
}

// integer is a constant's 64 bits; booleans are 0 and 1.
func integer(v constant.Value) int64 {
	if v.Kind() == constant.Bool {
		if constant.BoolVal(v) {
			return 1
		}
		return 0
	}
	v = constant.ToInt(v)
	if x, ok := constant.Int64Val(v); ok {
		return x
	}
	x, _ := constant.Uint64Val(v)
	return int64(x)
}

// appendConst appends the instruction that pushes a constant.
func appendConst(b []byte, k number, v constant.Value) []byte {
	switch k.value {
	case wasm.I64:
		return wasm.AppendS64(append(b, wasm.OpI64Const), integer(v))
	case wasm.F64:
		f, _ := constant.Float64Val(constant.ToFloat(v))
		return binary.LittleEndian.AppendUint64(append(b, wasm.OpF64Const), math.Float64bits(f))
	default:
		return wasm.AppendS64(append(b, wasm.OpI32Const), int64(int32(integer(v))))
	}
}

// putConst writes a constant as it is in memory.
func putConst(b []byte, k number, v constant.Value) {
	switch {
	case k.value == wasm.F64:
		f, _ := constant.Float64Val(constant.ToFloat(v))
		binary.LittleEndian.PutUint64(b, math.Float64bits(f))
	case k.bits == 64:
		binary.LittleEndian.PutUint64(b, uint64(integer(v)))
	case k.bits == 32:
		binary.LittleEndian.PutUint32(b, uint32(integer(v)))
	case k.bits == 16:
		binary.LittleEndian.PutUint16(b, uint16(integer(v)))
	default:
		b[0] = byte(integer(v))
	}
}
