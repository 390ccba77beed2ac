package link

import "github.com/streamdal/streamdal-server/wasmbuild/wasm"

// A module has one memory.
//
// See https://www.w3.org/TR/wasm-core-2/#memory-section%E2%91%A0
func decodeMemory(m *Module, r *reader) {
	if r.u32() != 1 {
		r.fail("number of memories is not 1")
	}
	switch r.byte() {
	case 0:
		m.Memory = Limits{Min: r.u32()}
	case 1:
		m.Memory = Limits{Min: r.u32(), Max: r.u32(), HasMax: true}
	default:
		r.fail("memory is shared or has 64-bit addresses")
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
		if r.u32() != 0 {
			r.fail("data segment is not active in memory 0")
		}
		_, offset := r.constant(wasm.I32)
		m.Data = append(m.Data, Data{Offset: uint32(offset), Bytes: r.bytes(r.u32())})
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
