package link

// See https://www.w3.org/TR/wasm-core-2/#global-section%E2%91%A0
func decodeGlobals(m *Module, r *reader) {
	r.vec(func() {
		g := Global{Type: r.Byte()}
		switch r.Byte() {
		case 0:
		case 1:
			g.Mutable = true
		default:
			r.Fail("global is neither mutable nor immutable")
		}
		g.Init, _ = r.constant(g.Type)
		m.Globals = append(m.Globals, g)
	})
}

func encodeGlobals(m *Module) (int, []byte) {
	var b []byte
	for _, g := range m.Globals {
		mutable := byte(0)
		if g.Mutable {
			mutable = 1
		}
		b = append(append(b, g.Type, mutable), g.Init...)
	}
	return len(m.Globals), b
}
