package notify

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

func TestNotifyTellsEveryNamedConfig(t *testing.T) {
	t.Parallel()
	p, s := &picture{}, newService(t, always(200, slackOK))
	p.show(alerting("a", "b", "a", "gone", "locked", "C"), slackConfig("a"), slackConfig("b"), slackConfig("c"), slackConfig("other"))
	n := newNotifier(t, p, s)
	n.Notify(asking())
	got := map[any]bool{s.next(t).body["channel"]: true, s.next(t).body["channel"]: true, s.next(t).body["channel"]: true}
	if diff := cmp.Diff(map[any]bool{"#a": true, "#b": true, "#c": true}, got); diff != "" {
		t.Errorf("who was told:\n%s", diff)
	}
	await(t, n, "the end", func(s Stats) bool { return s.Sent[kindSlack] == 3 && s.Waiting == 0 && s.Unnamed == 2 })
}

// A request without an audience crashed the original: 9.1.7.
func TestNotifyWithoutAudience(t *testing.T) {
	t.Parallel()
	p, s := &picture{}, newService(t, always(200, slackOK))
	p.show(alerting("a"), slackConfig("a"))
	n := newNotifier(t, p, s)
	bare := asking()
	bare.Audience, bare.Payload, bare.OccurredAtUnixTsUtc = nil, nil, -1
	n.Notify(bare)
	if got := s.next(t).raw; !strings.Contains(got, "*Service Name*\\n`-`") || !strings.Contains(got, noPayload) {
		t.Errorf("got %s, want the alert without names and payload", got)
	}
}

// An SDK's own idea of whom to tell counts for nothing.
func TestOnlyTheStoredPipelineSaysWhomToTell_9_1_7(t *testing.T) {
	t.Parallel()
	p, s := &picture{}, newService(t, always(200, slackOK))
	p.show(alerting("a"), slackConfig("a"), slackConfig("secret"))
	n := newNotifier(t, p, s)
	forged := asking("secret")
	forged.GetStep().OnFalse.Notification.PayloadType = pb.PipelineStepNotification_PAYLOAD_TYPE_FULL_PAYLOAD
	n.Notify(forged)
	if got := s.next(t).body["channel"]; got != "#a" {
		t.Errorf("told %v, want the stored config", got)
	}
	for name, change := range map[string]func(*pb.NotifyRequest){
		"another pipeline":  func(r *pb.NotifyRequest) { r.PipelineId = "p-2" },
		"another step":      func(r *pb.NotifyRequest) { r.Step.Name = "made up" },
		"no step":           func(r *pb.NotifyRequest) { r.Step = nil },
		"another condition": func(r *pb.NotifyRequest) { r.ConditionType = pb.NotifyRequest_CONDITION_TYPE_ON_TRUE },
		"no condition":      func(r *pb.NotifyRequest) { r.ConditionType = 0 },
		"unknown condition": func(r *pb.NotifyRequest) { r.ConditionType = 9 },
		"nothing":           func(r *pb.NotifyRequest) { proto.Reset(r) },
	} {
		r := asking("secret")
		change(r)
		n.Notify(r)
		if w := n.Stats().Waiting; w > 1 {
			t.Errorf("%s: %d deliveries wait, want none", name, w)
		}
	}
	await(t, n, "the end", func(s Stats) bool { return s.Waiting == 0 })
	if got := n.Stats(); got.Sent[kindSlack] != 1 || got.Unnamed != 4 {
		t.Errorf("got %+v, want one message and four requests about nothing", got)
	}
}

// Steps may share a name; then what they do tells them apart.
func TestStepsOfOneName(t *testing.T) {
	t.Parallel()
	pipeline := alerting("a")
	twin := proto.CloneOf(pipeline.GetSteps()[0])
	twin.GetDetective().Path = proto.String("phone")
	twin.OnFalse.Notification.NotificationConfigIds = []string{"b"}
	pipeline.Steps = append(pipeline.Steps, twin)
	p, s := &picture{}, newService(t, always(200, slackOK))
	p.show(pipeline, slackConfig("a"), slackConfig("b"))
	n := newNotifier(t, p, s)
	second := asking()
	second.Step = proto.CloneOf(twin)
	n.Notify(second)
	if got := s.next(t).body["channel"]; got != "#b" {
		t.Errorf("the second step told %v, want #b", got)
	}
	n.Notify(asking())
	if got := s.next(t).body["channel"]; got != "#a" {
		t.Errorf("the first step told %v, want #a", got)
	}
}

func TestTroubleIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]struct {
		status int
		body   string
	}{
		"busy": {503, "busy"}, "throttled": {429, ""}, "slack's own": {200, `{"ok":false,"error":"internal_error"}`},
	} {
		p := &picture{}
		s := newService(t, func(n int, _ call) (int, http.Header, string) {
			if n < 3 {
				return trouble.status, nil, trouble.body
			}
			return 200, nil, slackOK
		})
		p.show(alerting("a"), slackConfig("a"))
		n := newNotifier(t, p, s)
		n.Notify(asking())
		await(t, n, name, func(s Stats) bool { return s.Sent[kindSlack] == 1 })
		if got := n.Stats(); got.Retried != 3 || got.Failed[kindSlack] != 0 || got.Waiting != 0 {
			t.Errorf("%s: got %+v, want three more attempts", name, got)
		}
	}
}

func TestNotifyGivesUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		answer  func(int, call) (int, http.Header, string)
		retried uint64
	}{
		{"for ever busy", always(500, ""), 5},
		{"refused", always(200, `{"ok":false,"error":"channel_not_found"}`), 0},
		{"no API", always(404, "<html>"), 0},
		{"a redirect", func(int, call) (int, http.Header, string) {
			return 302, http.Header{"Location": {"http://127.0.0.1:1/"}}, ""
		}, 0},
	} {
		p, s := &picture{}, newService(t, tt.answer)
		p.show(alerting("a"), slackConfig("a"))
		n := newNotifier(t, p, s)
		n.Notify(asking())
		await(t, n, tt.name, func(s Stats) bool { return s.Failed[kindSlack] == 1 })
		if got := n.Stats(); got.Retried != tt.retried || got.Waiting != 0 {
			t.Errorf("%s: got %+v, want %d more attempts", tt.name, got, tt.retried)
		}
	}
}

// A config that hangs takes one worker; a thousand alerts for it hold up no other config.
func TestOneHangingConfigHoldsUpNoOther_9_6_11(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	p := &picture{}
	s := newService(t, func(_ int, c call) (int, http.Header, string) {
		if c.body["channel"] == "#stuck" {
			<-release
		}
		return 200, nil, slackOK
	})
	p.show(alerting("stuck", "fine"), slackConfig("stuck"), slackConfig("fine"))
	n := newNotifier(t, p, s, func(c *Config) { c.Workers = 2 })
	for range 50 {
		n.Notify(asking())
	}
	await(t, n, "delivery to the other", func(s Stats) bool { return s.Sent[kindSlack] == 50 })
}

func TestFullQueueDropsAndCounts(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	p := &picture{}
	s := newService(t, func(int, call) (int, http.Header, string) { <-release; return 200, nil, slackOK })
	p.show(alerting("a"), slackConfig("a"))
	n := newNotifier(t, p, s, func(c *Config) { c.Queue = 3 })
	for range 10 {
		n.Notify(asking())
	}
	if got := n.Stats(); got.Waiting != 3 || got.Dropped != 7 {
		t.Errorf("got %+v, want three waiting and seven dropped", got)
	}
	close(release)
	await(t, n, "the rest", func(s Stats) bool { return s.Sent[kindSlack] == 3 && s.Waiting == 0 })
	for range 3 {
		s.next(t)
	}
	n.Notify(asking())
	if got := s.next(t).raw; !strings.Contains(got, "7 more since the last message were not sent") {
		t.Errorf("got %s, want a note about those that were dropped", got)
	}
}

func TestRateLimitIsPerConfigAndMentioned(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Unix(1_800_000_000, 0)
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	p, s := &picture{}, newService(t, always(200, slackOK))
	p.show(alerting("a"), slackConfig("a"), slackConfig("b"))
	n := newNotifier(t, p, s, func(c *Config) { c.Burst, c.Every, c.Now = 2, time.Minute, clock })
	for range 10 {
		n.Notify(asking())
	}
	for range 2 {
		if got := s.next(t).raw; strings.Contains(got, "more since") {
			t.Errorf("got %s, want no note before anything was held back", got)
		}
	}
	if got := n.Stats(); got.Suppressed != 8 {
		t.Errorf("got %d suppressed, want 8", got.Suppressed)
	}
	p.show(alerting("b"), slackConfig("a"), slackConfig("b"))
	n.Notify(asking())
	if got := s.next(t); got.body["channel"] != "#b" || strings.Contains(got.raw, "more since") {
		t.Errorf("got %s, want b told without a note", got.raw)
	}
	p.show(alerting("a"), slackConfig("a"))
	mu.Lock()
	now = now.Add(time.Minute)
	mu.Unlock()
	n.Notify(asking())
	if got := s.next(t).raw; !strings.Contains(got, "8 more since the last message were not sent") {
		t.Errorf("got %s, want the count of those held back", got)
	}
}

