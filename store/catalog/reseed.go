package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/streamdal/streamdal-server/store"
)

// reseeds reports whether a store that lost data gets them back.
func (c *Catalog) reseeds() bool { return c.kept != nil && c.shared.Reseed }

// lost reports whether the store that gave state no longer has changes that it
// once gave to this catalog, or acknowledged through it. The holder of reading
// calls it.
func (c *Catalog) lost(state store.State, full bool) bool {
	c.forked = c.forked || state.Forked // which a store says once
	switch {
	case !c.known:
		return false
	case c.ackedMissing(state, full):
		return true
	case !full || c.kept == nil:
		return c.forked || state.Revision < c.Snapshot().Revision
	}
	ours, theirs := c.kept.mark(), markOf(state.Records)
	switch {
	case ours.id == theirs.id && ours.epoch == theirs.epoch, ours.id == "":
		return c.forked || state.Revision < c.kept.revision
	case theirs.contains(ours):
		// Somebody has restored it; was that from a picture as new as ours?
		return theirs.knows(ours.epoch) < c.kept.revision
	case c.kept.fromDisk && hasRules(state):
		c.log.Warn().Uint64("revision", uint64(c.kept.revision)).
			Msg("the store was set up anew after the copy on disk was made; the copy is not used")
		return false
	default:
		return true // it holds nothing, or what was written after everything was lost
	}
}

// noteLoss counts and logs a store that lost data, once until it is in order.
func (c *Catalog) noteLoss(found store.Revision, doing string) {
	if c.losing {
		return
	}
	c.losing = true
	c.mu.Lock()
	c.stats.Regressions++
	c.mu.Unlock()
	c.log.Error().Uint64("have", uint64(c.Snapshot().Revision)).Uint64("found", uint64(found)).
		Msg("the store lost data: it does not have changes that this node knows; " + doing)
}

// repair gives the store back what it lost. That another node did so first is no
// error: read again to see.
func (c *Catalog) repair(ctx context.Context, found store.State) error {
	c.noteLoss(found.Revision, "keeping the rules of this node and writing them back")
	ours := c.kept.with(c.ackedNow())
	merged := ours.merge(found)
	rev, err := c.store.Restore(ctx, merged, found.Revision)
	if errors.Is(err, store.ErrConflict) {
		c.log.Info().Msg("another node changed the store that lost data; looking again")
		return nil
	}
	if err != nil {
		return fmt.Errorf("write back what the store lost: %w", err)
	}
	c.mu.Lock()
	c.stats.Reseeds++
	c.mu.Unlock()
	c.log.Warn().Uint64("revision", uint64(rev)).Uint64("from", uint64(ours.revision)).Int("records", len(merged.Records)).
		Msg("wrote the last known rules back to the store that had lost data")
	return nil
}

// rememberAcked keeps changes that the store acknowledged and did not show yet.
func (c *Catalog) rememberAcked(records []store.Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acked = append(c.acked, records...)
}

func (c *Catalog) ackedNow() []store.Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.acked)
}

// ackedMissing reports whether an acknowledged change is not in what was read
// after it.
func (c *Catalog) ackedMissing(state store.State, full bool) bool {
	acked := c.ackedNow()
	if len(acked) == 0 {
		return false
	}
	newest := make(map[store.Key]store.Revision, len(state.Records))
	for _, r := range state.Records {
		newest[r.Key] = r.Revision
	}
	restored := full && c.kept != nil && c.kept.mark().epoch != markOf(state.Records).epoch
	return slices.ContainsFunc(acked, func(r store.Record) bool {
		rev, found := newest[r.Key]
		if full && !found && (r.Deleted || !restored) {
			rev = r.Revision // it may have been deleted since
		}
		return r.Revision > state.Revision || rev < r.Revision
	})
}

// forgetAcked drops all of them: they are in the picture, or lost for good.
func (c *Catalog) forgetAcked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acked = nil
}
