// Package catalog holds the store's content in memory as one immutable picture
// that everything else reads without locks, follows the store's changes, and is
// the way to write: see Update.
package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	// ends with a context. It guards the three fields below.
	reading  chan struct{}
	mustLoad bool // Since will not do
	behind   bool // the store was last found to be behind
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
// backwards. Pictures that are new in their counters only are not sent: watchers
// have something to do when rules change, not with every message that an SDK
// counts. The channel is closed when ctx ends.
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

// refresh reads what changed in the store and returns the picture after that.
func (c *Catalog) refresh(ctx context.Context) (*Snapshot, error) {
	if err := acquire(ctx, c.reading); err != nil {
		return nil, err
	}
	defer release(c.reading)
	return c.read(ctx)
}

// catchUp returns a picture of at least the given revision.
func (c *Catalog) catchUp(ctx context.Context, atLeast store.Revision) (*Snapshot, error) {
	if s := c.Snapshot(); s.Revision >= atLeast {
		return s, nil
	}
	if err := acquire(ctx, c.reading); err != nil {
		return nil, err
	}
	defer release(c.reading)
	if s := c.Snapshot(); s.Revision >= atLeast {
		return s, nil
	}
	s, err := c.read(ctx)
	if err == nil && s.Revision < atLeast {
		err = fmt.Errorf("%w: it answered with revision %d after acknowledging %d", store.ErrUnavailable, s.Revision, atLeast)
	}
	return s, err
}

// read must be called by the holder of reading. On an error the last picture
// stays.
func (c *Catalog) read(ctx context.Context) (*Snapshot, error) {
	current := c.Snapshot()
	state, full, err := c.fetch(ctx, current.Revision)
	if ctx.Err() == nil {
		c.setErr(err)
	}
	if err != nil {
		return nil, err
	}
	if !full && state.Revision == current.Revision {
		return current, nil
	}
	from := current
	if full {
		from = newSnapshot()
	}
	next, problems := from.with(state)
	c.note(state, full, problems)
	c.current.Store(next)
	if !next.SameContent(current) {
		c.hub.Publish(next)
	}
	return next, nil
}

// fetch returns what changed after revision have or, when full is set, all there
// is.
func (c *Catalog) fetch(ctx context.Context, have store.Revision) (state store.State, full bool, err error) {
	if !c.mustLoad {
		state, err = c.store.Since(ctx, have)
		if err == nil {
			return state, false, nil
		}
		if !errors.Is(err, store.ErrGap) {
			return store.State{}, false, fmt.Errorf("read what changed since revision %d: %w", have, err)
		}
		c.mustLoad = true
	}
	state, err = c.store.Load(ctx)
	if err != nil {
		return store.State{}, true, fmt.Errorf("load the store: %w", err)
	}
	if state.Revision < have {
		return store.State{}, true, c.regressed(have, state.Revision)
	}
	c.mustLoad, c.behind = false, false
	return state, true, nil
}

// regressed handles a store that has lost data: it shows a revision older than
// one it acknowledged. Readers keep the picture they have, because dropping rules
// silently is the worse failure; writes fail until the store has been repaired.
func (c *Catalog) regressed(have, found store.Revision) error {
	if !c.behind {
		c.behind = true
		c.mu.Lock()
		c.stats.Regressions++
		c.mu.Unlock()
		c.log.Error().Uint64("have", uint64(have)).Uint64("found", uint64(found)).
			Msg("the store lost data: it is at an older revision than this node; serving the last known rules, refusing changes")
	}
	return fmt.Errorf("%w: it is at revision %d, behind revision %d that this node has seen", store.ErrUnavailable, found, have)
}

// note keeps account of records that are left out, and logs each once.
func (c *Catalog) note(state store.State, full bool, problems []problem) {
	left := make(map[store.Key]problem)
	if !full {
		maps.Copy(left, c.leftOut)
		for _, r := range state.Records {
			delete(left, r.Key)
		}
	}
	for _, p := range problems {
		left[p.Key] = p
		if c.leftOut[p.Key] != p {
			c.log.Error().Str("kind", string(p.Kind)).Str("id", p.ID).Str("reason", p.reason).
				Msg("a stored record cannot be read and is left out; save it again or delete it")
		}
	}
	c.leftOut = left
	c.mu.Lock()
	c.stats.LeftOut = len(left)
	c.mu.Unlock()
}

func (c *Catalog) setErr(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Err = err
}
