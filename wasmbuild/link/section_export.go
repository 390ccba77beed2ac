package link

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// See https://www.w3.org/TR/wasm-core-2/#export-section%E2%91%A0
func decodeExports(m *Module, r *reader) {
	r.vec(func() {
		e := Export{Name: r.name(), Kind: r.Byte(), Index: r.U32()}
		if e.Kind == wasm.ExternTable || e.Kind > wasm.ExternGlobal {
			r.Fail("export is not a function, memory or global")
		}
		m.Exports = append(m.Exports, e)
	})
}

func encodeExports(m *Module) (int, []byte) {
	var b []byte
	for _, e := range m.Exports {
		b = wasm.AppendU32(append(appendName(b, e.Name), e.Kind), e.Index)
	}
	return len(m.Exports), b
}

// Custom sections may stand anywhere; they are written after the others.
//
// See https://www.w3.org/TR/wasm-core-2/#custom-section%E2%91%A0
func decodeCustom(m *Module, r *reader) {
	name := r.name()
	m.Customs = append(m.Customs, Custom{Name: name, Bytes: r.Rest})
}
