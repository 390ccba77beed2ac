package redis

import (
	"slices"
	"sync"

	"github.com/streamdal/streamdal-server/store"
)

// rememberedTags is how many revisions a process can recognize as the ones it saw.
const rememberedTags = 1024

// head is where a store stands: its newest revision, the random tag of that
// change, and the random name of the store itself.
type head struct {
	revision    store.Revision
	tag         string
	incarnation string
}

// history remembers where this process has seen the store. Redis may lose its
// newest changes in a fail-over and give their revisions to others; only the tags
// tell.
type history struct {
	mu     sync.Mutex
	newest head
	tags   map[store.Revision]string
}

// add notes that the store was seen at h.
func (s *history) add(h head) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.revision == 0 || h.revision < s.newest.revision && s.newest.revision-h.revision > rememberedTags {
		return
	}
	if s.tags == nil {
		s.tags = make(map[store.Revision]string)
	}
	s.tags[h.revision] = h.tag
	if h.revision > s.newest.revision {
		s.newest = h
	}
	if len(s.tags) > 2*rememberedTags {
		s.forget()
	}
}

// forget drops all but the newest tags.
func (s *history) forget() {
	revisions := make([]store.Revision, 0, len(s.tags))
	for rev := range s.tags {
		revisions = append(revisions, rev)
	}
	slices.Sort(revisions)
	for _, rev := range revisions[:len(revisions)-rememberedTags] {
		delete(s.tags, rev)
	}
}

// replace forgets everything and starts anew at h.
func (s *history) replace(h head) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest = h
	s.tags = map[store.Revision]string{h.revision: h.tag}
}

// at returns the tag this process saw at a revision.
func (s *history) at(rev store.Revision) (tag string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tag, known = s.tags[rev]
	return tag, known
}

// last returns the newest place where the store was seen.
func (s *history) last() head {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest
}

// damaged remembers which stored bytes were found damaged, by their SHA-1. A guard
// that wants the record not to exist then holds on exactly these.
type damaged struct {
	mu   sync.Mutex
	sums map[store.Key]string
}

func (d *damaged) note(key store.Key, sum string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sums == nil {
		d.sums = make(map[store.Key]string)
	}
	d.sums[key] = sum
}

func (d *damaged) sum(key store.Key) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sums[key]
}
