package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/streamdal/streamdal-server/wasmbuild/link"
	"github.com/streamdal/streamdal-server/wasmbuild/outline"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// Module writes the listing of a module. name is what it was asked for by.
func (w Writer) Module(name string, b []byte) error {
	listing, err := outline.Of(b)
	if err != nil {
		return fmt.Errorf("read the module %s: %w", name, err)
	}
	sum := sha256.Sum256(b)
	out := struct {
		Name   string `json:"name"`
		Size   int    `json:"size"`
		SHA256 string `json:"sha256"`
		*outline.Module
		Code *code `json:"code,omitempty"`
	}{name, len(b), hex.EncodeToString(sum[:]), listing, codeOf(b)}
	if w.Format == JSON {
		return w.json(out)
	}
	t := newTable()
	t.row("Module", name)
	t.row("Size", Size(uint64(len(b))))
	t.row("SHA-256", out.SHA256)
	if c := out.Code; c != nil {
		t.row("Functions", fmt.Sprintf("%d, the largest has %s", c.Functions, Size(uint64(c.Largest))))
		t.row("Data", fmt.Sprintf("%s in %d segments", Size(uint64(c.DataBytes)), c.Segments))
		t.row("Memory", fmt.Sprintf("%d KiB at first", uint64(c.Pages)*wasm.PageSize/1024))
	}
	for _, s := range listing.Sections {
		if s.Text != "" {
			t.row(s.Name, s.Text)
		}
	}
	if err := t.writeTo(w.Out); err != nil {
		return err
	}
	sections := newTable()
	sections.row()
	sections.row("SECTION", "OFFSET", "SIZE", "ENTRIES")
	for _, s := range listing.Sections {
		label := s.Name
		if s.Custom {
			label = "custom: " + s.Name
		}
		sections.row(label, fmt.Sprint(s.Offset), Size(uint64(s.Size)), fmt.Sprint(s.Items))
	}
	if err := sections.writeTo(w.Out); err != nil {
		return err
	}
	if err := externs("IMPORT", listing.Imports).writeTo(w.Out); err != nil {
		return err
	}
	return externs("EXPORT", listing.Exports).writeTo(w.Out)
}

// code is what only package link can tell: it takes the modules that this server builds,
// and many others.
type code struct {
	Functions int    `json:"functions"`
	Largest   int    `json:"largestFunction"`
	Segments  int    `json:"dataSegments"`
	DataBytes int    `json:"dataBytes"`
	Pages     uint32 `json:"memoryPages"`
}

func codeOf(b []byte) *code {
	m, err := link.Decode(b)
	if err != nil {
		return nil
	}
	c := &code{Functions: len(m.Funcs), Segments: len(m.Data), Pages: m.Memory.Min}
	for _, f := range m.Funcs {
		c.Largest = max(c.Largest, len(f.Body))
	}
	for _, d := range m.Data {
		c.DataBytes += len(d.Bytes)
	}
	return c
}

func externs(head string, list []outline.Extern) *table {
	t := newTable()
	if len(list) == 0 {
		return t
	}
	t.row()
	t.row(head, "KIND", "TYPE")
	for _, e := range list {
		name := e.Name
		if e.Module != "" {
			name = e.Module + "." + name
		}
		t.row(name, e.Kind, e.Type)
	}
	return t
}
