package wasmbuild

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// everyKind has at least one step of each kind, static and dynamic.
func everyKind(t *testing.T) []sampleStep {
	t.Helper()
	list := sampleSteps()
	for _, s := range benchSteps(t) {
		switch kind, _, _ := strings.Cut(s.name, "/"); kind {
		case "detective":
			if !strings.Contains(s.name, "pii-any") && !strings.Contains(s.name, "query") {
				continue
			}
		case "transform":
			list = append(list, sampleStep{s.name + ", dynamic", dynamic(proto.CloneOf(s.step))})
		}
		list = append(list, s)
	}
	return list
}

// hostileFindings are what a detective before a dynamic step would never find.
func hostileFindings() map[string]*pb.InterStepResult {
	list := map[string]*pb.InterStepResult{
		"nothing":    {},
		"no matches": {InputFrom: &pb.InterStepResult_DetectiveResult{DetectiveResult: &steps.DetectiveStepResult{}}},
	}
	one := func(path string, start, end int32) *steps.DetectiveStepResultMatch {
		return &steps.DetectiveStepResultMatch{Path: path, Value: []byte("mina@example.com"), CharIndexStart: start, CharIndexEnd: end}
	}
	add := func(name string, matches ...*steps.DetectiveStepResultMatch) {
		list[name] = &pb.InterStepResult{InputFrom: &pb.InterStepResult_DetectiveResult{DetectiveResult: &steps.DetectiveStepResult{Matches: matches}}}
	}
	const email = "customer.contact.email"
	var many []*steps.DetectiveStepResultMatch
	for range 20_000 {
		many = append(many, one(email, 3, 9))
	}
	add("many matches", many...)
	add("overlapping", one("customer", 0, 50), one(email, 10, 20), one("customer.contact", 5, 15), one("customer", 49, 51))
	for name, path := range map[string]string{
		"no path": "", "dots": strings.Repeat(".", 50_000), "hashes": strings.Repeat("#.", 50_000) + "#", "deep": strings.Repeat("a.", 100_000) + "a",
		"escapes": strings.Repeat(`\`, 50_001), "wildcards": strings.Repeat("*?", 20_000), "query": `lines.#(sku=="A-1017")#.title`, "open query": `lines.#(`,
		"modifier": "@reverse|@pretty|customer", "large index": "lines.99999999999999999999.sku", "object": "customer", "root": "@this",
	} {
		add("path: "+name, one(path, 0, 0))
	}
	for name, span := range map[string][2]int32{
		"negative": {-1, -1}, "smallest": {math.MinInt32, math.MinInt32}, "largest": {math.MaxInt32, math.MaxInt32}, "all": {math.MinInt32, math.MaxInt32},
		"turned around": {20, 10}, "empty": {5, 5}, "past the end": {290, 100_000},
	} {
		add("span: "+name, one(email, span[0], span[1]))
	}
	return list
}

// TestHostileFindings holds that no step breaks over what the request says was
// found before, and that JSON stays JSON.
func TestHostileFindings(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	engine := newRunner(t, runner.Options{})
	findings := hostileFindings()
	for _, s := range everyKind(t) {
		for _, format := range []pb.PipelineDataFormat{pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_PLAINTEXT} {
			t.Run(s.name+"/"+format.String(), func(t *testing.T) {
				t.Parallel()
				m, err := b.Step(t.Context(), s.step, format)
				if err != nil {
					t.Fatal(err)
				}
				i, err := engine.Load(t.Context(), m.Bytes, m.Function)
				if err != nil {
					t.Fatal(err)
				}
				for name, found := range findings {
					request := requestFor(s.step, order(300))
					request.DataFormat, request.InterStepResult = format, found
					got, err := i.Call(t.Context(), request)
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					if got.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_UNSET {
						t.Errorf("%s: no exit code", name)
					}
					if format == pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON && !json.Valid(got.GetOutputPayload()) {
						t.Errorf("%s: no JSON any more: %q, %s", name, got.GetOutputPayload(), got.GetExitMsg())
					}
				}
			})
		}
	}
}
