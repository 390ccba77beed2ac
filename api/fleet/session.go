package fleet

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// service is what the fleet knows about a service: its audiences, stored or announced, and
// the sessions of this node.
type service struct {
	name     string // lower case
	targets  map[audience.Key]*target
	sessions map[*session]struct{}
}

// target is an audience as the fleet sees it.
type target struct {
	key     audience.Key
	service *service
	stored  bool      // it has a record in the catalog
	desired *desired  // what its sessions should run; nil until somebody needs to know
	judged  uint64    // the Fleet.rules for which desired was found
	spoken  *spelling // how a session last spelled it; nil when none did
	subs    map[*session]*sub
}

// spelling is how an audience is spelled towards a session. It never changes, so sessions
// that spell alike share one.
type spelling struct {
	text     string // what makes two spellings of one audience equal
	audience *pb.Audience
}

// sub is what the fleet knows about one audience of one session.
type sub struct {
	target    *target
	spelling  *spelling
	announced bool // the session said that it uses the audience
	queued    bool // waits in the mailbox of the session's stream
	// gone is a tombstone: the audience was deleted, and heartbeats, which most SDKs go on
	// sending, do not bring it back. farewell says that the stream has to be told.
	gone, farewell bool
	// sent is the hash of what the stream was last sent, sentAs in which spelling. The zero
	// hash means nothing.
	sent   hash
	sentAs *spelling
	sentAt time.Time // when that was written
	// tails is what the stream was told to tail, by the tail's id; nil when nothing.
	tails map[string]Tail
}

// session is one SDK instance.
type session struct {
	id      string
	service *service
	name    string // the service's name as the session spells it
	client  *pb.ClientInfo
	quirks  Quirks
	subs    map[audience.Key]*sub
	stream  *stream   // the newest; nil when there is none
	beat    time.Time // of the last sign of life outside a stream; zero when a stream ended since
	touched time.Time // of the last sign of life of any kind
	heard   time.Time // of the last heartbeat or registration
	dryRun  bool
	info    *liveEntry
	// registered says that the session has had a stream before the newest.
	registered bool
}

// live says whether the session counts as connected. f.mu is held.
func (s *session) live(now time.Time, ttl time.Duration) bool {
	return s.stream != nil || (!s.beat.IsZero() && now.Sub(s.beat) < ttl)
}

// serviceOf returns the entry of a service, a new one if need be. f.mu is held.
func (f *Fleet) serviceOf(name string) *service {
	key := strings.ToLower(name)
	svc := f.services[key]
	if svc == nil {
		svc = &service{name: key, targets: make(map[audience.Key]*target), sessions: make(map[*session]struct{})}
		f.services[key] = svc
	}
	return svc
}

// sessionOf returns the session with an id, a new one if there is none or if it belongs to
// another service. f.mu is held.
func (f *Fleet) sessionOf(id, serviceName string) (*session, error) {
	key := strings.ToLower(serviceName)
	if s := f.sessions[id]; s != nil {
		if s.service.name == key {
			return s, nil
		}
		f.forget(s)
	}
	if len(f.sessions) >= f.cfg.MaxSessions {
		return nil, ErrTooManySessions
	}
	s := &session{
		id:      id,
		service: f.serviceOf(serviceName),
		name:    serviceName,
		client:  &pb.ClientInfo{},
		subs:    make(map[audience.Key]*sub),
	}
	f.sessions[id] = s
	s.service.sessions[s] = struct{}{}
	return s, nil
}

// rename makes the server spell a session's service in another way. f.mu is held.
func (f *Fleet) rename(s *session, name string) {
	if s.name != name {
		s.name = name
		for _, u := range s.subs {
			s.respell(u, u.spelling.audience)
		}
		f.liveChanged(s)
	}
}

// describe takes over what a session says about its client. f.mu is held.
func (f *Fleet) describe(s *session, h Hello) {
	if h.Client != nil {
		if client := clientOf(h.Client); !sameClient(s.client, client) {
			s.client = client
			f.liveChanged(s)
		}
	}
	s.quirks = h.Quirks
}

// maxClientText bounds what a session says about its client, in bytes: all nodes remember it.
const maxClientText = 255

// clientOf returns what is remembered of a client: what has a use, and no more than fits.
func clientOf(c *pb.ClientInfo) *pb.ClientInfo {
	brief := func(text string) string {
		if len(text) <= maxClientText {
			return text
		}
		return strings.Clone(strings.ToValidUTF8(text[:maxClientText], "")) // lets go of the rest
	}
	return &pb.ClientInfo{
		ClientType:  c.GetClientType(),
		LibraryName: brief(c.GetLibraryName()), LibraryVersion: brief(c.GetLibraryVersion()),
		Language: brief(c.GetLanguage()), Arch: brief(c.GetArch()), Os: brief(c.GetOs()),
	}
}