func TestDrainSendsWhatWaits(t *testing.T) {
	t.Parallel()
	p := &picture{}
	s := newService(t, func(n int, _ call) (int, http.Header, string) {
		if n == 0 {
			return 503, nil, ""
		}
		return 200, nil, slackOK
	})
	p.show(alerting("a"), slackConfig("a"))
	n := newNotifier(t, p, s, func(c *Config) { c.Pause = time.Hour })
	n.Notify(asking())
	await(t, n, "the first attempt", func(s Stats) bool { return s.Retried == 1 })
	n.Notify(asking())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	n.Drain(ctx)
	if got := n.Stats(); got.Sent[kindSlack] != 2 || got.Waiting != 0 || got.Dropped != 0 {
		t.Errorf("got %+v, want both sent", got)
	}
	n.Notify(asking())
	if got := n.Stats(); got.Dropped != 1 {
		t.Errorf("got %+v, want what comes later dropped", got)
	}
}

func TestDrainEndsInTime(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	p := &picture{}
	s := newService(t, func(int, call) (int, http.Header, string) { <-release; return 200, nil, slackOK })
	p.show(alerting("a"), slackConfig("a"))
	n := New(Config{Catalog: p, Endpoints: Endpoints{Slack: s.url}, Log: zerolog.Nop()})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = n.Run(ctx) }()
	for range 3 {
		n.Notify(asking())
	}
	s.next(t)
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	n.Drain(short)
	stop()
	<-ended
	if got := n.Stats(); got.Dropped != 3 || got.Waiting != 0 {
		t.Errorf("got %+v, want all three given up", got)
	}
}

func TestSendTest(t *testing.T) {
	t.Parallel()
	p := &picture{}
	s := newService(t, func(_ int, c call) (int, http.Header, string) {
		if c.body["channel"] == "#wrong" {
			return 200, nil, `{"ok":false,"error":"invalid_auth"}`
		}
		return 200, nil, slackOK
	})
	p.show(nil, slackConfig("a"), slackConfig("wrong"))
	n := newNotifier(t, p, s)
	if err := n.Test(t.Context(), "a"); err != nil {
		t.Errorf("got %v, want it sent", err)
	}
	if got := s.next(t).raw; !strings.Contains(got, "Streamdal test notification") {
		t.Errorf("got %s, want a message that says it is a test", got)
	}
	for id, want := range map[string]struct {
		kind failure.Kind
		text string
	}{
		"wrong":  {failure.Upstream, "Slack refused the message: invalid_auth"},
		"gone":   {failure.NotFound, "notification config 'gone' not found"},
		"locked": {failure.Locked, "notification config 'locked' is sealed with a key that this server was not given"},
	} {
		var got *failure.Error
		if err := n.Test(t.Context(), id); !errors.As(err, &got) || got.Kind != want.kind || got.Text != want.text {
			t.Errorf("%s: got %v, want %s", id, err, want.text)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// A storm of failures writes a few lines, without secrets and payloads.
func TestLogIsBoundedAndSilent(t *testing.T) {
	t.Parallel()
	out := &lockedBuffer{}
	p, s := &picture{}, newService(t, always(200, `{"ok":false,"error":"invalid_auth"}`))
	p.show(alerting("a", "gone"), slackConfig("a"))
	n := newNotifier(t, p, s, func(c *Config) { c.Log = zerolog.New(out) })
	for range 100 {
		n.Notify(asking())
	}
	await(t, n, "the failures", func(s Stats) bool { return s.Failed[kindSlack] == 100 })
	if lines := strings.Count(out.String(), "\n"); lines == 0 || lines > 20 {
		t.Errorf("got %d log lines, want a few", lines)
	}
	for _, secret := range []string{"xoxb-secret", `"id":7`, `\"id\":7`} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log shows %s", secret)
		}
	}
}

// What an SDK makes up is in the log, but not all of it.
func TestLogOfMadeUpStepsIsShort(t *testing.T) {
	t.Parallel()
	out := &lockedBuffer{}
	p := &picture{}
	p.show(alerting("a"))
	n := newNotifier(t, p, newService(t, always(200, `{"ok":true}`)), func(c *Config) { c.Log = zerolog.New(out) })
	long := strings.Repeat("x", 1<<20)
	n.Notify(&pb.NotifyRequest{PipelineId: long, Step: &pb.PipelineStep{Name: long}})
	if got := len(out.String()); got == 0 || got > 1000 {
		t.Errorf("the log has %d bytes, want a line", got)
	}
}
