package fleet_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"
	"weak"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func TestQuirksAreKnownByLibraryAndByUserAgent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		library, agent string
		inline, noKV   bool
	}{
		{"go-sdk", "", false, false},
		{"node-sdk", "", false, false},
		{"python-sdk", "", true, false},
		{"ruby-sdk", "", false, true},
		{"", "grpc-python-grpclib/0.4.6 (linux; cpython/3.11)", true, false},
		{"", "grpc-ruby/1.62.0 grpc-c/39.0.0 (linux; chttp2)", false, true},
		{"", "grpc-go/1.60.1", false, false},
		{"go-sdk", "grpc-ruby/1.62.0", false, false},
		{"", "", false, false},
		{"unknown", "", false, false},
	} {
		got := fleet.QuirksOf(tt.library, tt.agent)
		if got.InlineModules != tt.inline || got.NoKV != tt.noKV || (got.MaxBytes > 0) != tt.noKV {
			t.Errorf("%q %q: got %+v", tt.library, tt.agent, got)
		}
	}
}

func TestPythonGetsModulesInsideSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "p")
	python := w.register(hello("python-sdk", "svc", a))
	golang := w.register(hello("go-sdk", "svc", a))
	python.has("svc/op/kafka", "p")
	golang.has("svc/op/kafka", "p")
	pull := func(q fleet.Quirks) *pb.SetPipelinesCommand {
		reply := w.fleet.Commands(t.Context(), "svc", q)
		set := reply.GetSetPipelineCommands()[0].GetSetPipelines()
		set.WasmModules = reply.GetWasmModules()
		return set
	}
	for name, set := range map[string]*pb.SetPipelinesCommand{
		"python stream": python.list("svc/op/kafka"),
		"python pull":   pull(fleet.QuirksOf("", "grpc-python-grpclib/0.4.6")),
		"go stream":     golang.list("svc/op/kafka"),
		"go pull":       pull(fleet.QuirksOf("", "grpc-go/1.60.1")),
	} {
		for _, p := range set.GetPipelines() {
			step := p.GetSteps()[0]
			want := set.GetWasmModules()[step.GetXWasmId()].GetBytes()
			if len(want) == 0 {
				t.Errorf("%s: the map lacks the module of %s", name, p.GetName())
			}
			if !strings.HasPrefix(name, "python") {
				want = nil
			}
			if got := step.GetXWasmBytes(); string(got) != string(want) {
				t.Errorf("%s: step of %s has %q inside, want %q", name, p.GetName(), got, want)
			}
		}
	}
}

func TestPullHasEveryStoredAudienceOfTheService_9_2_11(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.attach(aud("svc", "one", "kafka"), "a", "b")
	w.attach(aud("svc", "two", "kafka"))
	w.attach(aud("other", "op", "kafka"), "a")
	w.update(func(tx *catalog.Tx) {
		c := configs("a", "b")
		c.Configs[0].Paused = true
		tx.PutAssignment(audience.KeyOf(aud("svc", "one", "kafka")), c)
	})
	reply := w.fleet.Commands(t.Context(), "SVC", fleet.Quirks{})
	var got []string
	for _, c := range reply.GetSetPipelineCommands() {
		got = append(got, spelled(c.GetAudience())+fmt.Sprint(visible(c.GetSetPipelines())))
		if len(c.GetSetPipelines().GetWasmModules()) != 0 {
			t.Error("modules are in the command as well as in the shared map")
		}
	}
	if want := "[SVC/one/kafka[b] SVC/two/kafka[]]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := len(reply.GetWasmModules()); got != 3 { // two hidden ones and b's
		t.Errorf("got %d modules, want 3", got)
	}
	if got := w.fleet.Commands(t.Context(), "unknown", fleet.Quirks{}); len(got.GetSetPipelineCommands()) != 0 {
		t.Errorf("unknown service got %v", got)
	}
}

