package outline

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

func kindName(k wasm.ExternKind) string {
	switch k {
	case wasm.ExternFunc:
		return "function"
	case wasm.ExternTable:
		return "table"
	case wasm.ExternMemory:
		return "memory"
	case wasm.ExternGlobal:
		return "global"
	default:
		return fmt.Sprintf("unknown %d", k)
	}
}

func text(r *wasm.Reader) string { return strings.ToValidUTF8(string(r.Bytes(r.U32())), "\uFFFD") }

// maxText bounds what of a custom section is shown as text.
const maxText = 1000

// printable returns what is text, and nothing else.
func printable(b []byte) string {
	if len(b) > maxText || !utf8.Valid(b) || bytes.ContainsFunc(b, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return string(b)
}

func values(r *wasm.Reader) []string {
	n := r.U32()
	var list []string
	for i := uint32(0); i < n && r.Err == nil; i++ {
		list = append(list, valueName(r.Byte()))
	}
	return list
}

func valueName(t wasm.ValueType) string {
	switch t {
	case wasm.I32:
		return "i32"
	case wasm.I64:
		return "i64"
	case wasm.F32:
		return "f32"
	case wasm.F64:
		return "f64"
	case wasm.V128:
		return "v128"
	case 0x70:
		return "funcref"
	case 0x6f:
		return "externref"
	default:
		return fmt.Sprintf("type %#x", t)
	}
}

func readTable(r *wasm.Reader) string {
	of := valueName(r.Byte())
	return limits(r, "element") + " of " + of
}

func global(r *wasm.Reader) string {
	t := valueName(r.Byte())
	if r.Byte() == 1 {
		return "mutable " + t
	}
	return t
}

// limits reads a least and perhaps a most number of units.
func limits(r *wasm.Reader, unit string) string {
	bounded := r.Byte()&1 != 0
	least := r.U32()
	if !bounded {
		return plural(least, unit) + " or more"
	}
	if most := r.U32(); most != least {
		return fmt.Sprintf("%d to %s", least, plural(most, unit))
	}
	return plural(least, unit)
}

func plural(n uint32, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
