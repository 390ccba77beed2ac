package link

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// A module has one memory.
//
// See https://www.w3.org/TR/wasm-core-2/#memory-section%E2%91%A0
func decodeMemory(m *Module, r *reader) {
	if r.U32() != 1 {
		r.Fail("number of memories is not 1")
	}
	switch r.Byte() {
	case 0:
		m.Memory = Limits{Min: r.U32()}
	case 1:
		m.Memory = Limits{Min: r.U32(), Max: r.U32(), HasMax: true}
	default:
		r.Fail("memory is shared or has 64-bit addresses")
	}
}

func encodeMemory(m *Module) (int, []byte) {
	if m.Memory.HasMax {
		return 1, wasm.AppendU32(wasm.AppendU32([]byte{1}, m.Memory.Min), m.Memory.Max)
	}
	return 1, wasm.AppendU32([]byte{0}, m.Memory.Min)
}

// See https://www.w3.org/TR/wasm-core-2/#data-section%E2%91%A0
func decodeData(m *Module, r *reader) {
	r.vec(func() {
		if r.U32() != 0 {
			r.Fail("data segment is not active in memory 0")
		}
		_, offset := r.constant(wasm.I32)
		m.Data = append(m.Data, Data{Offset: uint32(offset), Bytes: r.Bytes(r.U32())})
	})
}

func encodeData(m *Module) (int, []byte) {
	var b []byte
	for _, d := range m.Data {
		b = wasm.AppendS64(append(b, 0, wasm.OpI32Const), int64(int32(d.Offset)))
		b = appendBytes(append(b, wasm.OpEnd), d.Bytes)
	}
	return len(m.Data), b
}
