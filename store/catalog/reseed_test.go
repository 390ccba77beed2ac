package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
)

// losing is a store that several nodes share and that can lose data.
type losing struct {
	*flaky
	changes []store.Change // all that were applied, in order; guarded by flaky.mu
	history int            // counts losses and restorations; guarded by flaky.mu
}

func newLosing(t *testing.T) *losing {
	l := &losing{flaky: newStore(t)}
	l.record()
	return l
}

func (l *losing) record() {
	l.set(func(f *flaky) {
		f.apply = func(ctx context.Context, c store.Change) (store.Revision, error) {
			rev, err := l.inner().Apply(ctx, c)
			if err == nil && len(c.Ops) > 0 {
				l.set(func(*flaky) { l.changes = append(l.changes, c) })
			}
			return rev, err
		}
	})
}

// lose makes the store forget all changes but the first few.
func (l *losing) lose(t *testing.T, keep int) {
	t.Helper()
	old := newStore(t).Store
	l.set(func(f *flaky) {
		l.changes = l.changes[:keep]
		for _, c := range l.changes {
			if _, err := old.Apply(t.Context(), c); err != nil {
				t.Errorf("play back: %v", err)
			}
		}
		f.Store = old
		l.history++
	})
}

// view is what one node sees of the store. As a backend must, it does not vouch
// for a revision that it has not seen in the store as it is now.
type view struct {
	*losing
	mu      sync.Mutex
	history int
	seen    store.Revision
}

func (v *view) now() int {
	v.flaky.mu.Lock()
	defer v.flaky.mu.Unlock()
	return v.losing.history
}

func (v *view) Since(ctx context.Context, after store.Revision) (store.State, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.history != v.now() {
		return store.State{}, store.ErrGap
	}
	return v.losing.Since(ctx, after)
}

func (v *view) Load(ctx context.Context) (store.State, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.history = v.now()
	state, err := v.losing.Load(ctx)
	state.Forked = state.Forked || state.Revision < v.seen
	v.seen = state.Revision
	return state, err
}

func (v *view) Restore(ctx context.Context, state store.State, found store.Revision) (store.Revision, error) {
	rev, err := v.losing.Restore(ctx, state, found)
	if err == nil {
		v.set(func(*flaky) { v.losing.history++ })
	}
	return rev, err
}

func openShared(t *testing.T, st store.Store, out io.Writer, shared Shared) *Catalog {
	t.Helper()
	c, err := OpenShared(t.Context(), st, zerolog.New(out), shared)
	if err != nil {
		t.Fatalf("OpenShared: %v", err)
	}
	return c
}

// node opens a catalog that marks its store as a running one does.
func node(t *testing.T, st *losing, out io.Writer) *Catalog {
	t.Helper()
	c := openShared(t, &view{losing: st}, out, Shared{Reseed: true})
	c.mark(t.Context())
	refresh(t, c)
	return c
}

func refresh(t *testing.T, c *Catalog) *Snapshot {
	t.Helper()
	s, err := c.refresh(t.Context())
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	return s
}

// putPipelines saves a pipeline for each name and returns the picture after that.
func putPipelines(t *testing.T, c *Catalog, ids ...string) *Snapshot {
	t.Helper()
	var s *Snapshot
	for _, id := range ids {
		s = update(t, c, func(tx *Tx) { tx.PutPipeline(pipelineNamed(id)) })
	}
	return s
}

// wantPipelines checks what the catalogs show, once they have looked.
func wantPipelines(t *testing.T, want string, catalogs ...*Catalog) {
	t.Helper()
	for i, c := range catalogs {
		s := refresh(t, c)
		if got := strings.Join(slices.Sorted(maps.Keys(s.Pipelines)), " "); got != want {
			t.Errorf("catalog %d shows pipelines %q, want %q", i, got, want)
		}
	}
}

// storedKeys are the records of a store, without the mark.
func storedKeys(t *testing.T, st store.Store) []string {
	t.Helper()
	state, err := st.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	var keys []string
	for _, r := range state.Records {
		if r.Key != markKey {
			keys = append(keys, r.String())
		}
	}
	slices.Sort(keys)
	return keys
}

