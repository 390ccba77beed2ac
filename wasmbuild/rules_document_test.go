package wasmbuild

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

var updateRules = flag.Bool("update-rules", false, "write the outcomes in docs/rules.md")

const rulesDocument = "../docs/rules.md"

// documented is an example of docs/rules.md: a heading with a rule's name in
// backquotes, then three blocks.
type documented struct {
	name                    string
	steps, payload, outcome []string // the lines of the blocks
	outcomeAt               int      // the line where the last one starts
}

// readDocumented finds the examples among the document's lines.
func readDocumented(t *testing.T, lines []string) []documented {
	t.Helper()
	var list []documented
	var fences []int
	flush := func() {
		if len(list) == 0 {
			return
		}
		d := &list[len(list)-1]
		if len(fences) != 6 {
			t.Fatalf("%s: %s needs three blocks: step, payload, outcome", rulesDocument, d.name)
		}
		block := func(n int) []string { return lines[fences[2*n]+1 : fences[2*n+1]] }
		d.steps, d.payload, d.outcome, d.outcomeAt = block(0), block(1), block(2), fences[4]+1
	}
	for i, line := range lines {
		switch name, ok := strings.CutPrefix(line, "### `"); {
		case ok:
			flush()
			fences = nil
			list = append(list, documented{name: strings.TrimSuffix(name, "`")})
		case strings.HasPrefix(line, "```"):
			fences = append(fences, i)
		}
	}
	flush()
	return list
}

// TestRulesDocument runs the examples of docs/rules.md, and misses rules that have none.
func TestRulesDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(rulesDocument)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	b, engine := newBuilder(t), newRunner(t, documentHost(t))
	missing := documentedRules()
	shift := 0
	for _, d := range readDocumented(t, lines) {
		if !missing[d.name] {
			t.Errorf("%s: %s is no rule, or is there twice", rulesDocument, d.name)
		}
		delete(missing, d.name)
		got := d.run(t, b, engine)
		if *updateRules {
			at := d.outcomeAt + shift
			lines = append(lines[:at:at], append(got, lines[at+len(d.outcome):]...)...)
			shift += len(got) - len(d.outcome)
		} else if g, w := strings.Join(got, "\n"), strings.Join(d.outcome, "\n"); g != w {
			t.Errorf("%s: %s\ngot  %s\nwant %s", rulesDocument, d.name, g, w)
		}
	}
	for name := range missing {
		t.Errorf("%s: %s has no example", rulesDocument, name)
	}
	if *updateRules {
		if err := os.WriteFile(rulesDocument, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// documentedRules are the names of all rules that must have an example: types
// where a kind of step has them, else the kind.
func documentedRules() map[string]bool {
	rules := map[string]bool{}
	for n, name := range steps.DetectiveType_name {
		if n != 0 {
			rules[strings.TrimPrefix(name, "DETECTIVE_TYPE_")] = true
		}
	}
	for n, name := range steps.TransformType_name {
		if n != 0 {
			rules[strings.TrimPrefix(name, "TRANSFORM_TYPE_")] = true
		}
	}
	kinds := (&pb.PipelineStep{}).ProtoReflect().Descriptor().Oneofs().ByName("step").Fields()
	for i := range kinds.Len() {
		rules[string(kinds.Get(i).Name())] = true
	}
	delete(rules, "detective")
	delete(rules, "transform")
	return rules
}

// documentHost has one key and a server that is content with everything.
func documentHost(t *testing.T) runner.Options {
	t.Helper()
	return runner.Options{
		KVExists: func(_ context.Context, request []byte) []byte {
			asked, answer := &steps.KVStep{}, &steps.KVStepResponse{Status: steps.KVStatus_KV_STATUS_FAILURE, Message: "no such key"}
			if err := proto.Unmarshal(request, asked); err == nil && asked.GetKey() == "u-7" {
				answer = &steps.KVStepResponse{Status: steps.KVStatus_KV_STATUS_SUCCESS, Message: "key 'u-7' exists"}
			}
			return marshal(t, answer)
		},
		HTTPRequest: func(context.Context, []byte) []byte {
			return marshal(t, &steps.HttpResponse{Code: 200, Body: []byte("ok")})
		},
	}
}

// run is what comes of an example: each step gets the payload and the findings of the one before.
func (d documented) run(t *testing.T, b *Builder, engine *runner.Runtime) (outcome []string) {
	t.Helper()
	payload := []byte(strings.Join(d.payload, "\n"))
	text := strings.Join(d.steps, "\n")
	if !strings.HasPrefix(text, "[") {
		text = "[" + text + "]"
	}
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%s: %v", d.name, err)
	}
	var findings *pb.InterStepResult
	for _, raw := range list {
		step := &pb.PipelineStep{}
		if err := protojson.Unmarshal(raw, step); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		m, err := b.Step(t.Context(), step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
		if refused := (*StepError)(nil); errors.As(err, &refused) {
			return append(outcome, "refused: "+refused.Reason)
		}
		if err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		i, err := engine.Load(t.Context(), m.Bytes, m.Function)
		if err != nil {
			t.Fatal(err)
		}
		r, err := i.Call(t.Context(), &pb.WASMRequest{Step: step, InputPayload: payload, InterStepResult: findings, DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON})
		if err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		if err := i.Close(t.Context()); err != nil {
			t.Error(err)
		}
		outcome = append(outcome, describe(r, payload)...)
		payload, findings = r.GetOutputPayload(), r.GetInterStepResult()
	}
	if name := sectionOf(list[len(list)-1]); name != d.name {
		t.Errorf("%s: the example of %s is about %s", rulesDocument, d.name, name)
	}
	return outcome
}

// sectionOf is the heading that a step belongs below.
func sectionOf(raw []byte) string {
	step := &pb.PipelineStep{}
	if err := protojson.Unmarshal(raw, step); err != nil {
		return err.Error()
	}
	switch step.GetStep().(type) {
	case *pb.PipelineStep_Detective:
		return strings.TrimPrefix(step.GetDetective().GetType().String(), "DETECTIVE_TYPE_")
	case *pb.PipelineStep_Transform:
		return strings.TrimPrefix(step.GetTransform().GetType().String(), "TRANSFORM_TYPE_")
	}
	return kindName(step)
}

// describe puts an answer into lines.
func describe(r *pb.WASMResponse, payload []byte) []string {
	list := []string{fmt.Sprintf("%s: %s", strings.TrimPrefix(r.GetExitCode().String(), "WASM_EXIT_CODE_"), r.GetExitMsg())}
	for _, m := range r.GetInterStepResult().GetDetectiveResult().GetMatches() {
		line := m.GetPath()
		if m.GetCharIndexEnd() > 0 {
			line = fmt.Sprintf("bytes %d to %d", m.GetCharIndexStart(), m.GetCharIndexEnd())
		}
		line += fmt.Sprintf(" = %q", m.GetValue())
		if m.GetPiiType() != "" {
			line += " (" + m.GetPiiType() + ")"
		}
		list = append(list, line)
	}
	if string(r.GetOutputPayload()) != string(payload) {
		list = append(list, "payload: "+string(r.GetOutputPayload()))
	}
	if len(r.GetOutputStep()) > 0 { // an answer's body, or a schema
		list = append(list, "beside it: "+string(r.GetOutputStep()))
	}
	return list
}
