package catalog

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
)

// attach and detach are what editors do: they depend on what is there.
func attach(ctx context.Context, c *Catalog, id string) error {
	_, err := c.Update(ctx, func(tx *Tx) error {
		configs := proto.CloneOf(tx.RequireAssignment(keyA))
		if configs == nil {
			configs = &pb.PipelineConfigs{}
		}
		configs.Configs = append(configs.Configs, &pb.PipelineConfig{Id: id})
		tx.PutAssignment(keyA, configs)
		return nil
	})
	return err
}

func detach(ctx context.Context, c *Catalog, id string) error {
	_, err := c.Update(ctx, func(tx *Tx) error {
		configs := proto.CloneOf(tx.RequireAssignment(keyA))
		configs.Configs = slices.DeleteFunc(configs.Configs, func(p *pb.PipelineConfig) bool { return p.GetId() == id })
		tx.PutAssignment(keyA, configs)
		return nil
	})
	return err
}

// Two nodes with many editors each attach and detach on one audience: every
// change lands, and none undoes another.
func TestNoConcurrentChangeIsLost(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	nodes := []*Catalog{open(t, st), open(t, st)}
	const editors, rounds = 16, 6
	var group sync.WaitGroup
	for e := range editors {
		group.Go(func() {
			c := nodes[e%len(nodes)]
			for r := range rounds {
				id := fmt.Sprintf("p-%d-%d", e, r)
				if err := attach(t.Context(), c, id); err != nil {
					t.Errorf("attach: %v", err)
				}
				if r%2 == 1 {
					if err := detach(t.Context(), c, id); err != nil {
						t.Errorf("detach: %v", err)
					}
				}
			}
		})
	}
	group.Wait()
	var want []string
	for e := range editors {
		for r := 0; r < rounds; r += 2 {
			want = append(want, fmt.Sprintf("p-%d-%d", e, r))
		}
	}
	slices.Sort(want)
	for i, c := range nodes {
		s := update(t, c, func(*Tx) {})
		var got []string
		for _, config := range s.Assignments[keyA].GetConfigs() {
			got = append(got, config.GetId())
		}
		slices.Sort(got)
		wantIDs(t, fmt.Sprint("attached on node ", i), got, want...)
	}
}

// Each writer finds its own change in the picture it gets, and nobody sees the
// revision go backwards.
func TestReadYourWrites(t *testing.T) {
	t.Parallel()
	c := open(t, newStore(t))
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			last := store.Revision(0)
			for i := range 20 {
				id := fmt.Sprint(w, "-", i)
				s, err := c.Update(t.Context(), func(tx *Tx) error { tx.PutPipeline(pipelineNamed(id)); return nil })
				if err != nil {
					t.Errorf("Update: %v", err)
					return
				}
				if s.Pipelines[id] == nil || c.Snapshot().Pipelines[id] == nil {
					t.Errorf("pipeline %s is not in the picture after its update", id)
				}
				if s.Revision <= last {
					t.Errorf("got revision %d after %d", s.Revision, last)
				}
				last = s.Revision
			}
		})
	}
	group.Wait()
}

// A pipeline that is deleted while somebody attaches it is either attached first
// and then removed, or found to be missing: never attached and gone.
func TestRequiredRecordsAreGuarded_9_3_3(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c, other := open(t, st), open(t, st)
	update(t, c, func(tx *Tx) { tx.PutPipeline(pipelineNamed("p")) })
	calls := 0
	errMissing := errors.New("pipeline not found")
	_, err := c.Update(t.Context(), func(tx *Tx) error {
		calls++
		if tx.RequirePipeline("p") == nil {
			return errMissing
		}
		update(t, other, func(tx *Tx) { tx.DeletePipeline("p") })
		tx.PutAssignment(keyA, attached("p"))
		return nil
	})
	if !errors.Is(err, errMissing) || calls != 2 {
		t.Errorf("got error %v after %d calls, want the function's own error from its second call", err, calls)
	}
	if s := update(t, c, func(*Tx) {}); s.Assignments[keyA] != nil {
		t.Error("the missing pipeline was attached")
	}
	// And the other way round: what must not exist.
	calls = 0
	_, err = c.Update(t.Context(), func(tx *Tx) error {
		if calls++; calls == 1 {
			update(t, other, func(tx *Tx) { tx.PutPipeline(&pb.Pipeline{Id: "new", Name: "theirs"}) })
		}
		if tx.RequirePipeline("new") != nil {
			return errMissing
		}
		tx.PutPipeline(&pb.Pipeline{Id: "new", Name: "ours"})
		return nil
	})
	if !errors.Is(err, errMissing) || c.Snapshot().Pipelines["new"].GetName() != "theirs" {
		t.Errorf("got error %v and %v, want the other's pipeline kept", err, c.Snapshot().Pipelines["new"])
	}
}

// What counts is the record as fn saw it, not as the catalog knows it by the time
// fn writes.
func TestGuardsAreOfThePictureSeen(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c := open(t, st)
	update(t, c, everything)
	calls := 0
	update(t, c, func(tx *Tx) {
		if calls++; calls == 1 {
			putRaw(t, st, store.KindKV, "K", "\x0a\x01K\x12\x05other")
			if _, err := c.refresh(t.Context()); err != nil {
				t.Errorf("refresh: %v", err)
			}
		}
		tx.PutKV(&pb.KVObject{Key: "K", Value: slices.Concat(tx.Snapshot().KV["K"].GetValue(), []byte("+"))})
	})
	if got := string(c.Snapshot().KV["K"].GetValue()); got != "other+" || calls != 2 {
		t.Errorf("got %q after %d calls, want %q after 2", got, calls, "other+")
	}
}

