// Package bench runs pipelines on payloads as the Go SDK does: for the sessions that this
// project plays, and to try pipelines before anybody saves them.
package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
)

// MaxPayload is the largest payload that SDKs process.
const MaxPayload = 1 << 20

// Instance is a loaded module.
type Instance interface {
	Call(ctx context.Context, request *pb.WASMRequest) (*pb.WASMResponse, error)
}

// Outcome is what a step came to.
type Outcome struct {
	Status     pb.ExecStatus
	Message    string
	Conditions *pb.PipelineStepConditions // what is to be done then
	Answer     *pb.WASMResponse           // nil when the module gave none
	Payload    []byte                     // after the step
	Took       time.Duration              // of the call
}

// Run runs a pipeline on a payload. load returns the module of a step, nil when there is
// none; each is told of every step that ran. It returns the payload afterwards and how the
// pipeline was aborted, if it was.
func Run(
	ctx context.Context, p *pb.Pipeline, a *pb.Audience, payload []byte,
	load func(*pb.PipelineStep) Instance, each func(*pb.PipelineStep, Outcome),
) ([]byte, pb.AbortCondition) {
	var found *pb.InterStepResult
	for _, step := range p.GetSteps() {
		if found != nil {
			found.Audience = a
		}
		o := call(ctx, load(step), p, step, &pb.WASMRequest{
			Step: step, InputPayload: payload, InterStepResult: found, DataFormat: p.GetDataFormat(),
		})
		if o.Answer != nil {
			// As in the Go SDK, an answer's payload replaces the data even when it is empty.
			found, payload = o.Answer.GetInterStepResult(), o.Answer.GetOutputPayload()
		}
		o.Payload = payload
		each(step, o)
		if abort := o.Conditions.GetAbort(); abort != pb.AbortCondition_ABORT_CONDITION_UNSET {
			return payload, abort
		}
	}
	return payload, pb.AbortCondition_ABORT_CONDITION_UNSET
}

// call runs one step. A module that traps gives no answer, only a message.
func call(ctx context.Context, module Instance, p *pb.Pipeline, step *pb.PipelineStep, request *pb.WASMRequest) (o Outcome) {
	defer func() { o.Status, o.Conditions = outcome(step, o.Answer) }()
	if module == nil {
		o.Message = fmt.Sprintf("module '%s' is not loaded", step.GetXWasmId())
		return o
	}
	began := time.Now()
	answer, err := module.Call(ctx, request)
	o.Took = time.Since(began)
	if err != nil {
		o.Message = fmt.Sprintf("Wasm Error: wasm error during step '%s:%s': %s", p.GetName(), step.GetName(), err)
		return o
	}
	o.Answer, o.Message = answer, answer.GetExitMsg()
	return o
}

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
