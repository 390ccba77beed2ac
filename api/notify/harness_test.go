package notify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// patience is how long tests wait for what happens soon.
const patience = 30 * time.Second

// picture is a catalog that tests write.
type picture struct {
	mu   sync.Mutex
	snap *catalog.Snapshot
}

func (p *picture) Snapshot() *catalog.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snap
}

// show replaces what is stored.
func (p *picture) show(pipeline *pb.Pipeline, configs ...*pb.NotificationConfig) {
	snap := &catalog.Snapshot{
		Pipelines:     map[string]*pb.Pipeline{},
		Notifications: map[string]*pb.NotificationConfig{},
		Locked:        map[string]bool{"locked": true},
	}
	if pipeline != nil {
		snap.Pipelines[pipeline.GetId()] = pipeline
	}
	for _, c := range configs {
		snap.Notifications[c.GetId()] = c
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.snap = snap
}

// call is a request that a fake service got.
type call struct {
	path   string
	header http.Header
	body   map[string]any
	raw    string
}

// service is a fake of the services' HTTP APIs.
type service struct {
	url   string
	calls chan call

	mu     sync.Mutex
	answer func(n int, c call) (status int, header http.Header, body string)
	n      int
}

func newService(t *testing.T, answer func(n int, c call) (int, http.Header, string)) *service {
	t.Helper()
	s := &service{calls: make(chan call, 1000), answer: answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c := call{path: r.URL.Path, header: r.Header.Clone(), raw: string(raw)}
		_ = json.Unmarshal(raw, &c.body)
		s.mu.Lock()
		n := s.n
		s.n++
		s.mu.Unlock()
		s.calls <- c
		status, header, body := s.answer(n, c)
		for k, v := range header {
			w.Header()[k] = v
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *service) next(t *testing.T) call {
	t.Helper()
	select {
	case c := <-s.calls:
		return c
	case <-time.After(patience):
		t.Fatal("the service was not called")
		return call{}
	}
}

func always(status int, body string) func(int, call) (int, http.Header, string) {
	return func(int, call) (int, http.Header, string) { return status, nil, body }
}

const slackOK = `{"ok":true}`

// newNotifier returns a notifier that runs, with short pauses.
func newNotifier(t *testing.T, p *picture, s *service, change ...func(*Config)) *Notifier {
	t.Helper()
	c := Config{Catalog: p, Pause: time.Millisecond, Timeout: patience, Burst: 1000, Log: zerolog.Nop()}
	if s != nil {
		c.Endpoints = Endpoints{Slack: s.url, PagerDuty: s.url, PagerDutyEvents: s.url, SES: s.url}
	}
	for _, f := range change {
		f(&c)
	}
	n := New(c)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = n.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return n
}

// await waits until the counts satisfy ok.
func await(t *testing.T, n *Notifier, what string, ok func(Stats) bool) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		s := n.Stats()
		if ok(s) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s did not happen: %+v", what, s)
		}
		timer := time.NewTimer(time.Millisecond)
		<-timer.C
	}
}

func slackConfig(id string) *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String(id), Name: id, Type: pb.NotificationType_NOTIFICATION_TYPE_SLACK,
		Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: "xoxb-secret", Channel: "#" + id}},
	}
}

func pagerConfig(token string, urgency pb.NotificationPagerDuty_Urgency) *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String("pager"), Name: "pager", Type: pb.NotificationType_NOTIFICATION_TYPE_PAGERDUTY,
		Config: &pb.NotificationConfig_Pagerduty{Pagerduty: &pb.NotificationPagerDuty{
			Token: token, Email: "ops@example.com", ServiceId: "S1", Urgency: urgency,
		}},
	}
}

// alerting returns a pipeline whose step tells configs when it is false.
func alerting(ids ...string) *pb.Pipeline {
	return &pb.Pipeline{Id: "p-1", Name: "orders", Steps: []*pb.PipelineStep{{
		Name: "has mail",
		Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: proto.String("mail")}},
		OnFalse: &pb.PipelineStepConditions{
			Metadata: map[string]string{"team": "billing", "env": "prod"},
			Notification: &pb.PipelineStepNotification{
				NotificationConfigIds: ids, PayloadType: pb.PipelineStepNotification_PAYLOAD_TYPE_FULL_PAYLOAD,
			},
		},
	}}}
}

// asking returns what an SDK sends about alerting.
func asking(ids ...string) *pb.NotifyRequest {
	return &pb.NotifyRequest{
		ConditionType: pb.NotifyRequest_CONDITION_TYPE_ON_FALSE,
		Step:          proto.CloneOf(alerting(ids...).GetSteps()[0]),
		Audience: &pb.Audience{
			ServiceName: "billing-svc", OperationName: "consume", ComponentName: "kafka",
			OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER,
		},
		OccurredAtUnixTsUtc: 1_700_000_000,
		PipelineId:          "p-1",
		Payload:             []byte(`{"id":7,"name":"x"}`),
	}
}
