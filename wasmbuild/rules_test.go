package wasmbuild

import (
	"bytes"
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// sampleStep is a step of a kind that is built, with a name for subtests.
type sampleStep struct {
	name string
	step *pb.PipelineStep
}

func detective(typ steps.DetectiveType, path string, args ...string) *pb.PipelineStep {
	return &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
		Type: typ, Path: proto.String(path), Args: args, Negate: proto.Bool(false),
	}}}
}

func transform(s *steps.TransformStep) *pb.PipelineStep {
	return &pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}
}

func extraction(flatten bool, paths ...string) *steps.TransformStep {
	return &steps.TransformStep{
		Type:    steps.TransformType_TRANSFORM_TYPE_EXTRACT,
		Options: &steps.TransformStep_ExtractOptions{ExtractOptions: &steps.TransformExtractOptions{Paths: paths, Flatten: flatten}},
	}
}

func inferSchema() *pb.PipelineStep {
	return &pb.PipelineStep{Step: &pb.PipelineStep_InferSchema{InferSchema: &steps.InferSchemaStep{}}}
}

func kv(mode steps.KVMode, key string) *pb.PipelineStep {
	return &pb.PipelineStep{Step: &pb.PipelineStep_Kv{Kv: &steps.KVStep{Action: shared.KVAction_KV_ACTION_EXISTS, Mode: mode, Key: key}}}
}

func httpRequest(url string) *pb.PipelineStep {
	return &pb.PipelineStep{Name: "call", Step: &pb.PipelineStep_HttpRequest{HttpRequest: &steps.HttpRequestStep{Request: &steps.HttpRequest{
		Method: steps.HttpRequestMethod_HTTP_REQUEST_METHOD_POST, Url: url, Body: []byte(`{"found":true}`), Headers: map[string]string{"X-Rule": "call"},
	}}}}
}

func dynamic(s *pb.PipelineStep) *pb.PipelineStep {
	s.Dynamic = true
	return s
}

// sampleSteps has every kind of step that is built, by path and over the whole payload.
func sampleSteps() []sampleStep {
	const path = "customer.contact.email"
	replace := &steps.TransformStep{Type: steps.TransformType_TRANSFORM_TYPE_REPLACE_VALUE, Options: &steps.TransformStep_ReplaceValueOptions{
		ReplaceValueOptions: &steps.TransformReplaceValueOptions{Path: path, Value: `"REDACTED"`},
	}}
	mask := &steps.TransformStep{Type: steps.TransformType_TRANSFORM_TYPE_MASK_VALUE, Options: &steps.TransformStep_MaskOptions{
		MaskOptions: &steps.TransformMaskOptions{Path: path, Mask: "*"},
	}}
	obfuscate := &steps.TransformStep{Type: steps.TransformType_TRANSFORM_TYPE_OBFUSCATE_VALUE, Options: &steps.TransformStep_ObfuscateOptions{
		ObfuscateOptions: &steps.TransformObfuscateOptions{Path: path},
	}}
	remove := &steps.TransformStep{Type: steps.TransformType_TRANSFORM_TYPE_DELETE_FIELD, Options: &steps.TransformStep_DeleteFieldOptions{
		DeleteFieldOptions: &steps.TransformDeleteFieldOptions{Paths: []string{path}},
	}}
	return []sampleStep{
		{"equal", detective(steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, path, "mina@example.com")},
		{"equal-scan", detective(steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, "", "mina@example.com")},
		{"contains", detective(steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY, path, "@example", "@test")},
		{"has-field", detective(steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, path)},
		{"is-type", detective(steps.DetectiveType_DETECTIVE_TYPE_IS_TYPE, path, "string")},
		{"numeric", detective(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_RANGE, "total", "1", "1000")},
		{"numeric-scan", detective(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_THAN, "", "999")},
		{"email", detective(steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, path)},
		{"email-scan", detective(steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, "")},
		{"card-scan", detective(steps.DetectiveType_DETECTIVE_TYPE_PII_CREDIT_CARD, "")},
		{"url-scan", detective(steps.DetectiveType_DETECTIVE_TYPE_URL, "")},
		{"version-scan", detective(steps.DetectiveType_DETECTIVE_TYPE_SEMVER, "")},
		{"uuid-scan", detective(steps.DetectiveType_DETECTIVE_TYPE_UUID, "")},
		{"time", detective(steps.DetectiveType_DETECTIVE_TYPE_TIMESTAMP_RFC3339, "placed")},
		{"replace", transform(replace)},
		{"mask", transform(mask)},
		{"obfuscate", transform(obfuscate)},
		{"delete", transform(remove)},
		{"mask-dynamic", dynamic(transform(proto.CloneOf(mask)))},
		{"delete-dynamic", dynamic(transform(proto.CloneOf(remove)))},
		{"extract", transform(extraction(false, path, "id"))},
		{"extract-places", transform(extraction(false, "lines.#.sku", "customer.*"))},
		{"extract-dynamic", dynamic(transform(extraction(true, "lines.#.sku", path)))},
		{"infer-schema", inferSchema()},
		{"kv", kv(steps.KVMode_KV_MODE_STATIC, "u-7")},
		{"kv-dynamic", kv(steps.KVMode_KV_MODE_DYNAMIC, path)},
		{"http", httpRequest("http://hooks.example/found")},
		{"http-dynamic", dynamic(httpRequest("http://hooks.example/found"))},
		{"valid-json", &pb.PipelineStep{Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}}},
	}
}

func build(t testing.TB, b *Builder, step *pb.PipelineStep) *Module {
	t.Helper()
	m, err := b.Step(t.Context(), step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// order is a believable payload of at least size bytes, with what the sample
// steps look for at its end.
func order(size int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"id":"ord-00042","placed":"2026-08-01T10:20:30Z","lines":[`)
	for i := 0; b.Len() < size-200; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"sku":"A-1017","title":"Walking boots, \"all weather\"","qty":2,"price":129.95,"gift":false,"note":null}`)
	}
	b.WriteString(`],"total":259.9,"customer":{"id":812,"name":"Mina Patel","contact":{"phone":"+1 775 555 0100","email":"mina@example.com"}}}`)
	if !json.Valid(b.Bytes()) {
		panic("order is not valid JSON")
	}
	return b.Bytes()
}

// findings are what a detective found in order, for dynamic steps.
func findings() *pb.InterStepResult {
	return &pb.InterStepResult{InputFrom: &pb.InterStepResult_DetectiveResult{DetectiveResult: &steps.DetectiveStepResult{
		Matches: []*steps.DetectiveStepResultMatch{{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, Path: "customer.contact.email", Value: []byte("mina@example.com")}},
	}}}
}

func requestFor(step *pb.PipelineStep, payload []byte) *pb.WASMRequest {
	r := &pb.WASMRequest{Step: step, InputPayload: payload, DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON}
	if step.GetDynamic() {
		r.InterStepResult = findings()
	}
	return r
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
