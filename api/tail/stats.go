package tail

import "sync/atomic"

// Stats counts what happened on this node since the hub was made, and what there is now.
type Stats struct {
	Viewers, Tails int    // open on this node; known, on any node
	Received       uint64 // payloads of active tails, from SDKs of this node
	Invalid        uint64 // messages of SDKs that made no sense
	Unwanted       uint64 // payloads of tails that nobody views
	Cut            uint64 // data longer than MaxData
	Sampled        uint64 // left out by sampling
	Paused         uint64 // left out while their tail was paused
	Shown          uint64 // taken by viewers of this node
	Dropped        uint64 // lost because a viewer was slow
	Relayed        uint64 // published for viewers on other nodes
	RelayDropped   uint64 // lost because the bus was slow or away
	Garbled        uint64 // messages of other nodes that could not be read
	RefusedViewers uint64 // beyond MaxViewers
	CutViewers     uint64 // ended because they did not read
}

type counters struct {
	received, invalid, unwanted, cut, sampled, paused, shown, dropped atomic.Uint64
	relayed, relayDropped, garbled, refusedViewers, cutViewers        atomic.Uint64
}

// Stats returns the counts as they are now.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	viewers := len(h.viewers)
	h.mu.Unlock()
	return Stats{
		Viewers:        viewers,
		Tails:          len(*h.routes.Load()),
		Received:       h.stats.received.Load(),
		Invalid:        h.stats.invalid.Load(),
		Unwanted:       h.stats.unwanted.Load(),
		Cut:            h.stats.cut.Load(),
		Sampled:        h.stats.sampled.Load(),
		Paused:         h.stats.paused.Load(),
		Shown:          h.stats.shown.Load(),
		Dropped:        h.stats.dropped.Load(),
		Relayed:        h.stats.relayed.Load(),
		RelayDropped:   h.stats.relayDropped.Load(),
		Garbled:        h.stats.garbled.Load(),
		RefusedViewers: h.stats.refusedViewers.Load(),
		CutViewers:     h.stats.cutViewers.Load(),
	}
}
