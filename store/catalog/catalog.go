// Package catalog holds the store's content in memory as one immutable picture
// that everything else reads without locks, follows the store's changes, and is
// the way to write: see Update.
package catalog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/latest"
)

// Catalog is safe for concurrent use.
type Catalog struct {
	store   store.Store
	log     zerolog.Logger
	current atomic.Pointer[Snapshot]
	hub     *latest.Hub[*Snapshot]

	// reading is held by whoever reads the store: one read serves all that wait
	// for it, and pictures are published in order. A channel, so that waiting
	// ends with a context. It guards mustLoad and leftOut.
	reading  chan struct{}
	mustLoad bool
	leftOut  map[store.Key]problem

	// contended is held by an Update that already lost a race, until it is done:
	// losers then take turns instead of racing each other again.
	contended chan struct{}

	mu    sync.Mutex
	stats Stats
}

// Stats says how the catalog is doing, for readiness and metrics.
type Stats struct {
	// LeftOut counts stored records that are damaged or cannot be decoded. They
	// are missing from snapshots; the log names each.
	LeftOut int
	// Regressions counts how often the store was found at an older revision than
	// the catalog, which means that the store lost data.
	Regressions uint64
	// Err is why the last attempt to read the store failed, nil when it worked.
	// While it is set, snapshots are the last known picture.
	Err error
}

// Open loads the store once and returns its catalog. It fails when the store
// cannot be read; records that cannot be decoded are left out, logged and
// counted.
func Open(ctx context.Context, st store.Store, log zerolog.Logger) (*Catalog, error) {
	c := &Catalog{
		store:     st,
		log:       log,
		hub:       latest.NewHub(func(_, next *Snapshot) *Snapshot { return next }),
		reading:   make(chan struct{}, 1),
		mustLoad:  true,
		leftOut:   make(map[store.Key]problem),
		contended: make(chan struct{}, 1),
	}
	c.current.Store(newSnapshot())
	if _, err := c.refresh(ctx); err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	return c, nil
}

// Snapshot returns the current picture.
func (c *Catalog) Snapshot() *Snapshot { return c.current.Load() }

// Watch returns a channel of one that holds the newest picture, the current one
// at once. A picture nobody took is replaced by the next; revisions never go
// backwards. The channel is closed when ctx ends.
func (c *Catalog) Watch(ctx context.Context) <-chan *Snapshot {
	return c.hub.Watch(ctx, c.current.Load)
}

// Stats returns how the catalog is doing now.
func (c *Catalog) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

func acquire(ctx context.Context, slot chan struct{}) error {
	select {
	case slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func release(slot chan struct{}) { <-slot }

// refresh reads what changed in the store and returns the picture after that. On
// an error the last picture stays.
func (c *Catalog) refresh(ctx context.Context) (*Snapshot, error) {
	if err := acquire(ctx, c.reading); err != nil {
		return nil, err
	}
	defer release(c.reading)
	return c.read(ctx)
}

// catchUp returns a picture of at least revision min.
func (c *Catalog) catchUp(ctx context.Context, min store.Revision) (*Snapshot, error) {
	if s := c.Snapshot(); s.Revision >= min {
		return s, nil
	}
	if err := acquire(ctx, c.reading); err != nil {
		return nil, err
	}
	defer release(c.reading)
	if s := c.Snapshot(); s.Revision >= min {
		return s, nil
	}
	s, err := c.read(ctx)
	if err == nil && s.Revision < min {
		err = fmt.Errorf("%w: it answered with revision %d after acknowledging %d", store.ErrUnavailable, s.Revision, min)
	}
	return s, err
}

// read must be called by the holder of reading.
func (c *Catalog) read(ctx context.Context) (*Snapshot, error) {
	next, problems, err := c.next(ctx)
	if ctx.Err() == nil {
		c.mu.Lock()
		c.stats.Err = err
		c.mu.Unlock()
	}
	if err != nil {
		return nil, err
	}
	if next == c.Snapshot() {
		return next, nil
	}
	c.note(next, problems)
	c.current.Store(next)
	c.hub.Publish(next)
	return next, nil
}

// next reads the store and returns the picture to publish, which is the current
// one when nothing changed.
func (c *Catalog) next(ctx context.Context) (*Snapshot, []problem, error) {
	current := c.Snapshot()
	if !c.mustLoad {
		state, err := c.store.Since(ctx, current.Revision)
		switch {
		case err == nil && state.Revision == current.Revision:
			return current, nil, nil
		case err == nil:
			next, problems := current.with(state)
			return next, problems, nil
		case !errors.Is(err, store.ErrGap):
			return nil, nil, fmt.Errorf("read changes since revision %d: %w", current.Revision, err)
		}
		c.mustLoad = true
	}
	state, err := c.store.Load(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("load the store: %w", err)
	}
	if state.Revision < current.Revision {
		return nil, nil, c.regressed(current.Revision, state.Revision)
	}
	c.mustLoad = false
	clear(c.leftOut)
	next, problems := newSnapshot().with(state)
	return next, problems, nil
}
