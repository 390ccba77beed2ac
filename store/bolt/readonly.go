package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/store"
)

// Read returns what the store in the file path holds, and changes nothing. The
// error wraps fs.ErrNotExist when there is no file, store.ErrLocked when a server
// has it open, and says otherwise what is wrong with it and what to do.
func Read(ctx context.Context, path string) (state store.State, err error) {
	db := &DB{path: path}
	if _, err := os.Stat(path); err != nil {
		return state, fmt.Errorf("open the store: %w", err)
	}
	err = protect(func() (err error) {
		db.file, err = bbolt.Open(path, fileMode, &bbolt.Options{Timeout: lockTimeout, ReadOnly: true})
		return err
	})
	if err != nil {
		return state, db.explain(err)
	}
	defer func() { err = errors.Join(err, db.file.Close()) }()
	err = protect(func() error {
		if err := verify(db.file); err != nil {
			return err
		}
		return db.file.View(func(tx *bbolt.Tx) (err error) {
			if _, err = inspect(tx); err != nil {
				return err
			}
			state, err = load(ctx, tx)
			return err
		})
	})
	if err != nil && ctx.Err() == nil {
		return store.State{}, db.explain(err)
	}
	return state, err
}
