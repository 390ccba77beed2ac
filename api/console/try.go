package console

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/wasmbuild/bench"
)

// Bench tries a pipeline with the modules of its steps on a payload. What the author can do
// something about gives a *bench.ProblemError.
type Bench interface {
	Try(ctx context.Context, p *pb.Pipeline, modules []*shared.WasmModule, payload []byte) (*bench.Trial, error)
}

// TryPipeline runs a pipeline on one payload as the Go SDK would, for some seconds at most.
// Nothing is stored or sent.
func (s *Server) TryPipeline(ctx context.Context, req *consolepb.TryPipelineRequest) (*consolepb.TryPipelineResponse, error) {
	if req.GetPipeline() == nil {
		return nil, invalid("field 'Pipeline' cannot be empty")
	}
	problem, err := problemOf(checkPipeline(req.GetPipeline()))
	if err != nil || problem != "" {
		return &consolepb.TryPipelineResponse{Problem: problem}, err
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	building, cancel := context.WithTimeout(ctx, s.trialLimit)
	defer cancel()
	p := own(req.GetPipeline())
	if p.DataFormat == pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_UNSET {
		p.DataFormat = pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON // as SDKs are told
	}
	modules := make([]*shared.WasmModule, 0, len(p.GetSteps()))
	snap := s.catalog.Snapshot()
	for i, step := range p.GetSteps() {
		m, err := s.module(building, snap, step, req.GetPipeline().GetDataFormat())
		if problem, err := problemOf(err); err != nil || problem != "" {
			if err != nil {
				return nil, err
			}
			return &consolepb.TryPipelineResponse{Problem: fmt.Sprintf("step %d %q: %s", i+1, step.GetName(), problem)}, nil
		}
		modules = append(modules, m)
	}
	trial, err := s.bench.Try(ctx, p, modules, req.GetPayload())
	var refusal *bench.ProblemError
	if errors.As(err, &refusal) {
		return &consolepb.TryPipelineResponse{Problem: refusal.Reason}, nil
	}
	if err != nil {
		return nil, err
	}
	return tried(trial), nil
}

func tried(trial *bench.Trial) *consolepb.TryPipelineResponse {
	reply := &consolepb.TryPipelineResponse{
		Payload: trial.Payload, Aborted: trial.Abort != pb.AbortCondition_ABORT_CONDITION_UNSET,
	}
	for _, o := range trial.Steps {
		step := &consolepb.StepTrial{Verdict: verdicts[o.Status], Message: o.Message, Nanoseconds: uint64(o.Took), Payload: o.Payload}
		for _, m := range o.Answer.GetInterStepResult().GetDetectiveResult().GetMatches() {
			step.Matches = append(step.Matches, m.GetPath())
		}
		reply.Steps = append(reply.Steps, step)
	}
	return reply
}

var verdicts = map[pb.ExecStatus]string{
	pb.ExecStatus_EXEC_STATUS_TRUE: "true", pb.ExecStatus_EXEC_STATUS_FALSE: "false", pb.ExecStatus_EXEC_STATUS_ERROR: "error",
}
