// Package bolt is the embedded backend: one file, no other process.
package bolt

import (
	"context"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

// Options tune Open. The zero value is what production uses.
type Options struct {
	// Now is the clock of leases; nil means time.Now.
	Now func() time.Time
	// LogLength is how many changes Since can look back; 0 means DefaultLogLength.
	LogLength int
}

// DB is an open store. It implements store.Backend.
type DB struct{}

var _ store.Backend = (*DB)(nil)

// Open opens or creates the store in the file path.
func Open(path string, opts Options) (*DB, error) { return &DB{}, nil }

func (db *DB) Load(ctx context.Context) (store.State, error) { return store.State{}, nil }
func (db *DB) Since(ctx context.Context, after store.Revision) (store.State, error) {
	return store.State{}, nil
}
func (db *DB) Apply(ctx context.Context, c store.Change) (store.Revision, error) { return 0, nil }
func (db *DB) Watch(ctx context.Context) <-chan store.Event                      { return nil }
func (db *DB) Close() error                                                      { return nil }
func (db *DB) Publish(ctx context.Context, topic string, payload []byte) error   { return nil }
func (db *DB) Subscribe(ctx context.Context, topic string) <-chan []byte         { return nil }
func (db *DB) Dropped() uint64                                                   { return 0 }
func (db *DB) PutLive(ctx context.Context, node string, sessions map[string][]byte, ttl time.Duration) error {
	return nil
}
func (db *DB) Live(ctx context.Context) (map[string]map[string][]byte, error) { return nil, nil }
