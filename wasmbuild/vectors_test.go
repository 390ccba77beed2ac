package wasmbuild

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// vector is one measured answer of the original's modules.
type vector struct {
	file      string // without directory and extension
	Name      string
	Step      json.RawMessage
	Format    string          `json:"data_format"`
	Input     []byte          `json:"input_b64"`
	InterStep json.RawMessage `json:"inter_step_result"`
	Raw       *[]byte         `json:"raw_request_b64"`
	Host      host            `json:"kv_or_http_host"`
	Want      answer
	WantAny   []answer `json:"want_any"`
}

// answer is what a module answers, or that it traps.
type answer struct {
	Trap       bool            `json:"trap,omitempty"`
	ExitCode   string          `json:"exit_code"`
	ExitMsg    string          `json:"exit_msg"`
	Output     []byte          `json:"output_b64"`
	OutputStep *[]byte         `json:"output_step_b64"`
	InterStep  json.RawMessage `json:"inter_step_result"`
	// HostRequests are what the module handed to its host, as JSON. A deviation that
	// leaves them out does not say.
	HostRequests []json.RawMessage `json:"host_requests,omitempty"`
}

// deviation says that we answer otherwise than the original, and why. Either
// Want or Refused is given.
type deviation struct {
	Name    string // file/name of the vector
	Quirk   string // "Q19": a numbered quirk of the original; or "design"
	Reason  string
	Want    *answer
	Refused string // part of the StepError's reason
}