func TestRubyIsNotSentAgainWhatItHasJustPulled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "p")
	w.attach(aud("svc", "op2", "kafka"), "p")
	ruby := hello("ruby-sdk", "svc")
	if got := len(w.fleet.Commands(t.Context(), "svc", ruby.Quirks).GetSetPipelineCommands()); got != 2 {
		t.Fatalf("pulled %d commands, want 2", got)
	}
	w.attach(a, "p", "q") // between the pull and Register: has to be pushed
	c := w.register(ruby)
	c.has("svc/op/kafka", "p", "q")
	c.settle2(w)
	if got := c.count(isSet); got != 1 {
		t.Errorf("got %d lists on the first Register, want 1: %v", got, c.summary())
	}
	c.end()
	_ = c.wait()
	again := w.register(ruby)
	again.has("svc/op/kafka", "p", "q")
	again.has("svc/op2/kafka", "p")
}

// Processes of one service start at the same time, and a rule changes meanwhile: nobody knows
// which of the pulls was whose, so what differs between them is sent again.
func TestRubyMissesNoChangeBetweenThePullsOfTwo(t *testing.T) {
	t.Parallel()
	clock := newClock()
	w := newWorld(t, func(c *fleet.Config) { c.Now = clock.Now })
	a, same := aud("svc", "op", "kafka"), aud("svc", "same", "kafka")
	w.attach(a, "p")
	w.attach(same, "p")
	one, two := hello("ruby-sdk", "svc"), hello("ruby-sdk", "svc")
	w.fleet.Commands(t.Context(), "svc", one.Quirks)
	w.attach(a, "p", "q")
	w.attach(aud("svc", "new", "kafka"), "q")
	w.fleet.Commands(t.Context(), "svc", two.Quirks)
	w.fleet.Commands(t.Context(), "svc", two.Quirks)
	c := w.register(one)
	c.has("svc/op/kafka", "p", "q")
	c.has("svc/new/kafka", "q")
	if c.list("svc/same/kafka") != nil {
		t.Error("what is the same in all pulls is sent again")
	}
	clock.advance(time.Minute) // everybody who pulled has registered
	w.fleet.Commands(t.Context(), "svc", two.Quirks)
	c = w.register(two)
	c.settle2(w)
	if got := c.count(isSet); got != 0 {
		t.Errorf("later, %d lists are sent again", got)
	}
}

// settle2 is settle for a session that gets no key-value pairs.
func (c *client) settle2(w *world) {
	c.t.Helper()
	marker := aud(c.hello.Service, "marker", "kafka")
	w.attach(marker, "marker")
	c.has(spelled(marker), "marker")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commands = c.commands[:len(c.commands)-1]
}

func TestRubyNeverGetsMoreThanItCanReceive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	small := aud("svc", "small", "kafka")
	w.update(func(tx *catalog.Tx) {
		var ids []string
		for i := range 3 {
			id := fmt.Sprintf("big%d", i)
			ids = append(ids, id)
			tx.PutModule(&shared.WasmModule{Id: id, Bytes: make([]byte, 3<<19), Function: "f"})
			tx.PutPipeline(pipeline(id, id, id))
		}
		tx.PutAudience(a)
		tx.PutAssignment(audience.KeyOf(a), configs(ids...))
	})
	w.attach(small, "p")
	ruby := hello("ruby-sdk", "svc")
	const limit = 4 << 20
	reply := w.fleet.Commands(t.Context(), "svc", ruby.Quirks)
	if got := proto.Size(reply); got > limit {
		t.Errorf("pull of %d bytes", got)
	}
	if got := w.fleet.Stats().Oversized; got != 0 {
		t.Errorf("%d pipelines counted as left out, which Register sends", got)
	}
	c := w.register(ruby)
	c.has("svc/op/kafka", "big0", "big1")
	c.settle2(w)
	if got := c.list("svc/small/kafka"); got != nil {
		t.Errorf("pushed %v, which was pulled: there was room beside what is too large", got)
	}
	for _, command := range c.all() {
		if got := proto.Size(command); got > limit {
			t.Errorf("command of %d bytes", got)
		}
	}
	if len(c.list("svc/op/kafka").GetWasmModules()) != 3 {
		t.Error("the map has modules of pipelines that were left out")
	}
	w.register(hello("go-sdk", "svc")).has("svc/op/kafka", "big0", "big1", "big2")
	if w.fleet.Stats().Oversized == 0 {
		t.Error("what was left out was not counted")
	}
}

