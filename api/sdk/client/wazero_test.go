package client_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// TestRealModules goes the whole way: steps are built, stored, pushed and run, and the
// schema that the hidden pipeline infers comes back and is where the next session starts.
func TestRealModules(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	b, err := wasmbuild.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close(ctx) })
	engine, err := client.NewWazero(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldWith(t, b)
	t.Cleanup(func() { _ = engine.Close(ctx) })

	p := &pb.Pipeline{
		Id: "p", Name: "mask e-mail", DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON,
		Steps: []*pb.PipelineStep{
			{
				Name:    "find",
				OnFalse: &pb.PipelineStepConditions{Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_CURRENT},
				Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
					Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, Negate: proto.Bool(false),
				}},
			},
			{
				Name: "mask", Dynamic: true,
				Step: &pb.PipelineStep_Transform{Transform: &steps.TransformStep{
					Type:    steps.TransformType_TRANSFORM_TYPE_MASK_VALUE,
					Options: &steps.TransformStep_MaskOptions{MaskOptions: &steps.TransformMaskOptions{}},
				}},
			},
		},
	}
	a := aud("op")
	_, err = w.catalog.Update(ctx, func(tx *catalog.Tx) error {
		for _, step := range p.GetSteps() {
			m, err := b.Step(ctx, step, p.GetDataFormat())
			if err != nil {
				return err
			}
			step.XWasmId, step.XWasmFunction = proto.String(m.ID), proto.String(m.Function)
			tx.PutModule(&shared.WasmModule{Id: m.ID, Bytes: m.Bytes, Function: m.Function})
		}
		tx.PutPipeline(p)
		tx.PutAudience(a)
		tx.PutAssignment(audience.KeyOf(a), &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: p.GetId()}}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	for _, library := range []client.Library{client.Go, client.Python} {
		c := w.start(client.Options{Service: "svc", Library: library, Engine: engine})
		r, err := c.Process(ctx, a, []byte(`{"user":{"mail":"ada@example.com","age":36}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.GetData()); strings.Contains(got, "ada@example.com") || !strings.Contains(got, `"age":36`) {
			t.Errorf("%s: got %s (%v), want the address masked and the rest as it was", library.Name, got, r)
		}
		const clean = `{"user":{"age":36}}`
		if r, err := c.Process(ctx, a, []byte(clean)); err != nil || string(r.GetData()) != clean {
			t.Errorf("%s: got %v (%v), want it unchanged", library.Name, r, err)
		}
	}

	stored := func() string { return string(w.catalog.Snapshot().Schemas[audience.KeyOf(a)].GetJsonSchema()) }
	const want = `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"user":{"properties":` +
		`{"age":{"type":"integer"},"mail":{"type":"string"}},"required":["age"],"type":"object"}},"required":["user"],"type":"object"}`
	w.eventually("the schema of both shapes is stored", func() bool { return stored() == want })
	version := w.catalog.Snapshot().Schemas[audience.KeyOf(a)].GetXVersion()

	next := w.start(client.Options{Service: "svc", Engine: engine})
	r, err := next.Process(ctx, a, []byte(`{"user":{"age":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.GetPipelineStatus()[0].GetStepStatus()[0].GetStatusMessage(); got != "schema has not changed" {
		t.Errorf("a new session says %q, want it to start from the stored schema", got)
	}
	if got := w.catalog.Snapshot().Schemas[audience.KeyOf(a)].GetXVersion(); got != version {
		t.Errorf("version went from %d to %d for nothing", version, got)
	}
}
