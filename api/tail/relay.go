package tail

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
)

// relay sends payloads of a tail to the nodes that view it. The zero value has no viewers.
type relay struct {
	hub *Hub

	mu     sync.Mutex
	wants  map[viewerID]*want
	queue  queue[[]byte]
	counts Counts
}

// viewerID names a viewer on another node.
type viewerID struct {
	run, number uint64
}

// want is a viewer on another node. Its node samples again, over what all nodes send; this
// keeps the bus from carrying what would be thrown away there.
type want struct {
	request Request
	sampler sampler
}

// view takes over who views the tail elsewhere.
func (r *relay) view(viewers map[viewerID]Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	wants := make(map[viewerID]*want, len(viewers))
	for id, request := range viewers {
		if w := r.wants[id]; w != nil && w.request == request {
			wants[id] = w
			continue
		}
		wants[id] = &want{request, newSampler(request)}
	}
	r.wants = wants
}

// offer queues a payload if any viewer elsewhere wants to see it.
func (r *relay) offer(p *payload, paused bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shown, sampled := false, false
	now := r.hub.cfg.Now()
	for _, w := range r.wants {
		if w.request.shows(p) {
			shown = true
			sampled = (!paused && w.sampler.allow(now, false)) || sampled
		}
	}
	if !shown {
		return
	}
	r.counts.Received++
	switch {
	case paused:
		r.counts.Paused++
		r.hub.stats.paused.Add(1)
		return
	case !sampled:
		r.counts.Sampled++
		r.hub.stats.sampled.Add(1)
		return
	}
	encoded, err := proto.Marshal(p.response)
	if err != nil { // it was decoded from the wire
		r.hub.stats.invalid.Add(1)
		return
	}
	r.drop(r.queue.add(encoded, len(encoded)))
	wake(r.hub.relayWake)
}

// drop counts lost payloads. r.mu is held.
func (r *relay) drop(lost uint64) {
	r.counts.Dropped += lost
	r.hub.stats.relayDropped.Add(lost)
}

// maxBatch is about how many bytes are published at once: one round trip to the bus carries
// many payloads.
const maxBatch = 256 << 10

// take returns the payloads for one message, oldest first.
func (r *relay) take() (batch [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	total := 0
	for {
		size, ok := r.queue.next()
		if !ok || (len(batch) > 0 && total+size > maxBatch) {
			return batch
		}
		encoded, _ := r.queue.take()
		batch = append(batch, encoded)
		total += size
	}
}

func (r *relay) lose(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(uint64(n))
}

// seen returns the relay's counts.
func (r *relay) seen() Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts
}

// publishLimit bounds how long a bus that hangs holds up the relays.
const publishLimit = 2 * time.Second

// publish sends what relays hold until ctx ends. Relays take turns, a batch each.
func (h *Hub) publish(ctx context.Context) {
	healthy := true
	for {
		select {
		case <-h.relayWake:
		case <-ctx.Done():
			return
		}
		for more := true; more && ctx.Err() == nil; {
			more = false
			for id, r := range h.activeRelays() {
				batch := r.take()
				if len(batch) == 0 {
					continue
				}
				more = true
				err := h.publishOne(ctx, payloadTopic(id), encodeBatch(h.run, batch))
				if err != nil {
					r.lose(len(batch))
					if healthy && ctx.Err() == nil {
						h.cfg.Log.Warn().Err(err).Msg("cannot send tailed payloads to other nodes; they are dropped and counted")
					}
				} else {
					h.stats.relayed.Add(uint64(len(batch)))
				}
				healthy = err == nil
			}
		}
	}
}

func (h *Hub) publishOne(ctx context.Context, topic string, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	return h.cfg.Bus.Publish(ctx, topic, message)
}

func (h *Hub) activeRelays() map[string]*relay {
	active := make(map[string]*relay)
	for id, way := range *h.routes.Load() {
		if way.relay != nil {
			active[id] = way.relay
		}
	}
	return active
}
