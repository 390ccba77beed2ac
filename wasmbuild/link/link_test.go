package link_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tetratelabs/wazero"

	"github.com/streamdal/streamdal-server/wasmbuild/gowasm"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

const source = `package kernel

var (
	Start uint32 = 1
	Wide  uint64
	Moved uint32
	used  uint32
	spare uint32
	moved uint32
)

var primes = [4]uint32{2, 3, 5, 7}
var spares = [4]uint32{9, 9, 9, 9}
var mixed = [64]uint8{0: 1, 1: 2, 40: 3}

//wasm:bind
func choose(a uint32) uint32

//wasm:import env kvExists
func host(p, n uint32) uint64

func double(a uint32) uint32 { return a * 2 }
func prime(a uint32) uint32  { return primes[a&3] + (a>>2)*0 }
func wide(a uint64) uint64   { return a + Wide }
func entry(a uint32) uint32  { used += Start; c := choose(a); return c + used }
func asks(a uint32) uint64   { return host(a, a) }
func table(a uint32) uint32  { return uint32(mixed[a&63]) }
func counts(a uint32) uint32 { moved = Start + a; return a }
func idle(a uint32) uint32   { spare++; return spares[a&3] }
func moves(a uint32) uint32  { Moved = a; return Moved }
func caller(a uint32) uint32 { return entry(a) + table(a) }
`

