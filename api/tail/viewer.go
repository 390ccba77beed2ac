package tail

import (
	"strconv"
	"sync"

	"github.com/streamdal/streamdal-server/api/pb"
)

// A viewer that is slow to read gets what fits here, and loses what is older.
const (
	maxQueued      = 1000
	maxQueuedBytes = 4 << 20
)

// Counts say what became of the payloads of a tail.
type Counts struct {
	Received uint64 `json:"received,omitempty"` // from SDKs
	Sampled  uint64 `json:"sampled,omitempty"`  // left out by sampling
	Paused   uint64 `json:"paused,omitempty"`   // left out while the tail was paused
	Dropped  uint64 `json:"dropped,omitempty"`  // lost because the viewer or the bus was too slow
}

func (c Counts) plus(o Counts) Counts {
	return Counts{c.Received + o.Received, c.Sampled + o.Sampled, c.Paused + o.Paused, c.Dropped + o.Dropped}
}

// The keys under which viewers see Counts, in the stream's trailer and in the metadata of
// keep-alive messages.
const (
	ReceivedKey = "tail-received"
	SampledKey  = "tail-sampled-out"
	PausedKey   = "tail-paused"
	DroppedKey  = "tail-dropped"
)

// Metadata returns the counts as viewers see them.
func (c Counts) Metadata() map[string]string {
	text := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return map[string]string{
		ReceivedKey: text(c.Received), SampledKey: text(c.Sampled), PausedKey: text(c.Paused), DroppedKey: text(c.Dropped),
	}
}

// Viewer is an open tail: a queue that never makes anybody wait.
type Viewer struct {
	hub     *Hub
	number  uint64
	request Request
	ready   chan struct{} // of one

	mu      sync.Mutex
	sampler sampler
	queue   queue[*pb.TailResponse]
	counts  Counts
}

func newViewer(h *Hub, number uint64, r Request) *Viewer {
	return &Viewer{hub: h, number: number, request: r, ready: make(chan struct{}, 1), sampler: newSampler(r)}
}

// Ready returns a channel that gets a value when Next may have something.
func (v *Viewer) Ready() <-chan struct{} { return v.ready }

// Next takes the oldest payload that waits; ok is false when none does. It is shared with
// other viewers and must not be changed.
func (v *Viewer) Next() (r *pb.TailResponse, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, ok = v.queue.take()
	if ok {
		v.hub.stats.shown.Add(1)
	}
	return r, ok
}

// Close ends the tail, unless others view it. Closing again does nothing.
func (v *Viewer) Close() { v.hub.close(v) }

// NoteCut counts that the viewer's stream is ended because nobody reads it.
func (v *Viewer) NoteCut() { v.hub.stats.cutViewers.Add(1) }

// Counts returns what became of the tail's payloads on all nodes. What other nodes counted
// is a few seconds old.
func (v *Viewer) Counts() Counts {
	elsewhere := v.hub.countsElsewhere(v.request.ID)
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.counts.plus(elsewhere)
}

// offer queues a payload if the viewer wants to see it. A payload from another node was
// counted and sampled there.
func (v *Viewer) offer(p *payload, paused, relayed bool) {
	if !v.request.shows(p) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !relayed {
		v.counts.Received++
	}
	switch {
	case paused:
		v.counts.Paused++
		v.hub.stats.paused.Add(1)
		return
	case !v.sampler.allow(v.hub.cfg.Now(), relayed):
		v.counts.Sampled++
		v.hub.stats.sampled.Add(1)
		return
	}
	if lost := v.queue.add(p.response, p.size); lost > 0 {
		v.counts.Dropped += lost
		v.hub.stats.dropped.Add(lost)
	}
	wake(v.ready)
}

// queue holds a bounded number of things and bytes. The zero value is ready for use.
type queue[T any] struct {
	items []sized[T]
	bytes int
}

type sized[T any] struct {
	item T
	size int
}

// add appends an item, and returns how many of the oldest it dropped to make room.
func (q *queue[T]) add(item T, size int) (dropped uint64) {
	for len(q.items) > 0 && (len(q.items) >= maxQueued || q.bytes+size > maxQueuedBytes) {
		q.take()
		dropped++
	}
	q.items = append(q.items, sized[T]{item, size})
	q.bytes += size
	return dropped
}

// take removes the oldest item.
func (q *queue[T]) take() (item T, ok bool) {
	if len(q.items) == 0 {
		return item, false
	}
	first := q.items[0]
	q.items[0] = sized[T]{} // for the garbage collector
	q.items = q.items[1:]
	q.bytes -= first.size
	return first.item, true
}

// next returns the size of the oldest item; ok is false when there is none.
func (q *queue[T]) next() (size int, ok bool) {
	if len(q.items) == 0 {
		return 0, false
	}
	return q.items[0].size, true
}
