package catalog

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/audience"
)

func TestActive(t *testing.T) {
	t.Parallel()
	configs := attached("two", "paused", "missing", "one", "two")
	configs.Configs[1].Paused = true
	s := &Snapshot{
		Pipelines:   map[string]*pb.Pipeline{"one": pipelineNamed("one"), "two": pipelineNamed("two"), "paused": pipelineNamed("paused")},
		Assignments: map[audience.Key]*pb.PipelineConfigs{keyA: configs, "empty": attached()},
	}
	wantIDs(t, "Active", idsOf(s.Active(keyA)), "two", "one", "two")
	wantIDs(t, "Active of an empty assignment", idsOf(s.Active("empty")))
	wantIDs(t, "Active of an unknown audience", idsOf(s.Active("unknown")))
}

func TestIndexesFollowChanges(t *testing.T) {
	t.Parallel()
	c := open(t, newStore(t))
	names := func(s *Snapshot, service string) []string {
		keys := []string{}
		for _, a := range s.AudiencesOf(service) {
			keys = append(keys, a.GetServiceName()+"/"+a.GetOperationName())
		}
		return keys
	}
	uses := func(s *Snapshot, id string) []string {
		keys := []string{}
		for _, k := range s.UsedBy(id) {
			keys = append(keys, string(k))
		}
		return keys
	}
	audienceNamed := func(service, operation string) *pb.Audience {
		return &pb.Audience{ServiceName: service, OperationType: 1, OperationName: operation, ComponentName: "kafka"}
	}
	paused := attached("one", "two")
	paused.Configs[0].Paused = true
	first := update(t, c, func(tx *Tx) {
		for _, a := range []*pb.Audience{audienceNamed("Svc", "B"), audienceNamed("svc", "a"), audienceNamed("other", "a"), audienceNamed("svc-2", "a")} {
			tx.PutAudience(a)
		}
		tx.PutAssignment("svc:operation_type_consumer:b:kafka", attached("one", "missing", "one"))
		tx.PutAssignment(keyA, paused)
	})
	check := func(when string) {
		t.Helper()
		wantIDs(t, when+", AudiencesOf(SVC)", names(first, "SVC"), "svc/a", "svc/b")
		wantIDs(t, when+", AudiencesOf(nobody)", names(first, "nobody"))
		wantIDs(t, when+", UsedBy(one)", uses(first, "one"), string(keyA), "svc:operation_type_consumer:b:kafka")
		wantIDs(t, when+", UsedBy(missing)", uses(first, "missing"), "svc:operation_type_consumer:b:kafka")
		wantIDs(t, when+", UsedBy(nothing)", uses(first, "nothing"))
	}
	check("at first")
	// A change elsewhere keeps the answers, a change there renews them, and the
	// old picture keeps its own.
	other := update(t, c, func(tx *Tx) { tx.PutPipeline(pipelineNamed("one")) })
	wantIDs(t, "after another kind changed", names(other, "svc"), "svc/a", "svc/b")
	last := update(t, c, func(tx *Tx) { tx.DeleteAudience(keyA); tx.DeleteAssignment(keyA) })
	wantIDs(t, "after a delete, AudiencesOf", names(last, "svc"), "svc/b")
	wantIDs(t, "after a delete, UsedBy", uses(last, "one"), "svc:operation_type_consumer:b:kafka")
	check("the old picture at last")
}

// everything is an update that writes a record of each kind.
func everything(tx *Tx) {
	step := &pb.PipelineStep{Name: "s", XWasmId: proto.String("m"), XWasmFunction: proto.String("f"), XWasmBytes: []byte("not stored")}
	tx.PutPipeline(&pb.Pipeline{Id: "p", Name: "P", Steps: []*pb.PipelineStep{{Name: "first"}, step}})
	tx.PutAssignment(keyA, attached("p"))
	tx.PutAudience(&pb.Audience{ServiceName: "SVC", OperationType: 1, OperationName: "A", ComponentName: "Kafka", XCreatedBy: proto.String("Me")})
	tx.PutNotification(&pb.NotificationConfig{Id: proto.String("n"), Name: "N"})
	tx.PutModule(&shared.WasmModule{Id: "m", Bytes: []byte("\x00asm"), Function: "f"})
	tx.PutSchema(keyA, &pb.Schema{JsonSchema: []byte("{}"), XVersion: 3, XMetadata: map[string]string{"a": "1", "b": "2"}})
	tx.PutKV(&pb.KVObject{Key: "K", Value: []byte("v")})
	tx.PutSetting("install_id", []byte("id"))
	tx.PutCounter("life", []byte("7"))
}

