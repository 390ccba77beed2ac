package catalog

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// pollEvery is how often the store is asked even without a hint, because
	// hints may get lost on the way. It bounds how long a node can be stale.
	pollEvery = 2 * time.Second
	// A store that fails is asked again after a time that doubles from
	// firstBackoff to longestBackoff: soon enough for a node to be current within
	// seconds of the store's return, seldom enough not to hinder that return.
	firstBackoff   = 100 * time.Millisecond
	longestBackoff = 2 * time.Second
)

// Run follows the store until ctx ends, and then returns nil. While the store is
// unavailable it keeps the last picture and tries again. It returns
// store.ErrClosed when the store is closed under it.
func (c *Catalog) Run(ctx context.Context) error {
	if c.shared.Copy != "" {
		var keeper sync.WaitGroup
		keeping, stop := context.WithCancel(ctx)
		keeper.Go(func() { c.keepCopy(keeping) })
		defer keeper.Wait()
		defer stop()
	}
	hints := c.store.Watch(ctx)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		select {
		case hint, open := <-hints:
			if !open && ctx.Err() == nil {
				return store.ErrClosed
			}
			if !open {
				return nil
			}
			if hint.Gap {
				c.distrust(ctx)
			}
		case <-poll.C:
		case <-ctx.Done():
			return nil
		}
		if err := c.refreshUntilDone(ctx); err != nil {
			return err
		}
		c.mark(ctx)
	}
}

// distrust makes the next read a full one.
func (c *Catalog) distrust(ctx context.Context) {
	c.mu.Lock()
	c.stats.Gaps++
	c.mu.Unlock()
	if acquire(ctx, c.reading) == nil {
		c.mustLoad = true
		release(c.reading)
	}
}

// refreshUntilDone brings the catalog up to date, however long the store takes to
// come back. It fails only when there is no point in going on.
func (c *Catalog) refreshUntilDone(ctx context.Context) error {
	backoff := firstBackoff
	for failures := 0; ; failures++ {
		_, err := c.refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // the end of ctx is how it should end
		case errors.Is(err, store.ErrClosed):
			return store.ErrClosed
		case err == nil && failures > 0:
			c.log.Info().Int("failures", failures).Msg("the store answers again")
			return nil
		case err == nil:
			return nil
		case failures == 0:
			c.logOutage(err)
		}
		if sleep(ctx, backoff/2+rand.N(backoff/2)) != nil {
			return nil //nolint:nilerr // as above
		}
		backoff = min(2*backoff, longestBackoff)
	}
}

func (c *Catalog) logOutage(err error) {
	select {
	case <-c.ready:
		c.log.Warn().Err(err).Msg("cannot read the store; serving the last known rules and trying again")
	default:
		// OpenShared has said that there is nothing to serve yet.
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
