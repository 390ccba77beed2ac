package console

import (
	"fmt"
	"strings"
	"unicode"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

const (
	// maxSteps and maxPipeline bound what one pipeline costs every SDK and every viewer.
	maxSteps    = 100
	maxPipeline = 1 << 20 // bytes, modules not counted
	// maxText bounds ids and the names of authors.
	maxText = 255
	// maxJSON bounds pipeline_json before it is parsed; JSON is wordier than protobuf.
	maxJSON = 4 * maxPipeline
)

// requested returns the pipeline of a create or update request. The message wins when
// both forms are set.
func requested(p *pb.Pipeline, json []byte) (*pb.Pipeline, error) {
	switch {
	case p != nil:
		return p, nil
	case json == nil:
		return nil, invalid("must specify either Pipeline or PipelineJson")
	case len(json) == 0:
		return nil, invalid("pipeline JSON cannot be empty")
	case len(json) > maxJSON:
		return nil, invalid("pipeline JSON has %d bytes, at most %d are allowed", len(json), maxJSON)
	}
	p = &pb.Pipeline{}
	if err := protojson.Unmarshal(json, p); err != nil {
		return nil, invalid("unable to unmarshal pipeline JSON for validate: %v", err)
	}
	return p, nil
}

// checkPipeline says what is wrong with a pipeline before anything is built from it.
func checkPipeline(p *pb.Pipeline) error {
	if err := checkFrame(p); err != nil {
		return err
	}
	if err := checkSize(p); err != nil {
		return err
	}
	for _, step := range p.GetSteps() {
		if err := checkStep(step); err != nil {
			return fmt.Errorf("invalid step: %w", err)
		}
	}
	return nil
}

// checkFrame looks at what is around the steps.
func checkFrame(p *pb.Pipeline) error {
	if err := checkText("Id", p.GetId()); err != nil {
		return err
	}
	if p.GetName() == "" {
		return invalid("field 'Name' cannot be empty")
	}
	if len(p.GetSteps()) == 0 {
		return invalid("must have at least one step in pipeline")
	}
	return nil
}

func checkSize(p *pb.Pipeline) error {
	if n := len(p.GetSteps()); n > maxSteps {
		return invalid("pipeline has %d steps, at most %d are allowed; split it into several", n, maxSteps)
	}
	if n := proto.Size(p); n > maxPipeline {
		return invalid("pipeline has %d bytes, at most %d are allowed", n, maxPipeline)
	}
	return nil
}

func checkStep(step *pb.PipelineStep) error {
	if step.GetStep() == nil {
		return invalid(".Step cannot be nil")
	}
	detective := step.GetDetective()
	switch detective.GetType() {
	case steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD,
		steps.DetectiveType_DETECTIVE_TYPE_IS_TYPE,
		steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY:
		if detective.GetPath() == "" {
			return invalid("field 'Detective.Path' cannot be empty")
		}
	default: // the others search the whole payload without a path
	}
	return nil
}

// checkText refuses what would garble a log line or a list.
func checkText(field, text string) error {
	if len(text) > maxText {
		return invalid("field '%s' has %d bytes, at most %d are allowed", field, len(text), maxText)
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return invalid("field '%s' contains invalid characters", field)
	}
	return nil
}

func checkSet(field, value string) error {
	if value == "" {
		return invalid("field '%s' cannot be empty", field)
	}
	return nil
}

// checkAudience is the full check for an audience that nobody has announced. SDKs in the
// field use names that it refuses; those are accepted once they are known, or the Console
// could show them but not attach anything.
func checkAudience(snap *catalog.Snapshot, a *pb.Audience) error {
	if _, known := snap.Audiences[audience.KeyOf(a)]; known && audience.CheckSDK(a) == nil {
		return nil
	}
	return refused(audience.Check(a))
}

// refused makes the error of an audience check the caller's.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return invalid("%v", err)
}

func invalid(format string, args ...any) error {
	return failure.New(failure.Invalid, format, args...)
}

var errNoPipeline = failure.New(failure.NotFound, "pipeline not found")
