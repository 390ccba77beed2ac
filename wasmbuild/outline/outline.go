// Package outline lists what a WebAssembly module is made of, for people to read. It takes
// any module of the binary format's version 1, not only those that package link can change.
package outline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// ErrNotModule means that the bytes do not begin like a module.
var ErrNotModule = errors.New("not a WebAssembly module of version 1")

// Module is the listing of one module.
type Module struct {
	Sections []Section `json:"sections"`
	Imports  []Extern  `json:"imports"`
	Exports  []Extern  `json:"exports"`
}

// Section is one section in the order of the file.
type Section struct {
	Name   string `json:"name"`             // "code", or for a custom section its own name
	Custom bool   `json:"custom,omitempty"` // engines ignore it
	Offset int    `json:"offset"`           // of its content
	Size   int    `json:"size"`             // of its content
	Items  uint32 `json:"items,omitempty"`  // entries; none in start and custom sections
	Text   string `json:"text,omitempty"`   // of a custom section that holds a short text
}

// Extern is something that a module imports or exports.
type Extern struct {
	Module string `json:"module,omitempty"` // of an import
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Type   string `json:"type,omitempty"` // such as "(i32, i32) -> i64" or "2 to 10 pages"
}

var sectionNames = [...]string{
	"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code",
	"data", "data count", "tag",
}

// Of lists a module. What is malformed beyond the boundaries of sections, imports, exports
// and the types they refer to does not matter.
func Of(module []byte) (*Module, error) {
	if !strings.HasPrefix(string(module[:min(len(module), len(wasm.Header))]), wasm.Header) {
		return nil, ErrNotModule
	}
	l := &lister{module: &Module{Sections: []Section{}, Imports: []Extern{}, Exports: []Extern{}}}
	top := &wasm.Reader{Rest: module[len(wasm.Header):]}
	for len(top.Rest) > 0 {
		id := top.Byte()
		size := top.U32()
		offset := len(module) - len(top.Rest)
		body := &wasm.Reader{Rest: top.Bytes(size)}
		if top.Err != nil {
			return nil, fmt.Errorf("section %d: %w", id, top.Err)
		}
		s := l.section(id, body)
		if body.Err != nil {
			return nil, fmt.Errorf("section %d: %w", id, body.Err)
		}
		s.Offset, s.Size = offset, int(size)
		l.module.Sections = append(l.module.Sections, s)
	}
	l.resolve()
	return l.module, nil
}

// lister remembers what exports refer to by number. Imports come first in each numbering.
type lister struct {
	module *Module
	types  []string
	// The types of functions and the rest, by number.
	funcs    []uint32
	tables   []string
	memories []string
	globals  []string
	exported []uint32 // what each export refers to
	imported []uint32 // what each imported function's type is
}

func (l *lister) section(id wasm.SectionID, r *wasm.Reader) Section {
	s := Section{Name: fmt.Sprintf("unknown %d", id)}
	if int(id) < len(sectionNames) {
		s.Name = sectionNames[id]
	}
	switch id {
	case wasm.SectionCustom:
		s.Name, s.Custom = text(r), true
		s.Text = printable(r.Rest)
		return s
	case wasm.SectionStart:
		return s
	}
	s.Items = r.U32()
	read, listed := map[wasm.SectionID]func(*wasm.Reader){
		wasm.SectionType:     l.readType,
		wasm.SectionImport:   l.readImport,
		wasm.SectionFunction: func(r *wasm.Reader) { l.funcs = append(l.funcs, r.U32()) },
		wasm.SectionTable:    func(r *wasm.Reader) { l.tables = append(l.tables, readTable(r)) },
		wasm.SectionMemory:   func(r *wasm.Reader) { l.memories = append(l.memories, limits(r, "page")) },
		wasm.SectionGlobal:   l.readGlobal,
		wasm.SectionExport:   l.readExport,
	}[id]
	if !listed {
		return s
	}
	// Every entry takes a byte or more, so a large number alone costs nothing.
	for i := uint32(0); i < s.Items && r.Err == nil && r.Rest != nil; i++ {
		read(r)
	}
	return s
}

func (l *lister) readType(r *wasm.Reader) {
	if r.Byte() != wasm.FuncForm {
		// A later version's kind of type: what follows cannot be told apart.
		r.Rest = nil
		return
	}
	params, results := values(r), values(r)
	signature := "(" + strings.Join(params, ", ") + ")"
	switch len(results) {
	case 0:
	case 1:
		signature += " -> " + results[0]
	default:
		signature += " -> (" + strings.Join(results, ", ") + ")"
	}
	l.types = append(l.types, signature)
}

func (l *lister) readImport(r *wasm.Reader) {
	e := Extern{Module: text(r), Name: text(r)}
	kind := r.Byte()
	e.Kind = kindName(kind)
	index := uint32(0)
	switch kind {
	case wasm.ExternFunc:
		index = r.U32()
		l.funcs = append(l.funcs, index)
	case wasm.ExternTable:
		e.Type = readTable(r)
		l.tables = append(l.tables, e.Type)
	case wasm.ExternMemory:
		e.Type = limits(r, "page")
		l.memories = append(l.memories, e.Type)
	case wasm.ExternGlobal:
		e.Type = global(r)
		l.globals = append(l.globals, e.Type)
	default:
		r.Fail("unknown kind of import")
	}
	if r.Err != nil {
		return
	}
	l.module.Imports = append(l.module.Imports, e)
	l.imported = append(l.imported, index)
}

// readGlobal reads one global and gives up on the rest of the section: where an initial
// value ends is for a reader of instructions.
func (l *lister) readGlobal(r *wasm.Reader) {
	l.globals = append(l.globals, global(r))
	r.Rest = nil
}

func (l *lister) readExport(r *wasm.Reader) {
	e := Extern{Name: text(r), Kind: kindName(r.Byte())}
	index := r.U32()
	if r.Err != nil {
		return
	}
	l.module.Exports = append(l.module.Exports, e)
	l.exported = append(l.exported, index)
}

// resolve fills in the types that were only numbers.
func (l *lister) resolve() {
	signature := func(i uint32) string { return at(l.types, i) }
	for i := range l.module.Imports {
		if e := &l.module.Imports[i]; e.Kind == kindName(wasm.ExternFunc) {
			e.Type = signature(l.imported[i])
		}
	}
	for i := range l.module.Exports {
		e, index := &l.module.Exports[i], l.exported[i]
		switch e.Kind {
		case kindName(wasm.ExternFunc):
			if uint64(index) < uint64(len(l.funcs)) {
				e.Type = signature(l.funcs[index])
			}
		case kindName(wasm.ExternTable):
			e.Type = at(l.tables, index)
		case kindName(wasm.ExternMemory):
			e.Type = at(l.memories, index)
		case kindName(wasm.ExternGlobal):
			e.Type = at(l.globals, index)
		}
	}
}

func at(list []string, i uint32) string {
	if uint64(i) < uint64(len(list)) {
		return list[i]
	}
	return ""
}
