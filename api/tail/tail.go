// Package tail shows people the payloads that services process, while they watch.
//
// A tail is a request for the payloads of one audience, under an id that its viewer chose.
// It lives as long as somebody views it. Every node knows every tail: nodes tell each other
// on one topic of the bus which of them they view, in full and again and again, so that what
// is lost heals and what a dead node viewed ends. The fleet tells SDKs; their payloads come
// to whichever node they are connected to, which hands them to its own viewers directly, and
// publishes them on the tail's topic only if another node has viewers. Everything is best
// effort and bounded: what does not fit is dropped, oldest first, and counted.
package tail

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
)

const (
	// DefaultAnnounce is how often nodes repeat what they view.
	DefaultAnnounce = 2 * time.Second
	// DefaultExpire is when a silent node is forgotten; the original's tails lived as long.
	DefaultExpire = 10 * time.Second

	// MaxViewers bounds what people can make this node and all SDKs do.
	MaxViewers = 100
	// MaxData is how much of a payload is shown, before and after processing each. What is
	// longer is cut, and says so.
	MaxData = 1 << 20
)

// ErrTooManyViewers refuses a viewer beyond MaxViewers.
var ErrTooManyViewers = failure.New(failure.Throttled,
	"this node has %d tails open and cannot have more; close some, or use another node", MaxViewers)

// Fleet tells SDK sessions what to send. It must not call back.
type Fleet interface {
	// SetTails replaces the tails that are wanted.
	SetTails([]fleet.Tail)
	// StopTail makes a session stop a tail that nobody wants.
	StopTail(session string, a audience.Key, id string)
}

// Config is what New needs. Fleet is required.
type Config struct {
	Node  string
	Fleet Fleet
	// Bus leads to other nodes; nil keeps tails to this one.
	Bus store.Bus
	Log zerolog.Logger
	// Now is the clock, time.Now by default.
	Now func() time.Time
	// The zero value means the default.
	Announce, Expire time.Duration
}

// Hub knows all tails and moves their payloads. Its methods are safe for concurrent use.
type Hub struct {
	cfg   Config
	run   uint64 // names this process on the bus, so that a restarted node is a new one
	stats counters

	// What to do with a payload, by tail id. It is replaced, never changed, because every
	// payload of every SDK looks at it.
	routes atomic.Pointer[map[string]*route]
	// lastStray is when a session was last told to stop a tail, in Unix nanoseconds.
	lastStray atomic.Int64

	changed   chan struct{} // of one; other nodes should be told
	relayWake chan struct{} // of one; a relay has something to publish
	inletWake chan struct{} // of one; other tails are viewed here than before

	mu      sync.Mutex // never held while something is sent or waited for
	viewers map[*Viewer]struct{}
	next    uint64 // number of the next viewer
	nodes   map[uint64]*node
	pauses  map[string]pause     // by tail id
	relays  map[string]*relay    // by tail id
	ended   map[string]time.Time // when tails ended, for a moment
	silent  bool                 // other nodes know that there is nothing to tell
}

// New returns a hub without tails. Tails of this node work at once, those of other nodes
// while Run runs.
func New(cfg Config) *Hub {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Announce <= 0 {
		cfg.Announce = DefaultAnnounce
	}
	if cfg.Expire <= 0 {
		cfg.Expire = DefaultExpire
	}
	h := &Hub{
		cfg: cfg, run: rand.Uint64(), silent: true,
		changed: make(chan struct{}, 1), relayWake: make(chan struct{}, 1), inletWake: make(chan struct{}, 1),
		viewers: make(map[*Viewer]struct{}),
		nodes:   make(map[uint64]*node),
		pauses:  make(map[string]pause),
		relays:  make(map[string]*relay),
		ended:   make(map[string]time.Time),
	}
	h.routes.Store(&map[string]*route{})
	return h
}

// Run exchanges tails and payloads with other nodes until ctx ends, then tells them that
// this node views nothing. It always returns nil.
func (h *Hub) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	if h.cfg.Bus != nil {
		wg.Go(func() { h.listen(ctx) })
		wg.Go(func() { h.publish(ctx) })
		wg.Go(func() { h.receive(ctx) })
	}
	wg.Go(func() { h.tick(ctx) })
	wg.Wait()
	return nil
}

// Open begins to view a tail. Nobody is disturbed by another viewer of the same id or
// audience: each has its own sampling and counts. The caller must Close the viewer.
func (h *Hub) Open(r Request) (*Viewer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.viewers) >= MaxViewers {
		h.stats.refusedViewers.Add(1)
		return nil, ErrTooManyViewers
	}
	if (*h.routes.Load())[r.ID] == nil {
		// A new tail, even if others remember a pause of an earlier one.
		h.pauses[r.ID] = pause{At: h.cfg.Now().UnixNano()}
	}
	h.next++
	v := newViewer(h, h.next, r)
	h.viewers[v] = struct{}{}
	h.rebuild()
	h.tellOthers()
	return v, nil
}

func (h *Hub) close(v *Viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, open := h.viewers[v]; !open {
		return
	}
	delete(h.viewers, v)
	h.rebuild()
	h.tellOthers()
}

// tellOthers makes Run announce what changed. h.mu is held.
func (h *Hub) tellOthers() {
	h.silent = false
	wake(h.changed)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Pause drops the payloads of a tail until Resume, on every node, and tells SDKs that can
// pause. The error is failure.NotFound when no such tail is active.
func (h *Hub) Pause(id string) error { return h.setPaused(id, true) }

// Resume ends Pause. The error is failure.NotFound when no such tail is paused.
func (h *Hub) Resume(id string) error { return h.setPaused(id, false) }

func (h *Hub) setPaused(id string, on bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := (*h.routes.Load())[id]
	if known == nil || known.paused == on {
		return failure.New(failure.NotFound, "error fetching tail request: no tail request found for tail ID '%s'", id)
	}
	// Later than what any node knows, also if its clock is ahead.
	at := max(h.cfg.Now().UnixNano(), h.pauses[id].At+1)
	h.pauses[id] = pause{On: on, At: at}
	h.rebuild()
	h.tellOthers()
	return nil
}
