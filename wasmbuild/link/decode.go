package link

import (
	"errors"
	"fmt"

	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// ErrNotModule is Decode's error for what does not begin like a module.
var ErrNotModule = errors.New("not a WebAssembly module")

// sections are read and written by functions of their own, in this order.
var sections = []struct {
	id     wasm.SectionID
	name   string
	decode func(*Module, *reader)
	encode func(*Module) (items int, body []byte)
}{
	{wasm.SectionType, "type", decodeTypes, encodeTypes},
	{wasm.SectionImport, "import", decodeImports, encodeImports},
	{wasm.SectionFunction, "function", decodeFunctions, encodeFunctions},
	{wasm.SectionMemory, "memory", decodeMemory, encodeMemory},
	{wasm.SectionGlobal, "global", decodeGlobals, encodeGlobals},
	{wasm.SectionExport, "export", decodeExports, encodeExports},
	{wasm.SectionCode, "code", decodeCode, encodeCode},
	{wasm.SectionData, "data", decodeData, encodeData},
}

// Decode reads a module. Whatever it accepts can be linked and encoded without
// an index out of range; whether the code is valid is for an engine to say. The
// module keeps parts of b.
func Decode(b []byte) (*Module, error) {
	if len(b) < len(wasm.Header) || string(b[:len(wasm.Header)]) != wasm.Header {
		return nil, ErrNotModule
	}
	m := &Module{}
	top := newReader(b[len(wasm.Header):])
	next := 0
	for len(top.Rest) > 0 {
		id := top.Byte()
		r := newReader(top.Bytes(top.U32()))
		if top.Err != nil {
			return nil, fmt.Errorf("decode section %d: %w", id, top.Err)
		}
		if id == wasm.SectionCustom {
			decodeCustom(m, r)
			if r.Err != nil {
				return nil, fmt.Errorf("decode custom section: %w", r.Err)
			}
			continue
		}
		for next < len(sections) && sections[next].id != id {
			next++
		}
		if next == len(sections) {
			return nil, fmt.Errorf("decode section %d: not supported, or out of order", id)
		}
		s := sections[next]
		next++
		s.decode(m, r)
		if r.Err == nil && len(r.Rest) > 0 {
			r.Fail("bytes after the end")
		}
		if r.Err != nil {
			return nil, fmt.Errorf("decode %s section: %w", s.name, r.Err)
		}
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return m, nil
}

// check makes sure that every index points at something.
func (m *Module) check() error {
	funcs, globals := uint32(len(m.Imports)+len(m.Funcs)), uint32(len(m.Globals))
	for _, i := range m.Imports {
		if int(i.Type) >= len(m.Types) {
			return fmt.Errorf("import %s has type %d of %d", i.Name, i.Type, len(m.Types))
		}
	}
	for _, e := range m.Exports {
		if e.Kind == wasm.ExternFunc && e.Index >= funcs || e.Kind == wasm.ExternGlobal && e.Index >= globals || e.Kind == wasm.ExternMemory && e.Index > 0 {
			return fmt.Errorf("export %s has index %d", e.Name, e.Index)
		}
	}
	for i := range m.Funcs {
		f := &m.Funcs[i]
		if int(f.Type) >= len(m.Types) {
			return fmt.Errorf("function %d has type %d of %d", i, f.Type, len(m.Types))
		}
		body, err := m.checkBody(f.Body)
		if err != nil {
			return fmt.Errorf("function %d: %w", i, err)
		}
		f.Body = body
	}
	return nil
}

// checkBody returns a body in its shortest form, or an error if an index is out of range.
func (m *Module) checkBody(body []byte) ([]byte, error) {
	f, err := code.Decode(body, nil)
	if err != nil {
		return nil, err
	}
	below := func(i uint32, n int, what string) {
		if int(i) >= n && err == nil {
			err = fmt.Errorf("%s %d of %d", what, i, n)
		}
	}
	code.Walk(f.Body, func(i *code.Instr) {
		switch {
		case i.Op == wasm.OpCall:
			below(i.Index, len(m.Imports)+len(m.Funcs), "function")
		case i.Op == wasm.OpGlobalGet || i.Op == wasm.OpGlobalSet:
			below(i.Index, len(m.Globals), "global")
		case i.Opens() && i.Value >= 0:
			below(uint32(i.Value), len(m.Types), "type")
		}
	})
	short, _ := f.Encode()
	return short, err
}

// Encode writes the module in its binary form.
func (m *Module) Encode() []byte {
	out := []byte(wasm.Header)
	for _, s := range sections {
		n, body := s.encode(m)
		if n == 0 {
			continue
		}
		head := wasm.AppendU32(nil, uint32(n))
		out = wasm.AppendU32(append(out, s.id), uint32(len(head)+len(body)))
		out = append(append(out, head...), body...)
	}
	for _, c := range m.Customs {
		body := append(appendName(nil, c.Name), c.Bytes...)
		out = appendBytes(append(out, wasm.SectionCustom), body)
	}
	return out
}

func appendBytes(out, b []byte) []byte { return append(wasm.AppendU32(out, uint32(len(b))), b...) }

func appendName(out []byte, s string) []byte {
	return append(wasm.AppendU32(out, uint32(len(s))), s...)
}
