package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/metrics"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/api/sdk"
	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

const patience = 30 * time.Second

// engine runs modules whose bytes say what they do.
type engine struct {
	mu   sync.Mutex
	open int
}

func (e *engine) Load(_ context.Context, module []byte, function string) (client.Instance, error) {
	if function != "f" || bytes.HasPrefix(module, []byte("broken")) {
		return nil, errors.New("not a module")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open++
	return &instance{engine: e, does: string(module)}, nil
}

func (e *engine) loaded() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open
}

type instance struct {
	engine *engine
	does   string
}

func (i *instance) Close(context.Context) error {
	i.engine.mu.Lock()
	defer i.engine.mu.Unlock()
	i.engine.open--
	return nil
}

func (i *instance) Call(_ context.Context, r *pb.WASMRequest) (*pb.WASMResponse, error) {
	answer := &pb.WASMResponse{OutputPayload: r.GetInputPayload(), ExitCode: pb.WASMExitCode_WASM_EXIT_CODE_TRUE, ExitMsg: i.does}
	switch verb, rest, _ := strings.Cut(i.does, " "); verb {
	case "append":
		answer.OutputPayload = append(bytes.Clone(r.GetInputPayload()), rest...)
	case "false":
		answer.ExitCode = pb.WASMExitCode_WASM_EXIT_CODE_FALSE
	case "error":
		answer.ExitCode = pb.WASMExitCode_WASM_EXIT_CODE_ERROR
	case "trap":
		return nil, errors.New("unreachable")
	case "find":
		answer.InterStepResult = &pb.InterStepResult{InputFrom: &pb.InterStepResult_DetectiveResult{
			DetectiveResult: &steps.DetectiveStepResult{Matches: []*steps.DetectiveStepResultMatch{{Path: rest}}},
		}}
	case "use":
		found := r.GetInterStepResult()
		answer.OutputPayload = []byte("none")
		if found != nil {
			answer.OutputPayload = []byte(found.GetDetectiveResult().GetMatches()[0].GetPath() + " of " + found.GetAudience().GetOperationName())
		}
	case "infer":
		answer.OutputStep = []byte(`{"type":"object","properties":{},"required":[]}`)
	}
	return answer, nil
}

type builder struct{}

func (builder) InferSchema(context.Context, string) (*wasmbuild.Module, error) {
	return &wasmbuild.Module{ID: "infer", Function: "f", Bytes: []byte("infer")}, nil
}

type world struct {
	t       *testing.T
	catalog *catalog.Catalog
	fleet   *fleet.Fleet
	sdk     *sdk.Server
	metrics *metrics.Metrics
	address string
	restart func() // ends all connections as a crash would, and serves again
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, builder{})
}

func newWorldWith(t *testing.T, b fleet.Builder) *world {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Open(t.Context(), db, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	f := fleet.New(fleet.Config{Node: "node1", Catalog: c, Leases: db, Builder: b, Log: zerolog.Nop()})
	m := metrics.New(metrics.Config{Node: "node1", Catalog: c, Log: zerolog.Nop()})
	w := &world{t: t, catalog: c, fleet: f, metrics: m, sdk: sdk.New(sdk.Config{Fleet: f, Catalog: c, Metrics: m, Log: zerolog.Nop()})}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = f.Run(ctx) })
	wg.Go(func() { _ = c.Run(ctx) })
	serve := func(address string) *grpc.Server {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		w.address = listener.Addr().String()
		server := grpc.NewServer(grpc.ForceServerCodecV2(frame.Codec{}))
		pb.RegisterInternalServer(server, w.sdk)
		wg.Go(func() { _ = server.Serve(listener) })
		return server
	}
	server := serve("127.0.0.1:0")
	w.restart = func() {
		server.Stop()
		server = serve(w.address)
	}
	t.Cleanup(func() {
		server.Stop()
		f.Drain(ctx)
		cancel()
		wg.Wait()
		_ = db.Close()
	})
	return w
}

