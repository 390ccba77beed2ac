package bolt

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/store"
)

// restoring is one call of Restore on its way through the writer.
type restoring struct {
	ctx   context.Context
	state store.State
	found store.Revision
	rev   store.Revision
	err   error
	done  chan struct{} // closed when rev and err are final
}

// Restore implements store.Store.
func (db *DB) Restore(ctx context.Context, state store.State, found store.Revision) (store.Revision, error) {
	if err := state.CheckRestore(); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	r := &restoring{ctx: ctx, state: state, found: found, done: make(chan struct{})}
	select {
	case db.restores <- r:
	case <-db.closing:
		return 0, store.ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case <-r.done:
		return r.rev, r.err
	case <-ctx.Done():
		return 0, fmt.Errorf("the store was being restored and may have been: %w", ctx.Err())
	}
}

// restore is called by the writer.
func (db *DB) restore(r *restoring) {
	defer close(r.done)
	err := db.failed
	if err == nil {
		err = protect(func() error {
			return db.update(func(tx *bbolt.Tx) error { return r.replace(tx) })
		})
	}
	switch {
	case err == nil:
		db.revision.Store(uint64(r.rev))
		db.hints.Publish(store.Event{Revision: r.rev, Gap: true})
	case errors.Is(err, store.ErrConflict), r.ctx.Err() != nil && errors.Is(err, r.ctx.Err()):
		r.rev, r.err = 0, err
	default:
		r.rev, r.err = 0, db.refuse(err)
	}
}

func (r *restoring) replace(tx *bbolt.Tx) error {
	now, err := getRevision(tx)
	if err != nil {
		return err
	}
	if now != r.found {
		return fmt.Errorf("the store is at revision %d, not %d: %w", now, r.found, store.ErrConflict)
	}
	r.rev = max(r.state.Revision, now) + 1
	names := [][]byte{logBucket}
	for _, kind := range store.Kinds() {
		names = append(names, []byte(kind))
	}
	for _, name := range names {
		if err := tx.DeleteBucket(name); err != nil {
			return err
		}
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	for _, record := range r.state.Records {
		if err := r.ctx.Err(); err != nil {
			return err // nothing was committed
		}
		if err := tx.Bucket([]byte(record.Kind)).Put([]byte(record.ID), seal(record.Key, r.rev, record.Value)); err != nil {
			return fmt.Errorf("%s: %w", record.Key, err)
		}
	}
	return putRevision(tx, r.rev)
}
