package gowasm

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const importVM = `import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"` + "\n"

func compileText(text string) error {
	_, err := Compile(fstest.MapFS{"k.go": {Data: []byte("package k\n" + text)}})
	return err
}

// TestRefusals holds what is outside the subset, with the position it is reported at.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"syntax":               {"func f( {", "k.go:2:9: expected"},
		"type error":           {"func f() uint32 { return x }", "k.go:2:26: undefined: x"},
		"foreign import":       {`import "fmt"`, "k.go:2:8: could not import fmt (kernel code cannot import fmt)"},
		"int":                  {"func f(a int) {}", "k.go:2:1: type int is not in the subset: its size depends on the machine; use int32 or int64"},
		"untyped int variable": {"func f() { a := 1; _ = a }", "k.go:2:12: type int is not in the subset"},
		"float32":              {"func f(a float32) {}", "k.go:2:1: type float32 is not in the subset"},
		"string parameter":     {"func f(a string) {}", "k.go:2:1: type string is not in the subset"},
		"string value":         {`func f() uint32 { s := "a"; _ = s; return 0 }`, "k.go:2:24: a string is not in the subset; use vm.Lit"},
		"slice":                {"func f(a []uint32) {}", "k.go:2:1: type []uint32 is not in the subset"},
		"pointer":              {"func f(a *uint32) {}", "k.go:2:1: type *uint32 is not in the subset"},
		"struct":               {"type s struct{ a uint32 }\nfunc f(a s) {}", "k.go:3:1: type kernel.s is not in the subset"},
		"interface":            {"func f(a any) {}", "type any is not in the subset"},
		"local array":          {"func f() { var a [4]uint32; _ = a }", "k.go:2:16: type [4]uint32 is not in the subset"},
		"array of arrays":      {"var a [4][4]uint8", "k.go:2:5: type [4]uint8 is not in the subset"},
		"array of bool":        {"var a [4]bool", "k.go:2:5: arrays of bool are not in the subset"},
		"array initial value":  {"var b uint32\nvar a = [2]uint32{1, b}", "k.go:3:22: array element is not a constant"},
		"variable initial":     {"func g() uint32 { return 1 }\nvar a = g()", "k.go:3:9: initial value of a is not a constant"},
		"type parameters":      {"func f[T uint32](a T) {}", "k.go:2:1: function f is not in the subset"},
		"variadic":             {"func f(a ...uint32) {}", "k.go:2:1: function f is not in the subset"},
		"pointer receiver":     {"type n uint32\nfunc (a *n) f() {}", "k.go:3:1: receiver type *kernel.n is not in the subset"},
		"closure":              {"func f() uint32 { g := func() uint32 { return 1 }; return g() }", "type func() uint32 is not in the subset"},
		"function value":       {"func g() {}\nfunc f() { h := g; h() }", "type func() is not in the subset"},
		"goto":                 {"func f() { goto end\nend:\n}", "k.go:2:12: goto is not in the subset"},
		"fallthrough":          {"func f(a uint32) { switch a { case 1: fallthrough\ncase 2: } }", "k.go:2:39: fallthrough is not in the subset"},
		"defer":                {"func g() {}\nfunc f() { defer g() }", "k.go:3:12: statement *ast.DeferStmt is not in the subset"},
		"go":                   {"func g() {}\nfunc f() { go g() }", "k.go:3:12: statement *ast.GoStmt is not in the subset"},
		"range over array":     {"var a [4]uint32\nfunc f() { for range a { } }", "k.go:3:12: range over [4]uint32 is not in the subset"},
		"append":               {"func f() { println(1) }", "k.go:2:12: println is not in the subset"},
		"shift too far":        {"func f(a uint32) uint32 { return a << 32 }", "k.go:2:39: shift by 32 of a 32-bit number is not in the subset"},
		"shift too far, small": {"func f(a uint8) uint8 { return a >> 8 }", "shift by 8 of a 8-bit number"},
		"signed shift":         {"func f(a uint32, n int32) uint32 { return a << n }", "k.go:2:48: shift by a signed number is not in the subset: it may be negative"},
		"float to integer":     {"func f(a float64) int64 { return int64(a) }", "k.go:2:40: converting float64 to an integer is not in the subset; use vm.Trunc64"},
		"float minimum":        {"func f(a float64) float64 { return min(a, 1) }", "min and max of float64 are not in the subset"},
		"wide index":           {"var a [4]uint32\nfunc f(i uint64) uint32 { return a[i] }", "k.go:3:36: an index of type uint64 is not in the subset; convert it to uint32"},
		"elements together":    {"var a [4]uint32\nfunc f(i uint32) { a[0], a[1] = i, i }", "assigning an array element together with others is not in the subset"},
		"inline recursion":     {"//wasm:inline\nfunc g(a uint32) uint32 { if a > 0 { return g(a-1) }; return 0 }\nfunc f() uint32 { return g(3) }", "k.go:3:45: function g is inlined into itself"},
		"inline without body":  {"//wasm:inline\n//wasm:bind\nfunc g() {}", "k.go:4:1: function g has no body to inline"},
		"import without name":  {"//wasm:import env\nfunc g() {}", "k.go:3:1: //wasm:import needs a module and a name"},
		"address":              {importVM + "var v uint32\nfunc f() { _ = vm.Addr(&v) }", "k.go:4:16: the address of anything but a package-level array is not in the subset"},
		"register":             {importVM + `func f() { _ = vm.Bytes("abc") }`, "k.go:3:16: vm.Bytes needs 16 bytes, not 3"},
		"register shift":       {importVM + "func f(v vm.V128, n uint32) vm.V128 { return vm.Shr(v, n) }", "k.go:3:56: vm.Shr by anything but a constant below 8 is not in the subset"},
		"register operator":    {importVM + "func f(v vm.V128) bool { return v == v }", "k.go:3:33: operator == on this type is not in the subset"},
		"register variable":    {importVM + "var v vm.V128", "k.go:3:5: package variables of type"},
		"native memory":        {importVM + "func f() { vm.Mem[0] = 1 }", "undefined: vm.Mem"},
		"read beside a call":   {"var g uint32\nfunc w() uint32 { g++; return 1 }\nfunc f() uint32 { return g + w() }", "k.go:4:30: reading g beside a call that may write it is not in the subset: Go leaves the order open"},
		"call beside a read":   {"var g uint32\nfunc w() uint32 { g = 2; return 1 }\nfunc v() uint32 { return w() }\nfunc f() (uint32, uint32) { return v(), g }", "k.go:5:41: reading g beside a call"},
		"element beside call":  {"var g [4]uint32\nfunc w() uint32 { g[1] = 2; return 1 }\nfunc f(a, b uint32) { f(g[a], w()) }", "k.go:4:31: reading g beside a call"},
		"updated by a call":    {"var g uint32\nfunc w() uint32 { g = 2; return 1 }\nfunc f() { g += w() }", "k.go:4:17: reading g beside a call"},
		"beside a bound call":  {"var g uint32\n//wasm:bind\nfunc w() uint32\nfunc f() uint32 { g = 1; return g + w() }", "reading g beside a call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := compileText(c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestOrderAllowed holds expressions whose order Go does fix.
func TestOrderAllowed(t *testing.T) {
	t.Parallel()
	const writer = "var g uint32\nfunc w(a uint32) uint32 { g++; return a }\n"
	for name, text := range map[string]string{
		"argument":    "func f() uint32 { return w(g) }",
		"store":       "func f() { g = w(1) }",
		"and":         "func f() bool { return g > 0 && w(1) > 0 && g > 1 }",
		"other":       "var h uint32\nfunc f() uint32 { return h + w(1) }",
		"only reads":  "func r() uint32 { return g }\nfunc f() uint32 { return g + r() }",
		"own purpose": "func f() uint32 { a := g; return a + w(1) }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := compileText(writer + text); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	t.Parallel()
	err := compileText("func f(a uint32) uint32 {\n\tx := 1\n\t_ = x\n\tgoto end\nend:\n\treturn a << 40\n}")
	for _, want := range []string{"k.go:3:2: type int", "k.go:5:2: goto", "k.go:7:14: shift by 40"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
}

func TestFilesLeftOut(t *testing.T) {
	t.Parallel()
	m, err := Compile(fstest.MapFS{
		"a.go":      {Data: []byte("package k\n\nfunc f() uint32 { return 1 }\n")},
		"a_test.go": {Data: []byte("package k\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) {}\n")},
		"b.go":      {Data: []byte("//go:build !gowasm\n\npackage k\n\nvar native = map[string]int{}\n")},
		"c.go":      {Data: []byte("//go:build gowasm\n\npackage k\n\nfunc g() uint32 { return f() }\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range m.Funcs {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"f", "g"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestDeterministic(t *testing.T) {
	t.Parallel()
	text := "var T = [4]uint32{1, 2}\nvar A, B uint32 = 1, 2\nfunc f(a uint32) uint32 { return T[a] + A + B + g(a) }\nfunc g(a uint32) uint32 { return a }"
	src := fstest.MapFS{"k.go": {Data: []byte("package k\n" + text)}}
	first, err := Compile(src)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatal(diff)
		}
	}
}
