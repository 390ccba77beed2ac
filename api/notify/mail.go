package notify

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"
)

//go:embed mail.html
var mailText string

var mailTemplate = template.Must(template.New("mail").Parse(mailText))

// plain is an alert as text, a label and a value a line.
func plain(a *alert, suppressed int) string {
	var b strings.Builder
	for _, r := range a.rows() {
		fmt.Fprintf(&b, "%s: %s\n", r.Label, r.Value)
	}
	fmt.Fprintf(&b, "Occurred: %s\n", a.Occurred.UTC().Format(time.RFC3339))
	for _, part := range []row{{"Metadata", a.Metadata}, {"Payload", a.Payload}} {
		if part.Value != "" {
			fmt.Fprintf(&b, "\n%s:\n%s\n", part.Label, strings.TrimSuffix(part.Value, "\n"))
		}
	}
	if n := note(suppressed); n != "" {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	return b.String()
}

// page is an alert as HTML.
func page(a *alert, suppressed int) (string, error) {
	var b bytes.Buffer
	err := mailTemplate.Execute(&b, map[string]any{
		"Alert": a, "Rows": a.rows(), "Occurred": a.Occurred.UTC().Format(time.RFC3339), "Note": note(suppressed),
		"Heading": heading(a),
	})
	return b.String(), err
}

func heading(a *alert) string {
	if a.Title == title {
		return "Pipeline Notification"
	}
	return a.Title
}
