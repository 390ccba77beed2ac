package console

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store"
)

func TestTestEchoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for input, want := range map[string]string{"hi": "Pong: hi", "": "Pong: no input provided"} {
		if got, err := h.client.Test(t.Context(), &pb.TestRequest{Input: input}); err != nil || got.GetOutput() != want {
			t.Errorf("%q: got %v, %v, want %q", input, got, err, want)
		}
	}
}

func TestCreatePipeline(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := pipeline("p1", detective("first", "a"), detective("second", "b"))
	p.XCreatedBy, p.XDescription = proto.String("me"), proto.String("why")
	reply, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: p})
	if err != nil || reply.GetPipelineId() != "p1" || reply.GetMessage() != "Pipeline created successfully" {
		t.Fatalf("got %v, %v", reply, err)
	}
	got, err := h.client.GetPipeline(t.Context(), &pb.GetPipelineRequest{PipelineId: "p1"})
	if err != nil {
		t.Fatal(err)
	}
	want := proto.CloneOf(p)
	want.XCreatedAtUnixTsUtc = proto.Int64(h.clock.now().Unix())
	stored := h.catalog.Snapshot().Pipelines["p1"]
	for i, step := range want.Steps {
		step.XWasmId = proto.String(stored.Steps[i].GetXWasmId())
		m := h.catalog.Snapshot().Modules[step.GetXWasmId()]
		if len(m.GetBytes()) == 0 || m.GetFunction() != "f" || m.GetName() != "detective" || !m.GetXBundled() {
			t.Errorf("step %d: got module %v, want it stored", i, m)
		}
		if stored.Steps[i].GetXWasmFunction() != "f" || stored.Steps[i].XWasmBytes != nil {
			t.Errorf("step %d is stored as %v, want the function and no bytes", i, stored.Steps[i])
		}
	}
	if diff := cmp.Diff(want, got.GetPipeline(), protocmp.Transform()); diff != "" {
		t.Errorf("what is read differs from what was created (-want +got):\n%s", diff)
	}
}

func TestCreatePipelineMakesAnID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reply, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("", detective("s", "a"))})
	if err != nil || uuid.Validate(reply.GetPipelineId()) != nil {
		t.Errorf("got %v, %v, want a uuid", reply, err)
	}
}

func TestCreatePipelineRefusesAnIDInUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	_, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("p1")})
	wantStatus(t, err, codes.AlreadyExists, "pipeline with that ID already exists")
}

// What a client says about fields that are the server's is dropped; code is never stored in
// pipelines, which refer to it.
func TestServerFieldsAreTheServers_9_6_3(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := pipeline("p1")
	p.XPaused = proto.Bool(true)
	p.XCreatedAtUnixTsUtc, p.XUpdatedAtUnixTsUtc = proto.Int64(1), proto.Int64(2)
	p.Steps[0].XWasmId, p.Steps[0].XWasmBytes, p.Steps[0].XWasmFunction = proto.String("x"), []byte("x"), proto.String("x")
	if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: p}); err != nil {
		t.Fatal(err)
	}
	got := h.catalog.Snapshot().Pipelines["p1"]
	if got.XPaused != nil || got.GetXCreatedAtUnixTsUtc() != h.clock.now().Unix() || got.XUpdatedAtUnixTsUtc != nil ||
		got.Steps[0].GetXWasmId() == "x" || got.Steps[0].XWasmBytes != nil || got.Steps[0].GetXWasmFunction() != "f" {
		t.Errorf("got %v", got)
	}
}

