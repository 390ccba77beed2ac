package bench_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild"
	"github.com/streamdal/streamdal-server/wasmbuild/bench"
	"github.com/streamdal/streamdal-server/wasmbuild/gowasm"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

// workshop is a bench with a builder.
type workshop struct {
	t       *testing.T
	bench   *bench.Bench
	builder *wasmbuild.Builder
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	ctx := context.Background()
	builder, err := wasmbuild.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bench.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(b.Close(ctx), builder.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return &workshop{t, b, builder}
}

func (w *workshop) modules(p *pb.Pipeline) (list []*shared.WasmModule) {
	w.t.Helper()
	for _, step := range p.GetSteps() {
		m, err := w.builder.Step(w.t.Context(), step, p.GetDataFormat())
		if err != nil {
			w.t.Error(err)
			return nil
		}
		list = append(list, &shared.WasmModule{Id: m.ID, Function: m.Function, Bytes: m.Bytes})
	}
	return list
}

func (w *workshop) try(p *pb.Pipeline, payload string) *bench.Trial {
	w.t.Helper()
	trial, err := w.bench.Try(w.t.Context(), p, w.modules(p), []byte(payload))
	if err != nil {
		w.t.Error(err)
		return &bench.Trial{}
	}
	return trial
}

func emails() *pb.PipelineStep {
	return &pb.PipelineStep{
		Name: "find", OnFalse: &pb.PipelineStepConditions{Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_CURRENT},
		Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, Negate: proto.Bool(false)}},
	}
}

func mask() *pb.PipelineStep {
	return &pb.PipelineStep{
		Name: "mask", Dynamic: true,
		Step: &pb.PipelineStep_Transform{Transform: &steps.TransformStep{
			Type:    steps.TransformType_TRANSFORM_TYPE_MASK_VALUE,
			Options: &steps.TransformStep_MaskOptions{MaskOptions: &steps.TransformMaskOptions{}},
		}},
	}
}

func of(list ...*pb.PipelineStep) *pb.Pipeline {
	return &pb.Pipeline{Name: "p", DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON, Steps: list}
}

func TestTry(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	found := w.try(of(emails(), mask()), `{"a":{"mail":"ada@example.com"}}`)
	if len(found.Steps) != 2 || strings.Contains(string(found.Payload), "ada@") || found.Abort != 0 {
		t.Errorf("got %+v, want the address masked", found)
	}
	if got := found.Steps[0].Answer.GetInterStepResult().GetDetectiveResult().GetMatches()[0].GetPath(); got != "a.mail" {
		t.Errorf("found at %q", got)
	}
	if string(found.Steps[0].Payload) != `{"a":{"mail":"ada@example.com"}}` || found.Steps[1].Took <= 0 {
		t.Errorf("steps %+v", found.Steps)
	}
	clean := w.try(of(emails(), mask()), `{"a":1}`)
	if len(clean.Steps) != 1 || string(clean.Payload) != `{"a":1}` || clean.Abort != pb.AbortCondition_ABORT_CONDITION_ABORT_CURRENT {
		t.Errorf("got %+v, want it aborted after the first step", clean)
	}
	kv := w.try(of(&pb.PipelineStep{Name: "kv", Step: &pb.PipelineStep_Kv{Kv: &steps.KVStep{
		Action: shared.KVAction_KV_ACTION_EXISTS, Mode: steps.KVMode_KV_MODE_STATIC, Key: "k",
	}}}), `{}`)
	if o := kv.Steps[0]; o.Status == pb.ExecStatus_EXEC_STATUS_TRUE || !strings.Contains(o.Message, "not available here") {
		t.Errorf("a step that asks its host: %v %q", o.Status, o.Message)
	}
}

func TestTryRefusals(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	want := func(what string, err error, text string) {
		t.Helper()
		var problem *bench.ProblemError
		if !errors.As(err, &problem) || !strings.Contains(problem.Reason, text) {
			t.Errorf("%s: got %v, want %q", what, err, text)
		}
	}
	p := of(emails())
	_, err := w.bench.Try(t.Context(), p, w.modules(p), make([]byte, bench.MaxPayload+1))
	want("payload", err, "SDKs process at most 1048576")
	_, err = w.bench.Try(t.Context(), p, []*shared.WasmModule{{Id: "x", Function: "f", Bytes: []byte("no module")}}, nil)
	want("module", err, "Step 1 cannot be started: compile module")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.bench.Try(ctx, p, w.modules(p), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("caller is gone: got %v", err)
	}
}

// endless never returns from f.
const endless = `package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

func alloc(n uint32) uint32 { return 1024 }
func dealloc(p, n uint32) {}
func f(p, n uint32) uint64 {
	for vm.Pages() > 0 {
	}
	return 0
}
`

// A module that does not end is stopped, and others run meanwhile and afterwards.
func TestTryStopsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	kernel, err := gowasm.Compile(fstest.MapFS{"k.go": {Data: []byte(endless)}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := kernel.Link(link.Rule{Exports: map[string]string{"alloc": "alloc", "dealloc": "dealloc", "f": "f"}})
	if err != nil {
		t.Fatal(err)
	}
	stuck := &shared.WasmModule{Id: "stuck", Function: "f", Bytes: m.Encode()}
	var trying sync.WaitGroup
	trying.Go(func() {
		_, err := w.bench.Try(t.Context(), of(emails()), []*shared.WasmModule{stuck}, []byte("{}"))
		var problem *bench.ProblemError
		if !errors.As(err, &problem) || !strings.Contains(problem.Reason, "did not end within 5s") {
			t.Errorf("got %v, want it stopped", err)
		}
	})
	w.try(of(emails(), mask()), `{"a":"ada@example.com"}`)
	trying.Wait()
	w.try(of(emails(), mask()), `{"a":"ada@example.com"}`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := w.bench.Try(ctx, of(emails()), []*shared.WasmModule{stuck}, []byte("{}")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's deadline: got %v", err)
	}
}

// Many try many modules at once, more than are kept.
func TestTryHammer(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	var trying sync.WaitGroup
	for g := range 4 {
		trying.Go(func() {
			for i := range 40 {
				path := fmt.Sprint("k", (i+g*7)%80)
				step := &pb.PipelineStep{Name: path, Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
					Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: proto.String(path), Negate: proto.Bool(false),
				}}}
				trial := w.try(of(step), `{"`+path+`":1}`)
				if len(trial.Steps) != 1 || trial.Steps[0].Status != pb.ExecStatus_EXEC_STATUS_TRUE {
					t.Errorf("%s: got %+v", path, trial.Steps)
				}
			}
		})
	}
	trying.Wait()
}
