package redis

import (
	"context"
	"crypto/sha1" //nolint:gosec // Redis scripts know no other sum, and it protects nothing
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// More than this in one answer is better read page by page, by Load.
	maxSinceKeys  = 10_000
	maxSinceBytes = 64 << 20
)

// Since implements store.Store.
func (db *DB) Since(ctx context.Context, after store.Revision) (store.State, error) {
	tag, known := db.history.at(after)
	if after != 0 && !known {
		if err := ctx.Err(); err != nil {
			return store.State{}, err
		}
		return store.State{}, fmt.Errorf("changes since revision %d, which this process has not seen: %w", after, store.ErrGap)
	}
	d, err := call(ctx, db, "read changes from", 0, func(ctx context.Context, _ int) (delta, error) {
		d, err := db.readSince(ctx, after, after, false)
		switch {
		case err != nil:
			return delta{}, err
		case d.gap:
			return delta{}, fmt.Errorf("changes since revision %d, the store is at %d: %w", after, d.head.revision, store.ErrGap)
		case after != 0 && tagOf(d.start) != tag:
			return delta{}, fmt.Errorf("revision %d is not the change it was, changes were lost: %w", after, store.ErrGap)
		default:
			return d, nil
		}
	})
	if err != nil {
		return store.State{}, err
	}
	state := store.State{Revision: d.head.revision}
	for key, value := range d.values {
		db.add(&state, key, value, d.touched[key])
	}
	db.see(d.head, false)
	return state, nil
}

// delta is what a script found to have changed, at one moment.
type delta struct {
	head    head
	gap     bool
	checked string // the log entry of the revision to check
	start   string // the log entry of the revision it starts after
	touched map[store.Key]store.Revision
	values  map[store.Key]*string // nil: deleted
	counts  map[store.Kind]int64
}

func (db *DB) readSince(ctx context.Context, after, check store.Revision, count bool) (delta, error) {
	args := []any{
		strconv.FormatUint(uint64(after), 10), strconv.FormatUint(uint64(check), 10),
		maxSinceKeys, maxSinceBytes, flag(count),
	}
	for _, kind := range store.Kinds() {
		args = append(args, string(kind))
	}
	items, err := sinceScript.Run(ctx, db.client, scriptKeys, args...).Slice()
	if err != nil {
		return delta{}, err
	}
	return parseDelta(items, after)
}

func parseDelta(items []any, after store.Revision) (delta, error) {
	r := &reply{items: items}
	d := delta{
		head:    head{revision: store.Revision(r.number(0)), tag: r.text(1), incarnation: r.text(2)},
		gap:     r.text(4) != "ok",
		checked: r.text(5),
		start:   r.text(6),
		touched: make(map[store.Key]store.Revision),
		values:  make(map[store.Key]*string),
		counts:  make(map[store.Kind]int64),
	}
	format, entries, values, counts := r.number(3), r.list(7), r.list(8), r.list(9)
	if r.err != nil {
		return delta{}, r.err
	}
	if format > formatVersion {
		return delta{}, fmt.Errorf("%w (format %d, this one knows %d)", errTooNew, format, formatVersion)
	}
	if d.gap {
		return d, nil
	}
	if !d.fill(entries, values, after) {
		d.gap = true
	}
	for i, kind := range store.Kinds() {
		if i < len(counts) {
			d.counts[kind], _ = counts[i].(int64)
		}
	}
	return d, nil
}

// fill takes over log entries and the values of the keys that they name. It fails
// when they do not fit together, as after damage to the log.
func (d *delta) fill(entries, values []any, after store.Revision) bool {
	for i, item := range entries {
		entry, _ := item.(string)
		_, keys, ok := parseLogEntry(entry)
		if !ok {
			return false
		}
		for _, key := range keys {
			if kindIndex[key.Kind] != 0 { // else a newer program's kind, which Load does not show either
				d.touched[key] = after + store.Revision(i) + 1
			}
		}
	}
	if len(values) != 3*len(d.touched) {
		return false
	}
	for i := 0; i < len(values); i += 3 {
		kind, _ := values[i].(string)
		id, _ := values[i+1].(string)
		key := store.Key{Kind: store.Kind(kind), ID: id}
		if _, ok := d.touched[key]; !ok {
			return false
		}
		d.values[key] = nil
		if value, ok := values[i+2].(string); ok {
			d.values[key] = &value
		}
	}
	return true
}

// add puts a stored value into state: as a record, as damage or, when it is nil,
// as a record that revision deleted.
func (db *DB) add(state *store.State, key store.Key, sealed *string, deletedBy store.Revision) {
	if sealed == nil {
		state.Records = append(state.Records, store.Record{Key: key, Revision: deletedBy, Deleted: true})
		return
	}
	rev, content, ok := unseal(key, *sealed, state.Revision)
	if !ok {
		sum := sha1.Sum([]byte(*sealed)) //nolint:gosec // as above
		db.damaged.note(key, hex.EncodeToString(sum[:]))
		state.Damaged = append(state.Damaged, store.Damage{
			Key:    key,
			Reason: "its bytes in Redis are not what was written (the checksum differs)",
		})
		return
	}
	state.Records = append(state.Records, store.Record{Key: key, Value: content, Revision: rev})
}

func isForked(err error) bool { return errors.Is(err, errForked) }
