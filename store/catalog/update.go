package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// maxAttempts bounds how often Update tries. Local writers take turns after
	// their first conflict, so only a storm of writers on other nodes, each
	// winning in between, gets near it.
	maxAttempts = 64
	// Writers on several nodes step out of each other's way by waiting a random
	// time up to a bound that doubles from firstPause to longestPause.
	firstPause   = 2 * time.Millisecond
	longestPause = 100 * time.Millisecond
)

// Update makes a change that depends on what is stored. It calls fn with the
// newest picture; fn decides, and stages its writes in the Tx. They land
// together, and only if every record that fn wrote or required is still as fn
// saw it. Otherwise Update calls fn again with a newer picture, so that no
// concurrent change is lost. fn must therefore have no other effects, and must
// not call Update.
//
// The returned snapshot contains the change. An error of fn ends the update and
// is returned as it is. Other errors wrap store.ErrUnavailable (nothing was
// changed, or it is not known), store.ErrConflict (too many lost races),
// store.ErrInvalid, or ctx.Err().
func (c *Catalog) Update(ctx context.Context, fn func(*Tx) error) (*Snapshot, error) {
	for attempt := 1; ; attempt++ {
		base, err := c.refresh(ctx)
		if err != nil {
			return nil, fmt.Errorf("update: %w", err)
		}
		tx := newTx(base)
		if err := fn(tx); err != nil {
			return nil, err
		}
		if tx.err != nil {
			return nil, fmt.Errorf("update: %w", tx.err)
		}
		if len(tx.change.Ops) == 0 {
			return base, nil
		}
		rev, err := c.store.Apply(ctx, tx.change)
		if err == nil && rev > base.Revision {
			if s := c.including(ctx, tx, rev); c.shows(ctx, tx) {
				return s, nil
			}
		}
		if err == nil {
			// The store has lost the change, or what fn decided upon.
			c.distrust(ctx)
			err = fmt.Errorf("%w: the store lost data meanwhile", store.ErrConflict)
		}
		if !errors.Is(err, store.ErrConflict) || attempt == maxAttempts {
			return nil, fmt.Errorf("update, attempt %d: %w", attempt, err)
		}
		if attempt == 1 {
			if err := acquire(ctx, c.contended); err != nil {
				return nil, fmt.Errorf("update: %w", err)
			}
			defer release(c.contended)
			continue
		}
		if err := sleep(ctx, rand.N(min(firstPause<<min(attempt, 10), longestPause))); err != nil {
			return nil, fmt.Errorf("update: %w", err)
		}
	}
}

// including returns a picture that contains the change tx made at revision rev.
// If the store cannot be read just now, the change has still happened: the caller
// then gets the picture it decided upon with its own change on top, and the
// catalog catches up when it can.
func (c *Catalog) including(ctx context.Context, tx *Tx, rev store.Revision) *Snapshot {
	if s, err := c.catchUp(ctx, rev); err == nil {
		return s
	}
	c.rememberAcked(tx.records(rev))
	s, _ := tx.base.with(store.State{Records: tx.records(rev), Revision: rev})
	return s
}

// shows reports whether what tx wrote is still to be seen, for a store that may have
// lost it: somebody who did not know it may have repaired the store between the
// acknowledgement and the read. Without a repair since tx began there is no doubt.
func (c *Catalog) shows(ctx context.Context, tx *Tx) bool {
	if c.kept == nil {
		return true
	}
	if acquire(ctx, c.reading) != nil {
		return false
	}
	defer release(c.reading)
	began := parseMark(store.Record{Value: tx.base.Settings[markKey.ID]})
	now := c.kept.mark()
	if began.id == now.id && began.epoch == now.epoch {
		return true
	}
	for _, op := range tx.change.Ops {
		r, found := c.kept.records[op.Key]
		if found == op.Delete || found && !bytes.Equal(r.Value, op.Value) {
			return false
		}
	}
	return true
}
