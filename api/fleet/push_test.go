package fleet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func TestRegisterPushesEverythingTheServiceNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.attach(aud("svc", "known", "kafka"), "a", "b")
	w.attach(aud("svc", "plain", "kafka"))
	w.attach(aud("other", "op", "kafka"), "c")

	c := w.register(hello("go-sdk", "svc", aud("svc", "fresh", "kafka")))
	c.has("svc/known/kafka", "a", "b")
	c.has("svc/plain/kafka")
	c.has("svc/fresh/kafka")
	c.settle()

	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.commands[0]; first.GetKv() == nil || len(first.GetKv().GetInstructions()) != 0 {
		t.Errorf("first command is %v, want an empty kv command", first)
	}
	if len(c.lists) != 3 {
		t.Errorf("got lists %v, want those of the service only", c.summary())
	}
}

func TestListIsComplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "p")
	w.update(func(tx *catalog.Tx) {
		tx.PutSchema(audience.KeyOf(a), &pb.Schema{JsonSchema: []byte(`{"type":"null"}`)})
	})
	c := w.register(hello("node-sdk", "svc"))
	c.has("svc/op/kafka", "p")

	key := string(audience.KeyOf(a))
	want := &pb.SetPipelinesCommand{
		Pipelines: []*pb.Pipeline{
			{
				Name:       "Schema Inference (auto-generated pipeline)",
				DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON,
				Steps: []*pb.PipelineStep{{
					Name:          "Infer Schema (auto-generated step)",
					Step:          &pb.PipelineStep_InferSchema{InferSchema: &steps.InferSchemaStep{CurrentSchema: []byte(`{"type":"null"}`)}},
					XWasmId:       proto.String("infer-" + key),
					XWasmFunction: proto.String("f"),
				}},
			},
			pipelineForSDK("p"),
		},
		WasmModules: map[string]*shared.WasmModule{
			"infer-" + key: {Id: "infer-" + key, Bytes: []byte("infer " + key), Function: "f"},
			"module-p":     {Id: "module-p", Bytes: []byte("bytes of p"), Function: "f"},
		},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.lists["svc/op/kafka"]
	if got.GetPipelines()[0].GetId() == "" {
		t.Error("the hidden pipeline has no id")
	}
	want.Pipelines[0].Id = got.GetPipelines()[0].GetId()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNewSessionStartsFromTheNewestSchema(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "p")
	for _, schema := range []string{`{"type":"null"}`, `{"type":"string"}`} {
		w.update(func(tx *catalog.Tx) { tx.PutSchema(audience.KeyOf(a), &pb.Schema{JsonSchema: []byte(schema)}) })
		c := w.register(hello("go-sdk", "svc"))
		c.has("svc/op/kafka", "p")
		got := c.list("svc/op/kafka").GetPipelines()[0].GetSteps()[0].GetInferSchema().GetCurrentSchema()
		if string(got) != schema {
			t.Errorf("got %s, want %s", got, schema)
		}
	}
}

func pipelineForSDK(id string) *pb.Pipeline {
	p := pipeline(id, id, "module-"+id)
	p.XCreatedBy = nil
	p.DataFormat = pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON
	return p
}

func TestHiddenPipelineKeepsItsIDPerAudience(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	one, two := aud("svc", "one", "kafka"), aud("svc", "two", "kafka")
	c := w.register(hello("go-sdk", "svc", one, two))
	id := func(list string) (id string) {
		c.eventually(list, func() bool {
			id = c.lists[list].GetPipelines()[0].GetId()
			return true
		})
		return id
	}
	c.has("svc/one/kafka")
	c.has("svc/two/kafka")
	before, other := id("svc/one/kafka"), id("svc/two/kafka")
	w.attach(one, "p")
	c.has("svc/one/kafka", "p")
	if after := id("svc/one/kafka"); after != before || before == other {
		t.Errorf("got ids %s, %s and %s, want the first two equal and the third different", before, after, other)
	}
}

