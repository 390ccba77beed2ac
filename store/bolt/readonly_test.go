package bolt

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/store"
)

func TestRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, db, "a", "1")
	mustPut(t, db, "b", "2")
	want, err := db.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), path); !errors.Is(err, store.ErrLocked) {
		t.Errorf("while a server has it open: got %v, want ErrLocked", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), path)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Read differs from Load (-want +got):\n%s", diff)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(before) != string(after) {
		t.Errorf("Read changed the file (%v)", err)
	}
}

// A file by an older program, without one of the kinds, is read as it is.
func TestReadOlderFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, db, "a", "1")
	if err := db.file.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(store.KindKV)) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	state, err := Read(t.Context(), path)
	if err != nil || len(state.Records) != 1 {
		t.Errorf("got %d records, error %v", len(state.Records), err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing", "test.db")
	if _, err := Read(t.Context(), missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v, want ErrNotExist", err)
	}
	if _, err := os.Stat(filepath.Dir(missing)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading made the directory (%v)", err)
	}
	good := goodFile(t)
	for name, content := range map[string][]byte{"empty": nil, "text": []byte("hello"), "cut": good[:len(good)/2]} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(t.Context(), path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
