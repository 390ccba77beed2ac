package wasmbuild

// planValidJSON fills r for a step that says whether the payload is JSON.
func planValidJSON(r *rule) error {
	r.entry = "validStep"
	return nil
}
