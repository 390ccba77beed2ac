// Package link decodes a prebuilt WebAssembly module, drops what an entry
// function does not reach, adds data, and encodes the result.
package link

import (
	"encoding/binary"
	"fmt"
)

type FuncType struct{ Params, Results []byte }

type Import struct {
	Module, Name string
	Kind         byte
	Type         uint32 // for functions
	Raw          []byte // descriptor for other kinds
}

type Func struct {
	Type uint32
	Body []byte // locals and instructions, without the size
	Name string
	Uses []int // data segments the body refers to, if known
}

type Global struct {
	Type, Mut byte
	Init      []byte // constant expression with its end
}

type Export struct {
	Name  string
	Kind  byte
	Index uint32
}

type Elem struct {
	Offset uint32
	Funcs  []uint32
}

type Data struct {
	Offset uint32
	Bytes  []byte
	Owned  bool // wanted only with a function that uses it
}

type Module struct {
	Types   []FuncType
	Imports []Import
	Funcs   []Func
	Tables  []byte // raw section
	Mem     struct{ Min, Max uint32 }
	Globals []Global
	Exports []Export
	Elems   []Elem
	Data    []Data
	Bind    map[string]uint32 // imports to replace, by name, with a function
}

// ---- reading

type reader struct {
	b   []byte
	pos int
}

func (r *reader) byte() byte { c := r.b[r.pos]; r.pos++; return c }
func (r *reader) u32() uint32 {
	v, n := binary.Uvarint(r.b[r.pos:])
	if n <= 0 {
		panic("bad LEB128")
	}
	r.pos += n
	return uint32(v)
}
func (r *reader) s64() int64 {
	var v int64
	for s := 0; ; s += 7 {
		c := r.byte()
		v |= int64(c&127) << s
		if c < 128 {
			if s+7 < 64 && c&64 != 0 {
				v |= -1 << (s + 7)
			}
			return v
		}
	}
}
func (r *reader) bytes(n int) []byte { b := r.b[r.pos : r.pos+n]; r.pos += n; return b }
func (r *reader) name() string       { return string(r.bytes(int(r.u32()))) }
func (r *reader) vec(f func()) {
	for n := r.u32(); n > 0; n-- {
		f()
	}
}
func (r *reader) limits() (min, max uint32) {
	max = ^uint32(0)
	f := r.byte()
	min = r.u32()
	if f&1 != 0 {
		max = r.u32()
	}
	return
}

// constExpr returns a constant expression's bytes; value is its i32.const, if it is one.
func (r *reader) constExpr() (raw []byte, value uint32) {
	start := r.pos
	if r.b[r.pos] == 0x41 {
		r.pos++
		value = uint32(r.s64())
		r.pos++
		return r.b[start:r.pos], value
	}
	for r.byte() != 0x0b {
	}
	return r.b[start:r.pos], 0
}

// Decode reads a module. It knows what the kernels' compilers emit and refuses the rest.
func Decode(b []byte) (m *Module, err error) {
	defer func() {
		if x := recover(); x != nil {
			m, err = nil, fmt.Errorf("decode: %v", x)
		}
	}()
	if len(b) < 8 || string(b[:8]) != "\x00asm\x01\x00\x00\x00" {
		return nil, fmt.Errorf("not a WebAssembly module")
	}
	m = &Module{}
	top := &reader{b: b, pos: 8}
	for top.pos < len(b) {
		id := top.byte()
		r := &reader{b: top.bytes(int(top.u32()))}
		switch id {
		case 0:
			if r.name() == "name" {
				m.readNames(r)
			}
		case 1:
			r.vec(func() {
				if r.byte() != 0x60 {
					panic("type is not a function")
				}
				p := r.bytes(int(r.u32()))
				m.Types = append(m.Types, FuncType{p, r.bytes(int(r.u32()))})
			})
		case 2:
			r.vec(func() {
				i := Import{Module: r.name(), Name: r.name(), Kind: r.byte()}
				if i.Kind != 0 {
					panic("only functions may be imported")
				}
				i.Type = r.u32()
				m.Imports = append(m.Imports, i)
			})
		case 3:
			r.vec(func() { m.Funcs = append(m.Funcs, Func{Type: r.u32()}) })
		case 4:
			m.Tables = r.b
		case 5:
			r.u32()
			m.Mem.Min, m.Mem.Max = r.limits()
		case 6:
			r.vec(func() {
				g := Global{Type: r.byte(), Mut: r.byte()}
				g.Init, _ = r.constExpr()
				m.Globals = append(m.Globals, g)
			})
		case 7:
			r.vec(func() { m.Exports = append(m.Exports, Export{r.name(), r.byte(), r.u32()}) })
		case 9:
			r.vec(func() {
				if r.u32() != 0 {
					panic("element segment kind")
				}
				var e Elem
				_, e.Offset = r.constExpr()
				r.vec(func() { e.Funcs = append(e.Funcs, r.u32()) })
				m.Elems = append(m.Elems, e)
			})
		case 10:
			i := 0
			r.vec(func() { m.Funcs[i].Body = r.bytes(int(r.u32())); i++ })
		case 11:
			r.vec(func() {
				if r.u32() != 0 {
					panic("data segment kind")
				}
				var d Data
				_, d.Offset = r.constExpr()
				d.Bytes = r.bytes(int(r.u32()))
				m.Data = append(m.Data, d)
			})
		case 12: // data count: not needed, we emit no passive segments
		default:
			panic(fmt.Sprintf("section %d", id))
		}
	}
	return m, nil
}