// TestChangesReachAllSessions_9_2_1 is one promise for each way of changing an assignment.
// Of docs/defects.md, 9.2.4: what is paused stays away whatever changes.
func TestChangesReachAllSessions_9_2_1(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	key := audience.KeyOf(a)
	w.attach(a, "a")
	var clients []*client
	for i := range 20 {
		h := hello("go-sdk", "svc", a)
		if i%2 == 0 {
			h = hello("go-sdk", "svc") // never announced it, but may use it any moment
		}
		clients = append(clients, w.register(h))
	}
	steps := []struct {
		name   string
		change func(*catalog.Tx)
		want   []string
	}{
		{"registered", func(*catalog.Tx) {}, []string{"a"}},
		{"attached", func(tx *catalog.Tx) {
			putPipeline(tx, "b", "b")
			tx.PutAssignment(key, configs("a", "b"))
		}, []string{"a", "b"}},
		{"reordered", func(tx *catalog.Tx) { tx.PutAssignment(key, configs("b", "a")) }, []string{"b", "a"}},
		{"updated", func(tx *catalog.Tx) { putPipeline(tx, "b", "b2") }, []string{"b2", "a"}},
		{"paused", func(tx *catalog.Tx) {
			c := configs("b", "a")
			c.Configs[0].Paused = true
			tx.PutAssignment(key, c)
		}, []string{"a"}},
		{"updated while paused", func(tx *catalog.Tx) { putPipeline(tx, "b", "b3") }, []string{"a"}},
		{"its neighbour updated", func(tx *catalog.Tx) { putPipeline(tx, "a", "a2") }, []string{"a2"}},
		{"resumed", func(tx *catalog.Tx) { tx.PutAssignment(key, configs("b", "a")) }, []string{"b3", "a2"}},
		{"deleted", func(tx *catalog.Tx) {
			tx.DeletePipeline("a")
			tx.PutAssignment(key, configs("b"))
		}, []string{"b3"}},
		{"detached", func(tx *catalog.Tx) { tx.DeleteAssignment(key) }, []string{}},
	}
	for _, step := range steps {
		w.update(step.change)
		for _, c := range clients {
			c.has("svc/op/kafka", step.want...)
		}
	}
}

func configs(ids ...string) *pb.PipelineConfigs {
	c := &pb.PipelineConfigs{}
	for _, id := range ids {
		c.Configs = append(c.Configs, &pb.PipelineConfig{Id: id})
	}
	return c
}

func TestOnlyDifferencesAreSent_9_6_4(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	h := hello("go-sdk", "svc", a)
	c := w.register(h)
	c.has("svc/op/kafka", "a")

	w.attach(aud("svc", "elsewhere", "kafka")) // nothing to run, and nobody announced it
	w.attach(aud("other", "op", "kafka"), "x")
	w.update(func(tx *catalog.Tx) { // the same again, and a wider schema
		putPipeline(tx, "a", "a")
		tx.PutAssignment(audience.KeyOf(a), configs("a"))
		tx.PutSchema(audience.KeyOf(a), &pb.Schema{JsonSchema: []byte(`{}`)})
	})
	w.fleet.Heartbeat(h)
	if err := w.fleet.Announce(t.Context(), h.Session, a); err != nil {
		t.Error(err)
	}
	c.settle()
	if got := c.count(isSet); got != 1 {
		t.Errorf("got %d lists, want 1", got)
	}
}

func TestSlowSessionGetsOnlyTheNewestState_9_2_6(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "p0")
	block := make(chan struct{})
	c := w.registerBlocked(hello("go-sdk", "svc", a), block)
	quick := w.register(hello("go-sdk", "svc", a))
	for i := range 50 {
		w.attach(a, fmt.Sprintf("p%d", i))
	}
	quick.has("svc/op/kafka", "p49")
	close(block)
	c.has("svc/op/kafka", "p49")
	c.settle()
	if got := c.count(isSet); got > 2 { // at most one was on its way already
		t.Errorf("got %d lists, want the newest only: %v", got, c.summary())
	}
}

func TestChangeThatIsUndoneIsNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	block := make(chan struct{})
	c := w.registerBlocked(hello("go-sdk", "svc", a), block)
	w.attach(a, "b")
	w.attach(a, "a")
	quick := w.register(hello("go-sdk", "svc", a))
	quick.has("svc/op/kafka", "a")
	close(block)
	c.has("svc/op/kafka", "a")
	c.settle()
	if got := c.count(isSet); got != 1 {
		t.Errorf("got %d lists, want 1: %v", got, c.summary())
	}
}

func TestMissingModuleBlocksOnlyItsPipeline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "good", "bad")
	w.update(func(tx *catalog.Tx) { tx.DeleteModule("module-bad") })
	c := w.register(hello("go-sdk", "svc", a))
	c.has("svc/op/kafka", "good")
	if got := w.fleet.Stats().IncompletePipelines; got != 1 {
		t.Errorf("counted %d incomplete pipelines, want 1", got)
	}
	w.update(func(tx *catalog.Tx) {
		tx.PutModule(&shared.WasmModule{Id: "module-bad", Bytes: []byte("b"), Function: "f"})
	})
	c.has("svc/op/kafka", "good", "bad")
}

func TestListIsSentWithoutInferenceThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) { c.Builder = builder{err: errBroken} })
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	w.register(hello("go-sdk", "svc")).has("svc/op/kafka", "a")
	if w.fleet.Stats().HiddenFailures == 0 {
		t.Error("the failure was not counted")
	}
}

func TestSpellingOfTheSessionIsEchoed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.attach(aud("billing", "charge", "kafka"), "a")

	// Go registers "Billing" and then announces in lower case.
	golang := hello("go-sdk", "Billing")
	c := w.register(golang)
	c.has("Billing/charge/kafka", "a")
	if err := w.fleet.Announce(t.Context(), golang.Session, aud("billing", "charge", "kafka")); err != nil {
		t.Error(err)
	}
	c.settle()
	if got := c.count(isSet); got != 1 {
		t.Errorf("got %d lists, want 1: %v", got, c.summary())
	}

	// Ruby compares every name letter by letter.
	ruby := hello("ruby-sdk", "BILLING", aud("BILLING", "Charge", "Kafka"))
	r := w.register(ruby)
	r.has("BILLING/Charge/Kafka", "a")
	w.attach(aud("billing", "charge", "kafka"), "a", "b")
	c.has("Billing/charge/kafka", "a", "b")
	r.has("BILLING/Charge/Kafka", "a", "b")

	// A session that changes its mind gets the list again.
	ruby.Audiences = []*pb.Audience{aud("BILLING", "CHARGE", "Kafka")}
	w.fleet.Heartbeat(ruby)
	r.has("BILLING/CHARGE/Kafka", "a", "b")

	if got, want := len(w.catalog.Snapshot().Audiences), 1; got != want {
		t.Errorf("got %d audiences, want %d: %v", got, want, w.catalog.Snapshot().Audiences)
	}
}

func TestCommandsNeverSayWhoCreatedAnAudience(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	a.XCreatedBy = proto.String("console")
	w.attach(a, "p")
	c := w.register(hello("node-sdk", "svc", a))
	c.has("svc/op/kafka", "p")
	w.detachAndDelete(a)
	c.eventually("deleted", func() bool { return isDelete(c.commands[len(c.commands)-1]) })
	pulled := w.fleet.Commands(t.Context(), "svc", fleet.Quirks{}).GetSetPipelineCommands()
	for _, command := range append(c.all(), pulled...) {
		if command.GetKv() == nil && command.GetAudience() == nil {
			t.Errorf("no audience on %v", command)
		}
		if strings.Contains(command.String(), "console") {
			t.Errorf("_created_by in %v", command)
		}
	}
}

func TestAnnouncementErrorsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) { c.MaxAudiencesPerService = 2; c.MaxAudiences = 3 })
	for _, a := range []*pb.Audience{nil, {}, aud("s:vc", "op", "kafka"), aud("svc", "", "kafka")} {
		if err := w.fleet.Announce(t.Context(), "session", a); err == nil {
			t.Errorf("%v was accepted", a)
		}
	}
	for i, want := range []bool{true, true, false} {
		err := w.fleet.Announce(t.Context(), "one", aud("svc", fmt.Sprint(i), "kafka"))
		if (err == nil) != want {
			t.Errorf("audience %d of the service: %v", i, err)
		}
		if !want && !strings.Contains(err.Error(), "service 'svc' has 2 audiences") {
			t.Errorf("unclear: %v", err)
		}
	}
	if err := w.fleet.Announce(t.Context(), "two", aud("svc2", "op", "kafka")); err != nil {
		t.Error(err)
	}
	if err := w.fleet.Announce(t.Context(), "three", aud("svc3", "op", "kafka")); err == nil {
		t.Error("more audiences than there may be in all")
	}
}

func TestTooManySessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) { c.MaxSessions = 1 })
	c := w.register(hello("go-sdk", "svc"))
	c.eventually("registered", func() bool { return len(c.commands) > 0 })
	if err := w.register(hello("go-sdk", "svc")).wait(); !errors.Is(err, fleet.ErrTooManySessions) {
		t.Errorf("got %v, want %v", err, fleet.ErrTooManySessions)
	}
}