// TestVectors holds our modules against the original's answers. One file or
// vector: go test -run 'TestVectors/transform/replace/with-number'.
func TestVectors(t *testing.T) {
	t.Parallel()
	deviations := readDeviations(t)
	files, err := filepath.Glob("testdata/vectors/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	b := newBuilder(t)
	whole := t.Run("files", func(t *testing.T) {
		for _, file := range files {
			stem := strings.TrimSuffix(filepath.Base(file), ".jsonl")
			t.Run(stem, func(t *testing.T) {
				t.Parallel()
				env := &fakeHost{}
				engine := newRunner(t, env.options())
				for _, v := range readVectors(t, file) {
					v.file = stem
					t.Run(v.Name, func(t *testing.T) { checkVector(t, b, engine, env, v, deviations) })
				}
			})
		}
	})
	if whole {
		deviations.checkUsed(t)
	}
}

func checkVector(t *testing.T, b *Builder, engine *runner.Runtime, env *fakeHost, v vector, deviations *deviationSet) {
	step, home := v.step(t)
	format := pb.PipelineDataFormat(v.format(t))
	name := v.file + "/" + v.Name
	d := deviations.take(name)
	m, err := b.Step(t.Context(), home, format)
	var refused *StepError
	switch {
	case errors.As(err, &refused):
		switch {
		case d != nil && d.Refused != "" && strings.Contains(refused.Reason, d.Refused):
		case d != nil:
			t.Errorf("Step refuses %q, which the deviation does not say", refused.Reason)
		case isBuilt(home):
			t.Errorf("Step refuses %q", refused.Reason)
		}
		return
	case err != nil:
		t.Fatal(err)
	case d != nil && d.Refused != "":
		t.Errorf("Step builds what the deviation says is refused")
		return
	}
	env.begin(v.Host)
	got := v.run(t, engine, m, step, format)
	got.HostRequests = env.requests(t)
	matches := equalAnswers(t, got, v.Want)
	for _, want := range v.WantAny {
		matches = matches || equalAnswers(t, got, want)
	}
	switch {
	case d == nil && !matches:
		t.Errorf("got  %s\nwant %s", got, v.Want)
	case d != nil && matches:
		t.Errorf("the deviation is stale: we answer as the original does")
	case d != nil && !equalAnswers(t, got, *d.Want):
		t.Errorf("got  %s\ndeviation wants %s", got, *d.Want)
	}
}

// homes are the steps whose modules get the requests that carry no step, or one
// of another kind: our modules do not read the request's step.
var homes = map[string]string{
	"detective":        `{"detective":{"path":"v","args":["a"],"type":"DETECTIVE_TYPE_STRING_EQUAL"}}`,
	"transform":        `{"transform":{"type":"TRANSFORM_TYPE_MASK_VALUE","mask_options":{"path":"a"}}}`,
	"inferschema":      `{"infer_schema":{}}`,
	"schemavalidation": `{"schema_validation":{"type":"SCHEMA_VALIDATION_TYPE_JSONSCHEMA","condition":"SCHEMA_VALIDATION_CONDITION_MATCH","json_schema":{"json_schema":"e30=","draft":"JSONSCHEMA_DRAFT_07"}}}`,
	"kv":               `{"kv":{"action":"KV_ACTION_EXISTS","mode":"KV_MODE_STATIC","key":"u-7"}}`,
	"httprequest":      `{"http_request":{"request":{"method":"HTTP_REQUEST_METHOD_GET","url":"http://127.0.0.1:9/hook"}}}`,
	"validjson":        `{"valid_json":{}}`,
	"custom":           `{"custom":{}}`,
}

// step returns the step that the request carries and the one whose module gets it.
func (v vector) step(t *testing.T) (step, home *pb.PipelineStep) {
	t.Helper()
	kind, _, _ := strings.Cut(v.file, "-")
	home = &pb.PipelineStep{}
	if text, ok := homes[kind]; ok {
		unmarshal(t, []byte(text), home)
	}
	if string(v.Step) == "null" {
		return nil, home
	}
	step = &pb.PipelineStep{}
	unmarshal(t, v.Step, step)
	if step.GetStep() == nil || strings.Contains(strings.ReplaceAll(kindName(step), "_", ""), kind) || homes[kind] == "" {
		return step, step
	}
	return step, home
}

// kindName is the name of the step's oneof field.
func kindName(step *pb.PipelineStep) string {
	r := step.ProtoReflect()
	if f := r.WhichOneof(r.Descriptor().Oneofs().ByName("step")); f != nil {
		return string(f.Name())
	}
	return ""
}

func (v vector) format(t *testing.T) int32 {
	t.Helper()
	if n, ok := pb.PipelineDataFormat_value[v.Format]; ok {
		return n
	}
	n, err := strconv.ParseInt(v.Format, 10, 32)
	if err != nil {
		t.Fatalf("data format %q", v.Format)
	}
	return int32(n)
}

// request is the vector's request in wire form.
func (v vector) request(t *testing.T, step *pb.PipelineStep, format pb.PipelineDataFormat) []byte {
	t.Helper()
	if v.Raw != nil {
		return *v.Raw
	}
	request := &pb.WASMRequest{Step: step, InputPayload: v.Input, DataFormat: format}
	if string(v.InterStep) != "null" {
		request.InterStepResult = &pb.InterStepResult{}
		unmarshal(t, v.InterStep, request.InterStepResult)
	}
	return marshal(t, request)
}

// run answers the vector's request with a fresh instance of m.
func (v vector) run(t *testing.T, engine *runner.Runtime, m *Module, step *pb.PipelineStep, format pb.PipelineDataFormat) answer {
	t.Helper()
	i, err := engine.Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close(context.WithoutCancel(t.Context()))
	wire, err := i.CallRaw(t.Context(), v.request(t, step, format))
	if err != nil {
		t.Log(err)
		return answer{Trap: true}
	}
	return decodeAnswer(t, wire)
}

func decodeAnswer(t *testing.T, wire []byte) answer {
	t.Helper()
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(wire, r); err != nil {
		t.Fatalf("decode response %x: %v", wire, err)
	}
	a := answer{ExitCode: r.GetExitCode().String(), ExitMsg: r.GetExitMsg(), Output: r.GetOutputPayload(), InterStep: []byte("null")}
	if r.OutputStep != nil {
		a.OutputStep = &r.OutputStep
	}
	if r.InterStepResult != nil {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(r.InterStepResult)
		if err != nil {
			t.Fatal(err)
		}
		a.InterStep = text
	}
	return a
}

// String is the answer as it is written in vectors and deviations.
func (a answer) String() string {
	text, err := json.Marshal(a)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s\n     output %q", text, a.Output)
}

func equalAnswers(t *testing.T, a, b answer) bool {
	t.Helper()
	if a.Trap || b.Trap {
		return a.Trap == b.Trap
	}
	if (a.OutputStep == nil) != (b.OutputStep == nil) || a.OutputStep != nil && !bytes.Equal(*a.OutputStep, *b.OutputStep) {
		return false
	}
	if !equalRequests(t, a.HostRequests, b.HostRequests) {
		return false
	}
	return a.ExitCode == b.ExitCode && a.ExitMsg == b.ExitMsg && bytes.Equal(a.Output, b.Output) && equalResults(t, a.InterStep, b.InterStep)
}

func equalResults(t *testing.T, a, b json.RawMessage) bool {
	t.Helper()
	if string(a) == "null" || string(b) == "null" {
		return string(a) == string(b)
	}
	x, y := &pb.InterStepResult{}, &pb.InterStepResult{}
	unmarshal(t, a, x)
	unmarshal(t, b, y)
	return proto.Equal(x, y)
}

// refusedDetectives are the detective types that are not built: all others must be.
var refusedDetectives = map[steps.DetectiveType]bool{
	steps.DetectiveType_DETECTIVE_TYPE_UNKNOWN:           true,
	steps.DetectiveType_DETECTIVE_TYPE_PII_PLAINTEXT_ANY: true,
}

// isBuilt says whether a step is of a kind that must be built.
func isBuilt(step *pb.PipelineStep) bool {
	switch step.GetStep().(type) {
	case *pb.PipelineStep_Detective:
		return !refusedDetectives[step.GetDetective().GetType()]
	case *pb.PipelineStep_Transform:
		_, known := steps.TransformType_name[int32(step.GetTransform().GetType())]
		return known && step.GetTransform().GetType() != steps.TransformType_TRANSFORM_TYPE_UNKNOWN
	case *pb.PipelineStep_InferSchema, *pb.PipelineStep_Kv, *pb.PipelineStep_HttpRequest, *pb.PipelineStep_ValidJson,
		*pb.PipelineStep_SchemaValidation:
		return true
	}
	return false
}

// deviationSet hands out deviations by name and knows which were never asked for.
type deviationSet struct {
	mu     sync.Mutex
	byName map[string]*deviation
	unused map[string]bool
}

// readDeviations reads testdata/deviations*.jsonl.
func readDeviations(t *testing.T) *deviationSet {
	t.Helper()
	files, err := filepath.Glob("testdata/deviations*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	s := &deviationSet{byName: map[string]*deviation{}, unused: map[string]bool{}}
	for _, file := range files {
		for _, d := range readLines[deviation](t, file) {
			numbered := strings.HasPrefix(d.Quirk, "Q") && len(d.Quirk) > 1
			switch {
			case s.byName[d.Name] != nil:
				t.Fatalf("%s: %s is there twice", file, d.Name)
			case !numbered && d.Quirk != "design":
				t.Fatalf("%s: %s: quirk %q is neither a number nor design", file, d.Name, d.Quirk)
			case d.Reason == "":
				t.Fatalf("%s: %s has no reason", file, d.Name)
			case (d.Want == nil) == (d.Refused == ""):
				t.Fatalf("%s: %s needs either want or refused", file, d.Name)
			}
			s.byName[d.Name] = &d
			s.unused[d.Name] = true
		}
	}
	return s
}

func (s *deviationSet) take(name string) *deviation {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.unused, name)
	return s.byName[name]
}

// checkUsed runs when the whole set of vectors has: a -run filter leaves some out.
func (s *deviationSet) checkUsed(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if filter := flagRun(); strings.Contains(filter, "/") {
		return
	}
	for name := range s.unused {
		t.Errorf("deviation %s belongs to no vector", name)
	}
}

func readVectors(t *testing.T, file string) []vector { return readLines[vector](t, file) }

func readLines[T any](t *testing.T, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var item T
		if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, item)
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return list
}

func unmarshal(t *testing.T, text []byte, m proto.Message) {
	t.Helper()
	if err := protojson.Unmarshal(text, m); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
