package link

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// See https://www.w3.org/TR/wasm-core-2/#import-section%E2%91%A0
func decodeImports(m *Module, r *reader) {
	r.vec(func() {
		i := Import{Module: r.name(), Name: r.name()}
		if r.Byte() != wasm.ExternFunc {
			r.Fail("import is not a function")
		}
		i.Type = r.U32()
		m.Imports = append(m.Imports, i)
	})
}

func encodeImports(m *Module) (int, []byte) {
	var b []byte
	for _, i := range m.Imports {
		b = append(appendName(appendName(b, i.Module), i.Name), wasm.ExternFunc)
		b = wasm.AppendU32(b, i.Type)
	}
	return len(m.Imports), b
}
