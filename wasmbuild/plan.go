package wasmbuild

import (
	"fmt"
	"strings"

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
		r.about = "detective " + short(step.GetDetective().GetType(), "DETECTIVE_TYPE_")
		return planDetective(r, step, format)
	case *pb.PipelineStep_Transform:
		r.about = "transform " + short(step.GetTransform().GetType(), "TRANSFORM_TYPE_")
		return planTransform(r, step, format)
	case *pb.PipelineStep_InferSchema:
		r.about = "infer_schema"
		return planInferSchema(r)
	case *pb.PipelineStep_Kv:
		r.about = "kv " + short(step.GetKv().GetAction(), "KV_ACTION_")
		return planKV(r, step)
	case *pb.PipelineStep_HttpRequest:
		r.about = "http_request " + short(step.GetHttpRequest().GetRequest().GetMethod(), "HTTP_REQUEST_METHOD_")
		return planHTTP(r, step)
	case *pb.PipelineStep_ValidJson:
		r.about = "valid_json"
		return planValidJSON(r)
	case *pb.PipelineStep_SchemaValidation:
		r.about = "schema_validation"
		return planSchemaValidation(r, step.GetSchemaValidation())
	}
	return refuseKind(step)
}

// short is the name of an enumeration's value without the enumeration's own.
func short(value fmt.Stringer, prefix string) string {
	return strings.TrimPrefix(value.String(), prefix)
}
