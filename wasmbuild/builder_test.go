package wasmbuild

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

// TestEssence: what does not matter to a module does not make another one.
func TestEssence(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	plain := detective(steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, "a.b")
	dressed := proto.CloneOf(plain)
	dressed.Name = "has it"
	dressed.OnTrue = &pb.PipelineStepConditions{Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_ALL, Metadata: map[string]string{"k": "v"}}
	dressed.XWasmId = proto.String("x")
	dressed.XWasmBytes = []byte("y")
	if build(t, b, plain) != build(t, b, dressed) {
		t.Error("a name and conditions make another module")
	}
	known := inferSchema()
	known.GetInferSchema().CurrentSchema = []byte(`{"type":"object"}`)
	if build(t, b, inferSchema()) != build(t, b, known) {
		t.Error("a known schema makes another module")
	}
	if other := detective(steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, "a.c"); build(t, b, plain).ID == build(t, b, other).ID {
		t.Error("another path makes no other module")
	}
	if dressed.Name != "has it" || dressed.XWasmId == nil {
		t.Error("building changed the step")
	}
}

func TestInferSchemaPerAudience(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	infer := func(key string) *Module {
		m, err := b.InferSchema(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	one, again, other := infer("svc:operation_type_consumer:op:kafka"), infer("svc:operation_type_consumer:op:kafka"), infer("svc:operation_type_producer:op:kafka")
	if one.ID != again.ID {
		t.Error("one audience has two modules")
	}
	if one.ID == other.ID {
		t.Error("two audiences share a module id")
	}
	x, err := link.Decode(one.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	y, err := link.Decode(other.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	x.Customs, y.Customs = nil, nil
	if string(x.Encode()) != string(y.Encode()) {
		t.Error("the code for two audiences differs")
	}
	long := infer(strings.Repeat("x", 5000))
	if len(long.Bytes) > len(one.Bytes) {
		t.Errorf("a long audience key makes the module longer: %d, %d bytes", len(long.Bytes), len(one.Bytes))
	}
}

// TestRefusals: each kind and type is either built or refused by name.
func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	refused := map[string]*pb.PipelineStep{
		"nothing":           {},
		"Encode":            {Step: &pb.PipelineStep_Encode{}},
		"Decode":            {Step: &pb.PipelineStep_Decode{}},
		"Custom":            {Step: &pb.PipelineStep_Custom{}},
		"HTTP request":      {Step: &pb.PipelineStep_HttpRequest{}},
		"Key-value":         {Step: &pb.PipelineStep_Kv{}},
		"Valid-JSON":        {Step: &pb.PipelineStep_ValidJson{}},
		"Schema validation": {Step: &pb.PipelineStep_SchemaValidation{}},
	}
	for n, name := range steps.DetectiveType_name {
		refused[name] = detective(steps.DetectiveType(n), "a", "1")
	}
	for n, name := range steps.TransformType_name {
		refused[name] = transform(&steps.TransformStep{Type: steps.TransformType(n)})
	}
	for name, step := range refused {
		_, err := b.Step(t.Context(), step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
		if err == nil {
			continue
		}
		var r *StepError
		if !errors.As(err, &r) {
			t.Errorf("%s: %v is not a StepError", name, err)
			continue
		}
		if isBuilt(step) && step.GetDetective() != nil && !strings.Contains(r.Reason, "arg") && !strings.Contains(r.Reason, "type") {
			t.Errorf("%s is refused: %s", name, r.Reason)
		}
		short := strings.TrimPrefix(strings.TrimPrefix(name, "DETECTIVE_TYPE_"), "TRANSFORM_TYPE_")
		if !isBuilt(step) && !strings.Contains(r.Reason, short) && !strings.Contains(short, "UNKNOWN") {
			t.Errorf("%s: the reason does not name it: %s", name, r.Reason)
		}
		if !strings.HasSuffix(r.Reason, ".") {
			t.Errorf("%s: the reason is not a sentence: %s", name, r.Reason)
		}
	}
}

// TestUnknownEnums: numbers that no release knows are refused, not misread.
func TestUnknownEnums(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, step := range []*pb.PipelineStep{
		detective(4711, "a"), detective(-1, "a"),
		transform(&steps.TransformStep{Type: 4711}),
	} {
		var r *StepError
		if _, err := b.Step(t.Context(), step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON); !errors.As(err, &r) {
			t.Errorf("%v: got %v, want a StepError", step, err)
		}
	}
}

func TestHugeStep(t *testing.T) {
	t.Parallel()
	step := detective(steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, "a", strings.Repeat("x", maxConstants+1))
	var r *StepError
	if _, err := newBuilder(t).Step(t.Context(), step, 1); !errors.As(err, &r) {
		t.Errorf("got %v, want a StepError", err)
	}
	step = detective(steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, "a", "\xff")
	if _, err := newBuilder(t).Step(t.Context(), step, 1); !errors.As(err, &r) {
		t.Errorf("invalid UTF-8: got %v, want a StepError", err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newBuilder(t).InferSchema(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestHammer builds few steps from many goroutines; equal ones get one module.
func TestHammer(t *testing.T) {
	t.Parallel()
	const goroutines, rounds, distinct = 8, 50, 5
	b := newBuilder(t)
	got := make([][distinct]*Module, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for n := range rounds {
				k := (n + g) % distinct
				m, err := b.Step(t.Context(), detective(steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, fmt.Sprintf("path%d", k)), 1)
				if err != nil {
					t.Error(err)
					return
				}
				if got[g][k] != nil && got[g][k] != m {
					t.Errorf("step %d was built twice", k)
				}
				got[g][k] = m
			}
		})
	}
	wg.Wait()
	for g := range got {
		if got[g] != got[0] {
			t.Error("equal steps have different modules")
		}
	}
}

func TestCacheKeepsTheNewest(t *testing.T) {
	t.Parallel()
	c := newCache(2)
	modules := map[string]*Module{}
	put := func(key string) {
		modules[key] = &Module{ID: key}
		c.put(key, modules[key])
	}
	put("a")
	put("b")
	if _, ok := c.get("a"); !ok { // now b is the oldest
		t.Fatal("a is gone")
	}
	put("c")
	put("a")
	for key, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if m, ok := c.get(key); ok != want || ok && m != modules[key] {
			t.Errorf("%s: got %v, %v; want %v", key, m, ok, want)
		}
	}
	if len(c.byKey) != c.order.Len() || c.order.Len() != 2 {
		t.Errorf("%d keys, %d modules; want 2", len(c.byKey), c.order.Len())
	}
}

// TestVerifierRefuses holds what the verifier is there for.
func TestVerifierRefuses(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	good, err := link.Decode(build(t, b, inferSchema()).Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*link.Module){
		"exports differ":                   func(m *link.Module) { m.Exports = m.Exports[1:] },
		"export f is missing":              func(m *link.Module) { m.Exports[len(m.Exports)-1].Name = "g" },
		"import wasi_unstable.fd_write is": func(m *link.Module) { addImport(m, "wasi_unstable", "fd_write") },
		"import env.kvExists is":           func(m *link.Module) { addImport(m, "env", "kvExists") },
		"invalid function":                 func(m *link.Module) { m.Funcs[0].Body = []byte{0, 0x6a, 0x0b} },
	} {
		m, err := link.Decode(good.Encode())
		if err != nil {
			t.Fatal(err)
		}
		spoil(m)
		if err := b.verifier.verify(t.Context(), m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// addImport adds an import of a type that hosts do not offer, in place of all code.
func addImport(m *link.Module, module, name string) {
	m.Types = append(m.Types, link.FuncType{})
	none := uint32(len(m.Types) - 1)
	m.Imports = []link.Import{{Module: module, Name: name, Type: none}}
	for i := range m.Funcs {
		m.Funcs[i].Body = []byte{0, 0x00, 0x0b} // unreachable
	}
	for i := range m.Exports {
		if m.Exports[i].Kind == 0 {
			m.Exports[i].Index++
		}
	}
}
