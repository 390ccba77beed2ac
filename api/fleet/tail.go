package fleet

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// Tail asks the sessions of an audience to send the payloads that they process.
type Tail struct {
	ID       string
	Audience audience.Key
	// Session, if set, is the only session that is asked.
	Session string
	// Rate payloads per Seconds are enough. Both are at least 1: zero in either makes the Go
	// SDK panic and keeps Python's from starting.
	Rate, Seconds uint32
	Paused        bool
}

// same says whether nothing but the pause differs.
func (t Tail) same(other Tail) bool {
	t.Paused = other.Paused
	return t == other
}

// asks says whether a session is asked.
func (t Tail) asks(s *session) bool { return t.Session == "" || t.Session == s.id }

// SetTails replaces the tails that are wanted, from any node. No two have one id and one
// audience. Sessions that announce the audience, now or later, are told what changes.
func (f *Fleet) SetTails(tails []Tail) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.catchUp()
	before := f.tails
	f.tails = make(map[audience.Key]map[string]Tail)
	for _, t := range tails {
		if f.tails[t.Audience] == nil {
			f.tails[t.Audience] = make(map[string]Tail)
		}
		f.tails[t.Audience][t.ID] = t
	}
	for key := range before {
		if !maps.Equal(before[key], f.tails[key]) {
			f.refreshTarget(key)
		}
	}
	for key := range f.tails {
		if before[key] == nil {
			f.refreshTarget(key)
		}
	}
}

// refreshTarget queues an audience for the sessions that have something to be told. f.mu is held.
func (f *Fleet) refreshTarget(key audience.Key) {
	if t := f.targetIfKnown(key); t != nil {
		for s, u := range t.subs {
			f.refresh(s, u)
		}
	}
}

// targetIfKnown returns the entry of an audience, nil when there is none. f.mu is held.
func (f *Fleet) targetIfKnown(key audience.Key) *target {
	svc := f.services[key.Service()]
	if svc == nil {
		return nil
	}
	return svc.targets[key]
}

// maxStray bounds how many unwanted tails a session is told to stop at once.
const maxStray = 100

// StopTail tells a session to stop a tail that nobody wants although the session sends
// payloads for it: it kept the tail over the death of the node that started it. Nothing
// happens if the tail is wanted, or if this node does not have the session.
func (f *Fleet) StopTail(sessionID string, key audience.Key, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sessions[sessionID]
	if s == nil || s.stream == nil {
		return
	}
	u := s.subs[key]
	if u == nil || len(u.tails) >= maxStray {
		return
	}
	if _, told := u.tails[id]; told {
		return
	}
	if t, wanted := f.tails[key][id]; wanted && t.asks(s) {
		return
	}
	u.tell(Tail{ID: id, Audience: key, Rate: 1, Seconds: 1})
	f.refresh(s, u)
}

// tell notes what a session was told about a tail.
func (u *sub) tell(t Tail) {
	if u.tails == nil {
		u.tails = make(map[string]Tail)
	}
	u.tails[t.ID] = t
}

// tailOrder is one thing to tell a session about a tail.
type tailOrder struct {
	kind pb.TailRequestType
	tail Tail
}

const (
	startTail = pb.TailRequestType_TAIL_REQUEST_TYPE_START
	stopTail  = pb.TailRequestType_TAIL_REQUEST_TYPE_STOP
)

// tailOrders returns what a session has to be told about the tails of an audience. Pauses
// are not among it, because Ruby's stream ends with one: a session goes on sending, and the
// payloads are dropped here. One that comes during a pause is told when the pause ends.
// f.mu is held.
func (f *Fleet) tailOrders(s *session, u *sub) []tailOrder {
	wanted := f.wantedTails(u)
	if len(u.tails) == 0 && len(wanted) == 0 {
		return nil
	}
	var orders []tailOrder
	for _, id := range slices.Sorted(maps.Keys(u.tails)) {
		if t, ok := wanted[id]; !ok || !t.same(u.tails[id]) {
			orders = append(orders, tailOrder{stopTail, u.tails[id]})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		t := wanted[id]
		told, ok := u.tails[id]
		if t.asks(s) && !t.Paused && (!ok || !t.same(told)) {
			orders = append(orders, tailOrder{startTail, t})
		}
	}
	return orders
}

// wantedTails returns the tails of an audience of a session. f.mu is held.
func (f *Fleet) wantedTails(u *sub) map[string]Tail {
	if f.draining || u.gone || !u.announced {
		return nil
	}
	return f.tails[u.target.key]
}

// takeTails returns tailOrders and notes that the session is told. f.mu is held.
func (f *Fleet) takeTails(s *session, u *sub) []tailOrder {
	orders := f.tailOrders(s, u)
	for _, o := range orders {
		if o.kind == stopTail {
			delete(u.tails, o.tail.ID)
		} else {
			u.tell(o.tail)
		}
	}
	if len(u.tails) == 0 {
		u.tails = nil
	}
	return orders
}

// tailFrames encodes orders in the spelling of their session.
func (f *Fleet) tailFrames(orders []tailOrder, spelled *pb.Audience, q Quirks) []frame.Frame {
	frames := make([]frame.Frame, 0, len(orders))
	for _, o := range orders {
		fr, err := frame.Encode(&pb.Command{Audience: spelled, Command: &pb.Command_Tail{Tail: &pb.TailCommand{
			Request: &pb.TailRequest{Type: o.kind, Id: o.tail.ID, Audience: spelled, SampleOptions: sampleOptions(o.tail, q)},
		}}})
		if err != nil {
			f.noteUnencodable(err)
			continue
		}
		frames = append(frames, fr)
	}
	return frames
}

// sampleOptions makes a session send at least as much as is asked for; what is too much is
// left out where the payloads arrive.
func sampleOptions(t Tail, q Quirks) *pb.SampleOptions {
	rate, seconds := max(1, t.Rate), max(1, t.Seconds)
	if q.IntervalIsRate {
		return &pb.SampleOptions{SampleRate: rate, SampleIntervalSeconds: (rate-1)/seconds + 1}
	}
	return &pb.SampleOptions{SampleRate: rate, SampleIntervalSeconds: seconds}
}

const (
	// stopsWait bounds how long Drain waits until sessions were told to stop their tails.
	stopsWait = time.Second
	// stopsTake is what a session gets to do so: the Go SDK blocks the application for good
	// if the streams of a tail end while the tail is active.
	stopsTake = 250 * time.Millisecond
)

// stopTails tells every session to stop its tails, and waits until they were sent that and
// could act on it. f.draining is set.
func (f *Fleet) stopTails(ctx context.Context) {
	if !f.refreshTailed() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stopsWait)
	defer cancel()
	poll := time.NewTicker(stopsTake / 50)
	defer poll.Stop()
	for f.refreshTailed() && ctx.Err() == nil {
		select {
		case <-poll.C:
		case <-ctx.Done():
		}
	}
	select {
	case <-time.After(stopsTake):
	case <-ctx.Done():
	}
}

// refreshTailed queues the audiences of tails that sessions have, and says whether there are any.
func (f *Fleet) refreshTailed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := false
	for _, s := range f.sessions {
		if s.stream == nil || s.stream.err != nil {
			continue
		}
		for _, u := range s.subs {
			if len(u.tails) > 0 {
				found = true
				f.refresh(s, u)
			}
		}
	}
	return found
}
