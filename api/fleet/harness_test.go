package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// patience is how long a test waits for what must happen. Nothing is measured with it.
const patience = 30 * time.Second

// builder makes a module per audience without building anything.
type builder struct{ err error }

func (b builder) InferSchema(_ context.Context, key string) (*wasmbuild.Module, error) {
	if b.err != nil {
		return nil, b.err
	}
	return &wasmbuild.Module{ID: "infer-" + key, Function: "f", Bytes: []byte("infer " + key)}, nil
}

// world is a fleet on a store of its own.
type world struct {
	t       testing.TB
	store   store.Backend
	catalog *catalog.Catalog
	fleet   *fleet.Fleet
	stop    func() // ends Run and waits for it
}

// newWorld starts a fleet that keeps alive so seldom that tests do not see it, unless
// configure says otherwise.
func newWorld(t testing.TB, configure func(*fleet.Config)) *world {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return newWorldOn(t, db, configure)
}

func newWorldOn(t testing.TB, backend store.Backend, configure func(*fleet.Config)) *world {
	t.Helper()
	c, err := catalog.Open(t.Context(), backend, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	config := fleet.Config{
		Node: "node1", Catalog: c, Leases: backend, Builder: builder{}, Log: zerolog.Nop(), KeepAlive: time.Hour,
	}
	if configure != nil {
		configure(&config)
	}
	w := &world{t: t, store: backend, catalog: c, fleet: fleet.New(config)}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.fleet.Run(ctx) })
	wg.Go(func() { _ = c.Run(ctx) })
	w.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(func() {
		drain, done := context.WithTimeout(context.Background(), patience)
		defer done()
		w.fleet.Drain(drain)
		if drain.Err() != nil {
			t.Error("Drain did not end")
		}
		w.stop()
	})
	return w
}

func (w *world) update(fn func(*catalog.Tx)) {
	w.t.Helper()
	if _, err := w.catalog.Update(context.Background(), func(tx *catalog.Tx) error { fn(tx); return nil }); err != nil {
		w.t.Fatal(err)
	}
}

// attach stores an audience with pipelines that have these names, which are also their ids.
func (w *world) attach(a *pb.Audience, names ...string) {
	w.t.Helper()
	w.update(func(tx *catalog.Tx) {
		configs := &pb.PipelineConfigs{}
		for _, name := range names {
			if tx.Snapshot().Pipelines[name] == nil {
				putPipeline(tx, name, name)
			}
			configs.Configs = append(configs.Configs, &pb.PipelineConfig{Id: name})
		}
		tx.PutAudience(a)
		tx.PutAssignment(audience.KeyOf(a), configs)
	})
}

func (w *world) detachAndDelete(a *pb.Audience) {
	w.t.Helper()
	w.update(func(tx *catalog.Tx) {
		tx.DeleteAudience(audience.KeyOf(a))
		tx.DeleteAssignment(audience.KeyOf(a))
	})
}

func putPipeline(tx *catalog.Tx, id, name string) {
	module := &shared.WasmModule{Id: "module-" + id, Bytes: []byte("bytes of " + id), Function: "f"}
	tx.PutModule(module)
	tx.PutPipeline(pipeline(id, name, module.GetId()))
}

func pipeline(id, name, module string) *pb.Pipeline {
	return &pb.Pipeline{
		Id: id, Name: name, XCreatedBy: proto.String("someone"),
		Steps: []*pb.PipelineStep{{
			Name:          "step",
			Step:          &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{}},
			XWasmId:       proto.String(module),
			XWasmFunction: proto.String("f"),
		}},
	}
}

func aud(service, operation, component string) *pb.Audience {
	return &pb.Audience{
		ServiceName: service, OperationName: operation, ComponentName: component,
		OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER,
	}
}

// client plays one SDK: it keeps what it was sent.
type client struct {
	t     testing.TB
	world *world
	hello fleet.Hello
	done  chan struct{} // closed when Register returned
	end   context.CancelFunc

	writers  atomic.Int32
	mu       sync.Mutex
	err      error
	commands []*pb.Command
	lists    map[string]*pb.SetPipelinesCommand // by audience as spelled
	moved    chan struct{}
	block    chan struct{} // when not nil, sends hang until it is closed or the stream ends
}

// hello is what an SDK of this library says. The audiences are its announcements.
func hello(library, service string, audiences ...*pb.Audience) fleet.Hello {
	return fleet.Hello{
		Service: service, Session: uuid.NewString(), Audiences: audiences,
		Client: &pb.ClientInfo{LibraryName: library}, Quirks: fleet.QuirksOf(library, ""),
	}
}

func (w *world) register(h fleet.Hello) *client {
	w.t.Helper()
	return w.registerBlocked(h, nil)
}

