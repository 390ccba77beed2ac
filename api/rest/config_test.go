package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

var update = flag.Bool("update", false, "write golden files")

// exported is a configuration with everything that is cleaned out of it.
func exported() *pb.Config {
	step := func(name string, s *pb.PipelineStep) *pb.PipelineStep {
		s.Name, s.XWasmId, s.XWasmFunction = name, proto.String("id of "+name), proto.String("f")
		return s
	}
	return &pb.Config{
		Audiences: []*pb.Audience{{
			ServiceName: "billing", ComponentName: "kafka", OperationName: "consume",
			OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER, XCreatedBy: proto.String("operator"),
		}},
		Pipelines: []*pb.Pipeline{{
			Id: "p-1", Name: "orders <&>", DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON, XDescription: proto.String(""),
			Steps: []*pb.PipelineStep{
				step("mail", &pb.PipelineStep{
					Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
						Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: proto.String("mail"), Negate: proto.Bool(false), Args: []string{},
					}},
					OnTrue: &pb.PipelineStepConditions{},
					OnFalse: &pb.PipelineStepConditions{
						Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_CURRENT, Metadata: map[string]string{"team": "billing"},
						Notification: &pb.PipelineStepNotification{
							NotificationConfigIds: []string{"n-1"}, PayloadType: pb.PipelineStepNotification_PAYLOAD_TYPE_SELECT_PATHS, Paths: []string{"a.b"},
						},
					},
				}),
				step("json", &pb.PipelineStep{Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}}),
				step("own", &pb.PipelineStep{Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}}),
				step("own with arguments", &pb.PipelineStep{Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{Args: map[string]string{"a": "b"}}}}),
				step("shape", &pb.PipelineStep{Step: &pb.PipelineStep_InferSchema{InferSchema: &steps.InferSchemaStep{}}}),
			},
		}},
		Notifications: []*pb.NotificationConfig{{
			Id: proto.String("n-1"), Name: "mail", Type: pb.NotificationType_NOTIFICATION_TYPE_EMAIL,
			Config: &pb.NotificationConfig_Email{Email: &pb.NotificationEmail{
				Type: pb.NotificationEmail_TYPE_SMTP, Recipients: []string{"ops@example.com"}, FromAddress: "streamdal@example.com",
				Config: &pb.NotificationEmail_Smtp{Smtp: &pb.NotificationEmailSMTP{Host: "mail.example.com", Port: 587, User: "u", Password: "s3cret"}},
			}},
		}},
		WasmModules: []*shared.WasmModule{{Id: "id of own", Name: "own"}},
		AudienceMappings: map[string]*pb.PipelineConfigs{
			"billing:operation_type_consumer:consume:kafka": {
				Configs: []*pb.PipelineConfig{{Id: "p-1", CreatedAtUnixTsUtc: 1_700_000_000}, {Id: "p-2", Paused: true}},
			},
		},
	}
}

// The shape is what people re-import, so every byte counts.
func TestConfigGolden(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *Config) { c.Export = exported })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/config", nil)
	r.Header.Set("Authorization", "Bearer "+rootToken)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	file := filepath.Join("testdata", "config.json")
	if *update {
		if err := os.WriteFile(file, w.Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, w.Body.Bytes()) {
		t.Errorf("got other bytes:\n%s", cmp.Diff(indent(t, want), indent(t, w.Body.Bytes())))
	}
}

func indent(t *testing.T, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", " "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Defect 9.2.16 of the original: a step without arguments lost its type. What comes out can
// go in again and means the same.
func TestConfigCanBeImported_9_2_16(t *testing.T) {
	t.Parallel()
	text, err := configJSON(exported())
	if err != nil {
		t.Fatal(err)
	}
	got := &pb.Config{}
	if err := protojson.Unmarshal(text, got); err != nil {
		t.Fatalf("the copy cannot be read: %v", err)
	}
	want := exported()
	want.WasmModules = nil
	for _, s := range want.GetPipelines()[0].GetSteps() {
		if s.GetCustom() == nil {
			s.XWasmId, s.XWasmFunction = nil, nil
		}
	}
	p := want.GetPipelines()[0]
	p.XDescription = nil
	p.Steps[0].OnTrue = nil
	p.Steps[0].GetDetective().Negate = nil
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	empty, err := configJSON(&pb.Config{})
	if err != nil || string(empty) != "{}" {
		t.Errorf("nothing: got %s, %v, want {}", empty, err)
	}
}

// tested answers as a notifier would.
type tested map[string]error

func (t tested) Test(_ context.Context, id string) error { return t[id] }

func TestTestingANotification(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *Config) {
		c.Notify = tested{
			"wrong": failure.New(failure.Upstream, "Slack refused the message: invalid_auth"),
			"a/b":   failure.New(failure.NotFound, "notification config 'a/b' not found"),
		}
	})
	bearer := map[string]string{"Authorization": "Bearer " + rootToken}
	runAll(t, h, []scenario{
		{Name: "sent", Method: "POST", Path: "/api/v1/notifications/good/test", Headers: bearer, Status: 200, Type: "application/json", Content: []string{`{"message":"test notification sent"}`}},
		{Name: "refused", Method: "POST", Path: "/api/v1/notifications/wrong/test", Headers: bearer, Status: 502, Content: []string{`"code":"upstream"`, "invalid_auth"}},
		{Name: "missing", Method: "POST", Path: "/api/v1/notifications/a%2Fb/test", Headers: bearer, Status: 404},
		{Name: "wrong method", Path: "/api/v1/notifications/good/test", Headers: bearer, Status: 405, WantHeaders: map[string]string{"Allow": "POST"}},
		{Name: "no such route", Method: "POST", Path: "/api/v1/notifications/good", Headers: bearer, Status: 405},
	})
}
