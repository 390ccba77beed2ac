package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/streamdal/streamdal-server/store"
)

// Load implements store.Store.
func (db *DB) Load(ctx context.Context) (store.State, error) {
	var state store.State
	err := db.view(ctx, "read", func(tx *bbolt.Tx) (err error) {
		state, err = load(ctx, tx)
		return err
	})
	if err != nil {
		return store.State{}, err
	}
	return state, nil
}

// load reads everything. A file by an older program may lack some kinds.
func load(ctx context.Context, tx *bbolt.Tx) (state store.State, err error) {
	if state.Revision, err = getRevision(tx); err != nil {
		return state, err
	}
	for _, kind := range store.Kinds() {
		bucket := tx.Bucket([]byte(kind))
		if bucket == nil {
			continue
		}
		err := bucket.ForEach(func(id, sealed []byte) error {
			add(&state, store.Key{Kind: kind, ID: string(id)}, sealed)
			return ctx.Err()
		})
		if err != nil {
			return state, err
		}
	}
	return state, nil
}

// Since implements store.Store.
func (db *DB) Since(ctx context.Context, after store.Revision) (store.State, error) {
	var state store.State
	err := db.view(ctx, "read", func(tx *bbolt.Tx) (err error) {
		if state.Revision, err = getRevision(tx); err != nil {
			return err
		}
		touched, err := changedSince(ctx, tx, after, state.Revision)
		if err != nil {
			return err
		}
		for key, rev := range touched {
			bucket := tx.Bucket([]byte(key.Kind))
			if bucket == nil {
				continue // a newer program's kind, which Load does not show either
			}
			if sealed := bucket.Get([]byte(key.ID)); sealed != nil {
				add(&state, key, sealed)
			} else {
				state.Records = append(state.Records, store.Record{Key: key, Revision: rev, Deleted: true})
			}
		}
		return nil
	})
	if err != nil {
		return store.State{}, err
	}
	return state, nil
}

// changedSince returns the keys that revisions after+1 to now touched, each with
// the last of them. Anything but an unbroken log is a gap.
func changedSince(ctx context.Context, tx *bbolt.Tx, after, now store.Revision) (map[store.Key]store.Revision, error) {
	if after > now {
		return nil, fmt.Errorf("changes since revision %d, the store is at %d: %w", after, now, store.ErrGap)
	}
	touched := make(map[store.Key]store.Revision)
	cursor := tx.Bucket(logBucket).Cursor()
	k, entry := cursor.Seek(logKey(after + 1))
	for rev := after + 1; rev <= now; rev++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !bytes.Equal(k, logKey(rev)) {
			return nil, fmt.Errorf("changes since revision %d: %w", after, store.ErrGap)
		}
		keys, ok := parseLogEntry(rev, entry)
		if !ok {
			return nil, fmt.Errorf("changes since revision %d: entry %d is damaged: %w", after, rev, store.ErrGap)
		}
		for _, key := range keys {
			touched[key] = rev
		}
		k, entry = cursor.Next()
	}
	return touched, nil
}

// add puts a stored value into state, as a record or as damage. Memory of the
// file is copied: it is valid only inside the transaction.
func add(state *store.State, key store.Key, sealed []byte) {
	rev, content, ok := unseal(key, sealed)
	if !ok {
		state.Damaged = append(state.Damaged, store.Damage{
			Key:    key,
			Reason: "its bytes on disk are not what was written (the checksum differs)",
		})
		return
	}
	state.Records = append(state.Records, store.Record{Key: key, Value: bytes.Clone(content), Revision: rev})
}

// view runs fn in a read transaction and maps what goes wrong to the errors that
// store.Store promises.
func (db *DB) view(ctx context.Context, doing string, fn func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.closed() {
		return store.ErrClosed
	}
	err := protect(func() error { return db.file.View(fn) })
	switch {
	case err == nil, errors.Is(err, store.ErrGap), ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return store.ErrClosed
	default:
		return store.Unavailable(doing+" "+db.path, err)
	}
}

// revisionOf returns the revision of a stored record, 0 when it does not exist or
// is damaged.
func revisionOf(tx *bbolt.Tx, key store.Key) store.Revision {
	rev, _, _ := unseal(key, tx.Bucket([]byte(key.Kind)).Get([]byte(key.ID)))
	return rev
}

// trimLog forgets the changes up to revision last.
func trimLog(tx *bbolt.Tx, last store.Revision) error {
	log := tx.Bucket(logBucket)
	for {
		k, _ := log.Cursor().First()
		if k == nil || len(k) == 8 && binary.BigEndian.Uint64(k) > uint64(last) {
			return nil
		}
		if err := log.Delete(k); err != nil {
			return err
		}
	}
}