// start makes a client and runs it until the test ends.
func (w *world) start(opts client.Options) *client.Client {
	w.t.Helper()
	opts.Addr = w.address
	opts.Heartbeat, opts.Reconnect, opts.Report = 50*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	c, err := client.New(ctx, opts)
	if err != nil {
		w.t.Fatal(err)
	}
	running, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(running) }()
	w.t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				w.t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			w.t.Error("Run did not return")
		}
	})
	return c
}

// attach gives an audience pipelines; each is a list of what its steps do.
func (w *world) attach(a *pb.Audience, pipelines ...*pb.Pipeline) {
	w.t.Helper()
	_, err := w.catalog.Update(context.Background(), func(tx *catalog.Tx) error {
		configs := &pb.PipelineConfigs{}
		for _, p := range pipelines {
			for _, step := range p.GetSteps() {
				id := step.GetXWasmId()
				tx.PutModule(&shared.WasmModule{Id: id, Bytes: []byte(strings.TrimPrefix(id, "module ")), Function: "f"})
			}
			tx.PutPipeline(p)
			configs.Configs = append(configs.Configs, &pb.PipelineConfig{Id: p.GetId()})
		}
		tx.PutAudience(a)
		tx.PutAssignment(audience.KeyOf(a), configs)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func pipeline(id string, does ...string) *pb.Pipeline {
	p := &pb.Pipeline{Id: id, Name: id}
	for _, one := range does {
		p.Steps = append(p.Steps, &pb.PipelineStep{Name: one, XWasmId: proto.String("module " + one)})
	}
	return p
}

func aud(operation string) *pb.Audience {
	return &pb.Audience{
		ServiceName: "svc", OperationName: operation, ComponentName: "kafka",
		OperationType: pb.OperationType_OPERATION_TYPE_PRODUCER,
	}
}

func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			w.t.Fatalf("never: %s", what)
		}
	}
}

// gives waits until processing gives this.
func (w *world) gives(c *client.Client, a *pb.Audience, payload, want string) *pb.SDKResponse {
	w.t.Helper()
	var r *pb.SDKResponse
	w.eventually(fmt.Sprintf("%s gives %s", payload, want), func() bool {
		var err error
		if r, err = c.Process(w.t.Context(), a, []byte(payload)); err != nil {
			w.t.Fatal(err)
		}
		return string(r.GetData()) == want
	})
	return r
}

func TestProcessFollowsTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := &engine{}
	a := aud("op")
	w.attach(a, pipeline("p", "append 1"))
	for _, library := range []client.Library{client.Go, client.Node, client.Python, client.Ruby} {
		c := w.start(client.Options{Service: "svc", Library: library, Engine: e})
		if r, err := c.Process(t.Context(), a, []byte("x")); err != nil || string(r.GetData()) != "x1" {
			t.Errorf("%s, from the pull: got %v (%v)", library.Name, r, err)
		}
	}
	c := w.start(client.Options{Service: "svc", Engine: e})
	w.attach(a, pipeline("p", "append 1"), pipeline("q", "append 2"))
	w.gives(c, a, "x", "x12")
	w.attach(a)
	w.gives(c, a, "x", "x")
	w.eventually("unused modules are closed", func() bool { return e.loaded() == 5 }) // schema inference of each
}

func TestConditionsAndResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	abort := func(p *pb.Pipeline, how pb.AbortCondition) *pb.Pipeline {
		c := &pb.PipelineStepConditions{Abort: how, Metadata: map[string]string{"why": p.GetId()}}
		p.Steps[0].OnTrue, p.Steps[0].OnFalse, p.Steps[0].OnError = c, c, c
		return p
	}
	const current, all = pb.AbortCondition_ABORT_CONDITION_ABORT_CURRENT, pb.AbortCondition_ABORT_CONDITION_ABORT_ALL
	for name, tt := range map[string]struct {
		pipelines []*pb.Pipeline
		want      string
		status    pb.ExecStatus
	}{
		"in order":      {[]*pb.Pipeline{pipeline("a", "append 1", "append 2"), pipeline("b", "append 3")}, "x123", pb.ExecStatus_EXEC_STATUS_TRUE},
		"no conditions": {[]*pb.Pipeline{pipeline("a", "error", "append 1")}, "x1", pb.ExecStatus_EXEC_STATUS_TRUE},
		"abort current": {[]*pb.Pipeline{abort(pipeline("a", "false", "append 1"), current), pipeline("b", "append 2")}, "x2", pb.ExecStatus_EXEC_STATUS_TRUE},
		"abort all":     {[]*pb.Pipeline{abort(pipeline("a", "true", "append 1"), all), pipeline("b", "append 2")}, "x", pb.ExecStatus_EXEC_STATUS_TRUE},
		"a trap":        {[]*pb.Pipeline{abort(pipeline("a", "trap", "append 1"), all)}, "x", pb.ExecStatus_EXEC_STATUS_ERROR},
		"findings":      {[]*pb.Pipeline{pipeline("a", "find path", "use")}, "path of findings", pb.ExecStatus_EXEC_STATUS_TRUE},
		"fresh start":   {[]*pb.Pipeline{pipeline("a", "find path"), pipeline("b", "use")}, "none", pb.ExecStatus_EXEC_STATUS_TRUE},
	} {
		a := aud(strings.ReplaceAll(name, " ", "-"))
		for _, p := range tt.pipelines {
			p.Id = a.GetOperationName() + p.GetId()
		}
		w.attach(a, tt.pipelines...)
		c := w.start(client.Options{Service: "svc", Engine: &engine{}})
		r, err := c.Process(t.Context(), a, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if string(r.GetData()) != tt.want || r.GetStatus() != tt.status {
			t.Errorf("%s: got %v, want %s with %v", name, r, tt.want, tt.status)
		}
		if strings.HasPrefix(name, "abort") && r.GetMetadata()["why"] == "" {
			t.Errorf("%s: no metadata in %v", name, r)
		}
		dry := w.start(client.Options{Service: "svc", Engine: &engine{}, DryRun: true})
		if r, err := dry.Process(t.Context(), a, []byte("x")); err != nil || string(r.GetData()) != "x" {
			t.Errorf("%s, dry: got %v (%v)", name, r, err)
		}
	}
}

func TestTooLargePayloadsAreNotProcessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("op")
	w.attach(a, pipeline("p", "append 1"))
	c := w.start(client.Options{Service: "svc", Engine: &engine{}})
	big := make([]byte, 1<<20+1)
	r, err := c.Process(t.Context(), a, big)
	if err != nil || r.GetStatus() != pb.ExecStatus_EXEC_STATUS_ERROR || len(r.GetData()) != len(big) {
		t.Errorf("got %v with %d bytes (%v)", r.GetStatus(), len(r.GetData()), err)
	}
	if _, err := c.Process(t.Context(), &pb.Audience{}, nil); err == nil {
		t.Error("processed for no audience")
	}
}

func TestUnusableModuleKeepsTheOldList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("op")
	w.attach(a, pipeline("p", "append 1"))
	c := w.start(client.Options{Service: "svc", Engine: &engine{}})
	w.gives(c, a, "x", "x1")
	w.attach(a, pipeline("p", "append 2"), pipeline("q", "broken"))
	w.attach(aud("later"), pipeline("r", "append 3"))
	w.gives(c, aud("later"), "x", "x3")
	w.gives(c, a, "x", "x1")
}

func TestReportsReachTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("op")
	failing := pipeline("p", "error")
	failing.Steps[0].OnError = &pb.PipelineStepConditions{Notification: &pb.PipelineStepNotification{}}
	w.attach(a, failing)
	c := w.start(client.Options{Service: "svc", Engine: &engine{}})
	for range 3 {
		if _, err := c.Process(t.Context(), a, []byte("1234")); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]float64{
		"counter_produce_bytes": 24, "counter_produce_processed": 6, // the hidden pipeline counts, too
		"counter_produce_errors": 3, "counter_notify": 3,
	}
	w.eventually("the counters arrive", func() bool {
		sums, ignored := w.metrics.Counted()
		return cmp.Equal(sums, want) && ignored == 0
	})
	w.eventually("the rates arrive", func() bool {
		rate := w.metrics.Rates().GetRates()[audience.Group(a)]
		return rate.GetBytes() > 0 && rate.GetProcessed() > 0
	})
	w.eventually("the schema arrives", func() bool { return w.catalog.Snapshot().Schemas[audience.KeyOf(a)].GetXVersion() == 1 })
}

func TestClientSurvivesARestartOfTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("op")
	w.attach(a, pipeline("p", "append 1"))
	c := w.start(client.Options{Service: "svc", Engine: &engine{}})
	w.gives(c, a, "x", "x1")
	for i := range 3 {
		w.restart()
		w.attach(a, pipeline("p", fmt.Sprint("append ", i)))
		w.gives(c, a, "x", fmt.Sprint("x", i))
	}
}

func TestAnnouncedAudiencesAreLiveAndStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	configured, used := aud("configured"), aud("used")
	c := w.start(client.Options{Service: "svc", Library: client.Node, Audiences: []*pb.Audience{configured}})
	if err := c.Announce(t.Context(), used); err != nil {
		t.Error(err)
	}
	var live []*pb.LiveInfo
	w.eventually("the session is live with both", func() bool {
		live = w.fleet.Live()
		return len(live) == 1 && len(live[0].GetAudiences()) == 2
	})
	if got := live[0].GetClient(); got.GetLibraryName() != "node-sdk" || got.GetXSessionId() != c.Session() {
		t.Errorf("got %v", got)
	}
	w.eventually("both have lists", func() bool { return len(c.Pipelines(configured)) == 1 && len(c.Pipelines(used)) == 1 })
	if err := c.Announce(t.Context(), aud("a:b")); err == nil {
		t.Error("announced a name with a colon")
	}
}

func TestDeletedAudienceIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("op")
	w.attach(a, pipeline("p", "append 1"))
	c := w.start(client.Options{Service: "svc", Engine: &engine{}})
	w.gives(c, a, "x", "x1")
	_, err := w.catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		tx.DeleteAudience(audience.KeyOf(a))
		tx.DeleteAssignment(audience.KeyOf(a))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.eventually("the list is gone", func() bool { return c.Pipelines(a) == nil })
	w.gives(c, a, "x", "x") // announced again by its use
	w.eventually("it is stored again", func() bool { return w.catalog.Snapshot().Audiences[audience.KeyOf(a)] != nil })
}

func TestCommandsAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach(aud("op"), pipeline("p", "append 1"))
	commands := make(chan *pb.Command, 100)
	w.start(client.Options{Service: "svc", OnCommand: func(c *pb.Command) { commands <- c }})
	var kinds []string
	deadline := time.After(patience)
	for len(kinds) < 3 {
		select {
		case c := <-commands:
			kinds = append(kinds, fmt.Sprintf("%T", c.GetCommand()))
		case <-deadline:
			t.Fatalf("got %v", kinds)
		}
	}
	want := []string{"*pb.Command_SetPipelines", "*pb.Command_Kv", "*pb.Command_SetPipelines"} // pull, stream
	if diff := cmp.Diff(want, kinds, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestNewFailsInTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.New(ctx, client.Options{Addr: "127.0.0.1:1", Service: "svc"}); err == nil {
		t.Error("connected to nothing")
	}
	if _, err := client.New(ctx, client.Options{Addr: "127.0.0.1:1"}); err == nil {
		t.Error("a client without a service")
	}
}
