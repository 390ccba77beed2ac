package redis

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// maxLoads bounds how often Load starts over. It has to only when Redis fails
	// over in the middle, or when more changes come in than the log can hold.
	maxLoads = 5
	// A page is so many records: enough to make few round trips, little enough
	// not to keep Redis from others.
	pageRecords = 1000
	// Modules are the big records.
	pageModules = 32
)

// Load implements store.Store.
//
// It reads page by page, so that a big store neither stops Redis nor has to fit
// into one answer, and then applies what the log says was changed meanwhile: the
// result is the store at the moment of that last step. Reading pages may miss
// records when Redis fails over to a replica on the way, hence the count.
func (db *DB) Load(ctx context.Context) (store.State, error) { return db.loadAll(ctx, true) }

// Observer reads a store beside the one who follows it.
type Observer struct{ *DB }

// Observer returns a view whose Load does not take State.Forked away from the Load of
// the DB: a fork is told once, to whoever has to act on it.
func (db *DB) Observer() Observer { return Observer{db} }

// Load is that of store.Store.
func (o Observer) Load(ctx context.Context) (store.State, error) { return o.loadAll(ctx, false) }

func (db *DB) loadAll(ctx context.Context, follows bool) (store.State, error) {
	for range maxLoads {
		state, ok, err := db.load(ctx, follows)
		if err != nil {
			return store.State{}, err
		}
		if ok {
			return state, nil
		}
	}
	return store.State{}, store.Unavailable("read Redis", fmt.Errorf("it changed too much during each of %d attempts to read it", maxLoads))
}

// load is one try. It is not ok when the pages do not make up a picture.
func (db *DB) load(ctx context.Context, follows bool) (store.State, bool, error) {
	begin, values, err := db.scan(ctx)
	if err != nil {
		return store.State{}, false, err
	}
	seen := db.history.last()
	d, err := call(ctx, db, "read", 0, func(ctx context.Context, _ int) (delta, error) {
		return db.readSince(ctx, begin.revision, seen.revision, true)
	})
	if err != nil {
		return store.State{}, false, err
	}
	if d.gap || d.head.incarnation != begin.incarnation && begin.revision > 0 || begin.revision > 0 && tagOf(d.start) != begin.tag {
		return store.State{}, false, nil
	}
	for key, value := range d.values {
		if value == nil {
			delete(values, key)
		} else {
			values[key] = *value
		}
	}
	state := store.State{Revision: d.head.revision, Records: make([]store.Record, 0, len(values))}
	counts := make(map[store.Kind]int64)
	for key, value := range values {
		db.add(&state, key, &value, 0)
		counts[key.Kind]++
	}
	for kind, want := range d.counts {
		if counts[kind] != want {
			return store.State{}, false, nil
		}
	}
	state.Forked = d.forkedFrom(seen)
	if follows || !state.Forked {
		db.see(d.head, state.Forked)
	}
	return state, true, nil
}

// see notes where the store stands, or that it stands on other ground than before.
func (db *DB) see(h head, forked bool) {
	db.hinting.Lock()
	defer db.hinting.Unlock()
	if forked {
		db.history.replace(h)
		db.newest.Store(uint64(h.revision))
		return
	}
	db.history.add(h)
	db.raise(h.revision)
}

// forkedFrom reports whether the store no longer contains what was seen of it.
func (d *delta) forkedFrom(seen head) bool {
	switch {
	case seen.revision == 0:
		return false
	case d.head.revision < seen.revision, d.head.incarnation != seen.incarnation:
		return true
	case d.checked == "": // so many changes ago that the log has forgotten it
		return false
	default:
		return tagOf(d.checked) != seen.tag
	}
}

// scan reads all stored values, and where the store stood before that.
func (db *DB) scan(ctx context.Context) (head, map[store.Key]string, error) {
	var begin head
	values := make(map[store.Key]string)
	cursors := make(map[store.Kind]uint64)
	for _, kind := range store.Kinds() {
		cursors[kind] = 0
	}
	for first := true; len(cursors) > 0; first = false {
		p, err := call(ctx, db, "read", 0, func(ctx context.Context, _ int) (pages, error) {
			return db.readPages(ctx, cursors, first)
		})
		if err != nil {
			return head{}, nil, err
		}
		if first {
			begin = p.head
		}
		for kind, page := range p.values {
			for i := 0; i+1 < len(page); i += 2 {
				values[store.Key{Kind: kind, ID: page[i]}] = page[i+1]
			}
		}
		cursors = p.cursors
	}
	return begin, values, nil
}

// pages is one page of each kind that is not read to its end.
type pages struct {
	head    head
	values  map[store.Kind][]string
	cursors map[store.Kind]uint64 // of the kinds that have more
}

func (db *DB) readPages(ctx context.Context, cursors map[store.Kind]uint64, withHead bool) (pages, error) {
	var where *redis.SliceCmd
	scans := make(map[store.Kind]*redis.ScanCmd)
	_, err := db.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		if withHead {
			where = pipe.HMGet(ctx, revisionKey, "revision", "tag", "incarnation")
		}
		for kind, cursor := range cursors {
			count := int64(pageRecords)
			if kind == store.KindWasm {
				count = pageModules
			}
			scans[kind] = pipe.HScan(ctx, kindKey(kind), cursor, "", count)
		}
		return nil
	})
	if err != nil {
		return pages{}, err
	}
	p := pages{values: make(map[store.Kind][]string), cursors: make(map[store.Kind]uint64)}
	if withHead {
		if p.head, err = parseHead(where.Val()); err != nil {
			return pages{}, err
		}
	}
	for kind, scan := range scans {
		page, next := scan.Val()
		p.values[kind] = page
		if next != 0 {
			p.cursors[kind] = next
		}
	}
	return p, nil
}

// parseHead reads the fields revision, tag and incarnation, which are nil in an
// empty store.
func parseHead(fields []any) (head, error) {
	if len(fields) > 0 && fields[0] == nil {
		return head{}, nil
	}
	r := &reply{items: fields}
	h := head{revision: store.Revision(r.number(0)), tag: r.text(1), incarnation: r.text(2)}
	return h, r.err
}