func (m *Module) readNames(r *reader) {
	for r.pos < len(r.b) {
		id := r.byte()
		s := &reader{b: r.bytes(int(r.u32()))}
		if id != 1 {
			continue
		}
		s.vec(func() {
			i, n := int(s.u32())-len(m.Imports), s.name()
			if i >= 0 {
				m.Funcs[i].Name = n
			}
		})
	}
}

// ---- writing

func u32(b []byte, v uint32) []byte { return binary.AppendUvarint(b, uint64(v)) }
func s64(b []byte, v int64) []byte {
	for {
		c := byte(v & 127)
		v >>= 7
		if v == 0 && c&64 == 0 || v == -1 && c&64 != 0 {
			return append(b, c)
		}
		b = append(b, c|128)
	}
}
func str(b []byte, s string) []byte { return append(u32(b, uint32(len(s))), s...) }

func section(out []byte, id byte, n int, body []byte) []byte {
	if n == 0 {
		return out
	}
	head := u32(nil, uint32(n))
	out = u32(append(out, id), uint32(len(head)+len(body)))
	return append(append(out, head...), body...)
}

// Encode writes the module in its binary form.
func (m *Module) Encode() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	var b []byte
	for _, t := range m.Types {
		b = append(b, 0x60)
		b = append(u32(b, uint32(len(t.Params))), t.Params...)
		b = append(u32(b, uint32(len(t.Results))), t.Results...)
	}
	out = section(out, 1, len(m.Types), b)
	b = nil
	for _, i := range m.Imports {
		b = u32(append(str(str(b, i.Module), i.Name), i.Kind), i.Type)
	}
	out = section(out, 2, len(m.Imports), b)
	b = nil
	for _, f := range m.Funcs {
		b = u32(b, f.Type)
	}
	out = section(out, 3, len(m.Funcs), b)
	if m.Tables != nil {
		out = append(u32(append(out, 4), uint32(len(m.Tables))), m.Tables...)
	}
	b = u32([]byte{0}, m.Mem.Min)
	if m.Mem.Max != ^uint32(0) {
		b = u32(u32([]byte{1}, m.Mem.Min), m.Mem.Max)
	}
	out = section(out, 5, 1, b)
	b = nil
	for _, g := range m.Globals {
		b = append(append(b, g.Type, g.Mut), g.Init...)
	}
	out = section(out, 6, len(m.Globals), b)
	b = nil
	for _, e := range m.Exports {
		b = u32(append(str(b, e.Name), e.Kind), e.Index)
	}
	out = section(out, 7, len(m.Exports), b)
	b = nil
	for _, e := range m.Elems {
		b = append(s64(append(b, 0, 0x41), int64(int32(e.Offset))), 0x0b)
		b = u32(b, uint32(len(e.Funcs)))
		for _, f := range e.Funcs {
			b = u32(b, f)
		}
	}
	out = section(out, 9, len(m.Elems), b)
	b = nil
	for _, f := range m.Funcs {
		b = append(u32(b, uint32(len(f.Body))), f.Body...)
	}
	out = section(out, 10, len(m.Funcs), b)
	b = nil
	for _, d := range m.Data {
		b = append(s64(append(b, 0, 0x41), int64(int32(d.Offset))), 0x0b)
		b = append(u32(b, uint32(len(d.Bytes))), d.Bytes...)
	}
	return section(out, 11, len(m.Data), b)
}

// I32 is the value of a global initialised with i32.const.
func (g Global) I32() uint32 {
	r := &reader{b: g.Init}
	_, v := r.constExpr()
	return v
}

// TrimData splits off long zero runs: memory starts as zeros.
func (m *Module) TrimData() {
	var out []Data
	for _, d := range m.Data {
		b, off := d.Bytes, d.Offset
		for len(b) > 0 {
			i := 0
			for i < len(b) && b[i] == 0 {
				i++
			}
			b, off = b[i:], off+uint32(i)
			z, j := 0, 0
			for j < len(b) && z < 12 {
				if b[j] == 0 {
					z++
				} else {
					z = 0
				}
				j++
			}
			if len(b) > 0 {
				out = append(out, Data{Offset: off, Bytes: b[:j-z]})
			}
			b, off = b[j:], off+uint32(j)
		}
	}
	m.Data = out
}

// SetI32 makes the global an immutable-looking i32 with the given value.
func (g *Global) SetI32(v uint32) {
	g.Init = append(s64([]byte{0x41}, int64(int32(v))), 0x0b)
	g.Mut = 0
}
