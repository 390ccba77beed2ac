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
	"time"

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
	// ends with a context. It guards the fields below.
	reading  chan struct{}
	mustLoad bool // Since will not do
	known    bool // the current picture was read somewhere, not made up
	losing   bool // the store was last found to have lost data
	forked   bool // and it said so itself
	leftOut  map[store.Key]problem
	kept     *kept // nil for a store of this process alone

	shared Shared
	save   func(path string, state store.State, made time.Time, origin string) error // saveCopy; tests break it
	ready  chan struct{}                                                             // closed when the first picture is known

	// contended is held by an Update that already lost a race, until it is done:
	// losers then take turns instead of racing each other again.
	contended chan struct{}

	mu    sync.Mutex
	stats Stats
	acked []store.Record // acknowledged to a writer, not read back yet
}

// Stats says how the catalog is doing, for readiness and metrics.
type Stats struct {
	// LeftOut counts stored records that are damaged or cannot be decoded. They
	// are missing from snapshots; the log names each.
	LeftOut int
	// Regressions counts how often the store was found to have lost changes that
	// the catalog knows.
	Regressions uint64
	// Reseeds counts how often this catalog gave the store its records back.
	Reseeds uint64
	// Gaps counts how often the backend said that hints may have been lost.
	Gaps uint64
	// Err is why the last attempt to read the store failed, nil when it worked.
	// While it is set, snapshots are the last known picture.
	Err error
	// Since is when Err was first set after the last success.
	Since time.Time
	// Copy is the state of the copy on disk.
	Copy CopyStats
}

// Open loads the store once and returns its catalog. It fails when the store
// cannot be read; records that cannot be decoded are left out, logged and
// counted. It is for a store that this process has for itself: one that lost
// data is taken as it is. See OpenShared.
func Open(ctx context.Context, st store.Store, log zerolog.Logger) (*Catalog, error) {
	c := newCatalog(st, log)
	if _, err := c.refresh(ctx); err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	return c, nil
}

func newCatalog(st store.Store, log zerolog.Logger) *Catalog {
	c := &Catalog{
		store:     st,
		log:       log,
		hub:       latest.NewHub(func(_, next *Snapshot) *Snapshot { return next }),
		reading:   make(chan struct{}, 1),
		mustLoad:  true,
		ready:     make(chan struct{}),
		save:      saveCopy,
		contended: make(chan struct{}, 1),
	}
	c.current.Store(newSnapshot())
	return c
}

// Ready returns a channel that is closed as soon as there is a picture, of the
// store or of the copy on disk. Until then Snapshot is empty and means nothing.
func (c *Catalog) Ready() <-chan struct{} { return c.ready }

// Snapshot returns the current picture.
func (c *Catalog) Snapshot() *Snapshot { return c.current.Load() }

// Watch returns a channel of one that holds the newest picture, the current one
// at once. A picture nobody took is replaced by the next. Revisions never go
// backwards, unless a store that lost data is taken as it is. Pictures that are
// new in their counters only are not sent: watchers have something to do when
// rules change, not with every message that an SDK counts. The channel is closed
// when ctx ends.
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
	s, err := c.readOrRepair(ctx)
	if ctx.Err() == nil || err == nil {
		c.setErr(err)
	}
	return s, err
}

// maxRepairs bounds how often one read gives the store its data back. More than
// one attempt is needed where several nodes do so at once.
const maxRepairs = 8

func (c *Catalog) readOrRepair(ctx context.Context) (*Snapshot, error) {
	sure := false // that data are lost
	for range maxRepairs {
		current := c.Snapshot()
		state, full, err := c.fetch(ctx, current.Revision)
		if err != nil {
			return nil, err
		}
		lost := sure || c.lost(state, full)
		sure = false
		switch {
		case lost && !full:
			c.mustLoad, sure = true, true // to see what is left
		case lost && c.reseeds():
			if err := c.repair(ctx, state); err != nil {
				return nil, err
			}
			c.mustLoad = true
		case lost:
			c.noteLoss(state.Revision, "taking its content as it is")
			return c.adopt(state, full), nil
		case !full && state.Revision == current.Revision:
			return current, nil
		default:
			return c.adopt(state, full), nil
		}
	}
	return nil, fmt.Errorf("%w: it lost data, and again whenever it got them back", store.ErrUnavailable)
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
	return state, true, nil
}

// adopt makes what was read the current picture.
func (c *Catalog) adopt(state store.State, full bool) *Snapshot {
	from := c.Snapshot()
	if full {
		from = newSnapshot()
	}
	next, problems := from.with(state)
	next.Read = time.Now()
	c.note(state, full, problems)
	if c.kept != nil {
		c.kept.take(state, full)
	}
	c.forgetAcked()
	c.losing, c.forked = false, false
	c.show(next)
	c.mustLoad = false
	return next
}

// show publishes a picture.
func (c *Catalog) show(s *Snapshot) {
	before := c.current.Swap(s)
	if !c.known || !s.SameContent(before) {
		c.hub.Publish(s)
	}
	if !c.known {
		c.known = true
		close(c.ready)
	}
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
	if err != nil && c.stats.Err == nil {
		c.stats.Since = time.Now()
	}
	if err == nil {
		c.stats.Copy.Serving = false
	}
	c.stats.Err = err
}