// An update decides on the newest picture even when nobody runs the catalog.
func TestUpdateSeesTheNewest(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c, other := open(t, st), open(t, st)
	update(t, other, func(tx *Tx) { tx.PutPipeline(pipelineNamed("p")) })
	update(t, c, func(tx *Tx) {
		if tx.Snapshot().Pipelines["p"] == nil {
			t.Error("the pipeline another node wrote is missing")
		}
		tx.PutPipeline(pipelineNamed("q"))
		if tx.Snapshot().Pipelines["q"] != nil {
			t.Error("the picture shows staged writes")
		}
	})
}

func TestUpdateErrors(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c := open(t, st)
	update(t, c, everything)
	before := c.Snapshot()
	errOwn := errors.New("own")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		fn   func(*Tx) error
		want error
	}{
		{"own error", t.Context(), func(tx *Tx) error { tx.DeletePipeline("p"); return errOwn }, errOwn},
		{"nil message", t.Context(), func(tx *Tx) error { tx.DeleteKV("K"); tx.PutPipeline(nil); return nil }, errNoMessage},
		{"no id", t.Context(), func(tx *Tx) error { tx.DeleteKV("K"); tx.PutPipeline(&pb.Pipeline{}); return nil }, store.ErrInvalid},
		{"not UTF-8", t.Context(), func(tx *Tx) error { tx.PutKV(&pb.KVObject{Key: "\xff"}); return nil }, store.ErrInvalid},
		{"cancelled", cancelled, func(tx *Tx) error { tx.DeletePipeline("p"); return nil }, context.Canceled},
	}
	for _, tt := range tests {
		s, err := c.Update(tt.ctx, tt.fn)
		if !errors.Is(err, tt.want) || s != nil {
			t.Errorf("%s: got %v and error %v, want only %v", tt.name, s, err, tt.want)
		}
	}
	if _, err := c.Update(t.Context(), func(*Tx) error { return errOwn }); !errors.Is(err, errOwn) {
		t.Errorf("got %v, want the function's error as it is", err)
	}
	s, err := c.Update(t.Context(), func(tx *Tx) error { tx.RequirePipeline("p"); return nil })
	if err != nil || s != before {
		t.Errorf("nothing to write: got %v at revision %d, want the current picture", err, s.Revision)
	}
	wantEverything(t, open(t, st).Snapshot())
}

func TestUpdateWhileUnavailable(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c := open(t, st)
	update(t, c, everything)
	st.fail(store.Unavailable("ping", errors.New("connection refused")))
	_, err := c.Update(t.Context(), func(tx *Tx) error { tx.DeletePipeline("p"); return nil })
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got error %v, want ErrUnavailable", err)
	}
	if c.Stats().Err == nil {
		t.Error("Stats do not show that the store is unavailable")
	}
	wantEverything(t, c.Snapshot()) // still served
	st.repair()
	s := update(t, c, func(tx *Tx) { tx.PutPipeline(pipelineNamed("q")) })
	if s.Revision != 2 || c.Stats().Err != nil {
		t.Errorf("after the repair: revision %d and %v, want 2 and no error", s.Revision, c.Stats().Err)
	}
}

// A store that goes away right after it acknowledged a change does not turn that
// into a failure: the writer gets a picture with its change.
func TestUpdateIsDoneOnceAcknowledged(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c := open(t, st)
	st.set(func(f *flaky) {
		f.apply = func(ctx context.Context, change store.Change) (store.Revision, error) {
			rev, err := f.Store.Apply(ctx, change)
			f.fail(store.ErrUnavailable)
			return rev, err
		}
	})
	s := update(t, c, everything)
	wantEverything(t, s)
	if s.Revision != 1 {
		t.Errorf("got revision %d, want 1", s.Revision)
	}
	if got := c.Snapshot().Revision; got != 0 {
		t.Errorf("the catalog shows revision %d, which it could not read", got)
	}
	st.repair()
	wantEverything(t, update(t, c, func(*Tx) {}))
}

func TestUpdateGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // for the pauses between attempts
		st := newStore(t)
		c := open(t, st)
		st.set(func(f *flaky) {
			f.apply = func(context.Context, store.Change) (store.Revision, error) { return 0, store.ErrConflict }
		})
		calls := 0
		_, err := c.Update(t.Context(), func(tx *Tx) error { calls++; everything(tx); return nil })
		if !errors.Is(err, store.ErrConflict) || calls != maxAttempts {
			t.Errorf("got error %v after %d attempts, want ErrConflict after %d", err, calls, maxAttempts)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err = c.Update(ctx, func(tx *Tx) error {
			if calls++; calls == maxAttempts+5 {
				cancel()
			}
			everything(tx)
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want Canceled", err)
		}
		// A writer that gave up does not keep others from writing.
		st.repair()
		update(t, c, everything)
	})
}

func BenchmarkUpdate(b *testing.B) {
	for _, size := range []int{100, 10_000} {
		for _, writers := range []int{1, 64} {
			b.Run(fmt.Sprintf("audiences=%d/writers=%d", size, writers), func(b *testing.B) {
				benchmarkUpdate(b, size, writers)
			})
		}
	}
}

func benchmarkUpdate(b *testing.B, size, writers int) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "test.db"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	c, err := Open(b.Context(), db, zerolog.Nop())
	if err != nil {
		b.Fatal(err)
	}
	name := func(n int64) *pb.Audience {
		return &pb.Audience{ServiceName: "svc", OperationType: 1, OperationName: fmt.Sprint(n), ComponentName: "kafka"}
	}
	_, err = c.Update(b.Context(), func(tx *Tx) error {
		for n := range size {
			tx.PutAudience(name(int64(n)))
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range writers {
		group.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if _, err := c.Update(b.Context(), func(tx *Tx) error { tx.PutAudience(name(int64(size) + n)); return nil }); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
}
