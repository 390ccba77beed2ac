package fleet

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
)

// row is a session as it is while the lock is held: what it takes to tell of it later.
type row struct {
	info           *pb.LiveInfo
	keys           []audience.Key // nil for a session of another node
	dryRun, stream bool
	heard          time.Time
	first          int // of its audiences in the list of deliveries
	remote         *remoteSession
}

type delivery struct {
	state console.Delivery
	sent  time.Time
}

// Sessions returns the sessions of all nodes by service and id, each once, with what they
// have been sent. Other nodes tell theirs a little later than it happens, and without times.
// The messages are the caller's.
func (f *Fleet) Sessions() []*console.Session {
	rows, deliveries := f.rows()
	list := make([]*console.Session, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.message(deliveries))
	}
	slices.SortFunc(list, func(a, b *console.Session) int {
		return cmp.Or(cmp.Compare(a.GetService(), b.GetService()), cmp.Compare(a.GetId(), b.GetId()))
	})
	return list
}

// ServiceOf returns the service of a session that this node or another one knows, "" when
// none does.
func (f *Fleet) ServiceOf(sessionID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sessions[sessionID]; s != nil {
		return s.name
	}
	for _, sessions := range f.remote {
		if s, ok := sessions[sessionID]; ok {
			return s.info.GetClient().GetXServiceName()
		}
	}
	return ""
}

// WatchSessions returns a channel that gets a value when Sessions has changed, but for times
// at which sessions were heard, since the last one was taken. It is closed when ctx ends.
func (f *Fleet) WatchSessions(ctx context.Context) <-chan struct{} { return f.watch(ctx, details) }

// Nodes returns the names of the nodes that share their sessions, this one included.
func (f *Fleet) Nodes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	nodes := append(slices.Collect(maps.Keys(f.remote)), f.cfg.Node)
	slices.Sort(nodes)
	return nodes
}

// rows copies what there is, so that messages can be made without the lock.
func (f *Fleet) rows() ([]row, []delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.catchUp()
	now := f.cfg.Now()
	rows := make([]row, 0, len(f.sessions))
	var deliveries []delivery
	here := make(map[string]bool, len(f.sessions))
	for id, s := range f.sessions {
		if !s.live(now, f.cfg.SessionTTL) {
			continue
		}
		here[id] = true
		entry := f.entryOf(s)
		rows = append(rows, row{
			info: entry.info, keys: entry.keys, dryRun: s.dryRun, stream: s.stream != nil, heard: s.heard, first: len(deliveries),
		})
		for _, key := range entry.keys {
			deliveries = append(deliveries, f.deliveryOf(s, s.subs[key]))
		}
	}
	for _, node := range slices.Sorted(maps.Keys(f.remote)) {
		for id, s := range f.remote[node] {
			if !here[id] {
				here[id] = true
				rows = append(rows, row{info: s.info, remote: &s})
			}
		}
	}
	return rows, deliveries
}

// deliveryOf says what has become of the list of an audience. f.mu is held.
func (f *Fleet) deliveryOf(s *session, u *sub) delivery {
	d := delivery{state: console.Delivery_DELIVERY_CURRENT, sent: u.sentAt}
	switch {
	case s.stream == nil:
		d.state = console.Delivery_DELIVERY_WAITING
	case f.pending(s, u):
		d.state = console.Delivery_DELIVERY_PENDING
	}
	return d
}

func (r row) message(deliveries []delivery) *console.Session {
	client := r.info.GetClient()
	m := &console.Session{
		Id: client.GetXSessionId(), Service: client.GetXServiceName(), Node: client.GetXNodeName(),
		Language: client.GetLanguage(), Library: client.GetLibraryName(), LibraryVersion: client.GetLibraryVersion(),
		Os: client.GetOs(), Arch: client.GetArch(),
		DryRun: r.dryRun, Stream: r.stream, HeardUnixMs: milliseconds(r.heard),
	}
	if r.remote != nil {
		m.DryRun, m.Stream = r.remote.extra.GetDryRun(), r.remote.extra.GetStream()
		m.Audiences = r.remote.audiences()
		return m
	}
	for i, key := range r.keys {
		d := deliveries[r.first+i]
		m.Audiences = append(m.Audiences, &console.SessionAudience{Audience: string(key), Delivery: d.state, SentUnixMs: milliseconds(d.sent)})
	}
	return m
}

// audiences says what another node told. A place that does not exist says nothing.
func (s *remoteSession) audiences() (list []*console.SessionAudience) {
	state := console.Delivery_DELIVERY_UNSPECIFIED
	switch {
	case s.extra.GetStream():
		state = console.Delivery_DELIVERY_CURRENT
	case s.extra.GetKnown():
		state = console.Delivery_DELIVERY_WAITING
	}
	for _, a := range s.info.GetAudiences() {
		list = append(list, &console.SessionAudience{Audience: string(audience.KeyOf(a)), Delivery: state})
	}
	for _, place := range s.extra.GetPending() {
		if int64(place) < int64(len(list)) && s.extra.GetStream() {
			list[place].Delivery = console.Delivery_DELIVERY_PENDING
		}
	}
	return list
}

// milliseconds are those since 1970, 0 for no time.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
