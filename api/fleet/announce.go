package fleet

import (
	"context"
	"time"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// creationWait is how long Announce waits for the audience to be stored: about what a
// healthy store takes, and well below the shortest deadline of an SDK (5 s, Python).
const creationWait = time.Second

// Heartbeat keeps a session alive and announces its audiences. It touches memory only and
// never fails: whatever cannot be used is left out and counted.
func (f *Fleet) Heartbeat(h Hello) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.catchUp()
	s := f.sessions[h.Session]
	if s == nil || s.stream == nil { // what a stream said about its service holds
		var err error
		if s, err = f.sessionOf(h.Session, h.Service); err != nil {
			f.stats.refusedSessions.Add(1)
			return
		}
		f.rename(s, h.Service)
	}
	f.describe(s, h)
	f.beat(s)
	f.announceAll(s, h.Audiences)
}

// beat notes a sign of life outside of a stream. f.mu is held.
func (f *Fleet) beat(s *session) {
	now := f.cfg.Now()
	if !s.live(now, f.cfg.SessionTTL) {
		f.liveChanged(s)
	}
	s.beat, s.touched, s.heard = now, now, now
}

// Announce says that a session uses an audience, even one that was deleted. It pushes what
// the audience should run, and waits for a moment until a new audience is stored; trouble
// with the store is no error, because heartbeats repeat the announcement. The error is one
// for the caller: the audience is not usable, or there are too many.
func (f *Fleet) Announce(ctx context.Context, sessionID string, a *pb.Audience) error {
	if err := audience.CheckSDK(a); err != nil {
		return failure.New(failure.Invalid, "%s", err)
	}
	stored, err := f.announceNew(sessionID, a)
	if err != nil || stored == nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, creationWait)
	defer cancel()
	select {
	case <-stored:
	case <-wait.Done():
	}
	return nil
}

// announceNew returns a channel that is closed when the audience was stored, or nil when it
// already is.
func (f *Fleet) announceNew(sessionID string, a *pb.Audience) (<-chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.catchUp()
	s := f.sessions[sessionID]
	if s == nil {
		var err error
		if s, err = f.sessionOf(sessionID, a.GetServiceName()); err != nil {
			return nil, err
		}
	}
	f.beat(s)
	if u := s.subs[audience.KeyOf(a)]; u != nil && u.gone {
		f.revive(s, u)
	}
	u, err := f.announce(s, a)
	if err != nil || u.target.stored {
		return nil, err
	}
	return f.wanted[u.target.key].done, nil
}

// announceAll announces what can be announced. f.mu is held.
func (f *Fleet) announceAll(s *session, audiences []*pb.Audience) {
	for _, a := range audiences {
		if audience.CheckSDK(a) != nil {
			f.stats.refusedAudiences.Add(1)
			continue
		}
		if _, err := f.announce(s, a); err != nil {
			f.stats.refusedAudiences.Add(1)
		}
	}
}

// announce notes that a session uses a valid audience, asks for its creation if it is not
// stored, and queues what it should run. A tombstone stays as it is. f.mu is held.
func (f *Fleet) announce(s *session, a *pb.Audience) (*sub, error) {
	key := audience.KeyOf(a)
	u := s.subs[key]
	if u != nil && u.gone {
		return u, nil
	}
	t, err := f.targetOf(key, s)
	if err != nil {
		return nil, err
	}
	if u == nil {
		u = f.subscribe(s, t)
	}
	s.respell(u, a)
	t.spoken = u.spelling
	if !u.announced {
		u.announced = true
		f.liveChanged(s)
	}
	if !t.stored {
		f.want(t)
	}
	f.refresh(s, u)
	return u, nil
}

// targetOf returns the entry of an audience, a new one if the limits allow. f.mu is held.
func (f *Fleet) targetOf(key audience.Key, s *session) (*target, error) {
	svc := f.serviceOf(key.Service())
	if t := svc.targets[key]; t != nil {
		return t, nil
	}
	err := f.checkLimits(svc, s)
	if err != nil {
		f.dropService(svc)
		return nil, err
	}
	return f.newTarget(svc, key), nil
}

func (f *Fleet) checkLimits(svc *service, s *session) error {
	switch {
	case len(svc.targets) >= f.cfg.MaxAudiencesPerService, len(s.subs) >= f.cfg.MaxAudiencesPerService:
		return failure.New(failure.Invalid,
			"service '%s' has %d audiences and cannot have more; do not put ids or other changing values into the names of operations or components",
			svc.name, f.cfg.MaxAudiencesPerService)
	case len(f.snap.Audiences)+len(f.wanted) >= f.cfg.MaxAudiences:
		return failure.New(failure.Invalid,
			"there are %d audiences and cannot be more; delete those that are not in use any more", f.cfg.MaxAudiences)
	default:
		return nil
	}
}

// revive takes a tombstone away. f.mu is held.
func (f *Fleet) revive(s *session, u *sub) {
	u.gone, u.farewell = false, false
	u.sent, u.sentAs = hash{}, nil
	f.refresh(s, u)
}

// refresh queues an audience of a session if its stream has something else than it should
// have, or has to be told that the audience is gone or of a tail. f.mu is held.
func (f *Fleet) refresh(s *session, u *sub) {
	if s.stream == nil || u.queued {
		return
	}
	if f.outdated(u) || f.tailOrders(s, u) != nil {
		u.queued = true
		s.stream.queue = append(s.stream.queue, u)
		s.stream.signal()
		f.tell(details)
	}
}

// outdated says whether the list of an audience or its farewell has to be sent. f.mu is held.
func (f *Fleet) outdated(u *sub) bool {
	if u.gone {
		return u.farewell
	}
	return u.sent != f.desiredOf(u.target).hash || u.sentAs.text != u.spelling.text
}
