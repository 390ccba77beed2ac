// Package store says what must outlive a process: the interface of a backend
// and the promises every backend keeps. store/storetest checks those promises,
// store/bolt and store/redis keep them, store/catalog is how everybody else
// reads and writes.
//
// A store is a set of records, each a kind, an id and opaque bytes, under one
// revision number. Every change is atomic and moves the revision up by one, so
// "what did I miss" is a question with an exact answer.
package store

import (
	"context"
	"time"
)

// Revision numbers the changes of one store, from 1. An empty store is at 0.
type Revision uint64

// Kind names a family of records. Its text is part of the stored format.
type Kind string

// The kinds a store holds. What their ids and values mean is the business of
// store/catalog; a backend never looks inside.
const (
	KindPipeline     Kind = "pipelines"
	KindAssignment   Kind = "assignments"
	KindAudience     Kind = "audiences"
	KindNotification Kind = "notifications"
	KindWasm         Kind = "wasm"
	KindSchema       Kind = "schemas"
	KindHistory      Kind = "schema_history"
	KindKV           Kind = "kv"
	KindToken        Kind = "tokens"
	KindCounter      Kind = "counters"
	KindSetting      Kind = "settings"
)

// Kinds returns every kind, in a fixed order. The slice is the caller's.
func Kinds() []Kind {
	return []Kind{
		KindPipeline, KindAssignment, KindAudience, KindNotification, KindWasm,
		KindSchema, KindHistory, KindKV, KindToken, KindCounter, KindSetting,
	}
}

// Key identifies a record.
type Key struct {
	Kind Kind
	ID   string
}

// String gives "kind/id", for logs and errors.
func (k Key) String() string { return string(k.Kind) + "/" + k.ID }

// Record is one stored value.
type Record struct {
	Key
	// Value is shared: nobody may change it.
	Value []byte
	// Revision is the one that last changed this record.
	Revision Revision
	// Deleted is set only in answers of Since: the record is gone, Value is nil.
	Deleted bool
}

// Damage names a record whose stored bytes are no longer what was written. The
// record counts as absent, so that writing or deleting it again heals it.
type Damage struct {
	Key
	// Reason is a sentence for the operator.
	Reason string
}

// State is a picture of the store, or of a part of it, at one revision.
type State struct {
	// Records holds each key at most once, in no particular order.
	Records []Record
	// Revision is the store's revision at which all of Records were read.
	Revision Revision
	// Damaged lists records that had to be left out. Other records are not affected.
	Damaged []Damage
	// Forked is set in an answer of Load: the store lost changes that this process
	// has read, and others may have taken their revisions. It is said once.
	Forked bool
}

// Op writes or deletes one record. Deleting an absent record is no error.
type Op struct {
	Key
	Value  []byte
	Delete bool
}

// Guard makes a change depend on a record being as the writer last saw it.
type Guard struct {
	Key
	// Revision is what the record's Revision must be; 0 means it must not exist.
	Revision Revision
}

// Change is a set of writes that happen together or not at all. Ops apply in
// order. A change without ops only checks its guards.
type Change struct {
	Guards []Guard
	Ops    []Op
}

// Event is a hint that something may have moved. Hints that a watcher has not
// taken yet are merged into one, so a slow watcher costs nothing and misses
// nothing but the number of hints.
type Event struct {
	// Revision is the newest revision the backend knows of.
	Revision Revision
	// Live says that the set of live sessions may have changed.
	Live bool
	// Gap says that hints may have been lost, or that the store may have been
	// replaced by another one: read everything again with Load.
	Gap bool
}

// Merge returns the hint that says what e and a later one say together.
func (e Event) Merge(next Event) Event {
	return Event{
		Revision: max(e.Revision, next.Revision),
		Live:     e.Live || next.Live,
		Gap:      e.Gap || next.Gap,
	}
}

// Store holds the durable records. All methods are safe for concurrent use.
//
// Every method returns ErrClosed after Close, an error that wraps ctx.Err()
// when ctx ends first, and an error that wraps ErrUnavailable, having changed
// nothing it knows of, when the backend cannot be reached or written.
type Store interface {
	// Load returns every record at one consistent revision.
	Load(ctx context.Context) (State, error)

	// Since returns the records that changed after a revision, deleted ones
	// included, each as it is at State.Revision. Nothing new gives an empty
	// State at the current revision. ErrGap means the store cannot tell (it
	// remembers a bounded number of changes, it is itself behind after, or it has
	// not answered this process with after before and cannot vouch that it is the
	// same change): call Load.
	Since(ctx context.Context, after Revision) (State, error)

	// Apply performs a change atomically and returns the revision that contains
	// it; when it returns, the change is durable as the backend promises. A
	// failed guard gives ErrConflict, a change that Check refuses ErrInvalid;
	// both change nothing. A change without ops returns the current revision.
	// When ctx ends while the change is under way, it may or may not have
	// happened; read again to find out.
	Apply(ctx context.Context, c Change) (Revision, error)

	// Restore replaces everything the store holds by state.Records, atomically,
	// provided that the store is still at revision found; otherwise it returns
	// ErrConflict and changes nothing. It gives a store that lost data the newest
	// known records back, or imports into an empty one (found is 0). Afterwards
	// the store is at the revision it returns, one above both found and
	// state.Revision, and so is every record: a guard taken before fails. The
	// change log starts anew, so Since an older revision gives ErrGap, and
	// watchers get a hint with Gap. What state.Damaged names is left out. A state
	// that CheckRestore refuses gives ErrInvalid.
	Restore(ctx context.Context, state State, found Revision) (Revision, error)

	// Watch returns merged hints, the first one at once. The channel is closed
	// when ctx ends or the store is closed.
	Watch(ctx context.Context) <-chan Event

	// Close lets changes under way finish, ends all watches and releases the
	// backend. Closing again is no error.
	Close() error
}

// Bus carries short-lived messages between nodes, best effort: a message may be
// lost, and one that a slow subscriber has no room for is dropped and counted.
type Bus interface {
	// Publish hands payload to the current subscribers of topic on all nodes,
	// this one included. It never waits for a subscriber. The payload is shared:
	// nobody may change it afterwards.
	Publish(ctx context.Context, topic string, payload []byte) error

	// Subscribe returns the messages published on topic from now on, each
	// publisher's in order. The channel is closed when ctx ends or the store is
	// closed.
	Subscribe(ctx context.Context, topic string) <-chan []byte

	// Dropped counts messages this node lost to slow subscribers since it started.
	Dropped() uint64
}

// Leases say which sessions live on which node. A node's entry disappears by
// itself when the node stops renewing it.
type Leases interface {
	// PutLive replaces what node says about its sessions (id to opaque bytes) and
	// renews its lease for ttl. Renewing with an unchanged map is cheap. A ttl
	// of zero or less ends the lease at once. The values are shared: nobody may
	// change them afterwards. ErrNodeTaken means that another living process
	// holds a lease by this name, which then stays as it is; when that process
	// ended without giving its lease back, the name is free after its ttl.
	PutLive(ctx context.Context, node string, sessions map[string][]byte, ttl time.Duration) error

	// Live returns the sessions of every node whose lease has not ended, by node
	// and session id. The maps are the caller's, the values are shared.
	Live(ctx context.Context) (map[string]map[string][]byte, error)
}

// Backend is everything a node needs from the place where it keeps its state.
type Backend interface {
	Store
	Bus
	Leases
}
