package wasmbuild

// stateSize is the memory below the arena in which schema inference keeps what
// it knows: kernel.StateSize, which a test compares.
const stateSize = 360960

// planInferSchema fills r for the hidden step that learns the shape of an
// audience's payloads. The state survives from call to call, so it lies where
// the arena does not reach.
func planInferSchema(r *rule) error {
	r.entry = "inferSchema"
	r.set["State"] = r.data.Align(64)
	r.data.U8(make([]byte, stateSize)...) // zeros take no room in the module
	r.set["StateEnd"] = r.data.Addr()
	return nil
}
