package fleet

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/store/audience"
)

// stream is one Register call with its mailbox. The mailbox cannot grow: it holds each
// audience at most once, one mark for the key-value pairs and one for the keep-alive.
type stream struct {
	session *session
	send    Send
	ended   chan struct{}
	wake    chan struct{} // of one; says that the mailbox is not empty
	written chan struct{} // of one; says that it is empty again
	slot    int           // where the ring has it

	// Guarded by Fleet.mu.
	err       error // why it ended
	kv        *kvPicture
	queue     []*sub
	writing   *sub // whose list is being written
	keepAlive bool

	sending atomic.Int64 // when the write under way began, in Unix nanoseconds; 0 for none
}

// end makes the Register call return err; only the first counts. Fleet.mu is held.
func (st *stream) end(err error) {
	if st.err == nil {
		st.err = err
		close(st.ended)
	}
}

func (st *stream) signal() {
	select {
	case st.wake <- struct{}{}:
	default:
	}
}

// stuckSince says whether the write under way began before a time.
func (st *stream) stuckSince(t time.Time) bool {
	began := st.sending.Load()
	return began != 0 && began < t.UnixNano()
}

// Register opens a session's stream and writes to it until ctx ends (nil is returned), the
// client cannot be written to, or the fleet ends it: ErrReplaced, ErrStuck,
// failure.ErrShuttingDown. ErrTooManySessions refuses the session. At once the client gets
// all key-value pairs (one message even if there are none), then what each audience of the
// service should run, then whatever changes.
func (f *Fleet) Register(ctx context.Context, h Hello, send Send) error {
	st, err := f.openStream(h, send)
	if err != nil {
		return err
	}
	defer f.leave()
	defer f.closeStream(st)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-st.ended:
			return st.err
		case <-st.wake:
		}
		// Why a goroutine: a write may hang, and only a call that returns makes gRPC end it.
		// Why only for as long as there is something to write: ten thousand idle ones would
		// cost more memory than all else that the fleet keeps.
		f.enter()
		go f.write(st)
		select {
		case <-ctx.Done():
			return nil
		case <-st.ended:
			return st.err
		case <-st.written:
		}
	}
}

func (f *Fleet) openStream(h Hello, send Send) (*stream, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.draining {
		return nil, failure.ErrShuttingDown
	}
	f.catchUp()
	s, err := f.sessionOf(h.Session, h.Service)
	if err != nil {
		f.stats.refusedSessions.Add(1)
		return nil, err
	}
	if s.stream != nil {
		s.stream.end(ErrReplaced)
		f.stats.replacedStreams.Add(1)
	}
	st := &stream{session: s, send: send, ended: make(chan struct{}), wake: make(chan struct{}, 1), written: make(chan struct{}, 1)}
	s.stream = st
	f.rename(s, h.Service)
	f.describe(s, h)
	s.dryRun, s.heard = h.DryRun, f.cfg.Now()
	f.liveChanged(s)
	f.ring.add(st)
	f.open++
	f.pushAll(s, h)
	s.registered = true
	st.signal()
	return st, nil
}

// pushAll queues every audience of the session's service and those it announced. f.mu is held.
func (f *Fleet) pushAll(s *session, h Hello) {
	for _, u := range s.subs {
		u.queued, u.farewell = false, u.gone
		u.sent, u.sentAs, u.tails = hash{}, nil, nil
	}
	for _, t := range s.service.ordered() {
		if t.stored && s.subs[t.key] == nil {
			f.subscribe(s, t)
		}
	}
	for _, u := range s.subs {
		if p, at, ok := f.justPulled(s, u); ok {
			u.sent, u.sentAs, u.sentAt = p.hash, u.spelling, at
		}
	}
	f.announceAll(s, h.Audiences)
	for _, key := range sortedKeys(s.subs) {
		f.refresh(s, s.subs[key])
	}
}