func TestNotificationConfigsAreDropped(t *testing.T) {
	t.Parallel()
	p := pipeline("p1")
	//nolint:staticcheck // clients still have it
	p.XNotificationConfigs = []*pb.NotificationConfig{{Name: "secret"}}
	for name, got := range map[string]*pb.Pipeline{"stored": own(p), "shown": public(p)} {
		if strings.Contains(got.String(), "secret") {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// Requests of megabytes get a sentence, not a broken connection.
func TestLargeRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	large := strings.Repeat("x", 5<<20)
	_, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("p2", detective(large, "a"))})
	wantStatus(t, err, codes.InvalidArgument, "invalid create pipeline request: pipeline has 5242916 bytes, at most 1048576 are allowed")
	_, err = h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{PipelineJson: []byte(large)})
	wantStatus(t, err, codes.InvalidArgument, "invalid create pipeline request: pipeline JSON has 5242880 bytes, at most 4194304 are allowed")
	_, err = h.client.GetPipeline(t.Context(), &pb.GetPipelineRequest{PipelineId: large})
	wantStatus(t, err, codes.NotFound, "unable to get pipelines: pipeline not found")
	_, err = h.client.GetSchema(t.Context(), &pb.GetSchemaRequest{Audience: consumer(large)})
	wantStatus(t, err, codes.InvalidArgument, "invalid get schema request: field 'Audience.ServiceName' cannot be longer than 255 bytes")
	reply, err := h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{PipelineIds: []string{large}, Audience: consumer("svc")})
	wantReply(t, reply, err, missing, "pipeline not found")
	reply, err = h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{PipelineIds: slices.Repeat([]string{"p1"}, 1<<20), Audience: consumer("svc")})
	wantReply(t, reply, err, ok, "successfully set '1' pipelines for audience '"+svcKey+"'")
	reply, err = h.client.DeleteService(t.Context(), &pb.DeleteServiceRequest{ServiceName: large})
	wantReply(t, reply, err, bad, "field 'ServiceName' has 5242880 bytes, at most 255 are allowed")
}

func TestPipelineJSON_9_1_4(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const camel = `{"id":"p1","name":"n","dataFormat":"PIPELINE_DATA_FORMAT_JSON","CreatedBy":"me",
		"steps":[{"name":"s","detective":{"type":"DETECTIVE_TYPE_HAS_FIELD","path":"a"}}]}`
	const snake = `{"id":"p1","name":"n2","data_format":1,"_created_by":"other",
		"steps":[{"name":"s","detective":{"type":1001,"path":"a"},"on_true":{"abort":"ABORT_CONDITION_ABORT_ALL"}}]}`
	if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{PipelineJson: []byte(camel)}); err != nil {
		t.Fatal(err)
	}
	if got := h.catalog.Snapshot().Pipelines["p1"]; got.GetXCreatedBy() != "me" || got.GetDataFormat() != pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON {
		t.Errorf("got %v", got)
	}
	t.Run("update, which crashed the original, 9.1.4", func(t *testing.T) {
		t.Parallel()
		reply, err := h.client.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{PipelineJson: []byte(snake)})
		wantReply(t, reply, err, ok, "pipeline 'p1' updated")
		got := h.catalog.Snapshot().Pipelines["p1"]
		if got.GetName() != "n2" || got.GetSteps()[0].GetOnTrue().GetAbort() != pb.AbortCondition_ABORT_CONDITION_ABORT_ALL {
			t.Errorf("got %v", got)
		}
	})
	t.Run("the message wins", func(t *testing.T) {
		t.Parallel()
		reply, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("p2"), PipelineJson: []byte("{")})
		if err != nil || reply.GetPipelineId() != "p2" {
			t.Errorf("got %v, %v", reply, err)
		}
	})
}

// badPipelines are what both CreatePipeline and UpdatePipeline refuse, with the text.
func badPipelines() map[string]struct {
	p    *pb.Pipeline
	json []byte
	text string
} {
	type bad = struct {
		p    *pb.Pipeline
		json []byte
		text string
	}
	many := pipeline("p1")
	for range maxSteps {
		many.Steps = append(many.Steps, detective("s", "a"))
	}
	big := pipeline("p1", detective("s", strings.Repeat("a", maxPipeline)))
	unnamed := pipeline("p1")
	unnamed.Name = ""
	control := pipeline("p1")
	control.Id = "a\nb"
	long := pipeline("p1")
	long.Id = strings.Repeat("x", maxText+1)
	pathless := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY}}}
	return map[string]bad{
		"nothing":            {nil, nil, "must specify either Pipeline or PipelineJson"},
		"empty JSON":         {nil, []byte{}, "pipeline JSON cannot be empty"},
		"too much JSON":      {nil, make([]byte, 5<<20-100_000), "pipeline JSON has 5142880 bytes, at most 4194304 are allowed"},
		"no name":            {unnamed, nil, "field 'Name' cannot be empty"},
		"no steps":           {&pb.Pipeline{Id: "p1", Name: "n"}, nil, "must have at least one step in pipeline"},
		"too many steps":     {many, nil, "pipeline has 101 steps, at most 100 are allowed; split it into several"},
		"empty step":         {pipeline("p1", &pb.PipelineStep{Name: "s"}), nil, "invalid step: .Step cannot be nil"},
		"no path":            {pipeline("p1", pathless), nil, "invalid step: field 'Detective.Path' cannot be empty"},
		"too large":          {big, nil, "pipeline has 1048612 bytes, at most 1048576 are allowed"},
		"control characters": {control, nil, "field 'Id' contains invalid characters"},
		"long id":            {long, nil, "field 'Id' has 256 bytes, at most 255 are allowed"},
	}
}

