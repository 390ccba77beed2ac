package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
)

// Snapshot is the store's content at one revision. It never changes: whoever
// holds one may read it for as long as they like, without locks. Snapshots share
// maps and messages with each other, so nothing reachable from one may be
// modified; proto.Clone what you want to edit.
type Snapshot struct {
	// Revision is the store's revision this picture shows.
	Revision store.Revision
	// Read is when this process read it, zero for an empty one.
	Read time.Time
	// Pipelines by id. Steps carry the id and function of their module, not its bytes.
	Pipelines map[string]*pb.Pipeline
	// Assignments are the ordered pipelines of an audience. They may name
	// pipelines that do not exist and audiences that have no record.
	Assignments map[audience.Key]*pb.PipelineConfigs
	// Audiences that are known, names in lower case.
	Audiences map[audience.Key]*pb.Audience
	// Notifications by id.
	Notifications map[string]*pb.NotificationConfig
	// Locked are the ids of notifications that are sealed with a key this server was not
	// given. They cannot be used, changed or deleted.
	Locked map[string]bool
	// Modules by id, bytes included.
	Modules map[string]*shared.WasmModule
	// Schemas by the audience they describe.
	Schemas map[audience.Key]*pb.Schema
	// Histories are the newest versions of those schemas, the current one last.
	Histories map[audience.Key]*console.SchemaHistory
	// KV by key.
	KV map[string]*pb.KVObject
	// Tokens are the scoped tokens that are known, by id: none of the command line, unless
	// it was revoked.
	Tokens map[string]*console.Token
	// Settings by name.
	Settings map[string][]byte
	// Counters are the records of package api/metrics. They change all the time while
	// nothing else does: see SameContent.
	Counters map[string][]byte

	// revisions holds the revision of every stored record, those that could not
	// be decoded included: a writer can then replace them.
	revisions map[store.Kind]map[string]store.Revision
	// Derived from Audiences and Assignments at most once per change of those.
	byService func() map[string][]*pb.Audience
	usage     func() map[string][]audience.Key
	// content is the same for snapshots that differ in their counters only.
	content *content
}

// content is not empty, because pointers to empty values need not differ.
type content struct{ _ byte }

// SameContent says that two snapshots differ in nothing but their counters, and are at
// different revisions only because of those.
func (s *Snapshot) SameContent(other *Snapshot) bool {
	return s == other || s != nil && other != nil && s.content != nil && s.content == other.content
}

// Active returns the pipelines that an audience's messages go through, in order:
// attached, not paused and existing.
func (s *Snapshot) Active(k audience.Key) []*pb.Pipeline {
	var active []*pb.Pipeline
	for _, c := range s.Assignments[k].GetConfigs() {
		if p := s.Pipelines[c.GetId()]; p != nil && !c.GetPaused() {
			active = append(active, p)
		}
	}
	return active
}

// AudiencesOf returns the known audiences of a service, however its name is
// spelled, in the order of their keys. The slice is shared.
func (s *Snapshot) AudiencesOf(service string) []*pb.Audience {
	index := s.byService
	if index == nil { // a snapshot that was put together by hand, in a test
		index = func() map[string][]*pb.Audience { return indexByService(s.Audiences) }
	}
	return index()[strings.ToLower(service)]
}

// UsedBy returns the audiences to which a pipeline is attached, paused or not,
// in order. The slice is shared.
func (s *Snapshot) UsedBy(pipelineID string) []audience.Key {
	index := s.usage
	if index == nil {
		index = func() map[string][]audience.Key { return indexUsage(s.Assignments) }
	}
	return index()[pipelineID]
}

func indexByService(audiences map[audience.Key]*pb.Audience) map[string][]*pb.Audience {
	index := make(map[string][]*pb.Audience)
	for k, a := range audiences {
		index[k.Service()] = append(index[k.Service()], a)
	}
	for _, list := range index {
		slices.SortFunc(list, func(a, b *pb.Audience) int {
			return cmp.Compare(audience.KeyOf(a), audience.KeyOf(b))
		})
	}
	return index
}

