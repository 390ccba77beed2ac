package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
)

// Writers raise shared counters, each with a guard on what it read. Lost updates
// and revisions given twice would show in the sums.
func testConcurrentCounters(t *testing.T, b store.Backend) {
	const writers, raises, counters = 8, 25, 3
	var revisions sync.Map
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range raises {
				rev, err := raise(t, b, key(fmt.Sprint("counter", (w+i)%counters)))
				if err != nil {
					t.Errorf("raise: %v", err)
					return
				}
				if _, twice := revisions.LoadOrStore(rev, true); twice {
					t.Errorf("revision %d was given twice", rev)
				}
			}
		})
	}
	group.Wait()
	total := 0
	state := load(t, b)
	for _, r := range state.Records {
		n, err := strconv.Atoi(string(r.Value))
		if err != nil {
			t.Fatalf("%s: %v", r.Key, err)
		}
		total += n
	}
	if want := writers * raises; total != want || state.Revision != store.Revision(want) {
		t.Errorf("got a total of %d at revision %d, want %d at %d", total, state.Revision, want, want)
	}
}

// raise adds one to a counter, trying until no other writer comes in between.
func raise(t *testing.T, b store.Backend, k store.Key) (store.Revision, error) {
	for {
		state, err := b.Load(t.Context())
		if err != nil {
			return 0, err
		}
		n, guard := 0, store.Guard{Key: k}
		for _, r := range state.Records {
			if r.Key == k {
				n, err = strconv.Atoi(string(r.Value))
				guard.Revision = r.Revision
			}
		}
		if err != nil {
			return 0, err
		}
		rev, err := b.Apply(t.Context(), store.Change{Guards: []store.Guard{guard}, Ops: []store.Op{put(k, strconv.Itoa(n+1))}})
		if !errors.Is(err, store.ErrConflict) {
			return rev, err
		}
	}
}

// Each change writes one value to two records. Readers must never see half a
// change, nor a revision older than one they saw, and a reader that follows by
// Since must end with what Load shows.
func testConcurrentReaders(t *testing.T, b store.Backend) {
	const writers, changes = 4, 50
	var working, reading sync.WaitGroup
	var done atomic.Bool
	for w := range writers {
		working.Go(func() {
			for i := range changes {
				pair := []store.Op{put(key("left"), fmt.Sprint(w, i)), put(key("right"), fmt.Sprint(w, i))}
				if i%10 == 9 {
					pair = []store.Op{remove(key("left")), remove(key("right"))}
				}
				if _, err := b.Apply(t.Context(), store.Change{Ops: pair}); err != nil {
					t.Errorf("Apply: %v", err)
					return
				}
			}
		})
	}
	replica, at := map[string]string{}, store.Revision(0)
	reading.Go(func() {
		for !done.Load() {
			state, err := b.Load(t.Context())
			if err != nil {
				t.Errorf("Load: %v", err)
				return
			}
			whole := map[string]string{}
			at = follow(t, whole, state, at)
		}
	})
	reading.Go(func() { followSince(t, b, replica, &done) })
	working.Wait()
	done.Store(true)
	reading.Wait()

	want := map[string]string{}
	state := load(t, b)
	follow(t, want, state, 0)
	if diff := cmp.Diff(want, replica); diff != "" {
		t.Errorf("replica kept by Since (-want +got):\n%s", diff)
	}
	if got := store.Revision(writers * changes); state.Revision != got {
		t.Errorf("got revision %d, want %d", state.Revision, got)
	}
}

// followSince keeps replica up to date until done, and once more after that.
func followSince(t *testing.T, b store.Backend, replica map[string]string, done *atomic.Bool) {
	at := store.Revision(0)
	for last := false; !last; {
		last = done.Load()
		state, err := b.Since(t.Context(), at)
		if errors.Is(err, store.ErrGap) {
			clear(replica)
			state, err = b.Load(t.Context())
		}
		if err != nil {
			t.Errorf("Since(%d): %v", at, err)
			return
		}
		at = follow(t, replica, state, at)
	}
}

// follow brings replica up to state and checks that nothing went backwards and
// that both records of a pair agree. It returns the new revision.
func follow(t *testing.T, replica map[string]string, state store.State, at store.Revision) store.Revision {
	if state.Revision < at {
		t.Errorf("revision %d was read after %d", state.Revision, at)
	}
	for _, r := range state.Records {
		if r.Deleted {
			delete(replica, r.ID)
		} else {
			replica[r.ID] = string(r.Value)
		}
	}
	if replica["left"] != replica["right"] {
		t.Errorf("half a change is visible at revision %d: %v", state.Revision, replica)
	}
	return state.Revision
}
