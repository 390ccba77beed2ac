package outline

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

func sectionOf(id wasm.SectionID, body string) string {
	return string([]byte{id, byte(len(body))}) + body
}

// small has one of everything that is listed.
var small = wasm.Header +
	sectionOf(wasm.SectionCustom, "\x04note\x01\x02") +
	sectionOf(wasm.SectionType, "\x02"+"\x60\x02\x7f\x7f\x01\x7e"+"\x60\x00\x00") +
	sectionOf(wasm.SectionImport, "\x02"+"\x03env\x08kvExists\x00\x00"+"\x03env\x01g\x03\x7f\x01") +
	sectionOf(wasm.SectionFunction, "\x01\x01") +
	sectionOf(wasm.SectionTable, "\x01\x70\x00\x03") +
	sectionOf(wasm.SectionMemory, "\x01\x01\x01\x0a") +
	sectionOf(wasm.SectionExport, "\x04"+"\x01f\x00\x01"+"\x06memory\x02\x00"+"\x01t\x01\x00"+"\x01g\x03\x00") +
	sectionOf(wasm.SectionCode, "\x01\x02\x00\x0b") +
	sectionOf(wasm.SectionCustom, "\x04rulemask it")

func TestOf(t *testing.T) {
	t.Parallel()
	got, err := Of([]byte(small))
	if err != nil {
		t.Fatalf("Of: %v", err)
	}
	want := &Module{
		Sections: []Section{
			{Name: "note", Custom: true, Offset: 10, Size: 7},
			{Name: "type", Offset: 19, Size: 10, Items: 2},
			{Name: "import", Offset: 31, Size: 25, Items: 2},
			{Name: "function", Offset: 58, Size: 2, Items: 1},
			{Name: "table", Offset: 62, Size: 4, Items: 1},
			{Name: "memory", Offset: 68, Size: 4, Items: 1},
			{Name: "export", Offset: 74, Size: 22, Items: 4},
			{Name: "code", Offset: 98, Size: 4, Items: 1},
			{Name: "rule", Custom: true, Offset: 104, Size: 12, Text: "mask it"},
		},
		Imports: []Extern{
			{Module: "env", Name: "kvExists", Kind: "function", Type: "(i32, i32) -> i64"},
			{Module: "env", Name: "g", Kind: "global", Type: "mutable i32"},
		},
		Exports: []Extern{
			{Name: "f", Kind: "function", Type: "()"},
			{Name: "memory", Kind: "memory", Type: "1 to 10 pages"},
			{Name: "t", Kind: "table", Type: "3 elements or more of funcref"},
			{Name: "g", Kind: "global", Type: "mutable i32"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Of (-want +got):\n%s", diff)
	}
}

func TestOfRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "\x00asm", "\x00asm\x02\x00\x00\x00", "not wasm at all"} {
		if _, err := Of([]byte(s)); !errors.Is(err, ErrNotModule) {
			t.Errorf("%q: got %v, want ErrNotModule", s, err)
		}
	}
	for name, s := range map[string]string{
		"cut off":         small[:len(small)-2],
		"a huge count":    wasm.Header + sectionOf(wasm.SectionExport, "\xff\xff\xff\xff\x0f\x01f\x00\x00"),
		"a strange kind":  wasm.Header + sectionOf(wasm.SectionImport, "\x01\x01a\x01b\x09\x00"),
		"a name too long": wasm.Header + sectionOf(wasm.SectionCustom, "\x7fnote"),
	} {
		if _, err := Of([]byte(s)); err == nil || !strings.Contains(err.Error(), "section") {
			t.Errorf("%s: got %v, want an error that names the section", name, err)
		}
	}
}

// Whatever comes in, the listing fits the bytes it was made from.
func FuzzOf(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(wasm.Header))
	f.Add([]byte(wasm.Header + "\x01\x01\x00\x0d\x01\x00\x63\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Of(b)
		if err != nil {
			return
		}
		end := len(wasm.Header)
		for _, s := range m.Sections {
			if s.Offset < end+2 || s.Offset+s.Size > len(b) {
				t.Fatalf("section %q is at %d to %d of %d bytes, after %d", s.Name, s.Offset, s.Offset+s.Size, len(b), end)
			}
			end = s.Offset + s.Size
		}
		if end != len(b) {
			t.Errorf("the sections end at %d of %d bytes", end, len(b))
		}
	})
}
