package legacy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/counters"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/seal"
)

// want is what the fixture must become before modules are built.
func want() map[string]any {
	return map[string]any{
		"settings/install_id": "c3e73aad-b270-4e92-a95a-06b26e0a47f3", "settings/creation_date": "1795876042",
		"counters/ended": &counters.Counters{
			Texts:  []string{"", "counter_produce_bytes", "billing", "kafka", "charge", "p2", "second"},
			Series: []*counters.Series{{Name: 1, Service: 2, Component: 3, Operation: 4, PipelineId: 5, PipelineName: 6, Value: 42}},
		},
		"pipelines/Mixed-Case-ID": &pb.Pipeline{Id: "Mixed-Case-ID", Name: "mixed", DataFormat: 1, XCreatedBy: proto.String("operator"), Steps: []*pb.PipelineStep{
			bare(detectiveStep("Note-ID", "gone"), detective),
			bare(jsonStep(), validJSON),
		}},
		"pipelines/p2":         &pb.Pipeline{Id: "p2", Name: "second", DataFormat: 1, XCreatedBy: proto.String("operator"), Steps: []*pb.PipelineStep{bare(customStep(), customID)}},
		"pipelines/with:colon": &pb.Pipeline{Id: "with:colon", Name: "orphan", DataFormat: 1, XCreatedBy: proto.String("operator"), Steps: []*pb.PipelineStep{bare(customStep(), orphanID)}},
		"assignments/" + billing: &pb.PipelineConfigs{XCreatedBy: proto.String("op2"), Configs: []*pb.PipelineConfig{
			{Id: "Mixed-Case-ID", CreatedAtUnixTsUtc: 1795876186},
			{Id: "p2", Paused: true, CreatedAtUnixTsUtc: 1795876187},
			{Id: "with:colon", CreatedAtUnixTsUtc: 1795876189},
		}},
		"audiences/" + billing:  &pb.Audience{ServiceName: "billing", OperationType: 2, OperationName: "charge", ComponentName: "kafka", XCreatedBy: proto.String("operator:with:colons")},
		"audiences/" + lonely:   &pb.Audience{ServiceName: "lonely", OperationType: 1, OperationName: "op", ComponentName: "c"},
		"audiences/" + noone:    &pb.Audience{ServiceName: "noone", OperationType: 1, OperationName: "x", ComponentName: "y"},
		"audiences/" + emptied:  &pb.Audience{ServiceName: "emptied", OperationType: 1, OperationName: "x", ComponentName: "y"},
		"notifications/Note-ID": slackConfig(), "schemas/" + billing: schema(), "kv/Key/1 %": kvObject(),
		"wasm/" + customID: customModule(),
		"wasm/" + orphanID: &shared.WasmModule{Id: orphanID, Name: "custom-" + orphanID, Function: "f", Bytes: []byte("its only copy")},
	}
}

func bare(step *pb.PipelineStep, id string) *pb.PipelineStep {
	step.XWasmId, step.XWasmFunction = proto.String(id), proto.String("f")
	return step
}

var empty = map[store.Kind]func() proto.Message{
	store.KindPipeline: func() proto.Message { return new(pb.Pipeline) }, store.KindAssignment: func() proto.Message { return new(pb.PipelineConfigs) },
	store.KindAudience: func() proto.Message { return new(pb.Audience) }, store.KindNotification: func() proto.Message { return new(pb.NotificationConfig) },
	store.KindSchema: func() proto.Message { return new(pb.Schema) }, store.KindKV: func() proto.Message { return new(pb.KVObject) },
	store.KindWasm: func() proto.Message { return new(shared.WasmModule) }, store.KindCounter: func() proto.Message { return new(counters.Counters) },
}

// contents decodes records by key.
func contents(t testing.TB, records []store.Record) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, r := range records {
		if _, twice := all[r.String()]; twice {
			t.Errorf("%s comes twice", r.Key)
		}
		if empty[r.Kind] == nil {
			all[r.String()] = string(r.Value)
			continue
		}
		m := empty[r.Kind]()
		if err := proto.Unmarshal(r.Value, m); err != nil {
			t.Errorf("%s: %v", r.Key, err)
		}
		all[r.String()] = m
	}
	return all
}

