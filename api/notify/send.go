package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
)

// The kinds of receivers, as Stats names them.
const (
	kindSlack     = "slack"
	kindSMTP      = "smtp"
	kindSES       = "ses"
	kindPagerDuty = "pagerduty"
	kindUnknown   = "unknown"
)

var kinds = []string{kindSlack, kindSMTP, kindSES, kindPagerDuty, kindUnknown}

// Endpoints are the base URLs of services, without a slash at the end.
type Endpoints struct {
	Slack           string
	PagerDuty       string // incidents
	PagerDutyEvents string
	SES             string // "" lets the region decide
}

func (e Endpoints) withDefaults() Endpoints {
	for _, d := range []struct {
		value     *string
		otherwise string
	}{
		{&e.Slack, "https://slack.com"},
		{&e.PagerDuty, "https://api.pagerduty.com"},
		{&e.PagerDutyEvents, "https://events.pagerduty.com"},
	} {
		if *d.value == "" {
			*d.value = d.otherwise
		}
	}
	return e
}

// senders knows how to write to each kind of receiver.
type senders struct {
	http      *http.Client
	endpoints Endpoints
	mail      mailer
}

func newSenders(c Config) senders {
	return senders{
		endpoints: c.Endpoints,
		mail:      mailer{roots: c.Roots, publicOnly: c.PublicOnly, timeout: c.Timeout},
		http: &http.Client{
			Transport: http.DefaultTransport,
			// A redirect would carry the token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// send writes an alert to a config. kind is what Stats counts it under.
func (s senders) send(ctx context.Context, config *pb.NotificationConfig, a *alert, suppressed int) (kind string, err error) {
	email := config.GetEmail()
	switch {
	case config.GetSlack() != nil:
		return kindSlack, s.slack(ctx, config.GetSlack(), a, suppressed)
	case config.GetPagerduty() != nil:
		return kindPagerDuty, s.pagerDuty(ctx, config.GetPagerduty(), a, suppressed)
	case email.GetSmtp() != nil:
		return kindSMTP, s.mail.smtp(ctx, email, a, suppressed)
	case email.GetSes() != nil:
		return kindSES, s.ses(ctx, email, a, suppressed)
	default:
		return kindUnknown, refuse("the notification config says neither Slack, SMTP, SES nor PagerDuty")
	}
}

// maxAnswer bounds what is read of a service's answer.
const maxAnswer = 64 << 10

// answer is what a service said.
type answer struct {
	status int
	text   string // of the status
	body   []byte // its beginning
}

// post sends JSON and returns the answer. who is the service in errors.
func (s senders) post(ctx context.Context, who, url string, headers map[string]string, message any) (answer, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return answer{}, refuse("write the message for %s: %s", who, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, refuse("ask %s: %s", who, err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "streamdal-server")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := s.http.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("ask %s: %w", who, err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("read the answer of %s: %w", who, err)
	}
	if res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= http.StatusInternalServerError {
		return answer{}, &refusal{text: who + " answered " + res.Status, temporary: true, after: retryAfter(res.Header)}
	}
	return answer{res.StatusCode, res.Status, text}, nil
}

// retryAfter returns what a Retry-After header in seconds asks for.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
