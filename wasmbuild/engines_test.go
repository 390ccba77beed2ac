package wasmbuild

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// engines are programs that answer a plan, beside wazero. What they need, .ci/setup installs.
var engines = map[string][]string{
	"V8":       {"node", "testdata/engines/run.mjs"},
	"wasmtime": {"testdata/engines/venv/bin/python", "testdata/engines/run.py"},
}

// enginePlan is what every engine does: modules, and requests for each. Files
// are named relative to the directory of the plan.
type enginePlan struct {
	KVExists    []byte      `json:"kvExists"` // what the host answers to everything
	HTTPRequest []byte      `json:"httpRequest"`
	Runs        []engineRun `json:"runs"`

	dir   string
	files map[[sha256.Size]byte]string
}

type engineRun struct {
	Module   string   `json:"module"`
	Requests []string `json:"requests"`

	module *Module
	calls  []engineCall
}

type engineCall struct {
	name    string
	request []byte
}

// TestEngines holds that all engines get the same bytes out of the same modules,
// whatever comes in: compiled and interpreted by wazero, by V8 and by wasmtime.
func TestEngines(t *testing.T) {
	t.Parallel()
	p := newEnginePlan(t)
	b := newBuilder(t)
	p.addVectors(t, b)
	p.addHostile(t, b)
	p.write(t)
	want := p.inWazero(t, p.Runs, false)
	t.Run("interpreter", func(t *testing.T) {
		t.Parallel()
		const nth = 4 // it takes a hundred times as long
		var some []engineRun
		for n := 0; n < len(p.Runs); n += nth {
			some = append(some, p.Runs[n])
		}
		compareAnswers(t, some, p.inWazero(t, some, true), p.inWazero(t, some, false))
	})
	for name, command := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareAnswers(t, p.Runs, p.inProgram(t, command), want)
		})
	}
}

func newEnginePlan(t *testing.T) *enginePlan {
	t.Helper()
	return &enginePlan{
		KVExists:    marshal(t, &steps.KVStepResponse{Status: steps.KVStatus_KV_STATUS_SUCCESS, Message: "key 'u-7' exists"}),
		HTTPRequest: marshal(t, &steps.HttpResponse{Code: 404, Body: []byte("nothing here")}),
		dir:         t.TempDir(),
		files:       map[[sha256.Size]byte]string{},
	}
}

// add lets m answer calls, in their order.
func (p *enginePlan) add(t *testing.T, m *Module, calls ...engineCall) {
	t.Helper()
	run := engineRun{Module: p.file(t, m.Bytes), module: m, calls: calls}
	for _, c := range calls {
		run.Requests = append(run.Requests, p.file(t, c.request))
	}
	p.Runs = append(p.Runs, run)
}

// file puts content into a file, once.
func (p *enginePlan) file(t *testing.T, content []byte) string {
	t.Helper()
	digest := sha256.Sum256(content)
	if name, ok := p.files[digest]; ok {
		return name
	}
	name := fmt.Sprintf("%04d", len(p.files))
	if err := os.WriteFile(filepath.Join(p.dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
	p.files[digest] = name
	return name
}

// addVectors adds some vectors of each file.
func (p *enginePlan) addVectors(t *testing.T, b *Builder) {
	t.Helper()
	const each = 10
	files, err := filepath.Glob("testdata/vectors/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		list := readVectors(t, file)
		for n := 0; n < len(list); n += max(1, len(list)/each) {
			v := list[n]
			v.file = strings.TrimSuffix(filepath.Base(file), ".jsonl")
			step, home := v.step(t)
			format := pb.PipelineDataFormat(v.format(t))
			m, err := b.Step(t.Context(), home, format)
			if refused := (*StepError)(nil); errors.As(err, &refused) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			p.add(t, m, engineCall{v.file + "/" + v.Name, v.request(t, step, format)})
		}
	}
}

// addHostile adds requests that are made to break things, to every kind of step.
func (p *enginePlan) addHostile(t *testing.T, b *Builder) {
	t.Helper()
	const levels, mebibyte = 100_000, 1 << 20
	anyStep := dynamic(inferSchema()) // no module reads the request's step; dynamic ones want findings
	var calls []engineCall
	for _, c := range []struct {
		name    string
		payload []byte
	}{
		{"large", order(mebibyte)},
		{"levels of objects", []byte(strings.Repeat(`{"a":`, levels) + `"mina@example.com"` + strings.Repeat("}", levels))},
		{"levels of arrays, open", bytes.Repeat([]byte("["), levels)},
		{"not UTF-8", bytes.Repeat([]byte{'"', 0xff}, levels)},
		{"not UTF-8 inside", append([]byte(`{"customer":{"contact":{"email":"mina`), "\xc3@example.com\"}}}"...)},
		{"surrogates", []byte(`{"customer":{"contact":{"email":"\ud83d\ude00 \ud83d \ude00"}}}`)},
		{"backslashes", append([]byte(`{"customer":"`), bytes.Repeat([]byte(`\`), levels)...)},
		{"digits", []byte(`{"total":` + strings.Repeat("9", levels) + `e-99999}`)},
		{"nothing", nil},
	} {
		calls = append(calls, engineCall{c.name, marshal(t, requestFor(anyStep, c.payload))})
	}
	whole := marshal(t, requestFor(anyStep, order(300)))
	for n := 0; n < len(whole); n += 23 {
		calls = append(calls, engineCall{fmt.Sprintf("cut at %d", n), whole[:n]})
	}
	calls = append(calls, engineCall{"order", whole}, engineCall{"order again", whole})
	for _, s := range append(sampleSteps(), benchSteps(t)...) {
		named := make([]engineCall, len(calls))
		for n, c := range calls {
			named[n] = engineCall{s.name + ": " + c.name, c.request}
		}
		p.add(t, build(t, b, s.step), named...)
	}
}

func (p *enginePlan) write(t *testing.T) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "plan.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// inWazero makes runs of the plan. It returns, for each request, the SHA-256 of
// what the module asked its host and answered.
func (p *enginePlan) inWazero(t *testing.T, runs []engineRun, interpreter bool) []string {
	t.Helper()
	var digest hash.Hash
	asked := func(answer []byte) runner.HostFunc {
		return func(_ context.Context, request []byte) []byte {
			digest.Write(request)
			return answer
		}
	}
	engine := newRunner(t, runner.Options{Interpreter: interpreter, KVExists: asked(p.KVExists), HTTPRequest: asked(p.HTTPRequest)})
	var list []string
	for _, run := range runs {
		i, err := engine.Load(t.Context(), run.module.Bytes, run.module.Function)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range run.calls {
			digest = sha256.New()
			err := i.Visit(t.Context(), c.request, func(answer []byte) error {
				digest.Write(answer)
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			list = append(list, fmt.Sprintf("%x", digest.Sum(nil)))
		}
		if err := i.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// inProgram is inWazero for all runs in another engine.
func (p *enginePlan) inProgram(t *testing.T, command []string) []string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], p.dir)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v (.ci/setup installs what is missing)\n%s", strings.Join(command, " "), err, stderr.Bytes())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func compareAnswers(t *testing.T, runs []engineRun, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d answers, want %d", len(got), len(want))
	}
	for _, run := range runs {
		for _, c := range run.calls {
			if got[0] != want[0] {
				t.Errorf("%s: the answer differs from that of wazero's compiler: got %s, want %s", c.name, got[0], want[0])
			}
			got, want = got[1:], want[1:]
		}
	}
}