func wantEverything(t *testing.T, s *Snapshot) {
	t.Helper()
	step := &pb.PipelineStep{Name: "s", XWasmId: proto.String("m"), XWasmFunction: proto.String("f")}
	want := &Snapshot{
		Pipelines:     map[string]*pb.Pipeline{"p": {Id: "p", Name: "P", Steps: []*pb.PipelineStep{{Name: "first"}, step}}},
		Assignments:   map[audience.Key]*pb.PipelineConfigs{keyA: attached("p")},
		Audiences:     map[audience.Key]*pb.Audience{keyA: {ServiceName: "svc", OperationType: 1, OperationName: "a", ComponentName: "kafka", XCreatedBy: proto.String("Me")}},
		Notifications: map[string]*pb.NotificationConfig{"n": {Id: proto.String("n"), Name: "N"}},
		Modules:       map[string]*shared.WasmModule{"m": {Id: "m", Bytes: []byte("\x00asm"), Function: "f"}},
		Schemas:       map[audience.Key]*pb.Schema{keyA: {JsonSchema: []byte("{}"), XVersion: 3, XMetadata: map[string]string{"a": "1", "b": "2"}}},
		KV:            map[string]*pb.KVObject{"K": {Key: "K", Value: []byte("v")}},
		Settings:      map[string][]byte{"install_id": []byte("id")},
		Counters:      map[string][]byte{"life": []byte("7")},
	}
	for _, field := range []struct {
		name      string
		want, got any
	}{
		{"Pipelines", want.Pipelines, s.Pipelines},
		{"Assignments", want.Assignments, s.Assignments},
		{"Audiences", want.Audiences, s.Audiences},
		{"Notifications", want.Notifications, s.Notifications},
		{"Modules", want.Modules, s.Modules},
		{"Schemas", want.Schemas, s.Schemas},
		{"KV", want.KV, s.KV},
		{"Settings", want.Settings, s.Settings},
		{"Counters", want.Counters, s.Counters},
	} {
		if diff := cmp.Diff(field.want, field.got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field.name, diff)
		}
	}
}

// What is put comes back, in this process and in the next.
func TestEveryKindRoundTrips(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c := open(t, st)
	s := update(t, c, everything)
	wantEverything(t, s)
	wantEverything(t, open(t, st).Snapshot())
	if s.Revision != 1 || c.Snapshot() != s {
		t.Errorf("got revision %d, want one change, and the current picture", s.Revision)
	}
	s = update(t, c, func(tx *Tx) {
		tx.DeletePipeline("p")
		tx.DeleteAssignment(keyA)
		tx.DeleteAudience(keyA)
		tx.DeleteNotification("n")
		tx.DeleteModule("m")
		tx.DeleteSchema(keyA)
		tx.DeleteKV("K")
		tx.DeleteCounter("life")
	})
	want := map[string]string{"setting/install_id": "id"}
	if diff := cmp.Diff(want, contents(t, s)); diff != "" {
		t.Errorf("after deleting everything that can be (-want +got):\n%s", diff)
	}
}

