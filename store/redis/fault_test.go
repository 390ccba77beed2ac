package redis

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

func pipeline(id string) store.Key { return store.Key{Kind: store.KindPipeline, ID: id} }

func change(id, value string) store.Change {
	return store.Change{Ops: []store.Op{{Key: pipeline(id), Value: []byte(value)}}}
}

func mustPut(t *testing.T, db *DB, id, value string) store.Revision {
	t.Helper()
	rev, err := db.Apply(t.Context(), change(id, value))
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	return rev
}

func mustLoad(t *testing.T, db *DB) store.State {
	t.Helper()
	state, err := db.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return state
}

// content shows the records of a state as id=value.
func content(state store.State) map[string]string {
	m := map[string]string{}
	for _, r := range state.Records {
		m[r.ID] = string(r.Value)
	}
	return m
}

func wantContent(t *testing.T, db *DB, rev store.Revision, want map[string]string) store.State {
	t.Helper()
	state := mustLoad(t, db)
	if diff := cmp.Diff(want, content(state)); diff != "" || state.Revision != rev {
		t.Errorf("got revision %d, want %d (-want +got):\n%s", state.Revision, rev, diff)
	}
	return state
}

// allCalls are the calls that need Redis, each of which must say the same.
func allCalls(db *DB) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Load":    func(ctx context.Context) error { _, err := db.Load(ctx); return err },
		"Since":   func(ctx context.Context) error { _, err := db.Since(ctx, 0); return err },
		"Apply":   func(ctx context.Context) error { _, err := db.Apply(ctx, change("lost", "x")); return err },
		"Restore": func(ctx context.Context) error { _, err := db.Restore(ctx, store.State{Revision: 99}, 1); return err },
		"PutLive": func(ctx context.Context) error { return db.PutLive(ctx, "n", nil, time.Minute) },
		"Live":    func(ctx context.Context) error { _, err := db.Live(ctx); return err },
	}
}

// wantUnavailable checks that each of the calls fails in time, with a sentence that
// holds part.
func wantUnavailable(t *testing.T, calls map[string]func(context.Context) error, part string) {
	t.Helper()
	var group sync.WaitGroup
	for name, fn := range calls {
		group.Go(func() {
			begin := time.Now()
			err := fn(t.Context())
			if took := time.Since(begin); took > 15*time.Second { // 5 s and a busy machine
				t.Errorf("%s took %v", name, took)
			}
			if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got error %v, want ErrUnavailable that mentions %q", name, err, part)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: the error shows the password: %v", name, err)
			}
		})
	}
	group.Wait()
}

func TestStopAndStartWithData(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{Durable: true, Password: "s3cret"})
	db, other := open(t, Options{URL: s.URL()}), open(t, Options{URL: s.URL()})
	mustPut(t, db, "a", "1")
	if state := mustLoad(t, other); state.Revision != 1 {
		t.Errorf("the other node is at revision %d, want 1", state.Revision)
	}
	watch := other.Watch(t.Context())
	for _, stop := range []func(testing.TB){s.Stop, s.Kill} {
		stop(t)
		wantUnavailable(t, allCalls(db), "check that Redis runs")
		s.Restart(t)
		before := mustLoad(t, other).Revision
		rev := mustPut(t, db, "a", "2")
		state, err := other.Since(t.Context(), before)
		if err != nil || state.Revision != rev || len(state.Records) != 1 {
			t.Errorf("Since after the restart: got %v, error %v, want one record at revision %d", state, err, rev)
		}
		eventually(t, func() string {
			if !other.listener.works() {
				return "the connection that hears about changes is not back"
			}
			return ""
		})
		waitHint(t, watch, mustPut(t, db, "a", "3"))
		if state := mustLoad(t, db); state.Forked || len(state.Records) != 1 {
			t.Errorf("got %+v, want nothing lost", state)
		}
	}
}