// A store that comes back empty or older gets back what its nodes know, kinds that
// they do not read included. Nothing of it is seen by readers.
func TestReseed(t *testing.T) {
	t.Parallel()
	for _, keep := range []int{0, 1, 2, 4} {
		t.Run(fmt.Sprint("keeps ", keep), func(t *testing.T) {
			t.Parallel()
			st, out := newLosing(t), new(log)
			c := node(t, st, out)
			putRaw(t, st, store.KindCounter, "processed", "42")
			update(t, c, everything)
			putPipelines(t, c, "q", "r")
			update(t, c, func(tx *Tx) { tx.DeletePipeline("r") })
			before, had := refresh(t, c), storedKeys(t, st)

			st.lose(t, keep)
			after := putPipelines(t, c, "after")
			want := append(slices.Clone(had), "pipelines/after")
			slices.Sort(want)
			if diff := cmp.Diff(want, storedKeys(t, st)); diff != "" {
				t.Errorf("records in the store (-want +got):\n%s", diff)
			}
			if after.Revision <= before.Revision {
				t.Errorf("revision went from %d to %d", before.Revision, after.Revision)
			}
			wantPipelines(t, "after p q", c)
			last := *update(t, c, func(tx *Tx) { tx.DeletePipeline("q"); tx.DeletePipeline("after"); tx.DeleteCounter("processed") })
			last.Settings = maps.Clone(last.Settings)
			delete(last.Settings, markKey.ID)
			wantEverything(t, &last)
			stats := c.Stats()
			if stats.Regressions != 1 || stats.Reseeds != 1 || out.count("the store lost data") != 1 || out.count("wrote the last known rules back") != 1 {
				t.Errorf("got %+v and log\n%s\nwant one loss and one repair", stats, out.buf.String())
			}
		})
	}
}

// Nodes that were at different revisions when the store lost everything end at
// the newest, whoever comes first.
func TestNewestRevisionWins(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			st := newLosing(t)
			var nodes []*Catalog
			for range 3 {
				nodes = append(nodes, node(t, st, io.Discard))
			}
			putPipelines(t, nodes[0], "a", "b", "c")
			refresh(t, nodes[1])
			refresh(t, nodes[2])
			update(t, nodes[1], func(tx *Tx) { tx.DeletePipeline("b") })
			update(t, nodes[1], func(tx *Tx) { p := pipelineNamed("a"); p.Name = "edited"; tx.PutPipeline(p) })
			refresh(t, nodes[2])
			putPipelines(t, nodes[2], "d") // 0 has not seen the last three, 1 not the last

			st.lose(t, 0)
			for _, i := range order {
				refresh(t, nodes[i])
			}
			wantPipelines(t, "a c d", nodes...)
			for i, c := range nodes {
				if name := c.Snapshot().Pipelines["a"].GetName(); name != "edited" {
					t.Errorf("catalog %d has pipeline a named %q, want the edit", i, name)
				}
			}
			rev := refresh(t, nodes[0]).Revision
			for range 3 {
				wantPipelines(t, "a c d", nodes...)
			}
			if got := refresh(t, nodes[0]).Revision; got != rev {
				t.Errorf("the revision goes on from %d to %d, want nodes to be content", rev, got)
			}
		})
	}
}

// A node that was behind restores the store and takes changes before the newer
// one looks: both keep what was acknowledged.
func TestChangesAfterAnOlderNodesRepair(t *testing.T) {
	t.Parallel()
	st := newLosing(t)
	older, newer := node(t, st, io.Discard), node(t, st, io.Discard)
	putPipelines(t, older, "a", "b", "c", "e")
	refresh(t, newer)
	update(t, newer, func(tx *Tx) { tx.DeletePipeline("a") })
	putPipelines(t, newer, "d")

	st.lose(t, 1)
	for i := range 7 { // its revisions run past those that newer knows
		putPipelines(t, older, fmt.Sprint("x", i))
	}
	update(t, older, func(tx *Tx) { tx.DeletePipeline("c") })
	wantPipelines(t, "b d e x0 x1 x2 x3 x4 x5 x6", newer, older, newer, older)
}

// What a node without any knowledge writes to a store that lost everything was
// acknowledged too.
func TestFreshNodeOnEmptiedStore(t *testing.T) {
	t.Parallel()
	st := newLosing(t)
	c := node(t, st, io.Discard)
	putPipelines(t, c, "a", "b")
	update(t, c, func(tx *Tx) { tx.PutAssignment(keyA, attached("a")); tx.DeletePipeline("b") })
	st.lose(t, 0)
	fresh := node(t, st, io.Discard)
	putPipelines(t, fresh, "new")
	update(t, fresh, func(tx *Tx) { tx.PutAssignment(keyA, attached("new")) })
	for i := range 10 {
		putRaw(t, st, store.KindCounter, fmt.Sprint(i), "1") // past revision of c
	}
	wantPipelines(t, "a new", c, fresh)
	if got := refresh(t, fresh).Assignments[keyA].GetConfigs(); len(got) != 1 || got[0].GetId() != "a" {
		t.Errorf("got assignment %v, want the rules that were there before", got)
	}
}