// The caller of PutPipeline keeps its message, module bytes included.
func TestPutLeavesTheMessageAlone(t *testing.T) {
	t.Parallel()
	c := open(t, newStore(t))
	p := &pb.Pipeline{Id: "p", Steps: []*pb.PipelineStep{{XWasmBytes: []byte("bytes")}}}
	a := &pb.Audience{ServiceName: "SVC", OperationType: 1, OperationName: "A", ComponentName: "KAFKA"}
	s := update(t, c, func(tx *Tx) {
		tx.PutPipeline(p)
		tx.PutAudience(a)
		p.Name = "changed after it was put"
	})
	if string(p.Steps[0].GetXWasmBytes()) != "bytes" || a.GetServiceName() != "SVC" {
		t.Errorf("the caller's messages were changed: %v, %v", p, a)
	}
	if got := s.Pipelines["p"].GetName(); got != "" {
		t.Errorf("got name %q: a change after Put was stored", got)
	}
}

// Pictures that readers hold stay as they are, whatever is written meanwhile.
func TestSnapshotsNeverChange(t *testing.T) {
	t.Parallel()
	c := open(t, newStore(t))
	update(t, c, everything)
	type held struct {
		snapshot *Snapshot
		contents map[string]string
	}
	var pictures []held
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 30 {
				id := fmt.Sprint("p", rand.IntN(5))
				_, err := c.Update(t.Context(), func(tx *Tx) error {
					everything(tx)
					tx.PutPipeline(pipelineNamed(id))
					tx.PutAssignment(keyA, attached(id, "p"))
					tx.PutKV(&pb.KVObject{Key: id, Value: []byte(id)})
					if tx.Snapshot().KV["K"] != nil {
						tx.DeleteKV("K")
					}
					return nil
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	for range 40 {
		s := c.Snapshot()
		s.Active(keyA)
		s.UsedBy("p")
		pictures = append(pictures, held{s, contents(t, s)})
	}
	group.Wait()
	for _, p := range pictures {
		if diff := cmp.Diff(p.contents, contents(t, p.snapshot)); diff != "" {
			t.Fatalf("the picture of revision %d changed (-before +after):\n%s", p.snapshot.Revision, diff)
		}
	}
}

// A change copies the maps it touches and no others, and decodes nothing again.
func TestChangesShareWhatTheyDoNotTouch(t *testing.T) {
	t.Parallel()
	c := open(t, newStore(t))
	before := update(t, c, everything)
	after := update(t, c, func(tx *Tx) { tx.PutPipeline(pipelineNamed("p2")) })
	old, now := reflect.ValueOf(*before), reflect.ValueOf(*after)
	for i := range old.NumField() {
		field := old.Type().Field(i)
		if field.Type.Kind() != reflect.Map || !field.IsExported() {
			continue
		}
		shared := old.Field(i).Pointer() == now.Field(i).Pointer()
		if want := field.Name != "Pipelines"; shared != want {
			t.Errorf("%s is shared: %t, want %t", field.Name, shared, want)
		}
	}
	if before.Pipelines["p"] != after.Pipelines["p"] {
		t.Error("an unchanged pipeline was decoded again")
	}
	if before.Pipelines["p2"] != nil {
		t.Error("the old picture shows the new pipeline")
	}
}

// Counters change all the time. Whoever waits for rules is not woken for them, and yet the
// picture and its revision are new.
func TestCountersWakeNobody(t *testing.T) {
	t.Parallel()
	c := open(t, newStore(t))
	before := update(t, c, everything)
	watch := c.Watch(t.Context())
	<-watch // the current one
	counted := update(t, c, func(tx *Tx) { tx.PutCounter("life", []byte("8")) })
	if counted.Revision != before.Revision+1 || string(counted.Counters["life"]) != "8" || !counted.SameContent(before) {
		t.Errorf("got revision %d, counters %q, want a new picture with the same content", counted.Revision, counted.Counters)
	}
	select {
	case s := <-watch:
		t.Errorf("watchers got revision %d for a counter", s.Revision)
	default:
	}
	both := update(t, c, func(tx *Tx) { tx.PutCounter("life", []byte("9")); tx.DeleteKV("K") })
	if got := <-watch; got != both || both.SameContent(counted) {
		t.Errorf("got revision %d, want the change beside the counter seen", got.Revision)
	}
	if by := (&Snapshot{}); by.SameContent(&Snapshot{}) || !by.SameContent(by) {
		t.Error("snapshots put together by hand share content with themselves only")
	}
}
