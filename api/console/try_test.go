package console

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild"
	"github.com/streamdal/streamdal-server/wasmbuild/bench"
)

func TestTryPipeline(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	builder, err := wasmbuild.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	trials, err := bench.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(c *Config) { c.Builder, c.Bench = builder, trials })
	t.Cleanup(func() {
		if err := errors.Join(trials.Close(ctx), builder.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	find := detective("find", "a.b")
	find.OnFalse = &pb.PipelineStepConditions{Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_ALL}
	remove := &pb.PipelineStep{Name: "remove", Step: &pb.PipelineStep_Transform{Transform: &steps.TransformStep{
		Type:    steps.TransformType_TRANSFORM_TYPE_DELETE_FIELD,
		Options: &steps.TransformStep_DeleteFieldOptions{DeleteFieldOptions: &steps.TransformDeleteFieldOptions{Paths: []string{"a.b"}}},
	}}}
	encode := &pb.PipelineStep{Name: "e", Step: &pb.PipelineStep_Encode{Encode: &steps.EncodeStep{}}}
	for name, c := range map[string]struct {
		p        *pb.Pipeline
		in, out  string
		verdicts []string
		aborted  bool
		problem  string
	}{
		"runs":           {pipeline("p", find, remove), `{"a":{"b":1,"c":2}}`, `{"a":{"c":2}}`, []string{"true", "true"}, false, ""},
		"aborts":         {pipeline("p", find, remove), `{"a":{"c":2}}`, `{"a":{"c":2}}`, []string{"false"}, true, ""},
		"no name":        {&pb.Pipeline{Steps: []*pb.PipelineStep{find}}, "", "", nil, false, "field 'Name' cannot be empty"},
		"not buildable":  {pipeline("p", find, encode), "", "", nil, false, `step 2 "e": ` + refusalOf(t, builder, encode)},
		"no such module": {pipeline("p", custom("x")), "", "", nil, false, `step 1 "mine": error loading 'custom' (id: 'x') Wasm entry: wasm not found`},
		"too large":      {pipeline("p", find), string(make([]byte, bench.MaxPayload+1)), "", nil, false, "The payload has 1048577 bytes; SDKs process at most 1048576."},
	} {
		t.Run(name, func(t *testing.T) {
			reply, err := h.console.TryPipeline(t.Context(), &consolepb.TryPipelineRequest{Pipeline: proto.CloneOf(c.p), Payload: []byte(c.in)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, step := range reply.GetSteps() {
				got = append(got, step.GetVerdict())
				if step.GetNanoseconds() == 0 {
					t.Errorf("step %v took no time", step)
				}
			}
			if diff := cmp.Diff(c.verdicts, got); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
			if string(reply.GetPayload()) != c.out || reply.GetAborted() != c.aborted || reply.GetProblem() != c.problem {
				t.Errorf("got %v", reply)
			}
		})
	}
	if got := len(h.catalog.Snapshot().Modules) + len(h.catalog.Snapshot().Pipelines); got != 0 {
		t.Errorf("trying stored %d records", got)
	}
}

// refusalOf is what the builder says about a step.
func refusalOf(t *testing.T, b *wasmbuild.Builder, step *pb.PipelineStep) string {
	t.Helper()
	_, err := b.Step(t.Context(), step, 0)
	var refusal *wasmbuild.StepError
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return refusal.Reason
}

// Few pipelines are checked or tried at once, so none may take for ever.
func TestCheckingAndTryingEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.TrialLimit = 10 * time.Millisecond })
	p := pipeline("p", detective("good", "a"), detective("slow", "b"), detective("slow", "c"))
	const want = "the steps up to here take too long to build"
	for range 2 * maxTrials {
		checked, err := h.console.CheckPipeline(t.Context(), &consolepb.CheckPipelineRequest{Pipeline: p})
		if err != nil {
			t.Fatal(err)
		}
		if list := checked.GetSteps(); len(list) != 3 || list[0].GetProblem() != "" || !strings.HasPrefix(list[1].GetProblem(), want) || !strings.HasPrefix(list[2].GetProblem(), want) {
			t.Errorf("checked: got %v", checked)
		}
		tried, err := h.console.TryPipeline(t.Context(), &consolepb.TryPipelineRequest{Pipeline: p})
		if err != nil || !strings.Contains(tried.GetProblem(), `step 2 "slow": `+want) {
			t.Errorf("tried: got %v (%v)", tried, err)
		}
	}
}
