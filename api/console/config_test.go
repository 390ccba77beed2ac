package console

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// await waits until the catalog shows a revision.
func (h *house) await(t *testing.T, rev store.Revision) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for snap := range h.catalog.Watch(ctx) {
		if snap.Revision >= rev {
			return
		}
	}
	t.Fatalf("revision %d did not appear", rev)
}

func (h *house) config(t *testing.T) *pb.Config {
	t.Helper()
	reply, err := h.client.GetConfig(t.Context(), &pb.GetConfigRequest{})
	if err != nil {
		t.Fatalf("get config: %v", err)
	}
	return reply.GetConfig()
}

// wanted is what an operator has in its custom resources.
func wanted() *pb.Config {
	a := consumer("svc")
	a.XCreatedBy = proto.String("operator")
	p := pipeline("p", detective("has", "a.b"), &pb.PipelineStep{Name: "json", Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}})
	p.DataFormat = pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON
	p.XCreatedBy = proto.String("operator")
	p.XDescription = proto.String("from a custom resource")
	p.Steps[0].OnFalse = &pb.PipelineStepConditions{Notification: &pb.PipelineStepNotification{NotificationConfigIds: []string{"n"}}}
	n := slack("n")
	n.XCreatedBy = proto.String("operator")
	return &pb.Config{
		Audiences: []*pb.Audience{a}, Pipelines: []*pb.Pipeline{p}, Notifications: []*pb.NotificationConfig{n, smtp("smtp")},
		AudienceMappings: map[string]*pb.PipelineConfigs{svcKey: {Configs: []*pb.PipelineConfig{{Id: "p"}}, XCreatedBy: proto.String("operator")}},
	}
}

// The operator compares whole messages, except for the ids and functions of modules, every
// ten seconds, and updates what differs: so nothing may differ, secrets included.
func TestReconcilingEndsWithEquality(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	want := wanted()
	for round := range 3 {
		if round == 0 {
			for _, a := range want.GetAudiences() {
				reply, err := h.client.CreateAudience(t.Context(), &pb.CreateAudienceRequest{Audience: a})
				wantReply(t, reply, err, ok, "Audience created")
			}
			h.notify(t, want.GetNotifications()...)
			for _, p := range want.GetPipelines() {
				if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: p}); err != nil {
					t.Fatal(err)
				}
			}
			reply, err := h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{
				PipelineIds: []string{"p"}, Audience: want.GetAudiences()[0], XCreatedBy: proto.String("operator"),
			})
			wantReply(t, reply, err, ok, reply.GetMessage())
		} else { // an update must not add anything either
			reply, err := h.client.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{Pipeline: want.GetPipelines()[0]})
			wantReply(t, reply, err, ok, "pipeline 'p' updated")
			reply, err = h.client.UpdateNotification(t.Context(), &pb.UpdateNotificationRequest{Notification: want.GetNotifications()[0]})
			wantReply(t, reply, err, ok, "Notification config update")
		}
		got := h.config(t)
		if len(got.GetWasmModules()) != 2 || len(got.GetWasmModules()[0].GetBytes()) != 0 {
			t.Errorf("got modules %v, want two without bytes", got.GetWasmModules())
		}
		diff := cmp.Diff(want, got, protocmp.Transform(),
			protocmp.IgnoreFields(&pb.PipelineStep{}, "_wasm_id", "_wasm_function"),
			protocmp.IgnoreFields(&pb.PipelineConfig{}, "created_at_unix_ts_utc"),
			protocmp.IgnoreFields(&pb.Config{}, "wasm_modules"))
		if diff != "" {
			t.Errorf("round %d:\n%s", round, diff)
		}
		for _, s := range got.GetPipelines()[0].GetSteps() {
			if s.GetXWasmId() == "" || s.GetXWasmFunction() == "" || s.GetXWasmBytes() != nil {
				t.Errorf("got %v, want the id and function of the module, no bytes", s)
			}
		}
	}
}

// Who made something may be called anything. In the original a colon hid everything.
func TestAuthorsOfAnyName_9_4_2(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const author = "team:billing:*"
	a := consumer("svc")
	a.XCreatedBy = proto.String(author)
	p := pipeline("p")
	p.XCreatedBy = proto.String(author)
	reply, err := h.client.CreateAudience(t.Context(), &pb.CreateAudienceRequest{Audience: a})
	wantReply(t, reply, err, ok, "Audience created")
	if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: p}); err != nil {
		t.Fatal(err)
	}
	reply, err = h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{PipelineIds: []string{"p"}, Audience: a, XCreatedBy: proto.String(author)})
	wantReply(t, reply, err, ok, reply.GetMessage())
	got := h.config(t)
	for what, by := range map[string]string{
		"audience": got.GetAudiences()[0].GetXCreatedBy(), "pipeline": got.GetPipelines()[0].GetXCreatedBy(),
		"assignment": got.GetAudienceMappings()[svcKey].GetXCreatedBy(),
	} {
		if by != author {
			t.Errorf("%s: got author %q, want %q", what, by, author)
		}
	}
	if all := h.all(t); len(all.GetConfigs()) != 1 || len(all.GetAudiences()) != 1 {
		t.Errorf("got configs %v, audiences %v, want one of each", all.GetConfigs(), all.GetAudiences())
	}
	reply, err = h.client.DeleteAudience(t.Context(), &pb.DeleteAudienceRequest{Audience: a, Force: proto.Bool(true)})
	wantReply(t, reply, err, ok, reply.GetMessage())
	if all := h.all(t); len(all.GetAudiences()) != 0 {
		t.Errorf("got %v, want it deleted", all.GetAudiences())
	}
}

// The operator stops at an audience whose names break its rules. People who keep a copy
// still get it.
func TestConfigLeavesOutWhatStopsTheOperator(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p")
	dotted := consumer("host.example.com")
	if _, err := h.catalog.Update(t.Context(), func(tx *catalog.Tx) error { tx.PutAudience(dotted); return nil }); err != nil {
		t.Fatal(err)
	}
	h.attach(t, dotted, "p")
	h.attach(t, consumer("svc"), "p")
	h.attach(t, consumer("empty"))
	got := h.config(t)
	if len(got.GetAudiences()) != 2 || len(got.GetAudienceMappings()) != 1 || got.GetAudienceMappings()[svcKey] == nil {
		t.Errorf("got audiences %v, mappings %v, want svc and empty, and the mapping of svc", got.GetAudiences(), got.GetAudienceMappings())
	}
	if all := h.server.Export(); len(all.GetAudiences()) != 3 || len(all.GetAudienceMappings()) != 2 {
		t.Errorf("got audiences %v, mappings %v in the copy, want all", all.GetAudiences(), all.GetAudienceMappings())
	}
}
