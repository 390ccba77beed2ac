package bolt

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/streamdal/streamdal-server/store"
)

func oneRecord(value string) store.State {
	return store.State{Revision: 9, Records: []store.Record{{Key: pipeline("a"), Value: []byte(value), Revision: 4}}}
}

// A restore that does not fit leaves everything as it was, and can be tried again.
func TestFullDiskRestore(t *testing.T) {
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
	if rev, err := db.Restore(t.Context(), oneRecord("2"), 1); !errors.Is(err, store.ErrUnavailable) || rev != 0 {
		t.Errorf("got revision %d, error %v, want ErrUnavailable", rev, err)
	}
	if state, err := db.Load(t.Context()); err != nil || string(state.Records[0].Value) != "1" || state.Revision != 1 {
		t.Errorf("Load: got %v, error %v, want the old value", state, err)
	}
	full.Store(false)
	if rev, err := db.Restore(t.Context(), oneRecord("3"), 1); err != nil || rev != 10 {
		t.Errorf("got revision %d, error %v once there is room, want 10", rev, err)
	}
}

func TestRestoreIsDurable(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	db := mustOpen(t, path, Options{})
	if _, err := db.Restore(t.Context(), oneRecord("new"), 3); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	state, err := mustOpen(t, path, Options{}).Load(t.Context())
	if err != nil || state.Revision != 10 || len(state.Records) != 1 || string(state.Records[0].Value) != "new" {
		t.Errorf("got %v, error %v, want the restored record at revision 10", state, err)
	}
}
