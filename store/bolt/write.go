package bolt

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/store"
)

// One goroutine writes. While the disk syncs one commit, further changes gather
// at the requests channel; the next commit takes them all, so that a hundred
// concurrent changes cost two syncs instead of a hundred. Each is still checked
// and numbered on its own, in order.
const (
	// maxBatch bounds how many changes share a commit, and with them how long
	// the first waits for the last.
	maxBatch = 512
	// maxBatchBytes bounds what a commit holds in memory beyond its first change.
	maxBatchBytes = 16 << 20
)

// request is one call of Apply on its way through the writer.
type request struct {
	ctx    context.Context
	change store.Change
	rev    store.Revision
	err    error
	done   chan struct{} // closed when rev and err are final
}

// Apply implements store.Store.
func (db *DB) Apply(ctx context.Context, c store.Change) (store.Revision, error) {
	if err := c.Check(); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	r := &request{ctx: ctx, change: c, done: make(chan struct{})}
	select {
	case db.requests <- r:
	case <-db.closing:
		return 0, store.ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case <-r.done:
		return r.rev, r.err
	case <-ctx.Done():
		return 0, fmt.Errorf("the change was under way and may have happened: %w", ctx.Err())
	}
}

// write is the writer. It ends when the store closes; every request it has taken
// is answered.
func (db *DB) write() {
	for {
		select {
		case r := <-db.requests:
			batch := db.gather(r)
			before := db.lastRevision()
			db.commit(batch)
			if now := db.lastRevision(); now != before {
				db.hints.Publish(store.Event{Revision: now})
			}
			for _, r := range batch {
				close(r.done)
			}
		case r := <-db.restores:
			db.restore(r)
		case <-db.closing:
			return
		}
	}
}

// gather returns first and the requests that are waiting right now.
func (db *DB) gather(first *request) []*request {
	batch := []*request{first}
	for size := 0; len(batch) < maxBatch && size < maxBatchBytes; {
		select {
		case r := <-db.requests:
			batch = append(batch, r)
			for _, op := range r.change.Ops {
				size += len(op.Value)
			}
		default:
			return batch
		}
	}
	return batch
}

// commit performs the requests of a batch in one transaction and fills in their
// results.
func (db *DB) commit(batch []*request) {
	err := db.failed
	var rev store.Revision
	if err == nil {
		err = protect(func() error {
			return db.update(func(tx *bbolt.Tx) (err error) {
				rev, err = applyAll(tx, batch, db.logLength)
				return err
			})
		})
	}
	switch {
	case err == nil:
		db.revision.Store(uint64(rev))
		return
	case errors.Is(err, errNothing):
		return
	case len(batch) > 1 && db.failed == nil && harmless(err):
		// One change that does not fit must not fail its neighbours.
		for _, r := range batch {
			db.commit([]*request{r})
		}
		return
	}
	err = db.refuse(err)
	for _, r := range batch {
		r.rev, r.err = 0, err
	}
}

// refuse returns what the callers of a failed commit get to hear, and stops
// writing when the failure was not harmless.
func (db *DB) refuse(err error) error {
	if db.failed == nil && !harmless(err) {
		// After a failed sync nobody can say what is on disk. Going on would
		// risk acknowledging changes on top of lost ones.
		db.failed = fmt.Errorf("an earlier write failed, restart the server once the disk is in order: %w", err)
	}
	return store.Unavailable("write "+db.path, err)
}

// errNothing rolls back a transaction in which no request wrote anything, to spare
// the sync.
var errNothing = errors.New("nothing to write")

// harmless reports that a commit failed before anything was replaced, so that the
// store is as it was: the data pages, which are written first, found no room.
func harmless(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// applyAll applies each request and returns the revision after the last. An error
// means the transaction is worthless; what is wrong with a single request goes
// into its err.
func applyAll(tx *bbolt.Tx, batch []*request, logLength uint64) (store.Revision, error) {
	before, err := getRevision(tx)
	if err != nil {
		return 0, err
	}
	rev := before
	for _, r := range batch {
		if r.err = r.ctx.Err(); r.err != nil {
			continue // its caller is gone; nothing has happened yet
		}
		if r.err = checkGuards(tx, r.change.Guards); r.err != nil {
			continue
		}
		if len(r.change.Ops) > 0 {
			rev++
			if err := applyOps(tx, r.change.Ops, rev); err != nil {
				return 0, err
			}
		}
		r.rev = rev
	}
	if rev == before {
		return 0, errNothing
	}
	if uint64(rev) > logLength {
		if err := trimLog(tx, rev-store.Revision(logLength)); err != nil {
			return 0, err
		}
	}
	return rev, putRevision(tx, rev)
}

func checkGuards(tx *bbolt.Tx, guards []store.Guard) error {
	for _, g := range guards {
		if have := revisionOf(tx, g.Key); have != g.Revision {
			return fmt.Errorf("%s is at revision %d, not %d: %w", g.Key, have, g.Revision, store.ErrConflict)
		}
	}
	return nil
}

func applyOps(tx *bbolt.Tx, ops []store.Op, rev store.Revision) error {
	for _, op := range ops {
		bucket := tx.Bucket([]byte(op.Kind))
		var err error
		if op.Delete {
			err = bucket.Delete([]byte(op.ID))
		} else {
			err = bucket.Put([]byte(op.ID), seal(op.Key, rev, op.Value))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", op.Key, err)
		}
	}
	return tx.Bucket(logBucket).Put(logKey(rev), logEntry(rev, ops))
}
