package fleet_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// TestReplacedModuleReachesSessions_9_2_8 replaces the module of a custom step as UpdateWasm does.
// SDKs keep an instance per id, so the new code must come under a new one.
func TestReplacedModuleReachesSessions_9_2_8(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	upload := func(tx *catalog.Tx, code, function string, updated *int64) {
		tx.PutModule(&shared.WasmModule{Id: "uploaded", Name: "mine", Bytes: []byte(code), Function: function, XUpdatedAtUnixTsNsUtc: updated})
		tx.PutPipeline(&pb.Pipeline{Id: "p", Name: "p", Steps: []*pb.PipelineStep{{
			Name: "mine", XWasmId: proto.String("uploaded"), XWasmFunction: proto.String(function),
			Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{Args: map[string]string{"a": "b"}}},
		}}})
	}
	w.update(func(tx *catalog.Tx) {
		upload(tx, "first", "f", nil)
		tx.PutAudience(a)
		tx.PutAssignment(audience.KeyOf(a), &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: "p"}}})
	})
	c := w.register(hello("go-sdk", "svc", a))
	inline := w.register(hello("python-sdk", "svc", a))
	ids := map[string]string{}
	for _, version := range []struct {
		code, function string
		updated        *int64
	}{{"first", "f", nil}, {"second", "f", proto.Int64(1)}, {"third", "f", proto.Int64(2)}, {"third", "g", proto.Int64(3)}} {
		w.update(func(tx *catalog.Tx) { upload(tx, version.code, version.function, version.updated) })
		what := "the session runs " + version.code + " by " + version.function
		c.eventually(what, func() bool {
			m := runs(c.lists["svc/op/kafka"])
			return string(m.GetBytes()) == version.code && m.GetFunction() == version.function
		})
		inline.eventually(what+", inline", func() bool {
			list := inline.lists["svc/op/kafka"].GetPipelines()
			return len(list) == 2 && string(list[1].GetSteps()[0].GetXWasmBytes()) == version.code
		})
		id := runs(c.list("svc/op/kafka")).GetId()
		if before, known := ids[id]; known {
			t.Errorf("%s and %s have one id", before, what)
		}
		ids[id] = what
	}
	if ids["uploaded"] == "" {
		t.Error("the first version has another id than the upload")
	}
}

// runs returns the module of the first step behind the hidden pipeline.
func runs(set *pb.SetPipelinesCommand) *shared.WasmModule {
	if len(set.GetPipelines()) < 2 {
		return nil
	}
	step := set.GetPipelines()[1].GetSteps()[0]
	m := set.GetWasmModules()[step.GetXWasmId()]
	if m.GetFunction() != step.GetXWasmFunction() {
		return nil
	}
	return m
}
