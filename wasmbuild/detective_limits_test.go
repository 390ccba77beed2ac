package wasmbuild

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// answerTo runs both forms of a rule on a payload.
func (w *twin) answerTo(t testing.TB, payload string) *pb.WASMResponse {
	t.Helper()
	request, err := proto.Marshal(&pb.WASMRequest{InputPayload: []byte(payload)})
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(w.call(t, request), r); err != nil {
		t.Fatal(err)
	}
	if string(r.GetOutputPayload()) != payload {
		t.Errorf("output of %d bytes, want the input of %d", len(r.GetOutputPayload()), len(payload))
	}
	return r
}

func matchesOf(r *pb.WASMResponse) []*steps.DetectiveStepResultMatch {
	return r.GetInterStepResult().GetDetectiveResult().GetMatches()
}

// TestDetectiveDeepNesting checks that nesting is followed as deep as promised,
// answered with an error beyond that, and never ends in a trap.
func TestDetectiveDeepNesting(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	email := newTwin(t, b, engine, &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL})
	negated := newTwin(t, b, engine, &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_CREDIT_CARD, Negate: proto.Bool(true)})
	nested := func(n int) string {
		return strings.Repeat(`[{"k":`, n/2) + `"a@b.c"` + strings.Repeat(`}]`, n/2)
	}
	for _, w := range []*twin{email, negated} {
		for _, n := range []int{2, 1024, 2048} {
			r := w.answerTo(t, nested(n))
			if got := matchesOf(r); len(got) != 1 || got[0].GetPath() != strings.TrimSuffix(strings.Repeat("0.k.", n/2), ".") {
				t.Errorf("%d levels: got %.100v", n, got)
			}
		}
		for _, n := range []int{2050, 100_000} {
			r := w.answerTo(t, nested(n))
			if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_ERROR || r.GetExitMsg() != "error: payload is nested deeper than 2048 levels" {
				t.Errorf("%d levels: got %v %q", n, r.GetExitCode(), r.GetExitMsg())
			}
		}
		w.answerTo(t, strings.Repeat("[", 100_000)+`"a@b.c"`)
		w.answerTo(t, strings.Repeat("]", 100_000)+`"a@b.c"`)
	}
	path := newTwin(t, b, engine, &steps.DetectiveStep{
		Type: steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, Path: proto.String("b.c"), Args: []string{"x"},
	})
	deep := `{"a":` + nested(100_000) + `,"b":{"c":"x"}}`
	if r := path.answerTo(t, deep); len(matchesOf(r)) != 1 {
		t.Errorf("look-up beside deep nesting: got %v %q", r.GetExitCode(), r.GetExitMsg())
	}
	for _, text := range []string{"@pretty", "@flatten:{\"deep\":true}", "@reverse", "@join", "@ugly", "@valid", "#.#.#", "..#"} {
		w := newTwin(t, b, engine, &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY, Path: &text})
		w.answerTo(t, nested(100_000))
		w.answerTo(t, strings.Repeat("[", 100_000))
	}
}

// TestDetectiveManyMatches checks that matches may fill a lot of memory, and
// that too many are an error answer.
func TestDetectiveManyMatches(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	w := newTwin(t, b, engine, &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_EQUAL_TO, Args: []string{"1"}})
	if got := matchesOf(w.answerTo(t, "["+strings.Repeat("1,", 100_000)+"1]")); len(got) != 100_001 || got[100_000].GetPath() != "100000" {
		t.Errorf("got %d matches", len(got))
	}
	long := `{"` + strings.Repeat("k", 100_000) + `":[` + strings.Repeat("1,", 1000) + "1]}"
	r := w.answerTo(t, long)
	if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_ERROR || r.GetExitMsg() != "error: payload needs more memory than there is" {
		t.Errorf("got %v %q", r.GetExitCode(), r.GetExitMsg())
	}
	if r := w.answerTo(t, "[1]"); len(matchesOf(r)) != 1 {
		t.Errorf("after an error: got %v %q", r.GetExitCode(), r.GetExitMsg())
	}
}

// TestDetectiveLongPath checks that texts longer than the slack are safe.
func TestDetectiveLongPath(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	key := strings.Repeat("k", 20_000)
	w := newTwin(t, b, engine, &steps.DetectiveStep{
		Type: steps.DetectiveType_DETECTIVE_TYPE_BOOLEAN_TRUE, Path: &key,
	})
	if got := matchesOf(w.answerTo(t, `{"`+key+`":true}`)); len(got) != 1 || got[0].GetPath() != key {
		t.Errorf("got %.100v", got)
	}
	if got := w.answerTo(t, `{"a":true}`).GetExitMsg(); got != "error: path '"+key+"' not found in data" {
		t.Errorf("got %.100q", got)
	}
	text := strings.Repeat(`\u0061`, 20_000)
	if got := w.answerTo(t, `{"`+key+`":"`+text+`"}`).GetExitMsg(); got != "error: field is not a boolean: "+strings.Repeat("a", 20_000) {
		t.Errorf("got %.100q", got)
	}
}