func sameClient(a, b *pb.ClientInfo) bool {
	return a.GetClientType() == b.GetClientType() && a.GetLibraryName() == b.GetLibraryName() &&
		a.GetLibraryVersion() == b.GetLibraryVersion() && a.GetLanguage() == b.GetLanguage() &&
		a.GetArch() == b.GetArch() && a.GetOs() == b.GetOs()
}

// forget removes a session and whatever only it needed. f.mu is held.
func (f *Fleet) forget(s *session) {
	if s.stream != nil {
		s.stream.end(ErrReplaced)
		s.stream = nil
	}
	for _, u := range s.subs {
		f.unsubscribe(s, u)
	}
	delete(s.service.sessions, s)
	delete(f.sessions, s.id)
	f.dropService(s.service)
	f.notify()
}

// subscribe returns the session's entry for a target, a new one if need be. f.mu is held.
func (f *Fleet) subscribe(s *session, t *target) *sub {
	u := s.subs[t.key]
	if u == nil {
		u = &sub{target: t}
		s.subs[t.key] = u
		t.subs[s] = u
		s.respell(u, nil)
	}
	return u
}

// unsubscribe forgets an audience of a session. f.mu is held.
func (f *Fleet) unsubscribe(s *session, u *sub) {
	delete(s.subs, u.target.key)
	delete(u.target.subs, s)
	f.dropTarget(u.target)
}

// newTarget adds an audience to a service. f.mu is held.
func (f *Fleet) newTarget(svc *service, key audience.Key) *target {
	t := &target{key: key, service: svc, subs: make(map[*session]*sub)}
	svc.targets[key] = t
	return t
}

// dropTarget forgets an audience that is neither stored nor in use. f.mu is held.
func (f *Fleet) dropTarget(t *target) {
	if !t.stored && len(t.subs) == 0 {
		delete(t.service.targets, t.key)
		f.dropService(t.service)
	}
}

func (f *Fleet) dropService(svc *service) {
	if len(svc.targets) == 0 && len(svc.sessions) == 0 {
		delete(f.services, svc.name)
	}
}

// respell makes the server spell an audience as the session does. A session whose own
// spelling is not known (nil) gets that of the others of its service: all of them run the
// same program. The service is always spelled as the session registered it, because the Go
// SDK sends audiences in lower case and yet compares this name letter by letter.
func (s *session) respell(u *sub, as *pb.Audience) {
	t := u.target
	if as == nil && t.spoken != nil {
		as = t.spoken.audience
	}
	if as == nil {
		as, _ = audience.Parse(string(t.key)) // a key that KeyOf made parses
	}
	name := as.GetServiceName()
	if strings.EqualFold(name, s.name) {
		name = s.name
	}
	text := name + ":" + as.GetOperationName() + ":" + as.GetComponentName()
	switch {
	case u.spelling != nil && u.spelling.text == text:
	case t.spoken != nil && t.spoken.text == text:
		u.spelling = t.spoken
	default:
		u.spelling = &spelling{text: text, audience: &pb.Audience{
			ServiceName:   name,
			ComponentName: as.GetComponentName(),
			OperationType: as.GetOperationType(),
			OperationName: as.GetOperationName(),
		}}
	}
}

// ordered returns the targets of a service in the order of their keys, so that pushes come
// in the same order every time.
func (svc *service) ordered() []*target {
	targets := make([]*target, 0, len(svc.targets))
	for _, key := range slices.Sorted(maps.Keys(svc.targets)) {
		targets = append(targets, svc.targets[key])
	}
	return targets
}

// tombstoneMemory is how long a session is remembered for what was deleted under it: its
// SDK is likely to connect again, and must then be told, not bring the audience back.
const tombstoneMemory = time.Minute

// expire forgets sessions that gave no sign of life for the TTL. f.mu is held.
func (f *Fleet) expire(now time.Time) {
	for _, s := range f.sessions {
		silent := now.Sub(s.touched)
		switch {
		case s.stream != nil || silent < f.cfg.SessionTTL:
		case s.hasTombstone() && silent < max(tombstoneMemory, f.cfg.SessionTTL):
			if !s.beat.IsZero() {
				s.beat = time.Time{}
				f.liveChanged(s)
			}
		default:
			f.forget(s)
		}
	}
}

func (s *session) hasTombstone() bool {
	for _, u := range s.subs {
		if u.gone {
			return true
		}
	}
	return false
}
