package wasmbuild

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// manyTargets is how many places a payload of 1 MiB has in tests.
const manyTargets = 10_000

// manyMembers is a payload of about 1 MiB, and the paths of its texts.
func manyMembers(array bool) (payload string, paths []string) {
	var b strings.Builder
	open, shut := "{", "}"
	if array {
		open, shut = "[", "]"
	}
	for i := range manyTargets {
		b.WriteString(open)
		open = ","
		if !array {
			fmt.Fprintf(&b, `"k%d":`, i)
			paths = append(paths, fmt.Sprintf("k%d.email", i))
		} else {
			paths = append(paths, fmt.Sprintf("%d.email", i))
		}
		fmt.Fprintf(&b, `{"id":%d,"email":"mina@example.com","name":"%s"}`, i, strings.Repeat("x", 40))
	}
	return b.String() + shut, paths
}

func matchesAt(paths []string) []*steps.DetectiveStepResultMatch {
	matches := make([]*steps.DetectiveStepResultMatch, len(paths))
	for i, path := range paths {
		matches[i] = &steps.DetectiveStepResultMatch{Path: path}
	}
	return matches
}

// TestManyTargets: each match is found from where the one before was, so that
// many of them take one way through the payload. What comes in another order, or
// is not there, is given up rather than looked for again and again.
func TestManyTargets(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	random := rand.New(rand.NewPCG(53, 59))
	for _, s := range []*steps.TransformStep{transforms("")[10], extraction(false)} {
		m := build(t, b, dynamic(transform(s)))
		for _, array := range []bool{false, true} {
			payload, paths := manyMembers(array)
			shuffled := slices.Clone(paths)
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			for name, list := range map[string][]string{
				"in order": paths,
				"shuffled": shuffled,
				"one":      slices.Repeat(paths[manyTargets-1:], manyTargets),
				"none":     slices.Repeat([]string{"gone.email"}, manyTargets),
				"each":     slices.Repeat([]string{"#.email"}, manyTargets),
			} {
				i, err := engine.Load(t.Context(), m.Bytes, m.Function)
				if err != nil {
					t.Fatal(err)
				}
				r, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: []byte(payload), InterStepResult: &pb.InterStepResult{
					InputFrom: &pb.InterStepResult_DetectiveResult{DetectiveResult: &steps.DetectiveStepResult{Matches: matchesAt(list)}},
				}})
				switch {
				case err != nil:
					t.Fatal(err)
				case name == "in order" && r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE:
					t.Errorf("%v array %v, %s: %v %s", s.GetType(), array, name, r.GetExitCode(), r.GetExitMsg())
				case name != "in order" && (r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_ERROR || string(r.GetOutputPayload()) != payload):
					t.Errorf("%v array %v, %s: %v %s", s.GetType(), array, name, r.GetExitCode(), r.GetExitMsg())
				}
			}
		}
	}
}

// TestManyFound: what our own detectives find is in the order that TestManyTargets needs.
func TestManyFound(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	for _, d := range []*pb.PipelineStep{
		detective(steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, ""),
		detective(steps.DetectiveType_DETECTIVE_TYPE_PII_ANY, ""),
		detective(steps.DetectiveType_DETECTIVE_TYPE_PII_KEYWORD, ""),
		detective(steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY, "", "example", "mina"),
	} {
		for _, array := range []bool{false, true} {
			payload, _ := manyMembers(array)
			var found *pb.WASMResponse
			for _, step := range []*pb.PipelineStep{d, dynamic(transform(transforms("")[1]))} {
				m := build(t, b, step)
				i, err := engine.Load(t.Context(), m.Bytes, m.Function)
				if err != nil {
					t.Fatal(err)
				}
				r, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: []byte(payload), InterStepResult: found.GetInterStepResult()})
				if err != nil {
					t.Fatal(err)
				}
				if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE {
					t.Errorf("%v, array %v: %v %s", d.GetDetective().GetType(), array, r.GetExitCode(), r.GetExitMsg())
				}
				found = proto.CloneOf(r)
			}
			if strings.Contains(string(found.GetOutputPayload()), "mina@") {
				t.Errorf("%v, array %v: not all are changed", d.GetDetective().GetType(), array)
			}
		}
	}
}

// TestTooManyPaths: how often a step looks through a payload is bounded.
func TestTooManyPaths(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	_, paths := manyMembers(false)
	for _, s := range []*steps.TransformStep{transforms(paths...)[0], extraction(true, paths...)} {
		_, err := b.Step(t.Context(), transform(s), jsonFormat)
		var refused *StepError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "at most 1000") {
			t.Errorf("%v: %v", s.GetType(), err)
		}
	}
}
