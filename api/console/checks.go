package console

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// CheckPipeline says of each step whether it could be saved, with the checks of
// CreatePipeline. Nothing is stored.
func (s *Server) CheckPipeline(ctx context.Context, req *consolepb.CheckPipelineRequest) (*consolepb.CheckPipelineResponse, error) {
	reply := &consolepb.CheckPipelineResponse{}
	if req.GetPipeline() == nil {
		return nil, invalid("field 'Pipeline' cannot be empty")
	}
	switch problem, err := problemOf(checkSize(req.GetPipeline())); {
	case err != nil:
		return nil, err
	case problem != "": // too much to look at
		reply.Problem = problem
		return reply, nil
	}
	p := own(req.GetPipeline())
	var err error
	if reply.Problem, err = problemOf(checkFrame(p)); err != nil {
		return nil, err
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	ctx, cancel := context.WithTimeout(ctx, s.trialLimit)
	defer cancel()
	snap := s.catalog.Snapshot()
	for _, step := range p.GetSteps() {
		module, err := s.module(ctx, snap, step, p.GetDataFormat())
		problem, err := problemOf(err)
		if err != nil {
			return nil, err
		}
		reply.Steps = append(reply.Steps, &consolepb.StepCheck{Problem: problem, ModuleBytes: uint32(len(module.GetBytes()))})
	}
	return reply, nil
}

// module checks a step and returns its module: a new one or, for a custom step, that which
// was uploaded. The error of a step that cannot be saved is the caller's.
func (s *Server) module(ctx context.Context, snap *catalog.Snapshot, step *pb.PipelineStep, format pb.PipelineDataFormat) (*shared.WasmModule, error) {
	if err := checkStep(step); err != nil {
		return nil, err
	}
	if step.GetCustom() != nil {
		return moduleOf(snap, step)
	}
	m, err := BuildStep(ctx, s.builder, step, format)
	var refusal *wasmbuild.StepError
	switch {
	case errors.As(err, &refusal):
		return nil, invalid("%s", refusal.Reason)
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, errLongTrial
	}
	if err != nil {
		return nil, fmt.Errorf("step %q: %w", step.GetName(), err)
	}
	return m, nil
}

// problemOf divides errors in those that the caller can do something about, as text, and others.
func problemOf(err error) (problem string, other error) {
	if kind, text := failure.Of(err); err != nil && kind == failure.Invalid {
		return text, nil
	}
	return "", err
}

// errLongTrial refuses to hold up others any longer.
var errLongTrial = failure.New(failure.Invalid,
	"the steps up to here take too long to build; use fewer, or simpler patterns, and try again: what is built need not be built again")

// enter waits for a place among those who build and run what nobody has saved. There are
// few: this must not take from those who save, and from SDKs, what they need.
func (s *Server) enter(ctx context.Context) error {
	select {
	case s.trials <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Server) leave() { <-s.trials }
