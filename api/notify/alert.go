package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// source is what a request is about, as it is stored.
type source struct {
	pipeline *pb.Pipeline
	step     *pb.PipelineStep
	then     *pb.PipelineStepConditions
	rule     *pb.PipelineStepNotification
}

// find returns the stored step that a request names, nil when there is none.
func find(snap *catalog.Snapshot, req *pb.NotifyRequest) *source {
	p := snap.Pipelines[req.GetPipelineId()]
	step := stored(p, req.GetStep())
	if step == nil {
		return nil
	}
	then := conditions(step, req.GetConditionType())
	return &source{pipeline: p, step: step, then: then, rule: then.GetNotification()}
}

// stored returns the step of a pipeline that an SDK's copy is of. Names need not be unique:
// of several, what the step does decides, else the first counts.
func stored(p *pb.Pipeline, copied *pb.PipelineStep) *pb.PipelineStep {
	var first *pb.PipelineStep
	for _, s := range p.GetSteps() {
		switch {
		case s.GetName() != copied.GetName():
		case does(s, copied):
			return s
		case first == nil:
			first = s
		}
	}
	return first
}

// does reports whether two steps do the same.
func does(a, b *pb.PipelineStep) bool {
	return a.GetXWasmId() == b.GetXWasmId() &&
		proto.Equal(&pb.PipelineStep{Step: a.GetStep()}, &pb.PipelineStep{Step: b.GetStep()})
}

func conditions(step *pb.PipelineStep, met pb.NotifyRequest_ConditionType) *pb.PipelineStepConditions {
	switch met {
	case pb.NotifyRequest_CONDITION_TYPE_ON_TRUE:
		return step.GetOnTrue()
	case pb.NotifyRequest_CONDITION_TYPE_ON_FALSE:
		return step.GetOnFalse()
	case pb.NotifyRequest_CONDITION_TYPE_ON_ERROR:
		return step.GetOnError()
	default:
		return nil
	}
}

// configOf returns the id under which a config is stored. Ids that were taken over from the
// original are in lower case, as its keys were, and steps may spell them otherwise.
func configOf(snap *catalog.Snapshot, asked string) (id string, known bool) {
	for _, id := range []string{asked, strings.ToLower(asked)} {
		if snap.Notifications[id] != nil {
			return id, true
		}
	}
	return "", false
}

// alert is what people are told. It does not change once it is made.
type alert struct {
	Title         string
	Summary       string
	PipelineID    string
	PipelineName  string
	StepName      string
	StepType      string
	Condition     string
	Service       string
	Operation     string
	OperationType string
	Occurred      time.Time
	Metadata      string // a line for each entry, "" for none
	Payload       string // "" for none
}

// row is a labelled value of an alert.
type row struct{ Label, Value string }

// rows are what every message shows, in its order.
func (a *alert) rows() []row {
	return []row{
		{"Pipeline ID", a.PipelineID},
		{"Pipeline Name", a.PipelineName},
		{"Step Type", a.StepType},
		{"Step Name", a.StepName},
		{"Condition Met", a.Condition},
		{"Service Name", a.Service},
		{"Operation Name", a.Operation},
		{"Operation Type", a.OperationType},
	}
}

const title = "Streamdal Alert"

// maxMetadata bounds what a step says about itself in each message.
const maxMetadata = 4 << 10

// maxName bounds names in messages: receivers refuse long ones, and SDKs choose some.
const maxName = 200

// alert returns what to tell people about a request. now is when it came.
func (s *source) alert(req *pb.NotifyRequest, now time.Time) *alert {
	a := &alert{
		Title:      title,
		PipelineID: brief(s.pipeline.GetId()), PipelineName: brief(s.pipeline.GetName()),
		StepName: brief(s.step.GetName()), StepType: stepType(s.step), Condition: condition(req.GetConditionType()),
		Service: brief(req.GetAudience().GetServiceName()), Operation: brief(req.GetAudience().GetOperationName()),
		OperationType: operationType(req.GetAudience().GetOperationType()),
		Occurred:      occurred(req.GetOccurredAtUnixTsUtc(), now),
		Payload:       excerpt(s.rule, req.GetPayload()),
	}
	a.Summary = fmt.Sprintf("%s: %s, %s, %s", title, a.PipelineName, a.StepName, a.Condition)
	var metadata strings.Builder
	for _, key := range slices.Sorted(maps.Keys(s.then.GetMetadata())) {
		fmt.Fprintf(&metadata, "%s = %s\n", key, s.then.GetMetadata()[key])
	}
	a.Metadata = cut(metadata.String(), maxMetadata)
	return a
}

// trial is the alert that Test sends.
func trial(now time.Time) *alert {
	const test = "test"
	return &alert{
		Title: "Streamdal test notification", Summary: "Streamdal test notification: nothing happened, and this message arrived",
		PipelineID: test, PipelineName: test, StepName: test, StepType: "Detective", Condition: "on_true",
		Service: test, Operation: test, OperationType: "Consumer", Occurred: now,
	}
}

// note says what the reader would otherwise not know, "" for nothing.
func note(suppressed int) string {
	if suppressed == 0 {
		return ""
	}
	return fmt.Sprintf("%d more since the last message were not sent, because there were too many.", suppressed)
}

// occurred is when an SDK says something happened, unless its clock makes no sense.
func occurred(unix int64, now time.Time) time.Time {
	at := time.Unix(unix, 0)
	if unix <= 0 || at.After(now.Add(24*time.Hour)) {
		return now
	}
	return at
}

func brief(name string) string { return cut(name, maxName) }

func condition(c pb.NotifyRequest_ConditionType) string {
	switch c {
	case pb.NotifyRequest_CONDITION_TYPE_ON_TRUE:
		return "on_true"
	case pb.NotifyRequest_CONDITION_TYPE_ON_FALSE:
		return "on_false"
	case pb.NotifyRequest_CONDITION_TYPE_ON_ERROR:
		return "on_error"
	default:
		return "unknown"
	}
}

func operationType(o pb.OperationType) string {
	switch o {
	case pb.OperationType_OPERATION_TYPE_CONSUMER:
		return "Consumer"
	case pb.OperationType_OPERATION_TYPE_PRODUCER:
		return "Producer"
	default:
		return "Unknown"
	}
}

func stepType(step *pb.PipelineStep) string {
	switch step.GetStep().(type) {
	case *pb.PipelineStep_SchemaValidation:
		return "Schema Validation"
	case *pb.PipelineStep_Detective:
		return "Detective"
	case *pb.PipelineStep_HttpRequest:
		return "HTTP Request"
	case *pb.PipelineStep_Transform:
		return "Transform"
	case *pb.PipelineStep_Encode:
		return "Encode"
	case *pb.PipelineStep_Decode:
		return "Decode"
	case *pb.PipelineStep_ValidJson:
		return "Valid JSON"
	case *pb.PipelineStep_Kv:
		return "KV"
	case *pb.PipelineStep_Custom:
		return "Custom"
	case *pb.PipelineStep_InferSchema:
		return "Infer Schema"
	default:
		return "Unknown Step Type"
	}
}
