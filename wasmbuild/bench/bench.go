package bench

import (
	"container/list"
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

const (
	// limit bounds a trial, compiling included. SDKs cannot stop a module; here one that
	// does not end is stopped.
	limit = 5 * time.Second
	// maxCompiled bounds the modules that are kept compiled.
	maxCompiled = 64
	// maxOutput bounds the payloads of all steps together in one answer.
	maxOutput = 8 << 20
)

// Bench tries pipelines. It has an engine of its own, whose modules are stopped when their
// time is up; each trial has fresh instances, so that nothing is left from one to the next.
type Bench struct {
	runtime   *runner.Runtime
	compiling sync.Mutex

	mu       sync.Mutex
	compiled map[key]*list.Element
	order    *list.List // of *entry, the least recently used last
}

type key [sha256.Size]byte

// entry is a compiled module.
type entry struct {
	key    key
	module *runner.Compiled
	users  int // who are about to instantiate it
}

// New starts an engine. The caller closes it.
func New(ctx context.Context) (*Bench, error) {
	runtime, err := runner.New(ctx, runner.Options{
		Stoppable: true, WASI: true,
		KVExists:    says(&steps.KVStepResponse{Status: steps.KVStatus_KV_STATUS_ERROR, Message: unavailable}),
		HTTPRequest: says(&steps.HttpResponse{Body: []byte(unavailable)}),
	})
	if err != nil {
		return nil, fmt.Errorf("start the bench: %w", err)
	}
	return &Bench{runtime: runtime, compiled: make(map[key]*list.Element), order: list.New()}, nil
}

const unavailable = "not available here"

// says is a host function that always gives the same answer.
func says(answer proto.Message) runner.HostFunc {
	return func(context.Context, []byte) []byte {
		b, err := proto.Marshal(answer)
		if err != nil {
			return nil // which means no answer
		}
		return b
	}
}

// Close ends the engine and whatever runs in it.
func (b *Bench) Close(ctx context.Context) error { return b.runtime.Close(ctx) }

// Trial is what became of a payload.
type Trial struct {
	Steps   []Outcome
	Payload []byte
	Abort   pb.AbortCondition
}

// ProblemError says why a pipeline could not be tried, in a sentence for its author.
type ProblemError struct{ Reason string }

func (e *ProblemError) Error() string { return e.Reason }

// Try runs a pipeline with these modules, one for each step, on a payload. The error is a
// *ProblemError, or that of ctx.
func (b *Bench) Try(ctx context.Context, p *pb.Pipeline, modules []*shared.WasmModule, payload []byte) (*Trial, error) {
	if len(payload) > MaxPayload {
		return nil, &ProblemError{fmt.Sprintf("The payload has %d bytes; SDKs process at most %d.", len(payload), MaxPayload)}
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p = proto.CloneOf(p)
	r := &rack{bench: b, loaded: make(map[string]*runner.Instance), last: make(map[string]int)}
	defer r.close(context.WithoutCancel(ctx))
	for i, step := range p.GetSteps() {
		step.XWasmId, step.XWasmFunction = proto.String(modules[i].GetId()), proto.String(modules[i].GetFunction())
		r.last[modules[i].GetId()] = i
	}
	t := &Trial{}
	size := 0
	t.Payload, t.Abort = Run(ctx, p, &pb.Audience{}, payload,
		func(*pb.PipelineStep) Instance { return r.load(ctx, len(t.Steps), modules[len(t.Steps)]) },
		func(_ *pb.PipelineStep, o Outcome) {
			r.done(ctx, len(t.Steps), modules[len(t.Steps)])
			size += len(o.Payload)
			if size > maxOutput { // the payload of the end is told anyway
				o.Payload = nil
			}
			t.Steps = append(t.Steps, o)
		})
	if r.err != nil {
		return nil, b.problem(outer, ctx, r.err.Error())
	}
	if ctx.Err() != nil {
		return nil, b.problem(outer, ctx, "")
	}
	if len(t.Payload) > maxOutput {
		return nil, &ProblemError{fmt.Sprintf("The payload has %d bytes afterwards; at most %d can be shown.", len(t.Payload), maxOutput)}
	}
	return t, nil
}

// problem says why a trial failed.
func (b *Bench) problem(outer, ctx context.Context, reason string) error {
	switch {
	case outer.Err() != nil:
		return context.Cause(outer)
	case ctx.Err() != nil:
		return &ProblemError{fmt.Sprintf("The pipeline did not end within %s and was stopped; it would hang the service that runs it.", limit)}
	default:
		return &ProblemError{reason}
	}
}
