package console

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

func (h *house) save(t *testing.T, p, seen *pb.Pipeline) *consolepb.SavePipelineResponse {
	t.Helper()
	reply, err := h.console.SavePipeline(t.Context(), &consolepb.SavePipelineRequest{Pipeline: p, Seen: seen})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestSavePipeline(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fresh := pipeline("", detective("first", "a"))
	fresh.XCreatedBy = proto.String("ada")
	id := h.save(t, fresh, nil).GetPipelineId()
	if len(id) != 36 {
		t.Fatalf("got id %q, want a UUID", id)
	}
	seen := h.all(t).GetPipelines()[id].GetPipeline()

	// Attaching writes the pipeline's record, and time goes by: nobody has changed it.
	h.attach(t, consumer("svc"), id)
	h.clock.advance(time.Hour)
	next := proto.CloneOf(seen)
	next.Steps = append(next.Steps, detective("second", "b"))
	next.XCreatedBy = proto.String("somebody else")
	if reply := h.save(t, next, seen); reply.GetConflict() != nil || reply.GetPipelineId() != id {
		t.Fatalf("got %v, want it saved", reply)
	}
	stored := h.catalog.Snapshot().Pipelines[id]
	if got := stored.GetXCreatedBy(); got != "ada" || stored.GetXUpdatedAtUnixTsUtc()-stored.GetXCreatedAtUnixTsUtc() != 3600 || len(stored.GetSteps()) != 2 {
		t.Errorf("stored %v", stored)
	}
	for _, step := range stored.GetSteps() {
		if h.catalog.Snapshot().Modules[step.GetXWasmId()] == nil || step.GetXWasmFunction() == "" {
			t.Errorf("step %q has no module", step.GetName())
		}
	}

	// Somebody who still sees the first version gets the second one, and changes nothing.
	revision := h.catalog.Snapshot().Revision
	reply := h.save(t, pipeline(id, detective("mine", "c")), seen)
	if diff := cmp.Diff(h.all(t).GetPipelines()[id].GetPipeline(), reply.GetConflict(), protocmp.Transform()); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
	if h.catalog.Snapshot().Revision != revision {
		t.Error("a conflict wrote something")
	}
	// Having seen that, or without looking, they replace it.
	if reply := h.save(t, pipeline(id, detective("mine", "c")), reply.GetConflict()); reply.GetConflict() != nil {
		t.Errorf("got %v, want it saved", reply)
	}
	if reply := h.save(t, pipeline(id, detective("blind", "d")), nil); reply.GetConflict() != nil {
		t.Errorf("got %v, want it saved", reply)
	}
	if got := h.catalog.Snapshot().Pipelines[id].GetSteps()[0].GetName(); got != "blind" {
		t.Errorf("stored step %q", got)
	}
	if got := len(h.catalog.Snapshot().Modules); got != 1 {
		t.Errorf("got %d modules, want those in use only", got)
	}
}

func TestSavePipelineErrors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p")
	seen := h.all(t).GetPipelines()["p"].GetPipeline()
	if _, err := h.client.DeletePipeline(t.Context(), &pb.DeletePipelineRequest{PipelineId: "p"}); err != nil {
		t.Fatal(err)
	}
	encode := &pb.PipelineStep{Name: "e", Step: &pb.PipelineStep_Encode{Encode: &steps.EncodeStep{}}}
	custom := &pb.PipelineStep{Name: "c", XWasmId: proto.String("x"), Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}}
	for name, c := range map[string]struct {
		p, seen *pb.Pipeline
		code    codes.Code
		message string
	}{
		"nothing":         {nil, nil, codes.InvalidArgument, "field 'Pipeline' cannot be empty"},
		"no steps":        {&pb.Pipeline{Name: "n"}, nil, codes.InvalidArgument, "invalid pipeline: must have at least one step in pipeline"},
		"seen, but no id": {pipeline("", detective("first", "a")), seen, codes.InvalidArgument, "field 'Id' cannot be empty when 'Seen' is set"},
		"deleted":         {pipeline("p"), seen, codes.NotFound, "pipeline not found: it was deleted meanwhile; save it without what was seen to create it again"},
		"not buildable":   {pipeline("q", encode), nil, codes.InvalidArgument, `unable to populate WASM fields: step 1 "e": Encode steps are not supported by this release.`},
		"no such module":  {pipeline("q", custom), nil, codes.InvalidArgument, `unable to populate WASM fields: step 1 "c": error loading 'custom' (id: 'x') Wasm entry: wasm not found`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.console.SavePipeline(t.Context(), &consolepb.SavePipelineRequest{Pipeline: c.p, Seen: c.seen})
			wantStatus(t, err, c.code, c.message)
		})
	}
	if got := len(h.catalog.Snapshot().Pipelines); got != 0 {
		t.Errorf("refused pipelines were stored: %d", got)
	}
}