func indexUsage(assignments map[audience.Key]*pb.PipelineConfigs) map[string][]audience.Key {
	index := make(map[string][]audience.Key)
	for _, k := range slices.Sorted(maps.Keys(assignments)) {
		for _, c := range assignments[k].GetConfigs() {
			// A pipeline may be attached twice to one audience, which is one use.
			// Keys come in order, so a repeated one is the last.
			keys := index[c.GetId()]
			if len(keys) == 0 || keys[len(keys)-1] != k {
				index[c.GetId()] = append(keys, k)
			}
		}
	}
	return index
}

// newSnapshot returns the picture of an empty store.
func newSnapshot() *Snapshot {
	s := &Snapshot{
		Pipelines:     map[string]*pb.Pipeline{},
		Assignments:   map[audience.Key]*pb.PipelineConfigs{},
		Audiences:     map[audience.Key]*pb.Audience{},
		Notifications: map[string]*pb.NotificationConfig{},
		Locked:        map[string]bool{},
		Modules:       map[string]*shared.WasmModule{},
		Schemas:       map[audience.Key]*pb.Schema{},
		Histories:     map[audience.Key]*console.SchemaHistory{},
		KV:            map[string]*pb.KVObject{},
		Tokens:        map[string]*console.Token{},
		Settings:      map[string][]byte{},
		Counters:      map[string][]byte{},
		content:       new(content),
		revisions:     map[store.Kind]map[string]store.Revision{},
	}
	s.reindex()
	return s
}

func (s *Snapshot) reindex() {
	audiences, assignments := s.Audiences, s.Assignments
	s.byService = sync.OnceValue(func() map[string][]*pb.Audience { return indexByService(audiences) })
	s.usage = sync.OnceValue(func() map[string][]audience.Key { return indexUsage(assignments) })
}

// problem is a record that is left out of a snapshot, and why.
type problem struct {
	store.Key
	revision store.Revision
	reason   string
}

// with returns the picture after the records of state have replaced those of s,
// and which of them had to be left out. Only the maps that state touches are
// copied; everything else is shared with s.
func (s *Snapshot) with(state store.State) (*Snapshot, []problem) {
	next := *s
	next.Revision = state.Revision
	next.revisions = maps.Clone(s.revisions)

	var problems []problem
	touched := make(map[store.Kind]column)
	touch := func(kind store.Kind) column {
		if c, ok := touched[kind]; ok {
			return c
		}
		c, ok := columns[kind]
		if !ok {
			return nil // a kind that other parts of the server, or newer ones, read
		}
		c.clone(&next)
		next.revisions[kind] = cloneOrMake(next.revisions[kind])
		touched[kind] = c
		return c
	}
	for _, d := range state.Damaged {
		if c := touch(d.Kind); c != nil {
			c.drop(&next, d.ID)
			delete(next.revisions[d.Kind], d.ID)
			problems = append(problems, problem{Key: d.Key, reason: d.Reason})
		}
	}
	for _, r := range state.Records {
		c := touch(r.Kind)
		if c == nil {
			continue
		}
		if r.Deleted {
			c.drop(&next, r.ID)
			delete(next.revisions[r.Kind], r.ID)
			continue
		}
		next.revisions[r.Kind][r.ID] = r.Revision
		if err := c.put(&next, r.ID, r.Value); err != nil {
			c.drop(&next, r.ID)
			problems = append(problems, problem{Key: r.Key, revision: r.Revision, reason: err.Error()})
		}
	}
	if touched[store.KindAudience] != nil || touched[store.KindAssignment] != nil {
		next.reindex()
	}
	delete(touched, store.KindCounter)
	if len(touched) > 0 {
		next.content = new(content)
	}
	return &next, problems
}

func cloneOrMake[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return make(map[K]V)
	}
	return maps.Clone(m)
}
