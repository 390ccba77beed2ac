package wasmbuild

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

const (
	pathDocument = `{"a":[10,20, 30],"n":[[1, 2],[3,[4]]], "e":{},"f":[{"k":"v1","n":1},{"k":"v2","z":[]}],"@t":"at","s":"s p\"x"}`
	missing      = "missing"
)

// pathCases are what the reference does not do: modifiers, multipaths, lines,
// and documents that are not valid JSON.
var pathCases = []struct{ document, path, want string }{
	{pathDocument, "@this.s", `s p"x`},
	{pathDocument, "@t", "at"},
	{pathDocument, `\@t`, "at"},
	{pathDocument, "a.@reverse", "[30,20,10]"},
	{pathDocument, "f.1.@reverse", `{"z":[],"k":"v2"}`},
	{pathDocument, "s.@reverse", `s p"x`},
	{pathDocument, "f.@ugly", `[{"k":"v1","n":1},{"k":"v2","z":[]}]`},
	{pathDocument, "n.@ugly.0", "[1,2]"},
	{pathDocument, "n.@flatten", "[1,2,3,[4]]"},
	{pathDocument, `n.@flatten:{"deep":true}`, "[1,2,3,4]"},
	{pathDocument, "e.@flatten", "{}"},
	{pathDocument, "f.@join", `{"k":"v2","n":1,"z":[]}`},
	{pathDocument, `f.@join:{"preserve":true}`, `{"k":"v1","n":1,"k":"v2","z":[]}`},
	{pathDocument, "a.@join", "{}"},
	{`[{"a":1,"\u0061":2},{"a":3}]`, "@join", `{"a":3}`},
	{pathDocument, "a.@valid.0", "10"},
	{`{"a":[1,]}`, "a.@valid", missing},
	{pathDocument, "n.@pretty", "[[1, 2], [3, [4]]]"},
	{pathDocument, "f.@pretty", "[\n  {\n    \"k\": \"v1\",\n    \"n\": 1\n  },\n  {\n    \"k\": \"v2\",\n    \"z\": []\n  }\n]"},
	{pathDocument, `f.1.@pretty:{"indent":"\t","prefix":">"}`, "{\n>\t\"k\": \"v2\",\n>\t\"z\": []\n>}"},
	{pathDocument, `a.@pretty:{"width":6}`, "[\n  10,\n  20,\n  30\n]"},
	{pathDocument, "@pretty|a.1", "20"},
	{pathDocument, "f.#.@this.k", `["v1","v2"]`},
	{pathDocument, "[a.0,n,zz]", "[10,[[1, 2],[3,[4]]]]"},
	{pathDocument, `{a.0,"x":e,f.#.k,zz}`, `{"0":10,"x":{},"k":["v1","v2"]}`},
	{pathDocument, `{"q\"":e}`, `{"q\"":{}}`},
	{pathDocument, "[a.0,a.1].1", "20"},
	{pathDocument, "f.#.[k,n]", `[["v1",1],["v2"]]`},
	{pathDocument, "[nope]", "[]"},
	{"{\"a\":1}\n{\"a\":2}\n", "..#", "2"},
	{"{\"a\":1}\n{\"a\":2}\n", "..1.a", "2"},
	{"{\"a\":1}\n{\"a\":2}\n", "..#.a", "[1,2]"},
	{"1 2 3", "..2", "3"},
	{`{"k":{"k":{"b":2}}}`, "k.b", missing}, // a path is a place in the tree
	{`{"a":1,,"b":2,}`, "b", "2"},
	{`{"a":1 "b":2}`, "b", "2"},
	{`{"a":{"b":2} trailing`, "a.b", "2"},
	{`{"a":TRUE,"b":2}`, "b", missing},
	{`{"b":tru}`, "b", missing},
	{`{"b":1-2}`, "b", "1-2"},
	{`{"b":"cut`, "b", missing},
	{`{"b":{"c":1`, "b", missing},
	{`{"b":{"c":1`, "b.c", "1"},
	{`[1 2 3]`, "2", "3"},
	{`{"a":"x"}`, `a\`, missing},
}

func TestPaths(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, c := range pathCases {
		w := newTwin(t, b, engine, &steps.DetectiveStep{
			Type: steps.DetectiveType_DETECTIVE_TYPE_STRING_LENGTH_MIN, Args: []string{"-1"}, Path: &c.path,
		})
		got := missing
		if matches := matchesOf(w.answerTo(t, c.document)); len(matches) > 0 {
			got = string(matches[0].GetValue())
		} else if values := newTwin(t, b, engine, &steps.DetectiveStep{
			Type: steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY, Negate: proto.Bool(false), Path: &c.path,
		}); len(matchesOf(values.answerTo(t, c.document))) > 0 {
			got = "[]"
		}
		if got != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.path, c.document, got, c.want)
		}
	}
}

// TestDetectiveRefusals checks what cannot be built, and that the reason says what to do.
func TestDetectiveRefusals(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, c := range []struct {
		step *steps.DetectiveStep
		want string
	}{
		{&steps.DetectiveStep{}, "choose a detective type"},
		{&steps.DetectiveStep{Type: 4711}, "4711 is not supported"},
		{&steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: proto.String(`@pretty:{"sortKeys":true}`)}, "cannot sort keys"},
	} {
		refusal(t, b, c.step, c.want)
	}
}

func refusal(t *testing.T, b *Builder, d *steps.DetectiveStep, want string) {
	t.Helper()
	_, err := b.Step(t.Context(), &pb.PipelineStep{Name: "s", Step: &pb.PipelineStep_Detective{Detective: d}}, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
	var refused *StepError
	if !errors.As(err, &refused) || !strings.Contains(refused.Reason, want) {
		t.Errorf("%v: got %v, want a StepError with %q", d, err, want)
	}
}
