package bolt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/store"
)

// newBreakable returns a store whose commits go through breakIt, which gets the
// real commit.
func newBreakable(t *testing.T, breakIt func(commit func() error) error) *DB {
	t.Helper()
	db := mustOpen(t, filepath.Join(t.TempDir(), "test.db"), Options{})
	// The writer reads the field only after it has received a request.
	db.update = func(fn func(*bbolt.Tx) error) error {
		return breakIt(func() error { return db.file.Update(fn) })
	}
	return db
}

// Changes that arrive while a commit is under way share the next one.
func TestConcurrentChangesShareCommits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const writers = 100
		commits, resume := 0, make(chan struct{})
		db := newBreakable(t, func(commit func() error) error {
			commits++
			<-resume
			return commit()
		})
		for i := range writers {
			go mustPut(t, db, fmt.Sprint(i), "x")
			if i == 0 {
				synctest.Wait() // the first commit has begun
			}
		}
		synctest.Wait() // everybody else waits
		close(resume)
		synctest.Wait()
		if got := db.lastRevision(); got != writers {
			t.Errorf("got revision %d, want %d", got, writers)
		}
		if commits != 2 {
			t.Errorf("%d concurrent changes took %d commits, want 2", writers, commits)
		}
	})
}

// A full disk refuses changes, says so, keeps what there is and works again when
// there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	db := newBreakable(t, func(commit func() error) error {
		if full.Load() {
			return &fsError{syscall.ENOSPC}
		}
		return commit()
	})
	mustPut(t, db, "a", "1")
	full.Store(true)
	_, err := db.Apply(t.Context(), change("a", "2"))
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("got error %v, want ErrUnavailable and the cause", err)
	}
	if state, err := db.Load(t.Context()); err != nil || string(state.Records[0].Value) != "1" || state.Revision != 1 {
		t.Errorf("Load: got %v, error %v, want the old value", state, err)
	}
	full.Store(false)
	if got := mustPut(t, db, "a", "3"); got != 2 {
		t.Errorf("got revision %d once there is room, want 2", got)
	}
}

type fsError struct{ errno syscall.Errno }

func (e *fsError) Error() string { return "write test.db: " + e.errno.Error() }
func (e *fsError) Unwrap() error { return e.errno }

// After a sync that failed nobody knows what is on disk: nothing more may be
// acknowledged. Reading goes on.
func TestFailedSyncStopsWriting(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"error": func() error { return &fsError{syscall.EIO} },
		"panic": func() error { panic("page 7 already freed") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var commits atomic.Int32
			db := newBreakable(t, func(commit func() error) error {
				if commits.Add(1) == 2 {
					return fail()
				}
				return commit()
			})
			mustPut(t, db, "a", "1")
			for range 3 {
				if _, err := db.Apply(t.Context(), change("a", "2")); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("got error %v, want ErrUnavailable", err)
				}
			}
			if got := commits.Load(); got != 2 {
				t.Errorf("got %d commits, want none after the failed one", got)
			}
			if state, err := db.Load(t.Context()); err != nil || len(state.Records) != 1 {
				t.Errorf("Load: got %v, error %v, want one record", state, err)
			}
		})
	}
}

// A caller whose context ends does not wait for the disk.
func TestApplyHonoursContextDuringCommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resume := make(chan struct{})
		db := newBreakable(t, func(commit func() error) error {
			<-resume
			return commit()
		})
		for _, id := range []string{"under way", "behind it"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := db.Apply(ctx, change(id, "1"))
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got error %v, want DeadlineExceeded", id, err)
			}
		}
		close(resume)
		if got := mustPut(t, db, "last", "1"); got != 1 {
			t.Errorf("got revision %d, want 1: a change was made whose caller had left before", got)
		}
	})
}

// A change that finds no room must not fail the small ones in the same commit.
func TestBatchSurvivesOneThatDoesNotFit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resume := make(chan struct{})
		db := mustOpen(t, filepath.Join(t.TempDir(), "test.db"), Options{})
		db.update = func(fn func(*bbolt.Tx) error) error {
			<-resume
			return db.file.Update(func(tx *bbolt.Tx) error {
				err := fn(tx)
				if tx.Bucket([]byte(store.KindPipeline)).Get([]byte("huge")) != nil {
					return &fsError{syscall.ENOSPC}
				}
				return err
			})
		}
		go mustPut(t, db, "first", "1")
		synctest.Wait()
		var hugeErr error
		go func() { _, hugeErr = db.Apply(t.Context(), change("huge", "1")) }()
		for i := range 10 {
			go mustPut(t, db, fmt.Sprint("small", i), "1")
		}
		synctest.Wait()
		close(resume)
		synctest.Wait()
		if !errors.Is(hugeErr, store.ErrUnavailable) {
			t.Errorf("huge change: got error %v, want ErrUnavailable", hugeErr)
		}
		if state, err := db.Load(t.Context()); err != nil || len(state.Records) != 11 || state.Revision != 11 {
			t.Errorf("got %d records at revision %d, error %v, want 11 at 11", len(state.Records), state.Revision, err)
		}
	})
}

// Close answers every Apply: with its result or with ErrClosed, and what was
// acknowledged is there.
func TestCloseUnderLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	db := mustOpen(t, path, Options{})
	var acknowledged sync.Map
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprint(w, "-", i)
				if _, err := db.Apply(t.Context(), change(id, "x")); err != nil {
					if !errors.Is(err, store.ErrClosed) {
						t.Errorf("Apply: got error %v, want ErrClosed", err)
					}
					return
				}
				acknowledged.Store(id, true)
			}
		})
	}
	for hint := range db.Watch(t.Context()) {
		if hint.Revision > 50 {
			break
		}
	}
	if err := db.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	group.Wait()
	state, err := mustOpen(t, path, Options{}).Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	for _, r := range state.Records {
		acknowledged.Delete(r.ID)
	}
	acknowledged.Range(func(id, _ any) bool {
		t.Errorf("change %s was acknowledged and is gone", id)
		return true
	})
}

func TestLeaseClock(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	db := mustOpen(t, filepath.Join(t.TempDir(), "test.db"), Options{Now: func() time.Time { return time.Unix(clock.Load(), 0) }})
	live := func() int {
		nodes, err := db.Live(t.Context())
		if err != nil {
			t.Fatalf("Live: %v", err)
		}
		return len(nodes)
	}
	renew := func() {
		if err := db.PutLive(t.Context(), "node", map[string][]byte{"s": nil}, 10*time.Second); err != nil {
			t.Fatalf("PutLive: %v", err)
		}
	}
	renew()
	for _, step := range []struct {
		at   int64
		want int
	}{{9, 1}, {10, 0}} {
		clock.Store(step.at)
		if got := live(); got != step.want {
			t.Errorf("at %d s: got %d live nodes, want %d", step.at, got, step.want)
		}
	}
	renew()
	clock.Store(19)
	renew()
	clock.Store(28)
	if got := live(); got != 1 {
		t.Errorf("after a renewal: got %d live nodes, want 1", got)
	}
}

func BenchmarkApply(b *testing.B) {
	for _, writers := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			db, err := Open(filepath.Join(b.TempDir(), "test.db"), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			var next atomic.Int64
			var group sync.WaitGroup
			b.ResetTimer()
			for range writers {
				group.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						if _, err := db.Apply(b.Context(), change(fmt.Sprint(n%1000), "a value of some forty bytes, or thereabouts")); err != nil {
							b.Error(err)
						}
					}
				})
			}
			group.Wait()
		})
	}
}