// Of two people who save what they both have seen, one is told of the other.
func TestSaveAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p")
	seen := h.all(t).GetPipelines()["p"].GetPipeline()
	conflicts := make(chan bool)
	for _, name := range []string{"mine", "yours"} {
		go func() {
			reply, err := h.console.SavePipeline(t.Context(), &consolepb.SavePipelineRequest{Pipeline: pipeline("p", detective(name, name)), Seen: seen})
			if err != nil {
				t.Error(err)
			}
			conflicts <- reply.GetConflict() != nil
		}()
	}
	if a, b := <-conflicts, <-conflicts; a == b {
		t.Errorf("conflicts: %v and %v, want one", a, b)
	}
}

func TestCheckPipeline(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	encode := &pb.PipelineStep{Name: "e", Step: &pb.PipelineStep_Encode{Encode: &steps.EncodeStep{}}}
	custom := &pb.PipelineStep{Name: "c", XWasmId: proto.String("x"), Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}}
	many := pipeline("p")
	for range maxSteps {
		many.Steps = append(many.Steps, detective("s", "a"))
	}
	for name, c := range map[string]struct {
		p       *pb.Pipeline
		problem string
		steps   []string
	}{
		"fine":     {pipeline("p", detective("a", "a"), detective("b", "b")), "", []string{"", ""}},
		"no name":  {&pb.Pipeline{Steps: []*pb.PipelineStep{detective("a", "a")}}, "field 'Name' cannot be empty", []string{""}},
		"no steps": {&pb.Pipeline{Name: "n"}, "must have at least one step in pipeline", nil},
		"too many": {many, "pipeline has 101 steps, at most 100 are allowed; split it into several", nil},
		"steps": {pipeline("p", detective("a", ""), encode, detective("b", "b"), custom, &pb.PipelineStep{}), "", []string{
			"field 'Detective.Path' cannot be empty", "Encode steps are not supported by this release.", "",
			"error loading 'custom' (id: 'x') Wasm entry: wasm not found", ".Step cannot be nil",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			reply, err := h.console.CheckPipeline(t.Context(), &consolepb.CheckPipelineRequest{Pipeline: c.p})
			if err != nil {
				t.Fatal(err)
			}
			if reply.GetProblem() != c.problem {
				t.Errorf("got problem %q, want %q", reply.GetProblem(), c.problem)
			}
			var got []string
			for _, step := range reply.GetSteps() {
				got = append(got, step.GetProblem())
				if (step.GetModuleBytes() > 0) != (step.GetProblem() == "") {
					t.Errorf("step %v", step)
				}
			}
			if diff := cmp.Diff(c.steps, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := h.console.CheckPipeline(t.Context(), &consolepb.CheckPipelineRequest{Pipeline: pipeline("p", detective("broken", "a"))})
	if status.Code(err) != codes.Internal {
		t.Errorf("got %v, want our fault", err)
	}
	if got := len(h.catalog.Snapshot().Modules) + len(h.catalog.Snapshot().Pipelines); got != 0 {
		t.Errorf("checking stored %d records", got)
	}
}
