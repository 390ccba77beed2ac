package link

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// The function section holds the functions' types, the code section their bodies.
//
// See https://www.w3.org/TR/wasm-core-2/#function-section%E2%91%A0
func decodeFunctions(m *Module, r *reader) {
	r.vec(func() { m.Funcs = append(m.Funcs, Func{Type: r.U32()}) })
}

func encodeFunctions(m *Module) (int, []byte) {
	var b []byte
	for _, f := range m.Funcs {
		b = wasm.AppendU32(b, f.Type)
	}
	return len(m.Funcs), b
}

// See https://www.w3.org/TR/wasm-core-2/#code-section%E2%91%A0
func decodeCode(m *Module, r *reader) {
	i := 0
	r.vec(func() {
		body := r.Bytes(r.U32())
		if i >= len(m.Funcs) {
			r.Fail("more bodies than functions")
			return
		}
		m.Funcs[i].Body = body
		i++
	})
}

func encodeCode(m *Module) (int, []byte) {
	var b []byte
	for _, f := range m.Funcs {
		b = appendBytes(b, f.Body)
	}
	return len(m.Funcs), b
}