// A change is acknowledged, and the store loses it before anybody has read it.
func TestAcknowledgedAndNeverRead(t *testing.T) {
	t.Parallel()
	for _, others := range []int{0, 1, 5} {
		t.Run(fmt.Sprint(others, " other changes"), func(t *testing.T) {
			t.Parallel()
			st := newLosing(t)
			c, other := node(t, st, io.Discard), node(t, st, io.Discard)
			putPipelines(t, c, "a", "b")
			refresh(t, other)
			st.set(func(f *flaky) {
				f.apply = func(ctx context.Context, change store.Change) (store.Revision, error) {
					rev, err := st.inner().Apply(ctx, change)
					st.fail(store.ErrUnavailable)
					return rev, err
				}
			})
			update(t, c, func(tx *Tx) { tx.PutPipeline(pipelineNamed("acked")); tx.DeletePipeline("b") })
			st.repair()
			st.record() // which does not know of the last change
			st.lose(t, len(st.changes))
			want := "a acked"
			for i := range others {
				putPipelines(t, other, fmt.Sprint("x", i))
				want += fmt.Sprint(" x", i)
			}
			wantPipelines(t, want, c, other, c)
		})
	}
}

// The store loses what an update was decided on while it is made.
func TestUpdateWhileDataAreLost(t *testing.T) {
	t.Parallel()
	st := newLosing(t)
	c := node(t, st, io.Discard)
	putPipelines(t, c, "a", "b")
	calls := 0
	update(t, c, func(tx *Tx) {
		if calls++; calls == 1 {
			st.lose(t, 0)
		}
		tx.PutPipeline(pipelineNamed("new"))
	})
	wantPipelines(t, "a b new", c)
}

// A store says once that it forked; the node remembers until it is in order.
func TestForkedStore(t *testing.T) {
	t.Parallel()
	st := newLosing(t)
	c := node(t, st, io.Discard)
	putPipelines(t, c, "a", "b", "c")
	st.lose(t, 3)
	for _, id := range []string{"x", "y"} { // a program that writes past the catalog
		putRaw(t, st, store.KindPipeline, id, "\x0a\x01"+id)
	}
	st.set(func(f *flaky) {
		f.since = func(context.Context, store.Revision) (store.State, error) { return store.State{}, store.ErrGap }
		f.load = func(ctx context.Context) (store.State, error) {
			state, err := f.Store.Load(ctx)
			state.Forked = true
			return state, err
		}
	})
	st.failRestore(store.Unavailable("restore", errors.New("out of memory")))
	if _, err := c.refresh(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got error %v, want ErrUnavailable", err)
	}
	if s := c.Snapshot(); len(s.Pipelines) != 3 {
		t.Errorf("got %v while the store cannot be repaired, want the rules kept", s.Pipelines)
	}
	st.repair()
	st.failRestore(nil)
	wantPipelines(t, "a b c x y", c)
}

// Without reseeding, the store is taken as it is, and said so once.
func TestNeverReseed(t *testing.T) {
	t.Parallel()
	st, out := newLosing(t), new(log)
	c := openShared(t, &view{losing: st}, out, Shared{})
	c.mark(t.Context())
	putPipelines(t, c, "a", "b", "c")
	st.lose(t, 2)
	for range 3 {
		wantPipelines(t, "a", c)
	}
	putPipelines(t, c, "d")
	wantPipelines(t, "a d", c)
	if got := c.Stats(); got.Regressions != 1 || got.Reseeds != 0 || out.count("taking its content as it is") != 1 {
		t.Errorf("got %+v and log:\n%s", got, out.buf.String())
	}
}

// Many nodes, at many revisions, with a store that keeps losing data: in the end
// all agree, and hold every change that was acknowledged.
func TestReseedStorm(t *testing.T) {
	t.Parallel()
	st := newLosing(t)
	var nodes []*Catalog
	for range 4 {
		c := node(t, st, io.Discard)
		run(t, c)
		nodes = append(nodes, c)
	}
	var mu sync.Mutex
	acked := map[string]bool{}
	for round := range 5 {
		var writers sync.WaitGroup
		for n, c := range nodes {
			writers.Go(func() {
				for i := range 5 {
					id := fmt.Sprintf("%d-%d-%d", round, n, i)
					if _, err := c.Update(t.Context(), func(tx *Tx) error { tx.PutPipeline(pipelineNamed(id)); return nil }); err != nil {
						t.Errorf("update: %v", err)
						return
					}
					mu.Lock()
					acked[id] = true
					mu.Unlock()
				}
			})
		}
		writers.Wait()
		for _, c := range nodes {
			refresh(t, c)
		}
		st.lose(t, round)
	}
	want := strings.Join(slices.Sorted(maps.Keys(acked)), " ")
	for _, c := range nodes {
		refresh(t, c)
	}
	wantPipelines(t, want, nodes...)
}
