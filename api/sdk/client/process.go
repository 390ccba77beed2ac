package client

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// maxPayload is the largest payload that SDKs process.
const maxPayload = 1 << 20

// Process runs an audience's pipelines on a payload and returns what the application would
// get from an SDK. The audience is announced if it is new. The error is for what cannot be
// processed at all; what steps find and why they fail is in the response.
func (c *Client) Process(ctx context.Context, a *pb.Audience, payload []byte) (*pb.SDKResponse, error) {
	if err := audience.CheckSDK(a); err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	if err := c.Announce(ctx, a); err != nil {
		c.opts.Log.Debug().Err(err).Msg("audience not announced; heartbeats will")
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	r := &run{client: c, audience: a, data: payload}
	r.response.Status = pb.ExecStatus_EXEC_STATUS_TRUE
	pipelines := c.lists[audience.KeyOf(a)]
	c.report.rates(a, len(payload))
	switch {
	case len(payload) > maxPayload && len(pipelines) > 0:
		r.fail(fmt.Sprintf("payload size exceeds maximum of '%d' bytes", maxPayload))
	case c.opts.Engine != nil:
		r.all(ctx, pipelines)
	}
	c.tails.offer(a, c.opts.Session, payload, r.data)
	r.response.Data = r.data
	if c.opts.DryRun {
		r.response.Data = payload
	}
	return &r.response, nil
}

// run is one payload on its way.
type run struct {
	client   *Client
	audience *pb.Audience
	data     []byte
	response pb.SDKResponse
}

func (r *run) fail(message string) {
	r.response.Status = pb.ExecStatus_EXEC_STATUS_ERROR
	r.response.StatusMessage = proto.String(message)
}

func (r *run) all(ctx context.Context, pipelines []*pb.Pipeline) {
	for _, p := range pipelines {
		r.client.report.pipeline(r.audience, p, len(r.data))
		if r.pipeline(ctx, p) == pb.AbortCondition_ABORT_CONDITION_ABORT_ALL {
			return
		}
	}
}

// pipeline runs one pipeline and returns how it was aborted, if it was.
func (r *run) pipeline(ctx context.Context, p *pb.Pipeline) pb.AbortCondition {
	status := &pb.PipelineStatus{Id: p.GetId(), Name: p.GetName()}
	r.response.PipelineStatus = append(r.response.PipelineStatus, status)
	var found *pb.InterStepResult
	for _, step := range p.GetSteps() {
		answer, message := r.call(ctx, p, step, found)
		exec, conditions := outcome(step, answer)
		one := &pb.StepStatus{
			Name: step.GetName(), Status: exec, StatusMessage: proto.String(message), AbortCondition: conditions.GetAbort(),
		}
		status.StepStatus = append(status.StepStatus, one)
		r.response.Status, r.response.StatusMessage = exec, one.StatusMessage
		if answer != nil {
			found = answer.GetInterStepResult()
			r.take(step, answer)
		}
		if exec == pb.ExecStatus_EXEC_STATUS_ERROR {
			r.client.report.failed(r.audience, p)
		}
		r.conditions(p, step, exec, conditions)
		if abort := conditions.GetAbort(); abort != pb.AbortCondition_ABORT_CONDITION_UNSET {
			return abort
		}
	}
	return pb.AbortCondition_ABORT_CONDITION_UNSET
}

// call runs one step. A module that traps gives no answer, only a message.
func (r *run) call(ctx context.Context, p *pb.Pipeline, step *pb.PipelineStep, found *pb.InterStepResult) (*pb.WASMResponse, string) {
	instance := r.client.code[step.GetXWasmId()]
	if instance == nil {
		return nil, fmt.Sprintf("module '%s' is not loaded", step.GetXWasmId())
	}
	if found != nil {
		found.Audience = r.audience
	}
	answer, err := instance.Call(ctx, &pb.WASMRequest{
		Step: step, InputPayload: r.data, InterStepResult: found, DataFormat: p.GetDataFormat(),
	})
	if err != nil {
		return nil, fmt.Sprintf("Wasm Error: wasm error during step '%s:%s': %s", p.GetName(), step.GetName(), err)
	}
	return answer, answer.GetExitMsg()
}

// take uses what a step answered. As in the Go SDK, an answer's payload replaces the data
// even when it is empty.
func (r *run) take(step *pb.PipelineStep, answer *pb.WASMResponse) {
	r.data = answer.GetOutputPayload()
	if step.GetInferSchema() != nil && answer.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE {
		r.client.report.schema(r.audience, answer.GetOutputStep())
	}
}

// outcome returns what a step came to, and what is to be done then.
func outcome(step *pb.PipelineStep, answer *pb.WASMResponse) (pb.ExecStatus, *pb.PipelineStepConditions) {
	switch answer.GetExitCode() {
	case pb.WASMExitCode_WASM_EXIT_CODE_TRUE:
		return pb.ExecStatus_EXEC_STATUS_TRUE, step.GetOnTrue()
	case pb.WASMExitCode_WASM_EXIT_CODE_FALSE:
		return pb.ExecStatus_EXEC_STATUS_FALSE, step.GetOnFalse()
	default:
		return pb.ExecStatus_EXEC_STATUS_ERROR, step.GetOnError()
	}
}

// conditions does what a step's conditions ask for besides aborting.
func (r *run) conditions(p *pb.Pipeline, step *pb.PipelineStep, exec pb.ExecStatus, conditions *pb.PipelineStepConditions) {
	if len(conditions.GetMetadata()) > 0 && r.response.Metadata == nil {
		r.response.Metadata = make(map[string]string)
	}
	for key, value := range conditions.GetMetadata() {
		r.response.Metadata[key] = value
	}
	if conditions.GetNotification() != nil && !r.client.opts.DryRun {
		r.client.report.notify(&pb.NotifyRequest{
			ConditionType: pb.NotifyRequest_ConditionType(exec), // both count true, false, error from 1
			Step:          step, Audience: r.audience, PipelineId: p.GetId(), Payload: r.data,
		})
	}
}
