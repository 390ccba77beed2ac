package link

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// See https://www.w3.org/TR/wasm-core-2/#type-section%E2%91%A0
func decodeTypes(m *Module, r *reader) {
	r.vec(func() {
		if r.Byte() != wasm.FuncForm {
			r.Fail("type is not a function type")
		}
		m.Types = append(m.Types, FuncType{Params: decodeValueTypes(r), Results: decodeValueTypes(r)})
	})
}

func decodeValueTypes(r *reader) []wasm.ValueType {
	list := r.Bytes(r.U32())
	for _, t := range list {
		checkValueType(r, t)
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

func checkValueType(r *reader, t wasm.ValueType) {
	if t < wasm.V128 || t > wasm.I32 {
		r.Fail("value type is not a number or register")
	}
}

func encodeTypes(m *Module) (int, []byte) {
	var b []byte
	for _, t := range m.Types {
		b = append(b, wasm.FuncForm)
		b = appendBytes(b, t.Params)
		b = appendBytes(b, t.Results)
	}
	return len(m.Types), b
}
