package bolt

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/store"
)

// newFile returns the path of a closed store with a few records.
func newFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	for _, id := range []string{"a", "b", "c"} {
		mustPut(t, db, id, strings.Repeat(id, 5000))
	}
	if err := db.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return path
}

func mustPut(t *testing.T, db *DB, id, value string) store.Revision {
	t.Helper()
	rev, err := db.Apply(t.Context(), change(id, value))
	if err != nil {
		t.Errorf("Apply: %v", err) // not Fatal: tests call this from their goroutines
	}
	return rev
}

func pipeline(id string) store.Key { return store.Key{Kind: store.KindPipeline, ID: id} }

func change(id, value string) store.Change {
	return store.Change{Ops: []store.Op{{Key: pipeline(id), Value: []byte(value)}}}
}

// edit changes a closed store behind its back.
func edit(t *testing.T, path string, fn func(*bbolt.Tx) error) {
	t.Helper()
	file, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Update(fn), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// wantOpenError checks that Open fails with a text that holds each of parts.
func wantOpenError(t *testing.T, path string, parts ...string) error {
	t.Helper()
	db, err := Open(path, Options{})
	if err == nil {
		t.Fatalf("Open succeeded, want an error; Close: %v", db.Close())
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got error %q, want it to mention %q", err, part)
		}
	}
	return err
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(dir, "test.db")
	db := mustOpen(t, path, Options{})
	for name, want := range map[string]fs.FileMode{dir: 0o700, path: 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
	// A file that somebody opened up is closed again.
	if err := errors.Join(db.Close(), os.Chmod(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, path, Options{})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("after reopening: mode %v, error %v, want 600", info.Mode(), err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	mustOpen(t, path, Options{})
	err := wantOpenError(t, path, "another streamdal-server uses "+path, "--data-dir")
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("got error %v, want ErrLocked", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	t.Run("newer format", func(t *testing.T) {
		t.Parallel()
		path := newFile(t)
		edit(t, path, func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(formatKey, []byte("2")) })
		wantOpenError(t, path, path, "newer streamdal-server (format 2, this one knows 1)")
	})
	t.Run("unreadable format", func(t *testing.T) {
		t.Parallel()
		path := newFile(t)
		edit(t, path, func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(formatKey, []byte("?")) })
		wantOpenError(t, path, path, "damaged", "backup")
	})
	t.Run("unreadable revision", func(t *testing.T) {
		t.Parallel()
		path := newFile(t)
		edit(t, path, func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(revisionKey, []byte("?")) })
		wantOpenError(t, path, path, "damaged", "backup")
	})
	t.Run("another program's database", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "test.db")
		edit(t, path, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("meta")); return err })
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wantOpenError(t, path, path, "not a store of streamdal-server")
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("the other program's file was changed (read error %v)", err)
		}
	})
	t.Run("another file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "test.db")
		if err := os.WriteFile(path, bytes.Repeat([]byte("text\n"), 10_000), 0o600); err != nil {
			t.Fatal(err)
		}
		wantOpenError(t, path, path, "not a store")
	})
	t.Run("a directory", func(t *testing.T) {
		t.Parallel()
		wantOpenError(t, t.TempDir(), "is a directory")
	})
	t.Run("a directory that cannot be made", func(t *testing.T) {
		t.Parallel()
		wantOpenError(t, filepath.Join(newFile(t), "sub", "test.db"), "data directory")
	})
}

// One flipped bit in a value costs that value only, is named, and is healed by
// writing or deleting the record again.
func TestDamagedValue(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	edit(t, path, func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(store.KindPipeline))
		flipped := bytes.Clone(bucket.Get([]byte("b")))
		flipped[2000] ^= 1
		// A value that ended up under another key is damage too.
		return errors.Join(bucket.Put([]byte("b"), flipped), bucket.Put([]byte("c"), bucket.Get([]byte("a"))),
			bucket.Put([]byte("short"), []byte("x")))
	})
	db := mustOpen(t, path, Options{})
	for name, read := range map[string]func() (store.State, error){
		"Load":  func() (store.State, error) { return db.Load(t.Context()) },
		"Since": func() (store.State, error) { return db.Since(t.Context(), 0) },
	} {
		state, err := read()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(state.Records) != 1 || state.Records[0].ID != "a" {
			t.Errorf("%s: got records %v, want only a", name, state.Records)
		}
		damaged := map[string]string{}
		for _, d := range state.Damaged {
			damaged[d.ID] = d.Reason
		}
		if !strings.Contains(damaged["b"], "checksum") || damaged["c"] == "" {
			t.Errorf("%s: got damage %v, want b and c, with a reason", name, damaged)
		}
	}
	_, err := db.Apply(t.Context(), store.Change{
		Guards: []store.Guard{{Key: pipeline("b")}, {Key: pipeline("c")}, {Key: pipeline("short")}}, // absent, as Load shows them
		Ops:    []store.Op{{Key: pipeline("b"), Value: []byte("new")}, {Key: pipeline("c"), Delete: true}, {Key: pipeline("short"), Delete: true}},
	})
	if err != nil {
		t.Fatalf("Apply over damage: %v", err)
	}
	if state, err := db.Load(t.Context()); err != nil || len(state.Damaged) != 0 || len(state.Records) != 2 {
		t.Errorf("after healing: %v, error %v, want a and b", state, err)
	}
}

func TestDamagedLogIsAGap(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(log *bbolt.Bucket) error{
		"missing entry": func(log *bbolt.Bucket) error { return log.Delete(logKey(2)) },
		"garbage entry": func(log *bbolt.Bucket) error { return log.Put(logKey(2), []byte("some garbage")) },
		"moved entry":   func(log *bbolt.Bucket) error { return log.Put(logKey(2), bytes.Clone(log.Get(logKey(3)))) },
		"foreign key":   func(log *bbolt.Bucket) error { return log.Put(append(logKey(2), 0), []byte("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newFile(t)
			edit(t, path, func(tx *bbolt.Tx) error { return damage(tx.Bucket(logBucket)) })
			db := mustOpen(t, path, Options{LogLength: 2})
			if _, err := db.Since(t.Context(), 1); !errors.Is(err, store.ErrGap) {
				t.Errorf("Since(1): got error %v, want ErrGap", err)
			}
			// The log recovers as it moves on.
			mustPut(t, db, "a", "1")
			mustPut(t, db, "a", "2")
			if state, err := db.Since(t.Context(), 3); err != nil || len(state.Records) != 1 {
				t.Errorf("Since(3): got %v, error %v, want one record", state, err)
			}
		})
	}
}

func FuzzLogEntry(f *testing.F) {
	f.Add(uint64(1), []byte{})
	f.Add(uint64(7), logEntry(7, change("a", "1").Ops)[sealBytes:])
	f.Add(uint64(7), []byte{9, 'p'})
	f.Add(uint64(7), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, rev uint64, content []byte) {
		// Sealed, so that the content is reached; and as it is.
		keys, ok := parseLogEntry(store.Revision(rev), seal(logSeal, store.Revision(rev), content))
		if ok {
			var ops []store.Op
			for _, k := range keys {
				ops = append(ops, store.Op{Key: k})
			}
			again, ok := parseLogEntry(store.Revision(rev), logEntry(store.Revision(rev), ops))
			if !ok || len(again) != len(keys) {
				t.Errorf("%q: read %v, written and read again %v", content, keys, again)
			}
		}
		if _, ok := parseLogEntry(store.Revision(rev), content); ok {
			t.Errorf("%q passes without a checksum", content)
		}
	})
}