// Audiences may share their modules, which a pull has once.
func TestRubyPullsWhatFitsWithSharedModules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.update(func(tx *catalog.Tx) {
		tx.PutModule(&shared.WasmModule{Id: "big", Bytes: make([]byte, 3<<20), Function: "f"})
		tx.PutPipeline(pipeline("p", "p", "big"))
	})
	const audiences = 40
	for i := range audiences {
		w.attach(aud("svc", fmt.Sprint("op", i), "kafka"), "p")
	}
	reply := w.fleet.Commands(t.Context(), "svc", hello("ruby-sdk", "svc").Quirks)
	if got := len(reply.GetSetPipelineCommands()); got != audiences {
		t.Errorf("pulled %d commands, want %d", got, audiences)
	}
	if got := proto.Size(reply); got > 4<<20 {
		t.Errorf("pull of %d bytes", got)
	}
}

func TestStepsAreMadeDigestible(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.update(func(tx *catalog.Tx) {
		putPipeline(tx, "p", "p")
		p := pipeline("p", "p", "module-p")
		p.XNotificationConfigs = []*pb.NotificationConfig{{Name: "secret"}} //nolint:staticcheck // SDKs must not see it
		p.Steps[0].OnTrue = &pb.PipelineStepConditions{Notification: &pb.PipelineStepNotification{}}
		p.Steps[0].OnFalse = &pb.PipelineStepConditions{}
		p.Steps[0].Step = &pb.PipelineStep_HttpRequest{HttpRequest: &steps.HttpRequestStep{Request: &steps.HttpRequest{Url: "u"}}}
		p.Steps[0].XWasmFunction = nil
		tx.PutPipeline(p)
		tx.PutAudience(a)
		tx.PutAssignment(audience.KeyOf(a), configs("p"))
	})
	c := w.register(hello("go-sdk", "svc"))
	c.has("svc/op/kafka", "p")
	p := c.list("svc/op/kafka").GetPipelines()[1]
	step := p.GetSteps()[0]
	if !step.GetOnTrue().GetNotify() || step.GetOnFalse().GetNotify() { //nolint:staticcheck // what Python reads
		t.Errorf("notify flags: %v", step)
	}
	if got := step.GetHttpRequest().GetRequest().GetBodyMode(); got != steps.HttpRequestBodyMode_HTTP_REQUEST_BODY_MODE_STATIC {
		t.Errorf("body mode %v", got)
	}
	if step.GetXWasmFunction() != "f" || p.GetDataFormat() != pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON {
		t.Errorf("got %v", p)
	}
	if strings.Contains(p.String(), "secret") {
		t.Error("a notification's configuration was sent to an SDK")
	}
	if stored := w.catalog.Snapshot().Pipelines["p"]; stored.GetSteps()[0].GetOnTrue().GetNotify() { //nolint:staticcheck // as above
		t.Error("the catalog's picture was changed")
	}
}

// Anybody with a token can ask for services that do not exist.
func TestPullsOfUnknownServicesAreNotRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var asked []weak.Pointer[byte]
	for i := range 10 {
		name := fmt.Sprintf("unknown service number %d", i)
		asked = append(asked, weak.Make(unsafe.StringData(name)))
		w.fleet.Commands(t.Context(), name, fleet.QuirksOf("ruby-sdk", ""))
	}
	eventually(t, "names are forgotten", func() bool {
		runtime.GC()
		return !slices.ContainsFunc(asked, func(p weak.Pointer[byte]) bool { return p.Value() != nil })
	})
}