func sortedKeys(subs map[audience.Key]*sub) []audience.Key {
	keys := make([]audience.Key, 0, len(subs))
	for key := range subs {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// closeStream cleans up after a stream. A stream that was replaced has nothing to clean up.
func (f *Fleet) closeStream(st *stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	st.end(context.Canceled)
	f.ring.remove(st)
	s := st.session
	if s.stream != st {
		return
	}
	s.stream = nil
	// Only a heartbeat that comes after this shows that the session still lives.
	s.beat, s.touched = time.Time{}, f.cfg.Now()
	for _, u := range s.subs {
		u.queued = false
	}
	f.liveChanged(s)
}

// write sends what is in the mailbox until it is empty or the stream ends.
func (f *Fleet) write(st *stream) {
	defer f.leave()
	for next, ok := f.take(st); ok; next, ok = f.take(st) {
		for _, fr := range f.framesOf(next) {
			if err := f.writeFrame(st, fr); err != nil {
				f.mu.Lock()
				defer f.mu.Unlock()
				st.end(failure.New(failure.Unavailable, "send a command: %s", err))
				return
			}
		}
		f.notePush(next)
	}
	st.written <- struct{}{}
}

func (f *Fleet) writeFrame(st *stream, fr frame.Frame) error {
	select {
	case <-st.ended:
		return st.err
	default:
	}
	st.sending.Store(f.cfg.Now().UnixNano())
	defer st.sending.Store(0)
	return st.send(fr)
}

// letter is what a writer takes out of the mailbox: exactly one of its parts is set.
type letter struct {
	keepAlive bool
	kv        *kvChange
	audience  *audienceChange
}

type audienceChange struct {
	key      audience.Key
	desired  *desired // nil when only the tails changed
	spelling *spelling
	quirks   Quirks
	farewell bool
	since    time.Time // of a change of what the session had; zero when it had nothing
	tails    []tailOrder
}

// take returns the next thing to send, as new as it is now. Keep-alives give way to
// everything else, which serves their purpose as well.
func (f *Fleet) take(st *stream) (letter, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := st.session
	if st.err != nil || s.stream != st {
		return letter{}, false
	}
	f.noteWritten(st)
	if change := f.takeKV(st); change != nil {
		return letter{kv: change}, true
	}
	for len(st.queue) > 0 {
		u := st.queue[0]
		st.queue[0] = nil
		st.queue = st.queue[1:]
		u.queued = false
		if change := f.takeAudience(s, u); change != nil {
			st.keepAlive = false
			if change.desired != nil {
				st.writing = u
			}
			return letter{audience: change}, true
		}
	}
	st.queue = nil
	if st.keepAlive {
		st.keepAlive = false
		return letter{keepAlive: true}, true
	}
	return letter{}, false
}

// noteWritten notes that the list which was being written was written. f.mu is held.
func (f *Fleet) noteWritten(st *stream) {
	if st.writing != nil {
		st.writing.sentAt = f.cfg.Now()
		st.writing = nil
		f.tell(details)
	}
}

// takeAudience returns what changed for an audience, nil if a later change undid it.
func (f *Fleet) takeAudience(s *session, u *sub) *audienceChange {
	change := &audienceChange{key: u.target.key, spelling: u.spelling, quirks: s.quirks, tails: f.takeTails(s, u)}
	switch {
	case f.outdated(u):
	case change.tails != nil:
		return change
	default:
		return nil
	}
	if u.gone {
		u.farewell = false
		u.sent, u.sentAs = hash{}, nil
		change.desired, change.farewell = nothing, true
		return change
	}
	change.desired = f.desiredOf(u.target)
	if u.sent != (hash{}) && u.sent != change.desired.hash {
		change.since = change.desired.since
	}
	u.sent, u.sentAs = change.desired.hash, u.spelling
	return change
}

// framesOf encodes a letter, or finds it encoded.
func (f *Fleet) framesOf(l letter) []frame.Frame {
	switch {
	case l.keepAlive:
		return []frame.Frame{keepAliveFrame}
	case l.kv != nil:
		return f.kvFrames(l.kv)
	default:
		return f.audienceFrames(l.audience)
	}
}

// audienceFrames puts tails last, so that nobody sees a payload that old pipelines processed
// because a tail overtook them; an audience that is gone ends with its farewell.
func (f *Fleet) audienceFrames(c *audienceChange) (frames []frame.Frame) {
	add := func(fr frame.Frame, err error) {
		if err != nil {
			f.noteUnencodable(err)
			return
		}
		frames = append(frames, fr)
	}
	if c.desired != nil {
		add(f.setFrame(c.key, c.desired, c.spelling, c.quirks))
	}
	frames = append(frames, f.tailFrames(c.tails, c.spelling.audience, c.quirks)...)
	if c.farewell {
		add(deleteFrame(c.spelling))
	}
	return frames
}

// noteUnencodable counts a command that protobuf refused. What is stored and announced was
// checked, so this is a defect of ours; the session keeps what it has.
func (f *Fleet) noteUnencodable(err error) {
	f.stats.unencodable.Add(1)
	f.cfg.Log.Error().Err(err).Msg("a command cannot be encoded and is not sent")
}
