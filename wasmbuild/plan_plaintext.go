package wasmbuild

import "github.com/streamdal/streamdal-server/api/pb/steps"

// planPlaintext fills r for a detective that looks at text. It has no use for a
// path or arguments.
func planPlaintext(r *rule, d *steps.DetectiveStep) error {
	setKeywords(r, d)
	r.bind["reportName"] = "reportSpan"
	r.entry = "detectPlain"
	return nil
}
