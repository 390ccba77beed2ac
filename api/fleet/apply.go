package fleet

import (
	"reflect"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// catchUp brings the registry to the catalog's newest picture and queues what that changes
// for any session. Whoever reads the registry calls it first, so that an acknowledged change
// is never missing from an answer. f.mu is held.
func (f *Fleet) catchUp() {
	prev, next := f.snap, f.cfg.Catalog.Snapshot()
	if prev == next {
		return
	}
	if prev == nil {
		prev = &catalog.Snapshot{}
	}
	f.snap = next
	if !same(prev.KV, next.KV) || f.kv == nil {
		f.changeKV(next.KV)
	}
	rules := !same(prev.Pipelines, next.Pipelines) || !same(prev.Assignments, next.Assignments) || !same(prev.Modules, next.Modules)
	if rules {
		f.rules++
		f.rejudge()
	}
	if !same(prev.Audiences, next.Audiences) {
		f.changeAudiences(prev.Audiences, next.Audiences)
	}
	if rules {
		f.changeRules()
	}
}

// same says whether two maps are one. Pictures share the maps that a change did not touch.
func same[K comparable, V any](a, b map[K]V) bool {
	return reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer()
}

// rejudge keeps what is known of pipelines that are still as they were. f.mu is held.
func (f *Fleet) rejudge() {
	kept := make(map[*pb.Pipeline]judgment, len(f.judged))
	for p, j := range f.judged {
		if f.snap.Pipelines[p.GetId()] == p {
			kept[p] = j
		}
	}
	f.judged = kept
}

// changeAudiences takes over which audiences are stored. f.mu is held.
func (f *Fleet) changeAudiences(prev, next map[audience.Key]*pb.Audience) {
	for key := range prev {
		if next[key] == nil {
			f.removed(key)
		}
	}
	for key := range next {
		if prev[key] == nil {
			f.added(key)
		}
	}
}

// added handles an audience that came into the catalog: it has no tombstones any more, and
// sessions that run a stream get its pipelines if it has any. f.mu is held.
func (f *Fleet) added(key audience.Key) {
	svc := f.serviceOf(key.Service())
	t := svc.targets[key]
	if t == nil {
		t = f.newTarget(svc, key)
	}
	t.stored = true
	for s, u := range t.subs {
		if u.gone {
			f.revive(s, u)
		}
	}
	f.reconsider(t)
}

// removed handles an audience that left the catalog: sessions that had it are told, and
// their heartbeats do not bring it back. f.mu is held.
func (f *Fleet) removed(key audience.Key) {
	svc := f.services[key.Service()]
	if svc == nil || svc.targets[key] == nil {
		return
	}
	t := svc.targets[key]
	t.stored = false
	for s, u := range t.subs {
		had := u.sent != hash{}
		u.gone, u.farewell = true, had // also for a mailbox that still has it
		if !had && !u.announced {
			f.unsubscribe(s, u)
			continue
		}
		if u.announced {
			u.announced = false
			f.liveChanged(s)
		}
		f.refresh(s, u)
	}
	f.dropTarget(t)
}

// changeRules looks for audiences of connected services whose pipelines changed. f.mu is held.
func (f *Fleet) changeRules() {
	for _, svc := range f.services {
		if len(svc.sessions) == 0 {
			continue
		}
		for _, t := range svc.targets {
			f.reconsider(t)
		}
	}
}

// reconsider queues an audience for its sessions if what it should run has changed. All
// streams of a service get an audience that has pipelines, also those that did not announce
// it: they may use it any moment, and no message should slip through before the push.
// f.mu is held.
func (f *Fleet) reconsider(t *target) {
	if len(t.service.sessions) == 0 && len(t.subs) == 0 {
		return // found out when a session comes
	}
	var before hash
	if t.desired != nil {
		before = t.desired.hash
	}
	d := f.desiredOf(t)
	if d.hash == before {
		return
	}
	if t.stored && len(d.pipelines) > 0 {
		for s := range t.service.sessions {
			if s.stream != nil {
				f.subscribe(s, t)
			}
		}
	}
	for s, u := range t.subs {
		f.refresh(s, u)
	}
}
