package legacy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/store/redis"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
	"github.com/streamdal/streamdal-server/store/seal"
)

// buildAny names the module of a step after the step, and cannot build JSON checks.
func buildAny(_ context.Context, step *pb.PipelineStep, _ pb.PipelineDataFormat) (*shared.WasmModule, error) {
	if step.GetValidJson() != nil {
		return nil, &UnbuildableError{"no such thing"}
	}
	return &shared.WasmModule{Id: "built-" + step.GetName(), Function: "g", Bytes: []byte("small"), XBundled: true}, nil
}

func openRedis(t *testing.T, url string) *redis.DB {
	t.Helper()
	db, err := redis.Open(t.Context(), redis.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func fill(t *testing.T, client goredis.Cmdable, src fakeRedis) {
	t.Helper()
	for k, v := range src {
		if strings.HasPrefix(k, "streamdal_{") || strings.HasPrefix(k, "streamdal_live:{") {
			continue // this server's own are not strings
		}
		if err := client.Set(t.Context(), k, v, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func importer(db *redis.DB, ring seal.Ring, log zerolog.Logger) *Store {
	return NewStore(db, Config{Source: db, Ring: ring, Build: buildAny, Log: log})
}

// stored is what the fixture must have become.
func stored() map[string]any {
	all := want()
	mixed := all["pipelines/Mixed-Case-ID"].(*pb.Pipeline)
	mixed.Steps[0].XWasmId, mixed.Steps[0].XWasmFunction = proto.String("built-find"), proto.String("g")
	all["wasm/built-find"] = &shared.WasmModule{Id: "built-find", Function: "g", Bytes: []byte("small"), XBundled: true}
	all["wasm/"+validJSON] = &shared.WasmModule{Id: validJSON, Name: "original", Function: "f", Bytes: []byte("generic json"), XBundled: true}
	return all
}

func TestImport(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) (url string, client goredis.UniversalClient){
		"standalone": func(t *testing.T) (string, goredis.UniversalClient) {
			s := redistest.Start(t, redistest.Options{})
			return s.URL(), s.Client(t)
		},
		"cluster": func(t *testing.T) (string, goredis.UniversalClient) {
			c := redistest.StartCluster(t, redistest.Options{})
			return c.URL(), c.Client(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, client := start(t)
			src := original(t)
			fill(t, client, src)
			client.RPush(t.Context(), "kv:list", "of another program")
			log := &bytes.Buffer{}
			db := openRedis(t, url)
			state, err := importer(db, seal.Ring{}, zerolog.New(log)).Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stored(), contents(t, state.Records), protocmp.Transform()); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if state.Revision != 1 {
				t.Errorf("got revision %d, want one change", state.Revision)
			}
			for k, v := range src {
				if strings.HasPrefix(k, "streamdal_{") || strings.HasPrefix(k, "streamdal_live:{") {
					continue
				}
				if got := client.Get(t.Context(), k).Val(); got != v {
					t.Errorf("the original's %s was changed", k)
				}
			}
			wantLog(t, log, 1, "imported what the original server stored", "cannot be built", "kv:list", "stop it")
			readsWell(t, db)
		})
	}
}

// readsWell opens a catalog on what was imported.
func readsWell(t *testing.T, db *redis.DB) {
	t.Helper()
	c, err := catalog.Open(t.Context(), db, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Stats().LeftOut; n != 0 {
		t.Errorf("the catalog leaves %d records out", n)
	}
	var active []string
	for _, p := range c.Snapshot().Active(billing) {
		active = append(active, p.GetId())
	}
	if !slices.Equal(active, []string{"Mixed-Case-ID", "with:colon"}) {
		t.Errorf("got active pipelines %v", active)
	}
}

// wantLog checks that each text stands in the log so often.
func wantLog(t *testing.T, log *bytes.Buffer, times int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if got := strings.Count(log.String(), text); got != times {
			t.Errorf("%q is logged %d times, want %d:\n%s", text, got, times, log)
		}
	}
	if strings.Contains(log.String(), "xoxb-secret") {
		t.Error("a secret is logged")
	}
	for line := range strings.Lines(log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("log line %q", line)
		}
	}
}

// An import happens once: not again on a second load, not over anything that is there, and
// not when the store loses its data later.
func TestImportOnce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	fill(t, s.Client(t), original(t))
	db := openRedis(t, s.URL())
	imp := importer(db, seal.Ring{}, zerolog.Nop())
	if _, err := imp.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	key := store.Key{Kind: store.KindPipeline, ID: "p2"}
	if _, err := db.Apply(t.Context(), store.Change{Ops: []store.Op{{Key: key, Delete: true}}}); err != nil {
		t.Fatal(err)
	}
	for name, again := range map[string]*Store{"same process": imp, "next process": importer(db, seal.Ring{}, zerolog.Nop())} {
		state, err := again.Load(t.Context())
		if err != nil || state.Revision != 2 || contents(t, state.Records)[key.String()] != nil {
			t.Errorf("%s: got revision %d, error %v; want the deletion kept", name, state.Revision, err)
		}
	}
	ours := s.Client(t).Keys(t.Context(), "streamdal_{*").Val()
	s.Client(t).Del(t.Context(), ours...)
	state, err := imp.Load(t.Context())
	if err != nil || state.Revision != 0 {
		t.Errorf("after a loss: got revision %d, error %v; want it shown", state.Revision, err)
	}
}

func TestImportOfTwoNodesAtOnce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	fill(t, s.Client(t), original(t))
	log := &lockedBuffer{}
	const nodes = 4
	states := make([]store.State, nodes)
	var group sync.WaitGroup
	for i := range nodes {
		db := openRedis(t, s.URL())
		group.Go(func() {
			var err error
			if states[i], err = importer(db, seal.Ring{}, zerolog.New(log)).Load(t.Context()); err != nil {
				t.Errorf("node %d: %v", i, err)
			}
		})
	}
	group.Wait()
	for i, state := range states {
		if diff := cmp.Diff(stored(), contents(t, state.Records), protocmp.Transform()); diff != "" || state.Revision != 1 {
			t.Errorf("node %d at revision %d (-want +got):\n%s", i, state.Revision, diff)
		}
	}
	wantLog(t, &log.Buffer, 1, "imported what the original server stored in")
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

// A key that is missing or wrong stops the import before anything is stored, and the right
// one makes it work.
func TestImportRefusesWithoutTheKey(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	src := original(t)
	const key = "streamdal_notification_config:note-id"
	src[key] = sealedByOriginal(t, aesKey, src[key])
	fill(t, s.Client(t), src)
	db := openRedis(t, s.URL())
	for name, ring := range map[string]seal.Ring{"no key": {}, "wrong key": ringOf(t, strings.Repeat("cd", 32))} {
		_, err := importer(db, ring, zerolog.Nop()).Load(t.Context())
		var refusal *RefusalError
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "--aes-key") || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: got %v, want a refusal that says what to do", name, err)
		}
		if state, err := db.Load(t.Context()); err != nil || state.Revision != 0 || len(state.Records) != 0 {
			t.Errorf("%s: %d records were stored", name, len(state.Records))
		}
	}
	ring := ringOf(t, aesKey)
	state, err := importer(db, ring, zerolog.Nop()).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(state.Records, func(r store.Record) bool { return r.Kind == store.KindNotification })
	if i < 0 || !seal.Sealed(state.Records[i].Value) {
		t.Fatal("the config is not stored sealed")
	}
	if state.Records[i].Value, err = ring.Open(state.Records[i].Key, state.Records[i].Value); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stored(), contents(t, state.Records), protocmp.Transform()); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// What may pass is tried again: nothing is stored, and the next load imports.
func TestImportAfterTrouble(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	fill(t, s.Client(t), original(t))
	db := openRedis(t, s.URL())
	imp := importer(db, seal.Ring{}, zerolog.Nop())
	errBusy := errors.New("busy")
	imp.cfg.Build = func(context.Context, *pb.PipelineStep, pb.PipelineDataFormat) (*shared.WasmModule, error) {
		return nil, fmt.Errorf("compile: %w", errBusy)
	}
	if _, err := imp.Load(t.Context()); !errors.Is(err, errBusy) {
		t.Errorf("got %v, want the builder's error", err)
	}
	imp.cfg.Build = buildAny
	s.Stop(t)
	if _, err := imp.Load(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	s.Restart(t)
	if s.Client(t).DBSize(t.Context()).Val() == 0 { // this Redis keeps nothing on disk
		fill(t, s.Client(t), original(t))
	}
	state, err := imp.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(stored())), slices.Sorted(maps.Keys(contents(t, state.Records)))); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}
