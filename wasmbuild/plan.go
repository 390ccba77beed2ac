package wasmbuild

import (
	"fmt"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/link/data"
)

// StepError is a step that cannot be built. Reason is a full sentence that
// names the kind and says what to do.
type StepError struct{ Reason string }

func (e *StepError) Error() string { return e.Reason }

// refuse makes a StepError.
func refuse(format string, a ...any) error { return &StepError{fmt.Sprintf(format, a...)} }

// rule is what one step needs of the kernel. Planners fill it in.
type rule struct {
	// about says in a few words what the module does.
	about string
	// entry is the kernel function that becomes f.
	entry string
	// bind replaces kernel functions marked //wasm:bind by others, by name.
	bind map[string]string
	// set gives exported kernel variables their constant values: addresses in data, counts, flags.
	set map[string]uint32
	// data holds the constants, at the addresses the module will have them.
	data *data.Segment
}

func newRule(base uint32) *rule {
	return &rule{bind: map[string]string{}, set: map[string]uint32{}, data: data.New(base)}
}

// planStep fills r for a step, of which only the part that decides about the
// module is there. It returns a *StepError when the step cannot be built.
func planStep(r *rule, step *pb.PipelineStep, format pb.PipelineDataFormat) error {
	switch step.GetStep().(type) {
	case *pb.PipelineStep_Detective:
		r.about = "detective " + step.GetDetective().GetType().String()
		return planDetective(r, step, format)
	case *pb.PipelineStep_Transform:
		r.about = "transform " + step.GetTransform().GetType().String()
		return planTransform(r, step, format)
	case *pb.PipelineStep_InferSchema:
		r.about = "infer_schema"
		return planInferSchema(r)
	case nil:
		return refuse("The step does nothing; give it a detective, a transform or another kind.")
	}
	return refuse("%s steps are not supported by this release; remove the step or choose another kind.", kindOf(step))
}

// kindOf names the step kinds that have no planner.
func kindOf(step *pb.PipelineStep) string {
	switch step.GetStep().(type) {
	case *pb.PipelineStep_Encode:
		return "Encode"
	case *pb.PipelineStep_Decode:
		return "Decode"
	case *pb.PipelineStep_Custom:
		return "Custom"
	case *pb.PipelineStep_HttpRequest:
		return "HTTP request"
	case *pb.PipelineStep_Kv:
		return "Key-value"
	case *pb.PipelineStep_ValidJson:
		return "Valid-JSON"
	case *pb.PipelineStep_SchemaValidation:
		return "Schema validation"
	}
	return "Such"
}
