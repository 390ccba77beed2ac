package metrics

import (
	"bytes"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/streamdal/streamdal-server/store/catalog"
)

// life is what this process knows of its record in the store.
type life struct {
	mu sync.Mutex
	id string
	// ended is what this process counted under former ids: the record "ended" has it.
	ended sums
	// written is what the store acknowledged, tried what it may or may not have taken. The
	// latter is written again, as it is, until the answer is known, so there are never more
	// than these two that others may have read.
	written, tried *version
	// stored is the state of the tally that is in the store for sure, as it was at a time.
	stored   uint64
	storedAt time.Time
}

// version is a record as it was or should be written.
type version struct {
	*record
	changes uint64 // of the tally
	at      time.Time
	again   bool // it was tried before, so there may be more to write after it
}

func newLife(now time.Time) *life {
	return &life{id: uuid.NewString(), written: &version{record: newRecord()}, storedAt: now}
}

// settle takes over what the store says about this life: that a version was stored after
// all, or that another node took the life for over. l.mu is held.
func (l *life) settle(snap *catalog.Snapshot, read *reader) {
	if own := read.record(snap, l.id); own != nil && l.tried != nil && own.sequence == l.tried.sequence {
		l.written, l.tried = l.tried, nil
	}
	past := read.record(snap, endedID)
	if past == nil {
		return
	}
	sequence, over := past.endedAt(l.id)
	if !over {
		return
	}
	taken := l.written
	if l.tried != nil && l.tried.sequence == sequence {
		taken = l.tried
	}
	if l.ended == nil {
		l.ended = make(sums)
	}
	for s, v := range taken.sums {
		l.ended[s] += v
	}
	l.id, l.written, l.tried = uuid.NewString(), &version{record: newRecord()}, nil
}

// next returns what should be written, nil when the store has everything. l.mu is held.
func (l *life) next(snap *catalog.Snapshot, read *reader, node string, t *tally) *version {
	if l.tried != nil {
		return l.tried
	}
	own := read.record(snap, l.id)
	lost := l.written.sequence > 0 && (own == nil || own.sequence != l.written.sequence)
	if !lost && t.changed() == l.written.changes {
		return nil
	}
	now, names, changes := t.copy()
	v := &version{changes: changes, record: &record{
		node: node, sequence: l.written.sequence + 1, sums: now.minus(l.ended), names: names,
	}}
	if own != nil { // never go back to a sequence that stands for something else
		v.sequence = max(v.sequence, own.sequence+1)
	}
	if len(v.sums) == 0 && l.written.sequence == 0 {
		return nil
	}
	l.tried = v
	return v
}

// reader decodes records once for as long as they stay the same.
type reader struct {
	mu    sync.Mutex
	known map[string]known
	bad   func(id string, err error) // told once per record that cannot be read
}

type known struct {
	value  []byte
	record *record // nil when it cannot be read
}

// record returns a record, nil when there is none that can be read.
func (r *reader) record(snap *catalog.Snapshot, id string) *record {
	value, ok := snap.Counters[id]
	if !ok {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before, ok := r.known[id]
	if ok && bytes.Equal(before.value, value) {
		return before.record
	}
	rec, err := decode(value)
	if err != nil {
		r.bad(id, err)
	}
	r.known[id] = known{value, rec}
	return rec
}

// forget drops what the snapshot no longer has.
func (r *reader) forget(snap *catalog.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.known {
		if _, ok := snap.Counters[id]; !ok {
			delete(r.known, id)
		}
	}
}
