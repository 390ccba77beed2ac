package catalog

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	// epoch changes with every restoration, and revisions of two epochs cannot be
	// compared: each goes on from what its restoration knew.
	epoch string
	// over is the id of the store that came into being when everything was lost,
	// and whose records that restoration took over; "-" when there was none.
	over string
	// past says up to which revision the restorations took over what there was of
	// earlier epochs, the newest first.
	past []line
	// at is the revision of the mark's record: that of the restoration.
	at store.Revision
}

// line is a part of an epoch: what it was up to a revision.
type line struct {
	epoch string
	upTo  store.Revision
}

const (
	nothing = "-"
	// maxPast bounds the epochs that are remembered. A node that comes back after so
	// many restorations writes back what it knows once more than needed.
	maxPast = 64
)

func newMark() mark { return mark{id: randomText(), epoch: randomText(), over: nothing} }

// restored returns the mark of the same store, given back what is known up to revision
// ours of the epoch of m, over all that it has at revision theirs with the mark found.
func (m mark) restored(ours store.Revision, found mark, theirs store.Revision) mark {
	next := newMark()
	if m.id != "" {
		next.id, next.over = m.id, m.over
	}
	if found.id != "" && found.id != next.id {
		next.over = found.id
	}
	next.take(line{m.epoch, ours})
	if found.epoch != m.epoch { // otherwise it was forked, and who has more of it says so
		next.take(line{found.epoch, theirs})
	}
	for _, l := range slices.Concat(found.past, m.past) {
		next.take(l)
	}
	if len(next.past) > maxPast {
		next.past = next.past[:maxPast]
	}
	return next
}

// take adds a line, or makes the one of its epoch longer.
func (m *mark) take(l line) {
	if l.epoch == "" {
		return
	}
	i := slices.IndexFunc(m.past, func(known line) bool { return known.epoch == l.epoch })
	if i < 0 {
		m.past = append(m.past, l)
		return
	}
	m.past[i].upTo = max(m.past[i].upTo, l.upTo)
}

// knows returns up to which revision of an epoch everything was taken over.
func (m mark) knows(epoch string) store.Revision {
	for _, l := range m.past {
		if l.epoch == epoch {
			return l.upTo
		}
	}
	return 0
}

// contains reports whether the store with mark m descends from the one with mark
// other: it is that, or was given its records.
func (m mark) contains(other mark) bool { return m.id == other.id || m.over == other.id }

func (m mark) record() store.Record {
	past := make([]string, 0, len(m.past))
	for _, l := range m.past {
		past = append(past, fmt.Sprintf("%s=%d", l.epoch, l.upTo))
	}
	value := fmt.Appendf(nil, "%s %s %s %s", m.id, m.epoch, m.over, cmp.Or(strings.Join(past, ","), nothing))
	return store.Record{Key: markKey, Value: value}
}

// parseMark reads a mark. One that nobody can have written counts as none.
func parseMark(r store.Record) mark {
	words := strings.Fields(string(r.Value))
	if len(words) != 4 || r.Deleted {
		return mark{}
	}
	m := mark{id: words[0], epoch: words[1], over: words[2], at: r.Revision}
	if words[3] == nothing {
		return m
	}
	for text := range strings.SplitSeq(words[3], ",") {
		epoch, number, _ := strings.Cut(text, "=")
		upTo, err := strconv.ParseUint(number, 10, 64)
		if err != nil || epoch == "" || len(m.past) == maxPast {
			return mark{}
		}
		m.past = append(m.past, line{epoch, store.Revision(upTo)})
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
