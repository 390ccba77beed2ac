package console

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/upload"
)

// fakeUploads refuses what says so.
type fakeUploads struct{}

func (fakeUploads) Check(_ context.Context, module []byte, function string) error {
	if bytes.Equal(module, []byte("evil")) {
		return &upload.RefusedError{Reason: "The module is evil."}
	}
	if function == "" {
		return fmt.Errorf("no function")
	}
	return nil
}

func (h *house) upload(t *testing.T, name, code string) string {
	t.Helper()
	reply, err := h.client.CreateWasm(t.Context(), &pb.CreateWasmRequest{Wasm: &shared.WasmModule{Name: name, Bytes: []byte(code)}})
	if err != nil {
		t.Fatalf("create wasm: %v", err)
	}
	return reply.GetId()
}

func custom(module string) *pb.PipelineStep {
	return &pb.PipelineStep{Name: "mine", XWasmId: proto.String(module), Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}}
}

func TestWasmNamedLikeABuiltOne_9_1_12(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p") // its module is listed too
	reply, err := h.client.CreateWasm(t.Context(), &pb.CreateWasmRequest{Wasm: &shared.WasmModule{
		Id: "ignored", Name: "detective", Bytes: []byte("AAAA"), XBundled: true, XFilename: "a.wasm", Version: proto.String("1"),
		XCreatedBy: proto.String("ann"), XUpdatedAtUnixTsNsUtc: proto.Int64(5),
	}})
	if err != nil || reply.GetMessage() != "Wasm module created" || reply.GetId() != "7e577136-eb7e-1ddd-9b94-bde75474bb2a" {
		t.Fatalf("got %v, %v", reply, err)
	}
	want := &shared.WasmModule{
		Id: reply.GetId(), Name: "detective", Function: "f", XFilename: "a.wasm", Version: proto.String("1"),
		XCreatedBy: proto.String("ann"), XCreatedAtUnixTsNsUtc: proto.Int64(h.clock.now().UnixNano()),
	}
	one, err := h.client.GetWasm(t.Context(), &pb.GetWasmRequest{Id: reply.GetId()})
	if diff := cmp.Diff(want, one.GetWasm(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	all, err := h.client.GetAllWasm(t.Context(), &pb.GetAllWasmRequest{})
	if err != nil || len(all.GetWasm()) != 2 || all.GetWasm()[0].GetId() != reply.GetId() || !all.GetWasm()[1].GetXBundled() {
		t.Errorf("got %v, %v, want the upload, then the built one", all, err)
	}
}

// Of docs/defects.md, 9.4.6.
func TestWasmRefusals_9_5_10(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p")
	built := h.catalog.Snapshot().Pipelines["p"].GetSteps()[0].GetXWasmId()
	id := h.upload(t, "mine", "code")
	create := func(code codes.Code, want string, m *shared.WasmModule) {
		t.Helper()
		_, err := h.client.CreateWasm(t.Context(), &pb.CreateWasmRequest{Wasm: m})
		wantStatus(t, err, code, want)
	}
	const prefix = "unable to validate CreateWasm request: invalid custom wasm: "
	create(codes.InvalidArgument, prefix+"field 'Wasm' cannot be nil", nil)
	create(codes.InvalidArgument, prefix+"field 'Name' cannot be empty", &shared.WasmModule{Bytes: []byte("x")})
	create(codes.InvalidArgument, prefix+"field 'Name' contains invalid characters", &shared.WasmModule{Name: "a:*", Bytes: []byte("x")})
	create(codes.InvalidArgument, prefix+"field 'Bytes' cannot be nil", &shared.WasmModule{Name: "a"})
	create(codes.InvalidArgument, prefix+"The module is evil.", &shared.WasmModule{Name: "a", Bytes: []byte("evil")})
	create(codes.AlreadyExists, "Wasm module with this 'id' and 'name' already exists, use external.UpdateWasm() to update", &shared.WasmModule{Name: "mine", Bytes: []byte("code")})
	create(codes.AlreadyExists, "Wasm module with this ID already exists, use external.UpdateWasm() instead", &shared.WasmModule{Name: "other", Bytes: []byte("code")})

	update := func(code pb.ResponseCode, want string, m *shared.WasmModule) {
		t.Helper()
		reply, err := h.client.UpdateWasm(t.Context(), &pb.UpdateWasmRequest{Wasm: m})
		wantReply(t, reply, err, code, want)
	}
	update(bad, "unable to validate UpdateWasm request: invalid custom wasm: field 'Wasm' cannot be nil", nil)
	update(bad, "unable to validate UpdateWasm request: invalid custom wasm: field 'Id' cannot be empty", &shared.WasmModule{Name: "a", Bytes: []byte("x")})
	update(bad, "unable to validate UpdateWasm request: invalid custom wasm: The module is evil.", &shared.WasmModule{Id: id, Name: "a", Bytes: []byte("evil")})
	update(missing, "Existing wasm module not found", &shared.WasmModule{Id: "*", Name: "a", Bytes: []byte("x")})
	update(bad, "cannot update bundled wasm module with ID '"+built+"'", &shared.WasmModule{Id: built, Name: "a", Bytes: []byte("x")})

	remove := func(code pb.ResponseCode, want string, ids ...string) {
		t.Helper()
		reply, err := h.client.DeleteWasm(t.Context(), &pb.DeleteWasmRequest{Ids: ids})
		wantReply(t, reply, err, code, want)
	}
	remove(bad, "unable to validate DeleteWasm request: must specify at least one ID")
	remove(missing, "wasm module with ID '*' not found", id, "*")
	remove(bad, "cannot delete bundled wasm module with ID '"+built+"'", id, built)
	if h.catalog.Snapshot().Modules[id] == nil {
		t.Error("a refused deletion deleted something")
	}
	_, err := h.client.GetWasm(t.Context(), &pb.GetWasmRequest{})
	wantStatus(t, err, codes.InvalidArgument, "unable to validate GetWasm request: field 'Id' cannot be empty")
	_, err = h.client.GetWasm(t.Context(), &pb.GetWasmRequest{Id: "*"})
	wantStatus(t, err, codes.NotFound, "unable to get Wasm entry: wasm not found")
}

func TestCustomStepRunsTheUpload_9_2_8(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p")
	built := h.catalog.Snapshot().Pipelines["p"].GetSteps()[0].GetXWasmId()
	for id, want := range map[string]string{
		"":       "step 1 \"mine\": a custom step needs the id of an uploaded module in '_wasm_id'; CreateWasm uploads one and GetAllWasm lists them",
		"absent": "step 1 \"mine\": error loading 'custom' (id: 'absent') Wasm entry: wasm not found",
		built:    "step 1 \"mine\": error loading 'custom' (id: '" + built + "') Wasm entry: wasm not found",
	} {
		_, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("c", custom(id))})
		wantStatus(t, err, codes.InvalidArgument, want)
	}
	id := h.upload(t, "mine", "code")
	if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline("c", custom(id), detective("d", "x"))}); err != nil {
		t.Fatal(err)
	}
	reply, err := h.client.DeleteWasm(t.Context(), &pb.DeleteWasmRequest{Ids: []string{id}})
	wantReply(t, reply, err, bad, "cannot delete wasm module with ID '"+id+"', it is used by pipeline 'c'")

	// A new version keeps the id, reaches the pipeline, and survives a change of letter case
	// in the name (9.2.8).
	before := h.catalog.Snapshot().Pipelines["c"]
	for range 2 { // the clock stands still
		reply, err = h.client.UpdateWasm(t.Context(), &pb.UpdateWasmRequest{Wasm: &shared.WasmModule{Id: id, Name: "MINE", Bytes: []byte("newer"), Function: "g"}})
		wantReply(t, reply, err, ok, "successfully updated wasm module with id '"+id+"', name 'MINE'")
	}
	snap := h.catalog.Snapshot()
	m := snap.Modules[id]
	if string(m.GetBytes()) != "newer" || m.GetXUpdatedAtUnixTsNsUtc() != h.clock.now().UnixNano()+1 || m.GetXCreatedAtUnixTsNsUtc() == 0 {
		t.Errorf("got %v", m)
	}
	if p := snap.Pipelines["c"]; p == before || p.GetSteps()[0].GetXWasmFunction() != "g" || p.GetSteps()[0].GetXWasmId() != id {
		t.Errorf("got pipeline %v", p)
	}

	deleted, err := h.client.DeletePipeline(t.Context(), &pb.DeletePipelineRequest{PipelineId: "c"})
	wantReply(t, deleted, err, ok, "pipeline 'c' deleted")
	if h.catalog.Snapshot().Modules[id] == nil {
		t.Error("the upload went with the pipeline")
	}
	reply, err = h.client.DeleteWasm(t.Context(), &pb.DeleteWasmRequest{Ids: []string{id, id}})
	wantReply(t, reply, err, ok, "Successfully deleted '1' wasm module(s)")
	if h.catalog.Snapshot().Modules[id] != nil {
		t.Error("the upload is still there")
	}
}

// TestModuleIsNeverMissing races pipelines that use a module with its deletion.
func TestModuleIsNeverMissing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 10 {
		id := h.upload(t, "mine", fmt.Sprint("code", i))
		name := fmt.Sprint("c", i)
		var racing sync.WaitGroup
		racing.Go(func() {
			_, _ = h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline(name, custom(id))})
		})
		racing.Go(func() { _, _ = h.client.DeleteWasm(t.Context(), &pb.DeleteWasmRequest{Ids: []string{id}}) })
		racing.Wait()
		snap := h.catalog.Snapshot()
		if (snap.Pipelines[name] != nil) != (snap.Modules[id] != nil) {
			t.Fatalf("round %d: pipeline %v, module %v", i, snap.Pipelines[name] != nil, snap.Modules[id] != nil)
		}
	}
}
