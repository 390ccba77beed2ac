package wasmbuild

// planInferSchema fills r for the hidden step that learns the shape of an
// audience's payloads. audienceKey becomes part of the module, so that each
// audience has a module id, and state, of its own.
func planInferSchema(r *rule, audienceKey string) error {
	return refuse("Schema inference is not supported by this release.")
}
