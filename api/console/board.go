package console

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/latest"
)

// board keeps what viewers of Watch see, made and encoded once for all of them. It works
// for as long as there is a viewer.
type board struct {
	s       *Server
	current atomic.Pointer[shown]
	hub     *latest.Hub[*shown]

	mu      sync.Mutex
	viewers int
	stop    func() // ends work and waits for it
}

// section is a part of WatchEvent.
type section int

const (
	pictureSection section = iota
	sessionsSection
	ratesSection
	nodeSection
	sections
)

// shown is what there is to see. It never changes.
type shown [sections]struct {
	frame   frame.Frame
	version uint64 // of this section; 0 before there is any
}

func newBoard(s *Server) *board {
	return &board{s: s, hub: latest.NewHub(func(_, next *shown) *shown { return next })}
}

// enter adds a viewer until leave is called. The channel holds the newest state, nil for
// none yet.
func (b *board) enter(ctx context.Context) (states <-chan *shown, leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.viewers++; b.viewers == 1 {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		var working sync.WaitGroup
		working.Go(func() { b.work(ctx) })
		b.stop = func() { cancel(); working.Wait() }
	}
	return b.hub.Watch(ctx, b.current.Load), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.viewers--; b.viewers == 0 {
			b.stop()
			b.current.Store(nil)
		}
	}
}

// work draws the board until ctx ends.
func (b *board) work(ctx context.Context) {
	// Watched before the first reading, so that no change falls between the two.
	snapshots, sessions := b.s.catalog.Watch(ctx), b.s.fleet.WatchSessions(ctx)
	b.s.metrics.WatchRates(ctx)
	<-snapshots // the one that is current now
	p := &painter{s: b.s, next: &shown{}}
	p.all()
	b.publish(p)
	tick := time.NewTicker(b.s.tick)
	defer tick.Stop()
	var burst <-chan time.Time // nil while there is nothing to tell
	for {
		select {
		case <-ctx.Done():
			return
		case <-snapshots:
		case <-sessions:
		case <-burst:
			burst = nil
			p.picture()
			p.sessions()
			p.node()
			b.publish(p)
			continue
		case <-tick.C:
			p.rates()
			p.node()
			p.times()
			b.publish(p)
			continue
		}
		if burst == nil {
			burst = time.After(p.pause())
		}
	}
}

func (b *board) publish(p *painter) {
	if !p.changed {
		return
	}
	state := *p.next
	p.changed = false
	b.current.Store(&state)
	b.hub.Publish(&state)
}

const (
	// pauseBytes is what a state may have to come at the debounce; larger ones come less often.
	pauseBytes = 64 << 10
	// longestPause bounds for how long changes are gathered.
	longestPause = 2 * time.Second
	// timesPerSession, least and most bound how often the times of sessions are told again.
	timesPerSession = 10 * time.Millisecond
	leastTimes      = time.Second
	mostTimes       = 10 * time.Second
)

// painter makes sections. It belongs to work.
type painter struct {
	s       *Server
	next    *shown
	changed bool

	drawn *picture       // in the picture section
	live  []*pb.LiveInfo // likewise
	count int            // sessions
	told  time.Time      // when sessions were last made
}

func (p *painter) all() {
	p.picture()
	p.sessions()
	p.rates()
	p.node()
}

// pause says for how long to gather changes before they are shown.
func (p *painter) pause() time.Duration {
	size := p.next[pictureSection].frame.Len() + p.next[sessionsSection].frame.Len()
	return min(p.s.debounce*time.Duration(1+size/pauseBytes), max(longestPause, p.s.debounce))
}

func (p *painter) picture() {
	drawn, live := p.s.current(), p.s.fleet.Live()
	if p.next[pictureSection].version > 0 && drawn == p.drawn && slices.Equal(live, p.live) {
		return
	}
	p.drawn, p.live = drawn, live
	p.set(pictureSection, &consolepb.WatchEvent{Part: &consolepb.WatchEvent_Picture{Picture: p.s.overview(drawn, live)}})
}

func (p *painter) sessions() {
	list := p.s.fleet.Sessions()
	p.count, p.told = len(list), p.s.now()
	p.set(sessionsSection, &consolepb.WatchEvent{Part: &consolepb.WatchEvent_Sessions{Sessions: &consolepb.SessionList{Sessions: list}}})
}

// times makes the list of sessions again for the sake of the times in it: many sessions
// less often than few.
func (p *painter) times() {
	every := min(max(time.Duration(p.count)*timesPerSession, leastTimes), mostTimes)
	if p.count > 0 && p.s.now().Sub(p.told) >= every {
		p.sessions()
	}
}

func (p *painter) rates() {
	p.set(ratesSection, &consolepb.WatchEvent{Part: &consolepb.WatchEvent_Rates{Rates: p.s.metrics.AudienceRates()}})
}

func (p *painter) node() {
	state := &consolepb.NodeState{
		Name: p.s.node, Version: p.s.version, Revision: uint64(p.s.catalog.Snapshot().Revision), Nodes: p.s.fleet.Nodes(),
	}
	if p.s.trouble != nil {
		state.Trouble = p.s.trouble()
	}
	p.set(nodeSection, &consolepb.WatchEvent{Part: &consolepb.WatchEvent_Node{Node: state}})
}

// set shows a section if it differs from what is shown.
func (p *painter) set(at section, event proto.Message) {
	made, err := frame.Encode(event)
	if err != nil {
		p.s.log.Error().Err(err).Msg("a part of what the Console watches cannot be encoded and is not shown")
		return
	}
	part := &p.next[at]
	if part.version > 0 && string(part.frame.Bytes()) == string(made.Bytes()) {
		return
	}
	part.frame = made
	part.version++
	p.changed = true
}

// keepAliveEvent is an event without a part.
var keepAliveEvent = frame.Of(nil)