// waitHint waits for a hint at a revision. Hints come again once the connection does.
func waitHint(t *testing.T, watch <-chan store.Event, rev store.Revision) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e := <-watch:
			if e.Revision >= rev {
				return
			}
		case <-deadline:
			t.Fatalf("no hint at revision %d", rev)
		}
	}
}

// A Redis that comes back empty is noticed by everybody, gets no change on top, and
// can be given its records back by one.
func TestComesBackEmpty(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*testing.T, *redistest.Server){
		"restart":  func(t *testing.T, s *redistest.Server) { s.Kill(t); s.RestartEmpty(t) },
		"flushall": func(t *testing.T, s *redistest.Server) { s.Do(t, "flushall") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, redistest.Options{})
			db, other := open(t, Options{URL: s.URL()}), open(t, Options{URL: s.URL()})
			mustPut(t, db, "a", "1")
			mustPut(t, db, "b", "1")
			kept := mustLoad(t, db)
			mustLoad(t, other)
			live := map[string][]byte{"session": []byte("x")}
			if err := db.PutLive(t.Context(), "node", live, time.Minute); err != nil {
				t.Fatal(err)
			}
			watch := db.Watch(t.Context())
			lose(t, s)

			if _, err := db.Since(t.Context(), 2); !errors.Is(err, store.ErrGap) {
				t.Errorf("Since: got error %v, want ErrGap", err)
			}
			_, err := db.Apply(t.Context(), change("c", "1"))
			if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "lost changes") {
				t.Errorf("Apply on lost ground: got error %v, want ErrUnavailable", err)
			}
			for e := range watch {
				if e.Gap {
					break
				}
			}
			if state := mustLoad(t, db); !state.Forked || state.Revision != 0 || len(state.Records) != 0 {
				t.Errorf("got %+v, want an empty store and Forked", state)
			}
			rev, err := db.Restore(t.Context(), kept, 0)
			if err != nil || rev != 3 {
				t.Fatalf("Restore: got revision %d, error %v, want 3", rev, err)
			}
			// This node knows all about it, the other one finds out.
			if state := wantContent(t, db, 3, map[string]string{"a": "1", "b": "1"}); state.Forked {
				t.Error("the node that restored the store finds it forked")
			}
			if _, err := other.Since(t.Context(), 2); !errors.Is(err, store.ErrGap) {
				t.Errorf("Since of the other: got error %v, want ErrGap", err)
			}
			if state := wantContent(t, other, 3, map[string]string{"a": "1", "b": "1"}); !state.Forked {
				t.Error("the other node does not find the store forked")
			}
			mustPut(t, other, "c", "1")
			// The next renewal announces the sessions again, though they are the same.
			if err := db.PutLive(t.Context(), "node", live, time.Minute); err != nil {
				t.Fatal(err)
			}
			got, err := other.Live(t.Context())
			if diff := cmp.Diff(map[string]map[string][]byte{"node": live}, got); err != nil || diff != "" {
				t.Errorf("Live: error %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Redis loses its newest changes and gives their revisions to others: nobody may
// take the ones for the others.
func TestRevisionsGivenTwice(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db := open(t, Options{URL: s.URL()})
	mustPut(t, db, "a", "kept")
	s.Do(t, "save")
	mustPut(t, db, "a", "lost")
	mustPut(t, db, "b", "lost")
	s.Kill(t)
	s.Restart(t)

	fresh := open(t, Options{URL: s.URL()})
	wantContent(t, fresh, 1, map[string]string{"a": "kept"})
	mustPut(t, fresh, "c", "new")
	mustPut(t, fresh, "b", "new")
	mustPut(t, fresh, "d", "new")

	// Revision 3 exists again, and b is at it again, but it is not the same.
	if _, err := db.Since(t.Context(), 3); !errors.Is(err, store.ErrGap) {
		t.Errorf("Since: got error %v, want ErrGap", err)
	}
	_, err := db.Apply(t.Context(), store.Change{
		Guards: []store.Guard{{Key: pipeline("b"), Revision: 3}},
		Ops:    []store.Op{{Key: pipeline("b"), Value: []byte("based on what was lost")}},
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Apply on what was lost: got error %v, want ErrUnavailable", err)
	}
	if state, err := db.Observer().Load(t.Context()); err != nil || !state.Forked {
		t.Errorf("an observer: got %+v, error %v, want Forked", state, err)
	}
	state := wantContent(t, db, 4, map[string]string{"a": "kept", "b": "new", "c": "new", "d": "new"})
	if !state.Forked {
		t.Error("the store is not found forked")
	}
	if state := mustLoad(t, db); state.Forked {
		t.Error("the store is found forked twice")
	}
	mustPut(t, db, "b", "newer")
	if state := mustLoad(t, fresh); state.Forked {
		t.Error("the node that lost nothing finds the store forked")
	}
}

func TestReadOnlyReplica(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db := open(t, Options{URL: s.URL()})
	mustPut(t, db, "a", "1")
	s.Do(t, "replicaof", "127.0.0.1", "1") // where nothing is
	calls := allCalls(db)
	delete(calls, "Load") // a replica is read like a master; only changes show it
	delete(calls, "Since")
	delete(calls, "Live")
	wantUnavailable(t, calls, "replica")
	s.Do(t, "replicaof", "no", "one")
	wantContent(t, db, 1, map[string]string{"a": "1"})
	if rev := mustPut(t, db, "a", "2"); rev != 2 {
		t.Errorf("got revision %d, want 2", rev)
	}
}

// A Redis without memory refuses changes whole, and works again when there is some.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db := open(t, Options{URL: s.URL()})
	mustPut(t, db, "a", "1")
	state := mustLoad(t, db)
	s.Do(t, "config", "set", "maxmemory-policy", "noeviction")
	s.Do(t, "config", "set", "maxmemory", "1")
	calls := allCalls(db)
	delete(calls, "Load")
	delete(calls, "Since")
	delete(calls, "Live")
	calls["Delete"] = func(ctx context.Context) error {
		_, err := db.Apply(ctx, store.Change{Ops: []store.Op{{Key: pipeline("a"), Delete: true}, {Key: pipeline("b"), Value: []byte("x")}}})
		return err
	}
	wantUnavailable(t, calls, "out of memory")
	wantContent(t, db, 1, map[string]string{"a": "1"})
	s.Do(t, "config", "set", "maxmemory", "0")
	if got := mustLoad(t, db); cmp.Diff(state, got) != "" {
		t.Errorf("got %v, want what was there before", got)
	}
	if rev := mustPut(t, db, "a", "2"); rev != 2 {
		t.Errorf("got revision %d, want 2", rev)
	}
}

// A Redis that hangs hangs nobody.
func TestHungRedis(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db := open(t, Options{URL: s.URL()})
	mustPut(t, db, "a", "1")
	mustLoad(t, db)
	s.Pause(t)
	t.Cleanup(func() { s.Resume(t) })

	var group sync.WaitGroup
	group.Go(func() { wantUnavailable(t, allCalls(db), "no answer from Redis in time") })
	// Whoever gives up waits no longer.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := db.Apply(ctx, change("a", "2")); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 2*time.Second {
		t.Errorf("a call with 50 ms took %v and gave %v", time.Since(begin), err)
	}
	// Publishing never waits, and this process still gets its own messages.
	here := db.Subscribe(t.Context(), "x")
	begin = time.Now()
	for range 2000 {
		_ = db.Publish(t.Context(), "x", []byte("m")) // nil or ErrUnavailable
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("publishing 2000 messages took %v", took)
	}
	if len(here) == 0 {
		t.Error("no message arrived in this process")
	}
	group.Wait()
	s.Resume(t)
	// What was under way may have happened; whatever did happened once.
	eventually(t, func() string {
		_, err := db.Apply(t.Context(), change("b", "1"))
		if err != nil {
			return err.Error()
		}
		return ""
	})
}