func TestCreatePipelineRefuses_9_4_6(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, tt := range badPipelines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := h.server.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: tt.p, PipelineJson: tt.json})
			if err == nil || err.Error() != "invalid create pipeline request: "+tt.text {
				t.Errorf("got %v, want %q", err, tt.text)
			}
		})
	}
}

func TestUpdatePipelineRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	before := h.catalog.Snapshot().Revision
	for name, tt := range badPipelines() {
		reply, err := h.server.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{Pipeline: tt.p, PipelineJson: tt.json})
		if err != nil || reply.GetCode() != bad || reply.GetMessage() != tt.text {
			t.Errorf("%s: got %v, %v, want %q", name, reply, err, tt.text)
		}
	}
	for _, tt := range []struct {
		p    *pb.Pipeline
		code pb.ResponseCode
		text string
	}{
		{pipeline("", detective("s", "a")), bad, "field 'Id' cannot be empty"},
		{pipeline("p2"), missing, "pipeline not found"},
		{pipeline("p2", encode("cannot be built")), missing, "pipeline not found"},
	} {
		reply, err := h.client.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{Pipeline: tt.p})
		wantReply(t, reply, err, tt.code, tt.text)
	}
	if got := h.catalog.Snapshot().Revision; got != before {
		t.Errorf("got revision %d, want %d: nothing was to change", got, before)
	}
}

func TestMalformedJSONIsInvalid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, json := range []string{"{", `{"id":"x","unknown":1}`, `[]`, "null\x00", `{"steps":[{"detective":{"type":"NO_SUCH"}}]}`} {
		_, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{PipelineJson: []byte(json)})
		const prefix = "invalid create pipeline request: unable to unmarshal pipeline JSON for validate: "
		if err == nil || !strings.Contains(err.Error(), prefix) || !strings.Contains(err.Error(), "InvalidArgument") {
			t.Errorf("%q: got %v, want InvalidArgument %q", json, err, prefix)
		}
	}
}

func encode(name string) *pb.PipelineStep {
	return &pb.PipelineStep{Name: name, Step: &pb.PipelineStep_Encode{Encode: &steps.EncodeStep{}}}
}

func TestStepThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	p := pipeline("p1", detective("fine", "a"), encode("zip it"))
	const text = `step 2 "zip it": Encode steps are not supported by this release.`
	reply, err := h.client.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{Pipeline: p})
	wantReply(t, reply, err, bad, "unable to repopulate WASM data: "+text)
	p.Id = "p2"
	_, err = h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: p})
	wantStatus(t, err, codes.InvalidArgument, "unable to populate WASM fields: "+text)
	_, err = h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("p3", detective("broken", "a"))})
	wantStatus(t, err, codes.Internal, "internal error")
	if got := h.catalog.Snapshot(); len(got.Pipelines) != 1 || len(got.Modules) != 1 {
		t.Errorf("got %d pipelines and %d modules, want only what was there", len(got.Pipelines), len(got.Modules))
	}
}

