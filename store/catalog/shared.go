package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
)

// firstRead bounds how long OpenShared waits for the store.
const firstRead = 5 * time.Second

// Shared says how to live with a store that other nodes use too, that can be away
// when this process starts, and that can lose data.
type Shared struct {
	// Reseed gives a store that lost data the newest known records back. Without
	// it, the store is taken as it is.
	Reseed bool
	// Copy is the file that holds the newest picture for a start while the store
	// is away; "" keeps none.
	Copy string
	// Origin names the store, without secrets. A copy of another one is not used.
	Origin string
}

// OpenShared returns the catalog of a shared store. When the store cannot be read
// within seconds it shows the copy on disk; when there is none, it is not Ready.
// Run goes on trying in both cases. It fails only when ctx ends or the store is
// closed.
func OpenShared(ctx context.Context, st store.Store, log zerolog.Logger, shared Shared) (*Catalog, error) {
	c := newCatalog(st, log)
	c.shared, c.kept = shared, newKept()
	saved, made, err := readCopy(shared.Copy, shared.Origin)
	if err != nil {
		log.Warn().Err(err).Str("file", shared.Copy).Msg("the copy of the rules on disk cannot be used; going on without it")
	}
	if v, ok := st.(vault); ok {
		saved = v.OpenState(saved)
	}
	usable := err == nil && !made.IsZero()
	if usable {
		// It counts when the store is read: one with less in it has lost data.
		c.showCopy(saved)
	}
	limited, cancel := context.WithTimeout(ctx, firstRead)
	defer cancel()
	_, err = c.refresh(limited)
	switch {
	case err == nil:
		return c, nil
	case ctx.Err() != nil, errors.Is(err, store.ErrClosed):
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	c.setErr(err)
	if usable {
		c.mu.Lock()
		c.stats.Copy.Serving, c.stats.Copy.Made = true, made
		c.mu.Unlock()
		log.Warn().Err(err).Uint64("revision", uint64(saved.Revision)).Time("made", made).
			Msg("cannot read the store; serving the copy of the rules on disk and trying again")
	} else {
		log.Warn().Err(err).Msg("cannot read the store, and there is no copy of the rules on disk: not ready, trying again")
	}
	return c, nil
}

// showCopy makes the copy on disk the current picture.
func (c *Catalog) showCopy(saved store.State) {
	c.reading <- struct{}{} // nobody else has the catalog yet
	defer release(c.reading)
	next, problems := newSnapshot().with(saved)
	c.note(saved, true, problems)
	c.kept.take(saved, true)
	c.kept.fromDisk = true
	c.show(next)
}

// LastKnown returns the stored form of what is known of a shared store, for a look at it
// while it cannot be read. ok is false where nothing is known. It waits for a read that is
// under way, and ends with ctx.
func (c *Catalog) LastKnown(ctx context.Context) (state store.State, ok bool) {
	if c.kept == nil || acquire(ctx, c.reading) != nil {
		return store.State{}, false
	}
	defer release(c.reading)
	state = c.kept.state()
	return state, len(state.Records) > 0
}

// mark makes sure that a shared store can be told apart from others.
func (c *Catalog) mark(ctx context.Context) {
	if c.kept == nil {
		return
	}
	if _, marked := c.Snapshot().Settings[markKey.ID]; marked {
		return
	}
	r := newMark().record()
	_, err := c.store.Apply(ctx, store.Change{
		Guards: []store.Guard{{Key: r.Key, Revision: 0}},
		Ops:    []store.Op{{Key: r.Key, Value: r.Value}},
	})
	if err != nil {
		c.log.Debug().Err(err).Msg("cannot mark the store yet")
	}
}
