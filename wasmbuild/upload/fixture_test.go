package upload

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// fixture is a small module: a memory, alloc that returns 64, dealloc that does nothing, and
// f with the given code. An answer with exit code TRUE lies at address 16.
type fixture struct {
	code  []byte // of f, locals not included
	from  string // module and name of an import, if any
	name  string
	table uint32
	pages uint32 // 1 when 0
	start bool   // f's twin that never ends runs at the start
}

const answerAt, answerSize = 16, 2

var (
	answer   = []byte{0x10, 0x01} // WASMResponse.exit_code = TRUE
	echoCode = packed(false)
)

func echo() fixture { return fixture{code: echoCode} }

func (m fixture) importing(from, name string) fixture {
	m.from, m.name = from, name
	return m
}

// packed returns the answer's place, or that of the request with its length.
func packed(request bool) []byte {
	if !request {
		return append(wasm.AppendS64([]byte{0x42}, answerAt<<32|answerSize), 0x0b)
	}
	return []byte{0x20, 0x00, 0xad, 0x42, 0x20, 0x86, 0x20, 0x01, 0xad, 0x84, 0x0b}
}

func (m fixture) encode() []byte {
	const i32, i64 = wasm.I32, wasm.I64
	out := []byte(wasm.Header)
	out = append(out, section(wasm.SectionType, []byte{5,
		wasm.FuncForm, 1, i32, 1, i32,
		wasm.FuncForm, 2, i32, i32, 0,
		wasm.FuncForm, 2, i32, i32, 1, i64,
		wasm.FuncForm, 0, 0,
		wasm.FuncForm, 4, i32, i32, i32, i32, 1, i32,
	})...)
	first := byte(0)
	if m.from != "" {
		b := appendText([]byte{1}, m.from)
		out = append(out, section(wasm.SectionImport, append(appendText(b, m.name), wasm.ExternFunc, importType(m.name)))...)
		first = 1
	}
	out = append(out, section(wasm.SectionFunction, []byte{4, 0, 1, 2, 3})...)
	if m.table > 0 {
		out = append(out, section(wasm.SectionTable, wasm.AppendU32([]byte{1, 0x70, 0}, m.table))...)
	}
	out = append(out, section(wasm.SectionMemory, wasm.AppendU32([]byte{1, 0}, max(m.pages, 1)))...)
	exports := append(appendText([]byte{4}, "memory"), wasm.ExternMemory, 0)
	for i, name := range []string{"alloc", "dealloc", "f"} {
		exports = append(appendText(exports, name), wasm.ExternFunc, first+byte(i))
	}
	out = append(out, section(wasm.SectionExport, exports)...)
	if m.start {
		out = append(out, section(wasm.SectionStart, []byte{first + 3})...)
	}
	bodies := []byte{4}
	for _, code := range [][]byte{{0x41, 0xc0, 0x00, 0x0b}, {0x0b}, m.code, {0x03, 0x40, 0x0c, 0x00, 0x0b, 0x0b}} {
		bodies = append(wasm.AppendU32(bodies, uint32(len(code)+1)), 0)
		bodies = append(bodies, code...)
	}
	out = append(out, section(wasm.SectionCode, bodies)...)
	return append(out, section(wasm.SectionData, append([]byte{1, 0, 0x41, answerAt, 0x0b, answerSize}, answer...))...)
}

// importType is the index of the import's type.
func importType(name string) byte {
	if name == "fd_write" {
		return 4
	}
	return 2
}

func section(id wasm.SectionID, body []byte) []byte {
	return append(wasm.AppendU32([]byte{id}, uint32(len(body))), body...)
}

func appendText(b []byte, s string) []byte {
	return append(wasm.AppendU32(b, uint32(len(s))), s...)
}
