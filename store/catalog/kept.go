package catalog

import (
	"slices"

	"github.com/streamdal/streamdal-server/store"
)

// maxDeletions bounds how many deletions are remembered.
const maxDeletions = 10_000

// kept is the stored form of the current picture, kinds that snapshots do not
// show included, so that a store that lost it can be given it back. Whoever holds
// Catalog.reading may use it.
type kept struct {
	revision store.Revision
	// whole is the revision up to which nothing is missing, with acknowledged
	// changes on top that were not read back.
	whole   store.Revision
	records map[store.Key]store.Record
	// deleted says at which revision a record went away, for those that went
	// after revision since.
	deleted map[store.Key]store.Revision
	since   store.Revision
	// fromDisk is set until the store was read for the first time.
	fromDisk bool
}

func newKept() *kept {
	return &kept{records: map[store.Key]store.Record{}, deleted: map[store.Key]store.Revision{}}
}

// take follows what was read.
func (k *kept) take(state store.State, full bool) {
	if full {
		k.replace(state)
	} else {
		for _, r := range state.Records {
			if r.Deleted {
				delete(k.records, r.Key)
				k.deleted[r.Key] = r.Revision
				continue
			}
			k.put(r)
		}
		for _, d := range state.Damaged {
			delete(k.records, d.Key)
		}
	}
	k.revision, k.whole, k.fromDisk = state.Revision, state.Revision, false
	if len(k.deleted) > maxDeletions {
		clear(k.deleted)
		k.since = state.Revision
	}
}

func (k *kept) put(r store.Record) {
	k.records[r.Key] = r
	delete(k.deleted, r.Key)
}

func (k *kept) replace(state store.State) {
	before := k.records
	k.records = make(map[store.Key]store.Record, len(state.Records))
	if len(before) == 0 {
		k.since = state.Revision
	}
	for _, r := range state.Records {
		k.put(r)
	}
	for key := range before {
		if _, still := k.records[key]; !still {
			k.deleted[key] = state.Revision
		}
	}
}

// with returns what is kept with acknowledged changes on top that were not read
// back, and the revision that this is at.
func (k *kept) with(acked []store.Record) *kept {
	if len(acked) == 0 {
		return k
	}
	all := &kept{revision: k.revision, whole: k.whole, since: k.since, fromDisk: k.fromDisk}
	all.records = cloneOrMake(k.records)
	all.deleted = cloneOrMake(k.deleted)
	for _, r := range acked {
		all.revision = max(all.revision, r.Revision)
		switch {
		case all.records[r.Key].Revision > r.Revision || all.deleted[r.Key] > r.Revision:
		case r.Deleted:
			delete(all.records, r.Key)
			all.deleted[r.Key] = r.Revision
		default:
			all.put(r)
		}
	}
	return all
}

func (k *kept) mark() mark { return parseMark(k.records[markKey]) }

// state returns what is kept as a state of its own.
func (k *kept) state() store.State {
	state := store.State{Revision: k.revision, Records: make([]store.Record, 0, len(k.records))}
	for _, r := range k.records {
		state.Records = append(state.Records, r)
	}
	return state
}

// merge returns what a store should hold that lost some of what is kept, and has
// the found state now. Of each record the newer one counts, and a deletion is as
// good as a record: changes that other nodes made to the store since it lost its
// data are acknowledged too.
func (k *kept) merge(found store.State) store.State {
	ours, theirs := k.mark(), markOf(found.Records)
	one := ours.id == theirs.id // otherwise their revisions cannot be compared
	restored := one && ours.epoch != theirs.epoch
	known := theirs.knows(ours.epoch)
	// age is for comparing a found record with revisions of ours: it has what is older.
	age := func(r store.Record) store.Revision {
		if restored && r.Revision == theirs.at {
			return known + 1 // it was written back, with what was known of ours
		}
		return r.Revision
	}
	result := store.State{Revision: max(k.revision, found.Revision)}
	left := make(map[store.Key]bool, len(found.Records))
	for _, r := range found.Records {
		left[r.Key] = true
		if r.Key == markKey {
			continue
		}
		mine, have := k.records[r.Key]
		gone, wasDeleted := k.deleted[r.Key]
		switch {
		case have && (!one || age(r) <= mine.Revision):
			r = mine
		case have || !one: // theirs is newer, or from a time after everything was lost
		case wasDeleted && age(r) <= gone, !wasDeleted && age(r) <= k.since:
			continue
		}
		result.Records = append(result.Records, r)
	}
	for key, r := range k.records {
		switch {
		case left[key], key == markKey:
		case restored && r.Revision <= known: // it was written back and then deleted
		default:
			result.Records = append(result.Records, r)
		}
	}
	result.Records = append(result.Records, ours.restored(k.whole, theirs, found.Revision).record())
	return result
}

// hasRules reports whether there is anything that people made.
func hasRules(state store.State) bool {
	return slices.ContainsFunc(state.Records, func(r store.Record) bool { return r.Kind == store.KindPipeline })
}
