package fleet

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// Quirks are the ways in which an SDK's commands have to differ from the others'. They are
// comparable: sessions with equal quirks share frames.
type Quirks struct {
	// InlineModules: the SDK runs a step only if the step itself carries its module's bytes.
	InlineModules bool
	// NoKV: any key-value instruction ends the SDK's stream handling for good.
	NoKV bool
	// PullCounts: the SDK appends every list it is sent to what it has, so that a push of
	// what it has just pulled would make it run everything twice.
	PullCounts bool
	// MaxBytes is the largest message that the SDK takes; 0 means larger than any we send.
	MaxBytes int
	// IntervalIsRate: the SDK takes the interval of a tail's sample options for how many
	// payloads to send per second.
	IntervalIsRate bool
}

// rubyMaxBytes is the default limit of the library that the Ruby SDK uses, 4 MiB, less some
// room for what is around the pipelines.
const rubyMaxBytes = 4<<20 - 4<<10

// quirkTable is the one place that knows SDKs by name. What else Go and Node need (module
// map, exact spelling of the service, no _created_by, a step named "Infer Schema", sample
// options) everyone gets.
var quirkTable = []struct {
	library   string // ClientInfo.library_name
	userAgent string // prefix; the only thing known about who pulls
	quirks    Quirks
}{
	{"go-sdk", "grpc-go/", Quirks{}},
	{"node-sdk", "grpc-node-js/", Quirks{}},
	{"python-sdk", "grpc-python-grpclib/", Quirks{InlineModules: true, IntervalIsRate: true}},
	{"ruby-sdk", "grpc-ruby/", Quirks{NoKV: true, PullCounts: true, MaxBytes: rubyMaxBytes}},
}

// QuirksOf returns the quirks of an SDK by its library name or, for calls that do not tell
// it, by its user agent. Unknown ones have none.
func QuirksOf(library, userAgent string) Quirks {
	for _, row := range quirkTable {
		if library == row.library || (library == "" && strings.HasPrefix(userAgent, row.userAgent)) {
			return row.quirks
		}
	}
	return Quirks{}
}

// defaultFunction is the entry point of every module that wasmbuild makes.
const defaultFunction = "f"

// forSDK returns a pipeline as SDKs should see it, without what only the server and the
// Console need and with what some SDKs would otherwise misread.
func forSDK(p *pb.Pipeline, modules map[string]*shared.WasmModule) *pb.Pipeline {
	p = proto.CloneOf(p)
	nameModules(p, modules)
	p.XNotificationConfigs = nil //nolint:staticcheck // deprecated, but old records have it, with secrets
	p.XPaused, p.XCreatedBy = nil, nil
	if p.DataFormat == pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_UNSET {
		p.DataFormat = pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON
	}
	for _, step := range p.GetSteps() {
		step.XWasmBytes = nil
		if step.GetXWasmFunction() == "" {
			step.XWasmFunction = proto.String(defaultFunction)
		}
		for _, conditions := range []*pb.PipelineStepConditions{step.GetOnTrue(), step.GetOnFalse(), step.GetOnError()} {
			raiseNotifyFlag(conditions)
		}
		if request := step.GetHttpRequest().GetRequest(); request.GetBodyMode() == steps.HttpRequestBodyMode_HTTP_REQUEST_BODY_MODE_UNSET && request != nil {
			// Go sends no body for it, Python refuses it.
			request.BodyMode = steps.HttpRequestBodyMode_HTTP_REQUEST_BODY_MODE_STATIC
		}
	}
	return p
}

// raiseNotifyFlag sets the deprecated flag, the only one that Python looks at.
func raiseNotifyFlag(c *pb.PipelineStepConditions) {
	if c.GetNotification() != nil {
		c.Notify = true //nolint:staticcheck // deprecated, and still what Python reads
	}
}
