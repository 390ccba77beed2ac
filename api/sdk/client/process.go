package client

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/wasmbuild/bench"
)

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
	case len(payload) > bench.MaxPayload && len(pipelines) > 0:
		r.fail(fmt.Sprintf("payload size exceeds maximum of '%d' bytes", bench.MaxPayload))
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
func (r *run) pipeline(ctx context.Context, p *pb.Pipeline) (abort pb.AbortCondition) {
	status := &pb.PipelineStatus{Id: p.GetId(), Name: p.GetName()}
	r.response.PipelineStatus = append(r.response.PipelineStatus, status)
	load := func(step *pb.PipelineStep) bench.Instance { return r.client.code[step.GetXWasmId()] }
	r.data, abort = bench.Run(ctx, p, r.audience, r.data, load, func(step *pb.PipelineStep, o bench.Outcome) {
		one := &pb.StepStatus{
			Name: step.GetName(), Status: o.Status, StatusMessage: proto.String(o.Message), AbortCondition: o.Conditions.GetAbort(),
		}
		status.StepStatus = append(status.StepStatus, one)
		r.response.Status, r.response.StatusMessage = o.Status, one.StatusMessage
		r.data = o.Payload
		if step.GetInferSchema() != nil && o.Status == pb.ExecStatus_EXEC_STATUS_TRUE {
			r.client.report.schema(r.audience, o.Answer.GetOutputStep())
		}
		if o.Status == pb.ExecStatus_EXEC_STATUS_ERROR {
			r.client.report.failed(r.audience, p)
		}
		r.conditions(p, step, o.Status, o.Conditions)
	})
	return abort
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
		r.client.report.notified(r.audience, p)
		r.client.report.notify(&pb.NotifyRequest{
			ConditionType: pb.NotifyRequest_ConditionType(exec), // both count true, false, error from 1
			Step:          step, Audience: r.audience, PipelineId: p.GetId(), Payload: r.data,
		})
	}
}
