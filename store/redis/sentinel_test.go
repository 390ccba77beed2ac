package redis

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// writers write until stopped, each a record of its own, and remember what was
// acknowledged.
type writers struct {
	stop  atomic.Bool
	group sync.WaitGroup
	mu    sync.Mutex
	acked map[string]string
	since int // the last acknowledgements, to see that writing goes on
}

func startWriters(t *testing.T, n int, db *DB) *writers {
	w := &writers{acked: map[string]string{}}
	for i := range n {
		w.group.Go(func() {
			for round := 0; !w.stop.Load(); round++ {
				id, value := fmt.Sprint(i, "-", round%50), fmt.Sprint(round)
				_, err := db.Apply(t.Context(), change(id, value))
				switch {
				case err == nil:
					w.mu.Lock()
					w.acked[id], w.since = value, w.since+1
					w.mu.Unlock()
				case !errors.Is(err, store.ErrUnavailable):
					t.Errorf("Apply: %v", err)
					return
				case strings.Contains(err.Error(), errForked.Error()):
					if _, err := db.Load(t.Context()); err != nil && !errors.Is(err, store.ErrUnavailable) {
						t.Errorf("Load: %v", err)
						return
					}
				default:
					// Not known whether it happened: the record's value is not either.
					w.mu.Lock()
					delete(w.acked, id)
					w.mu.Unlock()
				}
			}
		})
	}
	return w
}

// waitProgress waits until n more changes were acknowledged.
func (w *writers) waitProgress(t *testing.T, n int) {
	t.Helper()
	w.mu.Lock()
	w.since = 0
	w.mu.Unlock()
	eventually(t, func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.since < n {
			return fmt.Sprintf("%d changes were acknowledged, want %d", w.since, n)
		}
		return ""
	})
}

// follower keeps a copy as a node does: by Since, and by Load after a gap.
func startFollower(t *testing.T, db *DB, stop *atomic.Bool, group *sync.WaitGroup) map[string]string {
	replica := map[string]string{}
	at := store.Revision(0)
	group.Go(func() {
		for last := false; !last; {
			last = stop.Load()
			state, err := db.Since(t.Context(), at)
			if errors.Is(err, store.ErrGap) {
				if state, err = db.Load(t.Context()); err == nil {
					clear(replica)
				}
			}
			if errors.Is(err, store.ErrUnavailable) {
				last = false
				continue
			}
			if err != nil {
				t.Errorf("follow: %v", err)
				return
			}
			at = state.Revision
			for _, r := range state.Records {
				if r.Deleted {
					delete(replica, r.ID)
				} else {
					replica[r.ID] = string(r.Value)
				}
			}
		}
	})
	return replica
}

// The master dies while changes are being made. With Wait, every change that was
// acknowledged is there afterwards; in any case all nodes end with what Redis has.
func TestSentinelMasterDies(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t, redistest.Options{})
	careful := open(t, Options{URL: s.URL(), Wait: 1})
	reader := open(t, Options{URL: s.URL()})
	waitListening(t, reader)
	w := startWriters(t, 3, careful)
	var following atomic.Bool
	var group sync.WaitGroup
	replica := startFollower(t, reader, &following, &group)
	w.waitProgress(t, 100)
	old := s.Master(t)
	old.Kill(t)
	s.WaitFailover(t, old)
	w.waitProgress(t, 100)
	w.stop.Store(true)
	w.group.Wait()
	following.Store(true)
	group.Wait()
	stored := content(mustLoad(t, reader))
	if diff := cmp.Diff(stored, replica); diff != "" {
		t.Errorf("the follower is not where the store is (-store +follower):\n%s", diff)
	}
	for id, value := range w.acked {
		if stored[id] != value {
			t.Errorf("%s was acknowledged as %q and is %q", id, value, stored[id])
		}
	}
	waitListening(t, reader)
	waitHint(t, reader.Watch(t.Context()), mustLoad(t, careful).Revision)
}

// An operator moves the master while changes are being made, without Wait: what
// Redis loses, nobody keeps, and what is there afterwards is the same for all.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t, redistest.Options{})
	db, reader := open(t, Options{URL: s.URL()}), open(t, Options{URL: s.URL()})
	waitListening(t, reader)
	w := startWriters(t, 3, db)
	var following atomic.Bool
	var group sync.WaitGroup
	replica := startFollower(t, reader, &following, &group)
	for range 2 {
		w.waitProgress(t, 100)
		s.Failover(t)
	}
	w.waitProgress(t, 100)
	w.stop.Store(true)
	w.group.Wait()
	following.Store(true)
	group.Wait()
	if diff := cmp.Diff(content(mustLoad(t, reader)), replica); diff != "" {
		t.Errorf("the follower is not where the store is (-store +follower):\n%s", diff)
	}
	if diff := cmp.Diff(content(mustLoad(t, reader)), content(mustLoad(t, db))); diff != "" {
		t.Errorf("two nodes read different stores (-one +other):\n%s", diff)
	}
}

// Without replicas, a store that is to wait for one says that its changes are not safe.
func TestWaitWithoutReplica(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: redistest.Start(t, redistest.Options{}).URL(), Wait: 1})
	_, err := db.Apply(t.Context(), change("a", "1"))
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "0 of 1 replicas confirmed") {
		t.Errorf("got error %v, want ErrUnavailable that names the replicas", err)
	}
	wantContent(t, db, 1, map[string]string{"a": "1"})
	if _, err := db.Apply(t.Context(), store.Change{Guards: []store.Guard{{Key: pipeline("a"), Revision: 1}}}); err != nil {
		t.Errorf("a change that writes nothing waits for nobody: %v", err)
	}
}