func kernel(t testing.TB) *link.Module {
	t.Helper()
	m, err := gowasm.Compile(fstest.MapFS{"k.go": {Data: []byte(source)}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func names(m *link.Module) []string {
	var list []string
	for _, f := range m.Funcs {
		list = append(list, f.Name)
	}
	return list
}

func TestLinkKeepsWhatIsReached(t *testing.T) {
	t.Parallel()
	m, err := kernel(t).Link(link.Rule{Exports: map[string]string{"f": "entry"}, Bind: map[string]string{"choose": "prime"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"prime", "entry"}, names(m)); diff != "" {
		t.Errorf("functions: %s", diff)
	}
	if got, want := len(m.Globals), 1; got != want { // nothing sets Start, so it is a constant too
		t.Errorf("%d globals, want %d", got, want)
	}
	if got, want := len(m.Types), 1; got != want {
		t.Errorf("%d types, want %d", got, want)
	}
	if len(m.Imports) != 0 {
		t.Errorf("imports %v, want none", m.Imports)
	}
	if len(m.Data) != 1 || m.Data[0].Bytes[0] != 2 {
		t.Errorf("data %v, want the primes only", m.Data)
	}
	want := []link.Export{{Name: "memory", Kind: wasm.ExternMemory}, {Name: "f", Index: 1}}
	if diff := cmp.Diff(want, m.Exports); diff != "" {
		t.Errorf("exports: %s", diff)
	}
}

// TestLinkSettlesGlobals links code that sets what nobody reads, and counts on
// what nobody sets.
func TestLinkSettlesGlobals(t *testing.T) {
	t.Parallel()
	m, err := kernel(t).Link(link.Rule{Exports: map[string]string{"f": "entry"}, Bind: map[string]string{"choose": "counts"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Globals) != 1 {
		t.Errorf("%d globals, want the one that is set and read", len(m.Globals))
	}
	if got := call(t, m, 41); got != 42 {
		t.Errorf("f(41) = %d, want 42", got)
	}
}

func TestLinkBinds(t *testing.T) {
	t.Parallel()
	for match, want := range map[string]uint64{"double": 6 + 10, "prime": 7 + 10} {
		m, err := kernel(t).Link(link.Rule{
			Exports: map[string]string{"f": "entry"},
			Bind:    map[string]string{"choose": match},
			Set:     map[string]uint32{"Start": 10},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(m.Globals), 1; got != want {
			t.Errorf("%d globals, want %d: Start is a constant", got, want)
		}
		if got := call(t, m, 3); got != want {
			t.Errorf("bound to %s: f(3) = %d, want %d", match, got, want)
		}
	}
}

func call(t *testing.T, m *link.Module, arg uint64) uint64 {
	t.Helper()
	engine := wazero.NewRuntime(t.Context())
	defer engine.Close(t.Context())
	i, err := engine.Instantiate(t.Context(), m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	got, err := i.ExportedFunction("f").Call(t.Context(), arg)
	if err != nil {
		t.Fatal(err)
	}
	return got[0]
}

func TestLinkKeepsHostImports(t *testing.T) {
	t.Parallel()
	m, err := kernel(t).Link(link.Rule{Exports: map[string]string{"f": "asks"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]link.Import{{Module: "env", Name: "kvExists", Type: 0}}, m.Imports); diff != "" {
		t.Error(diff)
	}
}

func TestLinkPacksData(t *testing.T) {
	t.Parallel()
	const base, top = 1000, 3 * wasm.PageSize
	m, err := kernel(t).Link(link.Rule{
		Exports: map[string]string{"f": "table"},
		Data: []link.Data{
			{Offset: base, Bytes: append(make([]byte, 100), 1, 0, 0, 2)},
			{Offset: base + 200, Bytes: make([]byte, 50)},
			{Offset: base + 108, Bytes: []byte{5, 6}}, // joins what is near
			{Offset: base + 300, Bytes: append(append([]byte{7}, make([]byte, 8)...), 8)},
		},
		Top: top,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []link.Data{
		{Offset: base + 100, Bytes: []byte{1, 0, 0, 2, 0, 0, 0, 0, 5, 6}},
		{Offset: base + 300, Bytes: []byte{7}}, {Offset: base + 309, Bytes: []byte{8}},
		{Offset: top, Bytes: []byte{1, 2}}, {Offset: top + 40, Bytes: []byte{3}},
	}
	if diff := cmp.Diff(want, m.Data); diff != "" {
		t.Error(diff)
	}
	if got, want := m.Memory.Min, uint32(4); got != want {
		t.Errorf("%d pages, want %d", got, want)
	}
	if got := call(t, m, 40); got != 3 {
		t.Errorf("f(40) = %d, want 3", got)
	}
}

// TestLinkPlacesAreas links code that mentions a table, a text and zeros, and asks
// where they are: behind the rule's constants, the heap last, and only what is used.
func TestLinkPlacesAreas(t *testing.T) {
	t.Parallel()
	const areas = `package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

var (
	Heap  uint32 = 1
	Which uint32
)

var (
	room  [112]uint8
	table = [3]uint16{1, 2, 3}
	other = [4]uint32{4, 5, 6, 7}
)

func at(n uint32) uint32 {
	switch {
	case n == 0:
		return vm.Addr(&table)
	case n == 1:
		return uint32(vm.Lit("text") >> 32)
	case n == 2:
		return vm.Addr(&room)
	case n == 3:
		return Heap
	case n == 4:
		return uint32(vm.Lit("text")) + vm.U8(vm.Addr(&table)+2) + uint32(table[2])
	case Which == 1:
		return uint32(vm.Lit("unused") >> 32) + vm.Addr(&other)
	}
	return 0
}
`
	k, err := gowasm.Compile(fstest.MapFS{"k.go": {Data: []byte(areas)}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := k.Link(link.Rule{Exports: map[string]string{"f": "at"}, Set: map[string]uint32{"Which": 0}, Top: 1000, Heap: "Heap"})
	if err != nil {
		t.Fatal(err)
	}
	const table, text, room, heap = 1000, 1006, 1024, 1152
	want := []link.Data{{Offset: table, Bytes: []byte("\x01\x00\x02\x00\x03\x00text")}}
	if diff := cmp.Diff(want, m.Data); diff != "" {
		t.Error(diff)
	}
	for n, want := range []uint64{table, text, room, heap, 4 + 2 + 3, 0} {
		if got := call(t, m, uint64(n)); got != want {
			t.Errorf("f(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestLinkErrors(t *testing.T) {
	t.Parallel()
	f := map[string]string{"f": "entry"}
	for want, r := range map[string]link.Rule{
		`kernel has no function "nope"`:              {Exports: map[string]string{"f": "nope"}},
		`function "choose" is used but not bound`:    {Exports: f},
		`kernel has no function "host" to bind`:      {Exports: f, Bind: map[string]string{"host": "double"}},
		`kernel has no function "gone"`:              {Exports: f, Bind: map[string]string{"choose": "gone"}},
		`bind choose to wide: the types differ`:      {Exports: f, Bind: map[string]string{"choose": "wide"}},
		`kernel has no variable "End"`:               {Exports: f, Heap: "End"},
		`kernel has no variable "used"`:              {Exports: f, Set: map[string]uint32{"used": 1}},
		`variable "Wide" is not a 32-bit number`:     {Exports: f, Set: map[string]uint32{"Wide": 1}},
		`link: kernel has no function "choose"`:      {Exports: map[string]string{"f": "choose"}},
		"assigns a variable that the rule sets":      {Exports: map[string]string{"f": "moves"}, Set: map[string]uint32{"Moved": 1}},
		`link: kernel has no variable "Start.other"`: {Exports: f, Set: map[string]uint32{"Start.other": 1}},
	} {
		if _, err := kernel(t).Link(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestLinkLeavesKernel links twice from one kernel, with another rule between.
func TestLinkLeavesKernel(t *testing.T) {
	t.Parallel()
	k := kernel(t)
	before := k.Encode()
	link1 := func() []byte {
		m, err := k.Link(link.Rule{Exports: map[string]string{"f": "caller"}, Bind: map[string]string{"choose": "prime"}, Set: map[string]uint32{"Start": 5}})
		if err != nil {
			t.Fatal(err)
		}
		return m.Encode()
	}
	first := link1()
	if _, err := k.Link(link.Rule{Exports: map[string]string{"f": "idle", "g": "asks"}, Set: map[string]uint32{"Start": 9}}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, link1()) {
		t.Error("linking the same rule again gives other bytes")
	}
	if !bytes.Equal(before, k.Encode()) {
		t.Error("linking changed the kernel")
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	k := kernel(t)
	k.Customs = []link.Custom{{Name: "streamdal.rule", Bytes: []byte("x")}}
	k.Memory = link.Limits{Min: 2, Max: 1000, HasMax: true}
	got, err := link.Decode(k.Encode())
	if err != nil {
		t.Fatal(err)
	}
	binaryOnly := cmp.Options{
		cmpopts.IgnoreFields(link.Func{}, "Name", "Refs"),
		cmpopts.IgnoreFields(link.Module{}, "Areas"),
		cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(k, got, binaryOnly); diff != "" {
		t.Error(diff)
	}
}
