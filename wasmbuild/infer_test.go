package wasmbuild

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

func TestInferStateSize(t *testing.T) {
	t.Parallel()
	if stateSize != kernel.StateSize {
		t.Errorf("stateSize is %d, want the kernel's %d", stateSize, kernel.StateSize)
	}
}

// inferTwin is a fresh instance of schema inference in both forms.
type inferTwin struct {
	compiled *runner.Instance
	native   kernel.Native
}

func newInferTwin(t testing.TB, engine *runner.Runtime, m *Module) *inferTwin {
	t.Helper()
	i, err := engine.Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close(context.Background()) })
	r := newRule(vm.RuleBase)
	if err := planInferSchema(r); err != nil {
		t.Fatal(err)
	}
	return &inferTwin{i, kernel.Native{Entry: r.entry, Set: r.set, Data: r.data.Image()}}
}

// call gives both forms the payloads, one after the other, and compares their answers.
func (w *inferTwin) call(t testing.TB, seed []byte, payloads ...[]byte) {
	t.Helper()
	nativeKernel.Lock()
	defer nativeKernel.Unlock()
	if err := w.native.Start(); err != nil {
		t.Fatal(err)
	}
	kernel.ForgetSchema()
	for _, payload := range payloads {
		request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload, Step: &pb.PipelineStep{
			Step: &pb.PipelineStep_InferSchema{InferSchema: &steps.InferSchemaStep{CurrentSchema: seed}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		compiled, err := w.compiled.CallRaw(t.Context(), request)
		if err != nil {
			t.Fatalf("payload %.300q: %v", payload, err)
		}
		if native := w.native.Call(request, []byte(`"]},{[:1 \`)); string(native) != string(compiled) {
			t.Fatalf("payload  %.300q\ncompiled %.600q\nnative   %.600q", payload, compiled, native)
		}
	}
}

// TestInferCompiled: what is compiled does what the tested Go code does. The
// kernel's own tests hold that against a reference.
func TestInferCompiled(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(29, 31))
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	m, err := b.InferSchema(t.Context(), "a:operation_type_consumer:b:c")
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		payloads := [][]byte{[]byte(randomRecord(random)), []byte(randomRecord(random))}
		payloads = append(payloads, payloads[0], []byte(randomRecord(random)), payloads[1])
		newInferTwin(t, engine, m).call(t, nil, payloads...)
	}
	for _, depth := range []int{1024, 100_000} {
		deep := []byte(strings.Repeat(`{"a":[`, depth/2) + strings.Repeat("]}", depth/2))
		newInferTwin(t, engine, m).call(t, nil, []byte(`{"a":[1]}`), deep, []byte(`{"a":[1]}`))
	}
}

// FuzzInferCompiled compares compiled and native on any two payloads and schema.
func FuzzInferCompiled(f *testing.F) {
	f.Add([]byte(`{"a":[1,"2030-01-02"]}`), []byte(`{"b":null,"a":[]}`), []byte(`{"type":"object","properties":{"a":{"type":"null"}}}`))
	f.Add([]byte(`[-1.5e3,{"\u00e9":true}]`), []byte(`[[],{}]`), []byte(``))
	b, engine := newBuilder(f), newRunner(f, runner.Options{Interpreter: true})
	m, err := b.InferSchema(f.Context(), "a:operation_type_consumer:b:c")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, one, two, seed []byte) { newInferTwin(t, engine, m).call(t, seed, one, two, one) })
}