func (w *world) registerBlocked(h fleet.Hello, block chan struct{}) *client {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := &client{
		t: w.t, world: w, hello: h, done: make(chan struct{}), end: cancel,
		lists: make(map[string]*pb.SetPipelinesCommand), moved: make(chan struct{}, 1), block: block,
	}
	streamCtx, endStream := context.WithCancel(ctx)
	go func() {
		defer close(c.done)
		defer endStream() // gRPC ends writes when the handler returns
		err := w.fleet.Register(ctx, h, func(f frame.Frame) error { return c.receive(streamCtx, f) })
		c.mu.Lock()
		defer c.mu.Unlock()
		c.err = err
	}()
	w.t.Cleanup(func() { cancel(); c.wait() })
	return c
}

func (c *client) receive(ctx context.Context, f frame.Frame) error {
	if c.writers.Add(1) > 1 {
		c.t.Error("two writes on one stream at once, which gRPC forbids (9.1.14)")
	}
	defer c.writers.Add(-1)
	if c.block != nil {
		select {
		case <-c.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	command := &pb.Command{}
	if err := f.Decode(command); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commands = append(c.commands, command)
	if set := command.GetSetPipelines(); set != nil {
		c.lists[spelled(command.GetAudience())] = set
	}
	select {
	case c.moved <- struct{}{}:
	default:
	}
	return nil
}

func spelled(a *pb.Audience) string {
	return a.GetServiceName() + "/" + a.GetOperationName() + "/" + a.GetComponentName()
}

// wait waits until Register has returned and returns its error.
func (c *client) wait() error {
	c.t.Helper()
	select {
	case <-c.done:
	case <-time.After(patience):
		c.t.Error("Register did not return")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// eventually waits until ok, which is called with c.mu held.
func (c *client) eventually(what string, ok func() bool) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		good := ok()
		c.mu.Unlock()
		if good {
			return
		}
		select {
		case <-c.moved:
		case <-deadline:
			c.mu.Lock()
			defer c.mu.Unlock()
			c.t.Fatalf("never: %s; got %v", what, c.summary())
		}
	}
}

// has waits until the client runs exactly these pipelines, after the hidden one, for an
// audience spelled this way.
func (c *client) has(as string, names ...string) {
	c.t.Helper()
	c.eventually(fmt.Sprintf("%s runs %v", as, names), func() bool {
		list, ok := c.lists[as]
		return ok && fmt.Sprint(visible(list)) == fmt.Sprint(names)
	})
}

// visible returns the names of the pipelines after the hidden one.
func visible(set *pb.SetPipelinesCommand) []string {
	names := []string{}
	for i, p := range set.GetPipelines() {
		if i == 0 && p.GetName() == "Schema Inference (auto-generated pipeline)" {
			continue
		}
		names = append(names, p.GetName())
	}
	return names
}

// settle waits until everything queued before has arrived, by sending it something new
// behind it: a change of the key-value pairs wakes every stream.
func (c *client) settle() {
	c.t.Helper()
	key := uuid.NewString()
	c.world.update(func(tx *catalog.Tx) { tx.PutKV(&pb.KVObject{Key: key}) })
	c.eventually("a marker arrives", func() bool {
		for _, command := range c.commands {
			for _, i := range command.GetKv().GetInstructions() {
				if i.GetObject().GetKey() == key {
					return true
				}
			}
		}
		return false
	})
}

// all returns what the client was sent so far.
func (c *client) all() []*pb.Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.commands)
}

// list returns what the client runs for an audience spelled this way.
func (c *client) list(as string) *pb.SetPipelinesCommand {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lists[as]
}

func (c *client) count(match func(*pb.Command) bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, command := range c.commands {
		if match(command) {
			n++
		}
	}
	return n
}

func isSet(c *pb.Command) bool       { return c.GetSetPipelines() != nil }
func isKeepAlive(c *pb.Command) bool { return c.GetKeepAlive() != nil }
func isDelete(c *pb.Command) bool    { return c.GetDeleteAudiences() != nil }

// summary says what the client got, for failures. c.mu is held.
func (c *client) summary() []string {
	var s []string
	for _, command := range c.commands {
		switch {
		case command.GetSetPipelines() != nil:
			s = append(s, fmt.Sprintf("set %s %v", spelled(command.GetAudience()), visible(command.GetSetPipelines())))
		case command.GetDeleteAudiences() != nil:
			s = append(s, "delete "+spelled(command.GetAudience()))
		case command.GetKv() != nil:
			s = append(s, fmt.Sprintf("kv %d", len(command.GetKv().GetInstructions())))
		default:
			s = append(s, "keep-alive")
		}
	}
	return s
}

// eventually polls what nothing signals.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

var errBroken = errors.New("broken")