func read(t testing.TB, src Source, ring seal.Ring) *Found {
	t.Helper()
	found, err := Read(t.Context(), src, ring)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestRead(t *testing.T) {
	t.Parallel()
	found := read(t, original(t), seal.Ring{})
	if diff := cmp.Diff(want(), contents(t, found.Records), protocmp.Transform()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if !found.Any || !found.Running || found.Dangling != 2 || len(found.LeftOut)+len(found.Sealed) != 0 {
		t.Errorf("got %+v", found)
	}
}

// Sealed configs need their key, and whether it is right shows before anything is stored.
func TestReadSealed(t *testing.T) {
	t.Parallel()
	src := original(t)
	const key = "streamdal_notification_config:note-id"
	src[key] = sealedByOriginal(t, aesKey, src[key])
	found := read(t, src, ringOf(t, aesKey))
	if diff := cmp.Diff(want(), contents(t, found.Records), protocmp.Transform()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for name, ring := range map[string]seal.Ring{"no key": {}, "another key": ringOf(t, strings.Repeat("ab", 16))} {
		if got := read(t, src, ring).Sealed; !slices.Equal(got, []string{key}) {
			t.Errorf("%s: got %v, want the sealed one named", name, got)
		}
	}
	// The original could be started with a key after it had stored plain text.
	if got := read(t, original(t), ringOf(t, aesKey)); len(got.Sealed) > 0 || len(got.LeftOut) > 0 {
		t.Errorf("plain text with a key: got %+v", got)
	}
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]fakeRedis{
		"empty": {}, "another program": {"kv:a": "x", "other": "y"},
		"ours": {"streamdal_{config}:revision": "x", "streamdal_live:{n}": "y", "streamdal_other": "z"},
	} {
		if found := read(t, src, seal.Ring{}); found.Any || len(found.Records) > 0 {
			t.Errorf("%s: got %+v", name, found)
		}
	}
}

// Broken values and names cost themselves and nothing else.
func TestReadLeavesOut(t *testing.T) {
	t.Parallel()
	src := original(t)
	expect := want()
	bad := map[string]string{
		"streamdal_pipeline:torn":                                         "\xff",
		"streamdal_pipeline:other":                                        encoded(t, &pb.Pipeline{Id: "another"}),
		"streamdal_pipeline:":                                             encoded(t, &pb.Pipeline{Name: "no id"}),
		"streamdal_audience:a:operation_type_consumer:b:c:d":              "",
		"streamdal_audience:BILLING:operation_type_producer:charge:kafka": "",
		"streamdal_audience_created_by:short":                             "",
		"streamdal_notification_config:torn":                              "short",
		"streamdal_schema:nothing":                                        "",
		"streamdal_wasm:renamed:" + customID:                              encoded(t, customModule()),
		"streamdal_wasm:torn:x":                                           "\xff",
		"streamdal_who_knows":                                             "x",
		"kv:of another program":                                           encoded(t, kvObject()),
		"kv:":                                                             "",
		"kv:" + strings.Repeat("k", store.MaxIDBytes+1):                   encoded(t, &pb.KVObject{Key: strings.Repeat("k", store.MaxIDBytes+1)}),
	}
	maps.Copy(src, bad)
	src["streamdal_counters"] = "{"
	bad["streamdal_counters"] = ""
	delete(expect, "counters/ended")
	// What is attached and cannot be read stays attached: mending it mends the audience.
	src["streamdal_audience:"+lonely] = encoded(t, &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: "torn"}}})
	expect["assignments/"+lonely] = &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: "torn"}}}

	found := read(t, src, seal.Ring{})
	var left []string
	for _, l := range found.LeftOut {
		left = append(left, l.Key)
		if l.Reason == "" {
			t.Errorf("%s: no reason", l.Key)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(bad)), left); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(expect, contents(t, found.Records), protocmp.Transform()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if err := (store.State{Records: found.Records}).CheckRestore(); err != nil {
		t.Errorf("no store would take it: %v", err)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	var keys []string
	for i := range 600 {
		keys = append(keys, fmt.Sprintf("kv:%03d", i))
	}
	for i := range 5 {
		keys = append(keys, fmt.Sprintf("streamdal_pipeline:%d", i))
	}
	keys = append(keys, "streamdal_schema:x")
	for name, tt := range map[string]struct {
		keys []string
		want []int
	}{
		"none": {nil, nil}, "all": {keys, []int{256, 256, 88, 2, 2, 1, 1}}, "no pipelines": {keys[:600], []int{256, 256, 88}},
		"only pipelines": {keys[600:605], []int{2, 2, 1}}, "one": {keys[605:], []int{1}},
	} {
		var got []int
		var all []string
		for _, part := range parts(tt.keys) {
			got = append(got, len(part))
			all = append(all, part...)
		}
		if !slices.Equal(got, tt.want) || !slices.Equal(all, tt.keys) {
			t.Errorf("%s: got parts of %v, want %v and all keys", name, got, tt.want)
		}
	}
}

// failing is a Source that fails at one of its calls.
type failing struct {
	fakeRedis
	keys, strings error
}

func (f failing) Keys(ctx context.Context, pattern string) ([]string, error) {
	keys, _ := f.fakeRedis.Keys(ctx, pattern)
	return keys, f.keys
}

func (f failing) Strings(context.Context, []string) ([][]byte, error) { return nil, f.strings }

func TestReadFails(t *testing.T) {
	t.Parallel()
	errDown := errors.New("down")
	for name, src := range map[string]Source{
		"list": failing{original(t), errDown, nil}, "read": failing{original(t), nil, errDown},
	} {
		if _, err := Read(t.Context(), src, seal.Ring{}); !errors.Is(err, errDown) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Whatever a Redis holds, a store takes what is read from it, and the catalog's rules about
// ids hold.
func FuzzRead(f *testing.F) {
	for k, v := range original(f) {
		f.Add(k, []byte(v))
	}
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		src := fakeRedis{"streamdal_install_id": "x"}
		if strings.ContainsAny(key, "[]\\*?") {
			return // path.Match has its own idea of them
		}
		src[key] = string(value)
		found, err := Read(t.Context(), src, ringOf(t, aesKey))
		if err != nil {
			t.Fatal(err)
		}
		if err := (store.State{Records: found.Records}).CheckRestore(); err != nil {
			t.Error(err)
		}
		contents(t, found.Records)
	})
}
