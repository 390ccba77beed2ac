package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// Records are staged so many, or so many bytes, at a time.
	stageRecords = 1000
	stageBytes   = 4 << 20
	// stageTime is when staged records vanish whose node died over it.
	stageTime = 10 * time.Minute
)

// Restore implements store.Store. The records are first written to keys of their
// own, however many they are; one script then puts these in the place of what
// there is.
func (db *DB) Restore(ctx context.Context, state store.State, found store.Revision) (store.Revision, error) {
	if err := state.CheckRestore(); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if found >= store.MaxRevision { // which no store is at
		return 0, fmt.Errorf("the store is not at revision %d: %w", found, store.ErrConflict)
	}
	s := staged{tag: newTag(), found: found, rev: max(state.Revision, found) + 1, counts: make(map[store.Kind]int)}
	err := db.stage(ctx, &s, state.Records)
	var o outcome
	if err == nil {
		o, err = db.exchange(ctx, s)
	}
	if err != nil {
		if s.begun {
			db.unstage(ctx, s)
		}
		return 0, err
	}
	db.history.replace(o.head)
	db.hint(store.Event{Revision: o.head.revision, Gap: true})
	return o.head.revision, nil
}

// staged is a state that is being put into keys of its own.
type staged struct {
	tag    string
	found  store.Revision
	rev    store.Revision
	counts map[store.Kind]int
	begun  bool
}

func (s staged) key(name string) string { return stagePrefix + s.tag + ":" + name }

func (s staged) keys() []string {
	keys := []string{s.key("mark"), s.key("other")}
	for _, kind := range store.Kinds() {
		keys = append(keys, s.key("kind:"+string(kind)))
	}
	return keys
}

// stage writes the records, after a look whether there is any point in it.
func (db *DB) stage(ctx context.Context, s *staged, records []store.Record) error {
	_, err := call(ctx, db, "restore", 0, func(ctx context.Context, _ int) (any, error) {
		fields, err := db.client.HMGet(ctx, revisionKey, "revision", "tag", "incarnation").Result()
		if err != nil {
			return nil, err
		}
		h, err := parseHead(fields)
		if err == nil && h.revision != s.found {
			err = s.conflict(h.revision)
		}
		if err != nil {
			return nil, err
		}
		return nil, db.client.Set(ctx, s.key("mark"), s.tag, stageTime).Err()
	})
	s.begun = err == nil
	for len(records) > 0 && err == nil {
		n, bytes := 0, 0
		for n < len(records) && n < stageRecords && bytes < stageBytes {
			bytes += len(records[n].Value)
			s.counts[records[n].Kind]++
			n++
		}
		err = db.stagePart(ctx, s, records[:n], bytes)
		records = records[n:]
	}
	return err
}

func (db *DB) stagePart(ctx context.Context, s *staged, records []store.Record, bytes int) error {
	fields := make(map[store.Kind][]any)
	for _, r := range records {
		fields[r.Kind] = append(fields[r.Kind], r.ID, revisionText(s.rev)+seal(r.Key, r.Value))
	}
	_, err := call(ctx, db, "restore", bytes, func(ctx context.Context, _ int) (any, error) {
		_, err := db.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for kind, list := range fields {
				pipe.HSet(ctx, s.key("kind:"+string(kind)), list...)
				pipe.PExpire(ctx, s.key("kind:"+string(kind)), stageTime)
			}
			return nil
		})
		return nil, err
	})
	return err
}

// exchange puts what is staged in the place of what there is.
func (db *DB) exchange(ctx context.Context, s staged) (outcome, error) {
	return call(ctx, db, "restore", 0, func(ctx context.Context, try int) (outcome, error) {
		args := []any{
			s.tag, logEntry(s.tag, nil), strconv.FormatUint(uint64(s.found), 10), strconv.FormatUint(uint64(s.rev), 10),
			newTag(), formatVersion, hintChannel, flag(try > 0), len(store.Kinds()),
		}
		for _, kind := range store.Kinds() {
			args = append(args, s.counts[kind])
		}
		keys := append(append([]string{}, scriptKeys...), s.keys()...)
		o, err := db.change(ctx, restoreScript, keys, args, true)
		switch {
		case err != nil:
			return outcome{}, err
		case o.status == "conflict":
			return outcome{}, s.conflict(o.head.revision)
		case o.status == "unstaged":
			return outcome{}, verdict("Redis lost what was being restored, nothing was changed; try again")
		default:
			return o, nil
		}
	})
}

func (s staged) conflict(now store.Revision) error {
	return fmt.Errorf("the store is at revision %d, not %d: %w", now, s.found, store.ErrConflict)
}

// unstage throws away what was staged. It is no harm if that fails.
func (db *DB) unstage(ctx context.Context, s staged) {
	_, err := call(context.WithoutCancel(ctx), db, "clean up", 0, func(ctx context.Context, _ int) (any, error) {
		return nil, db.client.Unlink(ctx, s.keys()...).Err()
	})
	if err != nil {
		db.log.Debug().Err(err).Msg("cannot delete what was to be restored; it vanishes by itself")
	}
}
