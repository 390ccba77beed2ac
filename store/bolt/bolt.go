// Package bolt is the embedded backend: one file, no other process. Records are
// kept by go.etcd.io/bbolt, which syncs the file before a commit returns; leases
// and the bus live in memory, because one process is all there is.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/latest"
)

const (
	// DefaultLogLength is how many changes Since can look back. A change takes
	// about 100 bytes there.
	DefaultLogLength = 4096
	// lockTimeout is how long Open waits for another process to let go of the
	// file, which covers a restart where the old process is just ending.
	lockTimeout = time.Second

	// The store holds secrets (notification settings), so it is for its owner only.
	fileMode = 0o600
	dirMode  = 0o700
)

// Options tune Open. The zero value is what production uses.
type Options struct {
	// Now is the clock of leases; nil means time.Now.
	Now func() time.Time
	// LogLength is how many changes Since can look back; 0 means DefaultLogLength.
	LogLength int
}

// DB is an open store. It implements store.Backend.
//
// A change that Apply acknowledged is on disk: it survives the end of the
// process and, as far as the disk keeps what it was told to sync, of the machine.
type DB struct {
	file      *bbolt.DB
	path      string
	logLength uint64
	revision  atomic.Uint64 // the last one committed
	hints     *latest.Hub[store.Event]
	bus       bus
	leases    leases

	requests  chan *request
	restores  chan *restoring
	closing   chan struct{}
	closeOnce sync.Once
	closeErr  error
	writer    sync.WaitGroup
	update    func(func(*bbolt.Tx) error) error // file.Update; tests break it
	failed    error                             // why nothing can be written any more; the writer's
}

var _ store.Backend = (*DB)(nil)

// Open opens the store in the file path, creating it and its directory when they
// do not exist. The error wraps store.ErrLocked when another process has it
// open; other errors say what is wrong with the file and what to do.
func Open(path string, opts Options) (*DB, error) {
	db := &DB{
		path:      path,
		logLength: DefaultLogLength,
		hints:     latest.NewHub(store.Event.Merge),
		requests:  make(chan *request),
		restores:  make(chan *restoring),
		closing:   make(chan struct{}),
		leases:    leases{now: time.Now, nodes: make(map[string]lease)},
		bus:       bus{topics: make(map[string]map[chan []byte]func() bool)},
	}
	if opts.LogLength > 0 {
		db.logLength = uint64(opts.LogLength)
	}
	if opts.Now != nil {
		db.leases.now = opts.Now
	}
	if err := db.openFile(); err != nil {
		return nil, err
	}
	db.update = db.file.Update
	db.writer.Go(db.write)
	return db, nil
}

func (db *DB) openFile() error {
	dir := filepath.Dir(db.path)
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	_, err := os.Stat(db.path)
	created := errors.Is(err, os.ErrNotExist)
	err = protect(func() (err error) {
		db.file, err = bbolt.Open(db.path, fileMode, &bbolt.Options{
			Timeout:      lockTimeout,
			FreelistType: bbolt.FreelistMapType,
		})
		return err
	})
	if err != nil {
		return db.explain(err)
	}
	if err := db.prepare(dir, created); err != nil {
		return errors.Join(err, db.file.Close())
	}
	return nil
}

// prepare makes a file that bbolt has opened ours, or refuses it.
func (db *DB) prepare(dir string, created bool) error {
	if err := restrict(db.path); err != nil {
		return fmt.Errorf("protect the store from other users: %w", err)
	}
	if created {
		// Without this a crash could forget that the file exists at all.
		if err := syncDir(dir); err != nil {
			return fmt.Errorf("sync the data directory: %w", err)
		}
	}
	var rev store.Revision
	err := protect(func() (err error) {
		if err := verify(db.file); err != nil {
			return err
		}
		rev, err = initialize(db.file)
		return err
	})
	if err != nil {
		return db.explain(err)
	}
	db.revision.Store(uint64(rev))
	return nil
}

// restrict takes away what others may do with an existing file.
func restrict(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&^fileMode == 0 {
		return err
	}
	return os.Chmod(path, fileMode)
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which keeps directories by itself, and cannot sync them
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// explain turns what is wrong with the file into a sentence that says what to do.
func (db *DB) explain(err error) error {
	var newer *newerFormatError
	var path *fs.PathError
	var errno syscall.Errno
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("another streamdal-server uses %s; stop it or choose another --data-dir: %w", db.path, store.ErrLocked)
	case errors.As(err, &newer):
		return fmt.Errorf("%s was written by a newer streamdal-server (format %d, this one knows %d); run that version or choose another --data-dir", db.path, newer.found, formatVersion)
	case errors.Is(err, errForeign):
		return fmt.Errorf("%s is not a store of streamdal-server; choose another --data-dir", db.path)
	case errors.As(err, &path), errors.As(err, &errno):
		return fmt.Errorf("open the store: %w", err)
	default: // bbolt does not like the content
		return fmt.Errorf("%s is damaged or not a store; restore it from a backup, or move it away to start empty: %w", db.path, err)
	}
}

// Watch implements store.Store.
func (db *DB) Watch(ctx context.Context) <-chan store.Event {
	return db.hints.Watch(ctx, func() store.Event { return store.Event{Revision: db.lastRevision()} })
}

func (db *DB) lastRevision() store.Revision { return store.Revision(db.revision.Load()) }

// Close implements store.Store.
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		close(db.closing)
		db.writer.Wait()
		db.hints.Close()
		db.bus.close()
		db.closeErr = db.file.Close()
	})
	return db.closeErr
}

func (db *DB) closed() bool {
	select {
	case <-db.closing:
		return true
	default:
		return false
	}
}

// errDamaged means that the structure of the file is broken, beyond single values.
var errDamaged = errors.New("the file is damaged")

// protect runs fn and turns its panics, and faults on the memory-mapped file,
// into errors. bbolt reports a broken or truncated file in no other way, and a
// broken file must not take the node's live traffic down with it.
func protect(fn func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errDamaged, r)
		}
	}()
	return fn()
}