// The builder always hears about negate, on create and on update, and both forms of the
// default are the same module; what is stored is what came.
func TestNegateDefault_9_2_17(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	unsaid, said := detective("s", "a"), detective("s", "a")
	said.GetDetective().Negate = proto.Bool(false)
	if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("p1", unsaid)}); err != nil {
		t.Fatal(err)
	}
	first := h.catalog.Snapshot().Pipelines["p1"].Steps[0]
	if first.GetDetective().Negate != nil {
		t.Error("negate was added to what is stored: a tool that compares would update for ever")
	}
	for _, step := range []*pb.PipelineStep{said, unsaid} {
		reply, err := h.client.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{Pipeline: pipeline("p1", step)})
		wantReply(t, reply, err, ok, "pipeline 'p1' updated")
		if got := h.catalog.Snapshot().Pipelines["p1"].Steps[0].GetXWasmId(); got != first.GetXWasmId() {
			t.Errorf("got module %s, want %s", got, first.GetXWasmId())
		}
	}
	for i, n := range h.builder.negation {
		if n == nil || *n {
			t.Errorf("step %d: the builder got negate %v, want false", i, n)
		}
	}
}

func TestUpdatePipelineKeepsItsOrigin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := pipeline("p1")
	p.XCreatedBy = proto.String("me")
	if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: p}); err != nil {
		t.Fatal(err)
	}
	created := h.clock.now().Unix()
	h.clock.advance(time.Hour)
	p.XCreatedBy, p.Name, p.XDescription = proto.String("somebody else"), "new name", nil
	reply, err := h.client.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{Pipeline: p})
	wantReply(t, reply, err, ok, "pipeline 'p1' updated")
	got := h.catalog.Snapshot().Pipelines["p1"]
	if got.GetXCreatedBy() != "me" || got.GetXCreatedAtUnixTsUtc() != created || got.GetXUpdatedAtUnixTsUtc() != created+3600 || got.GetName() != "new name" {
		t.Errorf("got %v", got)
	}
}

func TestModulesLiveAsLongAsTheyAreUsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	shared, own1, own2 := detective("s", "shared"), detective("s", "own1"), detective("s", "own2")
	for id, list := range map[string][]*pb.PipelineStep{"p1": {shared, own1, own1}, "p2": {shared}} {
		if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline(id, list...)}); err != nil {
			t.Fatal(err)
		}
	}
	modules := func(want int, when string) {
		t.Helper()
		snap := h.catalog.Snapshot()
		if len(snap.Modules) != want {
			t.Errorf("%s: got %d modules, want %d", when, len(snap.Modules), want)
		}
		for id, p := range snap.Pipelines {
			for _, step := range p.GetSteps() {
				if snap.Modules[step.GetXWasmId()] == nil {
					t.Errorf("%s: pipeline %s lacks a module", when, id)
				}
			}
		}
	}
	modules(2, "created")
	reply, err := h.client.UpdatePipeline(t.Context(), &pb.UpdatePipelineRequest{Pipeline: pipeline("p1", own2)})
	wantReply(t, reply, err, ok, "pipeline 'p1' updated")
	modules(2, "own1 became own2, shared stays for p2")
	for _, id := range []string{"p2", "p1"} {
		reply, err := h.client.DeletePipeline(t.Context(), &pb.DeletePipelineRequest{PipelineId: id})
		wantReply(t, reply, err, ok, "pipeline '"+id+"' deleted")
	}
	modules(0, "deleted")
}

// The original left dangling references, which broke the whole service (9.2.2), and wrote
// the other audiences back from a stale picture without their authors (9.2.3).
func TestDeletePipelineDetachesIt_9_2_2_and_9_2_3(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1", "p2")
	reply, err := h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{
		PipelineIds: []string{"p1", "p2"}, Audience: consumer("both"), XCreatedBy: proto.String("me"),
	})
	wantReply(t, reply, err, ok, "successfully set '2' pipelines for audience 'both:operation_type_consumer:op:kafka'")
	h.attach(t, consumer("only"), "p1")
	reply, err = h.client.PausePipeline(t.Context(), &pb.PausePipelineRequest{PipelineId: "p2", Audience: consumer("both")})
	wantReply(t, reply, err, ok, "pipeline 'p2' for audience 'both:operation_type_consumer:op:kafka' paused")

	before := h.catalog.Snapshot().Revision
	reply, err = h.client.DeletePipeline(t.Context(), &pb.DeletePipelineRequest{PipelineId: "p1"})
	wantReply(t, reply, err, ok, "pipeline 'p1' deleted")
	if got := h.catalog.Snapshot().Revision; got != before+1 {
		t.Errorf("got revision %d, want %d: one change", got, before+1)
	}
	all := h.all(t)
	if len(all.GetConfigs()) != 1 || len(all.GetAudiences()) != 2 || len(all.GetPipelines()) != 1 {
		t.Errorf("got configs %v, audiences %v, pipelines %v", all.GetConfigs(), all.GetAudiences(), all.GetPipelines())
	}
	if diff := cmp.Diff([]string{"p2!"}, h.configs(t, "both:operation_type_consumer:op:kafka")); diff != "" {
		t.Error(diff)
	}
	if got := all.GetConfigs()["both:operation_type_consumer:op:kafka"].GetXCreatedBy(); got != "me" {
		t.Errorf("got author %q of the assignment, want it kept", got)
	}
}

func TestDeletePipelineRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reply, err := h.client.DeletePipeline(t.Context(), &pb.DeletePipelineRequest{})
	wantReply(t, reply, err, bad, "field 'PipelineId' cannot be empty")
	reply, err = h.client.DeletePipeline(t.Context(), &pb.DeletePipelineRequest{PipelineId: "*"})
	wantReply(t, reply, err, missing, "pipeline not found")
}

func TestGetPipelineRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.client.GetPipeline(t.Context(), &pb.GetPipelineRequest{})
	wantStatus(t, err, codes.InvalidArgument, "invalid get pipeline request: field 'PipelineId' cannot be empty")
	_, err = h.client.GetPipeline(t.Context(), &pb.GetPipelineRequest{PipelineId: "p1"})
	wantStatus(t, err, codes.NotFound, "unable to get pipelines: pipeline not found")
}

func TestGetPipelinesInOrderWithoutCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "c", "a", "b")
	reply, err := h.client.GetPipelines(t.Context(), &pb.GetPipelinesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 0, 3)
	for _, p := range reply.GetPipelines() {
		ids = append(ids, p.GetId())
		if s := p.GetSteps()[0]; s.XWasmBytes != nil || s.XWasmFunction != nil || s.GetXWasmId() == "" {
			t.Errorf("got step %v, want the module's id and nothing else of it", s)
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, ids); diff != "" {
		t.Error(diff)
	}
}

// A store that cannot be written changes nothing, and says so without its address.
// Of docs/defects.md, 9.5.8.
func TestStoreUnavailable_9_3_1(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	h.store.fail(store.Unavailable("apply", errors.New("dial tcp 10.0.0.1: refused")))
	const text = "the store cannot be reached, so nothing was changed; try again in a moment"
	_, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("p2")})
	wantStatus(t, err, codes.Unavailable, text)
	_, err = h.client.CreateAudience(t.Context(), &pb.CreateAudienceRequest{Audience: consumer("svc")})
	wantStatus(t, err, codes.Unavailable, text)
	reply, err := h.client.DeletePipeline(t.Context(), &pb.DeletePipelineRequest{PipelineId: "p1"})
	wantReply(t, reply, err, internal, text)
	if got := h.all(t).GetPipelines(); len(got) != 1 {
		t.Errorf("got pipelines %v, want reads to go on with what was there", got)
	}
}

func FuzzPipelineJSON(f *testing.F) {
	valid, err := protojson.Marshal(pipeline("p1"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(valid)
	f.Add([]byte(`{"id":"\u0000","name":"n","steps":[{}]}`))
	f.Add([]byte(`{"steps":[{"WasmBytes":"AAAA","custom":{"args":{"a":"b"}}}]}`))
	f.Fuzz(func(t *testing.T, json []byte) {
		p, err := requested(nil, json)
		if err != nil {
			return
		}
		p = own(p)
		if err := checkPipeline(p); err != nil {
			return
		}
		if p.GetName() == "" || len(p.GetSteps()) == 0 || len(p.GetSteps()) > maxSteps || proto.Size(p) > maxPipeline {
			t.Errorf("%q was accepted", json)
		}
		for _, step := range p.GetSteps() {
			if kind(step) == "" || step.XWasmBytes != nil {
				t.Errorf("%q was accepted with step %v", json, step)
			}
			_ = ready(step)
		}
	})
}
