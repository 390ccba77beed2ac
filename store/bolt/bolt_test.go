package bolt

import (
	"path/filepath"
	"testing"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/storetest"
)

func mustOpen(t *testing.T, path string, opts Options) *DB {
	t.Helper()
	db, err := Open(path, opts)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Backend {
		return mustOpen(t, filepath.Join(t.TempDir(), "new", "dir", "test.db"), Options{LogLength: 250})
	})
}

func TestDurable(t *testing.T) {
	t.Parallel()
	storetest.RunDurable(t, func(t *testing.T, dir string) store.Backend {
		return mustOpen(t, filepath.Join(dir, "test.db"), Options{})
	})
}
