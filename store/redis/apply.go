package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/streamdal/streamdal-server/store"
)

// Apply implements store.Store.
func (db *DB) Apply(ctx context.Context, c store.Change) (store.Revision, error) {
	if err := c.Check(); err != nil {
		return 0, err
	}
	tag := newTag()
	args, bytes := db.changeArgs(c)
	o, err := call(ctx, db, "write to", bytes, func(ctx context.Context, try int) (outcome, error) {
		seen := db.history.last()
		start := []any{
			tag, logEntry(tag, c.Ops), db.logLength, flag(try > 0),
			strconv.FormatUint(uint64(seen.revision), 10), seen.tag, seen.incarnation,
			newTag(), formatVersion, hintChannel, len(c.Guards), len(c.Ops),
		}
		o, err := db.change(ctx, applyScript, scriptKeys, append(start, args...), len(c.Ops) > 0)
		switch {
		case err != nil:
			return outcome{}, err
		case o.status == "conflict":
			return outcome{}, conflict(c, o)
		case o.status == "forked":
			return outcome{}, errForked
		default:
			return o, nil
		}
	})
	if err != nil {
		if isForked(err) {
			// Whoever follows the store has to find out what it holds now.
			db.hint(store.Event{Gap: true})
		}
		return 0, err
	}
	db.history.add(o.head)
	if len(c.Ops) > 0 {
		db.hint(store.Event{Revision: o.head.revision})
	}
	return o.head.revision, nil
}

// changeArgs returns the arguments for guards and ops, and how many bytes they are.
func (db *DB) changeArgs(c store.Change) (args []any, bytes int) {
	args = make([]any, 0, 4*(len(c.Guards)+len(c.Ops)))
	for _, g := range c.Guards {
		rev, sum := "0", ""
		if g.Revision == 0 {
			sum = db.damaged.sum(g.Key)
		} else {
			rev = revisionText(g.Revision)
		}
		args = append(args, kindIndex[g.Kind], g.ID, rev, sum)
	}
	for _, op := range c.Ops {
		if op.Delete {
			args = append(args, kindIndex[op.Kind], op.ID, "delete", "")
			continue
		}
		args = append(args, kindIndex[op.Kind], op.ID, "put", seal(op.Key, op.Value))
		bytes += len(op.Value)
	}
	return args, bytes
}

// conflict says which guard failed.
func conflict(c store.Change, o outcome) error {
	if i := int(o.head.revision); i < len(c.Guards) { // the script puts the guard's number there
		g := c.Guards[i]
		have := strings.TrimLeft(o.detail, "0")
		if have == "" {
			have = "0"
		}
		return fmt.Errorf("%s is at revision %s, not %d: %w", g.Key, have, g.Revision, store.ErrConflict)
	}
	return store.ErrConflict
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
