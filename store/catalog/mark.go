package catalog

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/streamdal/streamdal-server/store"
)

// markKey is the setting that tells apart stores, and what a store was before and
// after it was given its records back.
var markKey = store.Key{Kind: store.KindSetting, ID: "store-mark"}

// mark is the value of that setting. The zero mark is that of a store without one.
type mark struct {
	// id is the store's, made by the first node that used it. It survives that
	// the store loses everything, because nodes give it back.
	id string
	// epoch changes with every restoration.
	epoch string
	// from is the revision of the picture that the last restoration wrote.
	from store.Revision
	// over is the id of the store that came into being when everything was lost,
	// and whose records that restoration took over; "-" when there was none.
	over string
	// at is the revision of the mark's record: that of the restoration.
	at store.Revision
}

const nothingOver = "-"

func newMark() mark { return mark{id: randomText(), epoch: randomText(), over: nothingOver} }

// restored returns the mark of the same store with a picture of revision from
// written over one that has the mark found.
func (m mark) restored(from store.Revision, found mark) mark {
	next := newMark()
	next.from = from
	if m.id != "" {
		next.id, next.over = m.id, m.over
	}
	if found.id != "" && found.id != next.id {
		next.over = found.id
	}
	return next
}

// contains reports whether the store with mark m descends from the one with mark
// other: it is that, or was given its records.
func (m mark) contains(other mark) bool { return m.id == other.id || m.over == other.id }

func (m mark) record() store.Record {
	return store.Record{Key: markKey, Value: fmt.Appendf(nil, "%s %s %d %s", m.id, m.epoch, m.from, m.over)}
}

// parseMark reads a mark. One that nobody can have written counts as none.
func parseMark(r store.Record) mark {
	m := mark{at: r.Revision}
	if _, err := fmt.Sscanf(string(r.Value), "%s %s %d %s", &m.id, &m.epoch, &m.from, &m.over); err != nil || r.Deleted {
		return mark{}
	}
	return m
}

func markOf(records []store.Record) mark {
	for _, r := range records {
		if r.Key == markKey {
			return parseMark(r)
		}
	}
	return mark{}
}

func randomText() string {
	b := make([]byte, 8)
	rand.Read(b)
	return hex.EncodeToString(b)
}
