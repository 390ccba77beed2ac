package catalog

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/bolt"
)

const patience = 30 * time.Second

// flaky is a store that can be made to misbehave.
type flaky struct {
	store.Store
	mu    sync.Mutex
	load  func(ctx context.Context) (store.State, error)
	since func(ctx context.Context, after store.Revision) (store.State, error)
	apply func(ctx context.Context, c store.Change) (store.Revision, error)
	watch func(ctx context.Context) <-chan store.Event
	loads int
	// noRestore, when it is set, is what Restore gives.
	noRestore error
}

func (f *flaky) failRestore(err error) { f.set(func(f *flaky) { f.noRestore = err }) }

// inner is the store behind f, which a test may have replaced.
func (f *flaky) inner() store.Store {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Store
}

func (f *flaky) Restore(ctx context.Context, state store.State, found store.Revision) (store.Revision, error) {
	f.mu.Lock()
	inner, err := f.Store, f.noRestore
	f.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return inner.Restore(ctx, state, found)
}

// set changes how the store behaves from now on.
func (f *flaky) set(fn func(f *flaky)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn(f)
}

func (f *flaky) fail(err error) {
	f.set(func(f *flaky) {
		f.load = func(context.Context) (store.State, error) { return store.State{}, err }
		f.since = func(context.Context, store.Revision) (store.State, error) { return store.State{}, err }
		f.apply = func(context.Context, store.Change) (store.Revision, error) { return 0, err }
	})
}

func (f *flaky) repair() { f.set(func(f *flaky) { f.load, f.since, f.apply = nil, nil, nil }) }

// loadCount says how often everything was read.
func (f *flaky) loadCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loads
}

func (f *flaky) Load(ctx context.Context) (store.State, error) {
	f.mu.Lock()
	f.loads++
	load := f.load
	f.mu.Unlock()
	if load == nil {
		load = f.Store.Load
	}
	return load(ctx)
}

func (f *flaky) Since(ctx context.Context, after store.Revision) (store.State, error) {
	f.mu.Lock()
	since := f.since
	f.mu.Unlock()
	if since == nil {
		since = f.Store.Since
	}
	return since(ctx, after)
}

func (f *flaky) Apply(ctx context.Context, c store.Change) (store.Revision, error) {
	f.mu.Lock()
	apply := f.apply
	f.mu.Unlock()
	if apply == nil {
		apply = f.Store.Apply
	}
	return apply(ctx, c)
}

func (f *flaky) Watch(ctx context.Context) <-chan store.Event {
	f.mu.Lock()
	watch := f.watch
	f.mu.Unlock()
	if watch == nil {
		watch = f.Store.Watch
	}
	return watch(ctx)
}

func newStore(t *testing.T) *flaky {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "test.db"), bolt.Options{})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return &flaky{Store: db}
}

func open(t *testing.T, st store.Store) *Catalog { return openLogged(t, st, io.Discard) }

func openLogged(t *testing.T, st store.Store, log io.Writer) *Catalog {
	t.Helper()
	c, err := Open(t.Context(), st, zerolog.New(log))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return c
}

// run runs the catalog until the test ends or stop is called.
func run(t *testing.T, c *Catalog) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// update performs an update that must succeed.
func update(t *testing.T, c *Catalog, fn func(*Tx)) *Snapshot {
	t.Helper()
	s, err := c.Update(t.Context(), func(tx *Tx) error { fn(tx); return nil })
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	return s
}

// putRaw writes a record past the catalog.
func putRaw(t *testing.T, st store.Store, kind store.Kind, id, value string) {
	t.Helper()
	_, err := st.Apply(t.Context(), store.Change{Ops: []store.Op{{Key: store.Key{Kind: kind, ID: id}, Value: []byte(value)}}})
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

// waitFor takes pictures until one satisfies ok.
func waitFor(t *testing.T, c *Catalog, what string, ok func(*Snapshot) bool) *Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var last *Snapshot
	for s := range c.Watch(ctx) {
		if last != nil && s.Revision < last.Revision {
			t.Errorf("got revision %d after %d", s.Revision, last.Revision)
		}
		if ok(s) {
			return s
		}
		last = s
	}
	t.Fatalf("%s did not happen; the last picture is at revision %d, %+v", what, last.Revision, c.Stats())
	return nil
}

const keyA = audience.Key("svc:operation_type_consumer:a:kafka")

func pipelineNamed(id string) *pb.Pipeline { return &pb.Pipeline{Id: id, Name: "name of " + id} }

func attached(ids ...string) *pb.PipelineConfigs {
	configs := &pb.PipelineConfigs{}
	for _, id := range ids {
		configs.Configs = append(configs.Configs, &pb.PipelineConfig{Id: id})
	}
	return configs
}

func idsOf(pipelines []*pb.Pipeline) []string {
	ids := []string{}
	for _, p := range pipelines {
		ids = append(ids, p.GetId())
	}
	return ids
}

func wantIDs(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// contents shows every message of a snapshot as its bytes.
func contents(t *testing.T, s *Snapshot) map[string]string {
	t.Helper()
	all := map[string]string{}
	collect(t, all, "pipeline", s.Pipelines)
	collect(t, all, "assignment", s.Assignments)
	collect(t, all, "audience", s.Audiences)
	collect(t, all, "notification", s.Notifications)
	collect(t, all, "module", s.Modules)
	collect(t, all, "schema", s.Schemas)
	collect(t, all, "history", s.Histories)
	collect(t, all, "kv", s.KV)
	collect(t, all, "token", s.Tokens)
	for name, value := range s.Settings {
		all["setting/"+name] = string(value)
	}
	for id, value := range s.Counters {
		all["counter/"+id] = string(value)
	}
	return all
}

func collect[K ~string, M proto.Message](t *testing.T, all map[string]string, kind string, messages map[K]M) {
	t.Helper()
	for k, m := range messages {
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			t.Fatalf("marshal %s %s: %v", kind, k, err)
		}
		all[fmt.Sprint(kind, "/", k)] = string(b)
	}
}
