package notify

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

var update = flag.Bool("update", false, "write golden files")

// golden compares text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func indented(t *testing.T, raw string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(raw), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// notifyOnce tells one config about asking and returns what the service got.
func notifyOnce(t *testing.T, config *pb.NotificationConfig, status int, body string) (call, *Notifier) {
	t.Helper()
	p, s := &picture{}, newService(t, always(status, body))
	p.show(alerting(config.GetId()), config)
	n := newNotifier(t, p, s)
	n.Notify(asking())
	return s.next(t), n
}

func wantHeaders(t *testing.T, got http.Header, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("header %s: got %q, want %q", name, got.Get(name), value)
		}
	}
}

func TestSlackMessage(t *testing.T) {
	t.Parallel()
	got, n := notifyOnce(t, slackConfig("alerts"), 200, slackOK)
	if got.path != "/api/chat.postMessage" {
		t.Errorf("got path %s", got.path)
	}
	wantHeaders(t, got.header, map[string]string{"Authorization": "Bearer xoxb-secret", "Content-Type": "application/json; charset=utf-8"})
	golden(t, "slack.json", indented(t, got.raw))
	await(t, n, "delivery", func(s Stats) bool { return s.Sent[kindSlack] == 1 })
}

// Slack refuses whole messages for long, empty or unescaped texts.
func TestSlackLimits(t *testing.T) {
	t.Parallel()
	a := trial(alertTime)
	a.StepName, a.Service, a.Operation = "", "<!channel> & `x`", strings.Repeat("ä", 150)
	a.Payload = strings.Repeat("<x>", 20_000)
	for _, b := range slackBlocks(a, 3) {
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "``") || strings.Contains(string(raw), "<!channel>") {
			t.Errorf("got %s, want names escaped and none empty", raw)
		}
		if fields, ok := b["fields"].([]block); ok {
			for _, f := range fields {
				if len(f["text"].(string)) > 2_000 {
					t.Errorf("a field has %d bytes", len(f["text"].(string)))
				}
			}
		}
	}
	if got := short(a.Payload); len(got) > 3_000 || !strings.HasSuffix(got, "(cut off)") {
		t.Errorf("got a text of %d bytes", len(got))
	}
}

func TestPagerDutyIncident(t *testing.T) {
	t.Parallel()
	got, n := notifyOnce(t, pagerConfig("u+secret", pb.NotificationPagerDuty_URGENCY_HIGH), 201, `{"incident":{}}`)
	if got.path != "/incidents" {
		t.Errorf("got path %s", got.path)
	}
	wantHeaders(t, got.header, map[string]string{
		"Authorization": "Token token=u+secret", "From": "ops@example.com", "Accept": "application/vnd.pagerduty+json;version=2",
	})
	golden(t, "pagerduty-incident.json", indented(t, got.raw))
	await(t, n, "delivery", func(s Stats) bool { return s.Sent[kindPagerDuty] == 1 })
}

func TestPagerDutyEvent(t *testing.T) {
	t.Parallel()
	got, n := notifyOnce(t, pagerConfig(strings.Repeat("0aZ9", 8), pb.NotificationPagerDuty_URGENCY_UNSET), 202, `{"status":"success"}`)
	if got.path != "/v2/enqueue" || got.header.Get("Authorization") != "" {
		t.Errorf("got path %s, authorization %q", got.path, got.header.Get("Authorization"))
	}
	golden(t, "pagerduty-event.json", indented(t, got.raw))
	await(t, n, "delivery", func(s Stats) bool { return s.Sent[kindPagerDuty] == 1 })
}

func TestPagerDutyAnswers(t *testing.T) {
	t.Parallel()
	incident := pagerConfig("u+secret", pb.NotificationPagerDuty_URGENCY_LOW)
	for _, tt := range []struct {
		status int
		body   string
		sent   bool
	}{
		{400, `{"error":{"message":"Arguments Caused Error","code":2001,"errors":["Open incident with matching dedup key already exists on this service"]}}`, true},
		{400, `{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Service is invalid"]}}`, false},
		{401, `{"error":{"message":"Unauthorized"}}`, false},
	} {
		_, n := notifyOnce(t, incident, tt.status, tt.body)
		await(t, n, tt.body, func(s Stats) bool { return s.Sent[kindPagerDuty]+s.Failed[kindPagerDuty] == 1 })
		if got := n.Stats().Sent[kindPagerDuty] == 1; got != tt.sent {
			t.Errorf("%d %s: sent is %t, want %t", tt.status, tt.body, got, tt.sent)
		}
	}
}

func sesConfig(region string) *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String("ses"), Name: "ses", Type: pb.NotificationType_NOTIFICATION_TYPE_EMAIL,
		Config: &pb.NotificationConfig_Email{Email: &pb.NotificationEmail{
			Type: pb.NotificationEmail_TYPE_SES, FromAddress: "streamdal@example.com", Recipients: []string{"ops@example.com", "dev@example.com"},
			Config: &pb.NotificationEmail_Ses{Ses: &pb.NotificationEmailSES{SesRegion: region, SesAccessKeyId: "AKIDEXAMPLE", SesSecretAccessKey: "ses-secret"}},
		}},
	}
}

func TestSES(t *testing.T) {
	t.Parallel()
	got, n := notifyOnce(t, sesConfig("eu-west-1"), 200, `{"MessageId":"1"}`)
	if got.path != "/v2/email/outbound-emails" {
		t.Errorf("got path %s", got.path)
	}
	if a := got.header.Get("Authorization"); !strings.HasPrefix(a, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(a, "/eu-west-1/ses/aws4_request") {
		t.Errorf("got authorization %q, want one signed for the region", a)
	}
	if strings.Contains(got.raw, "ses-secret") || strings.Contains(got.raw, "ConfigurationSetName") {
		t.Errorf("got %s, want no secret and no configuration set", got.raw)
	}
	golden(t, "ses.json", indented(t, got.raw))
	await(t, n, "delivery", func(s Stats) bool { return s.Sent[kindSES] == 1 })
}

func TestSESAnswers(t *testing.T) {
	t.Parallel()
	p := &picture{}
	s := newService(t, func(n int, _ call) (int, http.Header, string) {
		if n == 0 {
			return 429, http.Header{"X-Amzn-Errortype": {"TooManyRequestsException"}}, `{"message":"slow down"}`
		}
		return 400, http.Header{"X-Amzn-Errortype": {"MessageRejected"}}, `{"message":"address is not verified"}`
	})
	p.show(alerting("ses"), sesConfig("eu-west-1"))
	n := newNotifier(t, p, s)
	n.Notify(asking())
	await(t, n, "giving up", func(s Stats) bool { return s.Failed[kindSES] == 1 })
	if got := n.Stats(); got.Retried != 1 {
		t.Errorf("got %+v, want one more attempt after being throttled, none after being rejected", got)
	}
	if err := n.Test(t.Context(), "ses"); err == nil || err.Error() != "SES refused the e-mail: MessageRejected: address is not verified" {
		t.Errorf("got %v, want what SES said", err)
	}
	p.show(nil, sesConfig("evil.example/x"))
	if err := n.Test(t.Context(), "ses"); err == nil || err.Error() != `"evil.example/x" is no region of SES` {
		t.Errorf("got %v, want the region refused", err)
	}
}
