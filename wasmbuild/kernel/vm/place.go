package vm

import "encoding/binary"

// Text is a constant's address<<32 | length.
type Text uint64

// Native constants and arrays live in [1024, RuleBase); a native test lays its
// rule out at RuleBase. Compiled code has its own, tighter places.
const RuleBase Ptr = PageSize

var (
	texts      = map[string]Text{}
	arrays     = map[any]Ptr{}
	placed Ptr = 1024
)

// Lit places a constant string in memory. Compiled, s must be a constant.
func Lit(s string) Text {
	t, ok := texts[s]
	if !ok {
		t = Text(uint64(place([]byte(s)))<<32 | uint64(len(s)))
		texts[s] = t
	}
	return t
}

// Addr is where a package-level array lives in linear memory: Addr(&array).
// Natively that is a copy: an array which changes is used through its address
// only, or by index only.
func Addr[A any](array *A) Ptr {
	a, ok := arrays[array]
	if !ok {
		b, err := binary.Append(nil, binary.LittleEndian, array)
		if err != nil {
			panic("vm: " + err.Error())
		}
		a = place(b)
		arrays[array] = a
	}
	return a
}

func place(b []byte) Ptr {
	a := (placed + 15) &^ 15
	if a+Ptr(len(b)) > RuleBase {
		panic("vm: native constants do not fit below RuleBase")
	}
	copy(Mem[a:], b)
	placed = a + Ptr(len(b))
	return a
}
