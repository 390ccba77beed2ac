package notify

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
)

// integrationKey is what an Events API integration has; tokens of the REST API look otherwise.
var integrationKey = regexp.MustCompile(`^[0-9A-Za-z]{32}$`)

// pagerDuty opens an incident for the pipeline; while it is open, more of the same join it.
func (s senders) pagerDuty(ctx context.Context, c *pb.NotificationPagerDuty, a *alert, suppressed int) error {
	if integrationKey.MatchString(c.GetToken()) {
		return s.pagerDutyEvent(ctx, c, a, suppressed)
	}
	urgency := "low"
	if c.GetUrgency() == pb.NotificationPagerDuty_URGENCY_HIGH {
		urgency = "high"
	}
	got, err := s.post(ctx, "PagerDuty", s.endpoints.PagerDuty+"/incidents",
		map[string]string{
			"Authorization": "Token token=" + c.GetToken(), "From": c.GetEmail(), "Accept": "application/vnd.pagerduty+json;version=2",
		},
		map[string]any{"incident": map[string]any{
			"type": "incident", "title": a.Summary, "urgency": urgency, "incident_key": a.PipelineID,
			"service": map[string]any{"id": c.GetServiceId(), "type": "service_reference"},
			"body":    map[string]any{"type": "incident_body", "details": plain(a, suppressed)},
		}})
	switch {
	case err != nil:
		return err
	case got.status == http.StatusOK || got.status == http.StatusCreated:
		return nil
	case got.status == http.StatusBadRequest && isOpen(got.body):
		return nil
	default:
		return refuse("PagerDuty refused the incident: %s %s", got.text, oneLine(got.body))
	}
}

// isOpen recognizes the answer that an incident with this key is open already, which is
// what was wanted.
func isOpen(body []byte) bool {
	text := strings.ToLower(string(body))
	return strings.Contains(text, "dedup key") || strings.Contains(text, "incident already exists")
}

// pagerDutyEvent does the same by the Events API.
func (s senders) pagerDutyEvent(ctx context.Context, c *pb.NotificationPagerDuty, a *alert, suppressed int) error {
	severity := "warning"
	if c.GetUrgency() == pb.NotificationPagerDuty_URGENCY_HIGH {
		severity = "critical"
	}
	details := map[string]string{}
	for _, r := range a.rows() {
		details[r.Label] = r.Value
	}
	for label, value := range map[string]string{"Metadata": a.Metadata, "Payload": a.Payload, "Note": note(suppressed)} {
		if value != "" {
			details[label] = value
		}
	}
	source := a.Service
	if source == "" {
		source = "streamdal-server"
	}
	got, err := s.post(ctx, "PagerDuty", s.endpoints.PagerDutyEvents+"/v2/enqueue", nil, map[string]any{
		"routing_key": c.GetToken(), "event_action": "trigger", "dedup_key": a.PipelineID,
		"payload": map[string]any{
			"summary": a.Summary, "source": source, "severity": severity,
			"timestamp": a.Occurred.UTC().Format(time.RFC3339), "component": a.Operation, "custom_details": details,
		},
	})
	switch {
	case err != nil:
		return err
	case got.status == http.StatusAccepted || got.status == http.StatusOK:
		return nil
	default:
		return refuse("PagerDuty refused the event: %s %s", got.text, oneLine(got.body))
	}
}

// oneLine shows the beginning of an answer.
func oneLine(body []byte) string {
	return strings.Join(strings.Fields(cut(string(body), 300)), " ")
}
