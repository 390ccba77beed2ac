package link

import (
	"bytes"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// sample is a module with something in every section.
func sample() *Module {
	return &Module{
		Types:   []FuncType{{Params: []wasm.ValueType{wasm.I32}, Results: []wasm.ValueType{wasm.I32}}, {}},
		Imports: []Import{{Module: "env", Name: "kvExists", Type: 0}},
		Funcs: []Func{
			{Type: 0, Body: []byte{1, 2, wasm.I64, wasm.OpLocalGet, 0, wasm.OpCall, 0, wasm.OpEnd}},
			{Type: 1, Body: []byte{0, wasm.OpBlock, wasm.Empty, wasm.OpBr, 0, wasm.OpEnd, wasm.OpGlobalGet, 0, wasm.OpDrop, wasm.OpEnd}},
		},
		Memory:  Limits{Min: 1},
		Globals: []Global{{Type: wasm.I32, Init: []byte{wasm.OpI32Const, 5, wasm.OpEnd}}},
		Exports: []Export{{Name: "memory", Kind: wasm.ExternMemory}, {Name: "f", Index: 1}, {Name: "g", Kind: wasm.ExternGlobal}},
		Data:    []Data{{Offset: 1024, Bytes: []byte("abc")}},
		Customs: []Custom{{Name: "streamdal.rule", Bytes: []byte("x")}},
	}
}

// section makes a module with one section.
func section(id byte, body ...byte) []byte {
	return appendBytes(append([]byte(wasm.Header), id), body)
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	broken := func(f func(*Module)) []byte {
		m := sample()
		f(m)
		return m.Encode()
	}
	body := func(code ...byte) []byte {
		return broken(func(m *Module) { m.Funcs[0].Body = append([]byte{0}, code...) })
	}
	for want, b := range map[string][]byte{
		"not a WebAssembly module":                           []byte("\x00asm\x02\x00\x00\x00"),
		"decode section 1: unexpected end":                   append([]byte(wasm.Header), 1, 5, 0),
		"decode section 1: malformed number":                 append([]byte(wasm.Header), 1, 0xff, 0xff, 0xff, 0xff, 0xff),
		"decode section 4: not supported, or out of order":   section(4, 0),
		"decode section 8: not supported, or out of order":   section(8, 0),
		"decode section 1: not supported, or out of order":   append(section(3, 0), 1, 1, 0),
		"decode type section: type is not a function type":   section(1, 1, 0x5f),
		"decode type section: value type is not a number":    section(1, 1, 0x60, 1, 0x70, 0),
		"decode type section: bytes after the end":           section(1, 0, 0),
		"decode type section: unexpected end":                section(1, 0xff, 0xff, 0xff, 0xff, 0x0f),
		"decode import section: import is not a function":    section(2, 1, 0, 0, 2),
		"decode import section: name is not UTF-8":           section(2, 1, 1, 0xff, 0, 0),
		"decode memory section: number of memories is not 1": section(5, 2, 0, 1, 0, 1),
		"decode memory section: memory is shared":            section(5, 1, 3, 1, 1),
		"decode global section: global is neither":           section(6, 1, wasm.I32, 2),
		"decode global section: constant expression starts":  section(6, 1, wasm.I32, 0, wasm.OpGlobalGet, 0, wasm.OpEnd),
		"decode global section: constant expression has no":  section(6, 1, wasm.I32, 0, wasm.OpI32Const, 0, 0),
		"decode export section: export is not a function":    section(7, 1, 0, 1, 0),
		"decode code section: more bodies than functions":    section(10, 1, 2, 0, wasm.OpEnd),
		"decode data section: data segment is not active":    section(11, 1, 1, 0),
		"decode custom section: unexpected end":              section(0, 3, 'a'),
		"import kvExists has type 2 of 2":                    broken(func(m *Module) { m.Imports[0].Type = 2 }),
		"export f has index 3":                               broken(func(m *Module) { m.Exports[1].Index = 3 }),
		"export g has index 1":                               broken(func(m *Module) { m.Exports[2].Index = 1 }),
		"export memory has index 1":                          broken(func(m *Module) { m.Exports[0].Index = 1 }),
		"function 1 has type 2 of 2":                         broken(func(m *Module) { m.Funcs[1].Type = 2 }),
		"function 0: function 3 of 3":                        body(wasm.OpCall, 3, wasm.OpEnd),
		"function 0: global 1 of 1":                          body(wasm.OpGlobalGet, 1, wasm.OpEnd),
		"function 0: type 2 of 2":                            body(wasm.OpBlock, 2, wasm.OpEnd, wasm.OpEnd),
		"function 0: block type":                             body(wasm.OpBlock, 0x80, 0x7f, wasm.OpEnd),
		"function 0: unexpected end":                         body(wasm.OpBlock, wasm.Empty, wasm.OpEnd),
		"function 0: bytes after the end":                    body(wasm.OpEnd, wasm.OpEnd),
		"function 0: instruction 0x11 is not supported":      body(0x11, 0, 0, wasm.OpEnd),
		"function 0: instruction 0xfc 8 is not supported":    body(wasm.OpPrefixMisc, 8, 0, 0, wasm.OpEnd),
		"function 0: instruction 0xfd 300 is not supported":  body(wasm.OpPrefixSIMD, 0xac, 2, wasm.OpEnd),
		"function 0: malformed number":                       body(wasm.OpBrTable, 0xff, 0xff, 0xff, 0xff, 0x0f, 0),
		"function 1: malformed number":                       append([]byte(wasm.Header), 1, 4, 1, 0x60, 0, 0, 3, 3, 2, 0, 0, 10, 4, 1, 2, 0, wasm.OpEnd),
	} {
		if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestDecodeShortens reads numbers that another encoder has padded.
func TestDecodeShortens(t *testing.T) {
	t.Parallel()
	m := sample()
	want := m.Encode()
	m.Funcs[0].Body = []byte{0x81, 0, 0x82, 0x80, 0, wasm.I64, wasm.OpLocalGet, 0x80, 0, wasm.OpCall, 0x80, 0x80, 0, wasm.OpEnd}
	got, err := Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Encode(), want) {
		t.Errorf("got %x, want %x", got.Encode(), want)
	}
}

// FuzzDecode: whatever is accepted can be pruned and encoded, and decodes again to the same.
func FuzzDecode(f *testing.F) {
	f.Add(sample().Encode())
	f.Add(section(1, 1, 0x60, 0, 0))
	f.Add([]byte(wasm.Header))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		once := m.Encode()
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("decode what was encoded: %v", err)
		}
		if !bytes.Equal(again.Encode(), once) {
			t.Fatal("encoding again gives other bytes")
		}
		for i := range m.Imports {
			m.Imports[i].Module = "env" // nothing is bound
		}
		if err := m.prune(nil, nil, 0); err != nil {
			t.Fatalf("prune what was decoded: %v", err)
		}
		if _, err := Decode(m.Encode()); err != nil {
			t.Fatalf("decode what was pruned: %v", err)
		}
	})
}
