package tail

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/streamdal/streamdal-server/store/audience"
)

// controlTopic is where nodes tell each other which tails they view.
const controlTopic = "tails"

// Topics are what nodes tell each other on the bus about tails. Payloads go by topics of
// their own, one for each tail.
func Topics() []string { return []string{controlTopic} }

// announcement is what a node says about itself, complete each time.
type announcement struct {
	Version int                `json:"v"`
	Run     uint64             `json:"run"`
	Node    string             `json:"node"`
	Viewers map[uint64]Request `json:"viewers,omitempty"` // by number
	Pauses  map[string]pause   `json:"pauses,omitempty"`  // of all tails it knows, by id
	Counts  map[string]Counts  `json:"counts,omitempty"`  // of payloads for viewers elsewhere, by id
}

const announcementVersion = 1

// pause says since when a tail is paused or not. The latest word counts.
type pause struct {
	On bool  `json:"on"`
	At int64 `json:"at"` // Unix nanoseconds
}

// decodeAnnouncement reads an announcement. It refuses what this version cannot use.
func decodeAnnouncement(b []byte) (announcement, error) {
	var a announcement
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("decode announcement: %w", err)
	}
	if a.Version != announcementVersion || len(a.Viewers) > MaxViewers {
		return a, fmt.Errorf("announcement of version %d with %d viewers", a.Version, len(a.Viewers))
	}
	for _, v := range a.Viewers {
		if _, err := audience.Parse(string(v.Audience)); err != nil || v.ID == "" || checkName("", v.ID) != nil {
			return a, fmt.Errorf("announcement of tail %q for audience %q", v.ID, v.Audience)
		}
	}
	return a, nil
}

// node is another process that announced itself.
type node struct {
	name    string
	seen    time.Time
	viewers map[uint64]Request
	counts  map[string]Counts
}

// listen takes the announcements of other nodes until ctx ends.
func (h *Hub) listen(ctx context.Context) {
	for message := range h.cfg.Bus.Subscribe(ctx, controlTopic) {
		a, err := decodeAnnouncement(message)
		if err != nil {
			h.stats.garbled.Add(1)
			h.cfg.Log.Debug().Err(err).Msg("a message about tails is ignored; another version of this server may have sent it")
			continue
		}
		if a.Run != h.run {
			h.heard(a)
		}
	}
}

// heard takes over what another node says.
func (h *Hub) heard(a announcement) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.nodes[a.Run]
	if n == nil {
		n = &node{name: a.Node}
		h.nodes[a.Run] = n
	}
	changed := !maps.Equal(n.viewers, a.Viewers)
	n.seen, n.viewers, n.counts = h.cfg.Now(), a.Viewers, a.Counts
	for id, p := range a.Pauses {
		if known, ok := h.pauses[id]; !ok || p.At > known.At {
			h.pauses[id] = p
			changed = true
		}
	}
	if changed {
		h.rebuild()
	}
}

// tick announces what changed at once, and what did not every now and then, until ctx ends.
func (h *Hub) tick(ctx context.Context) {
	ticker := time.NewTicker(h.cfg.Announce)
	defer ticker.Stop()
	healthy := true
	for {
		select {
		case <-h.changed:
		case <-ticker.C:
			h.expire()
		case <-ctx.Done():
			h.bye(ctx)
			return
		}
		err := h.announce(ctx)
		if err != nil && healthy && ctx.Err() == nil {
			h.cfg.Log.Warn().Err(err).Msg("cannot tell other nodes which tails are viewed here; only sessions of this node are shown")
		}
		healthy = err == nil
	}
}

// announce tells other nodes about this one, unless there is nothing to tell and they know.
func (h *Hub) announce(ctx context.Context) error {
	if h.cfg.Bus == nil {
		return nil
	}
	a, worth := h.announcement()
	if !worth {
		return nil
	}
	return h.send(ctx, a)
}

// bye ends what this node views. What of it is lost, other nodes forget by themselves.
func (h *Hub) bye(ctx context.Context) {
	h.mu.Lock()
	silent := h.silent
	h.mu.Unlock()
	if h.cfg.Bus == nil || silent {
		return
	}
	err := h.send(context.WithoutCancel(ctx), announcement{Version: announcementVersion, Run: h.run, Node: h.cfg.Node})
	if err != nil {
		h.cfg.Log.Debug().Err(err).Msg("cannot tell other nodes that no tail is viewed here any more")
	}
}

func (h *Hub) send(ctx context.Context, a announcement) error {
	encoded, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode announcement: %w", err)
	}
	return h.publishOne(ctx, controlTopic, encoded)
}

// announcement returns what to tell; worth is false when nothing is to be told and others
// know it.
func (h *Hub) announcement() (a announcement, worth bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a = announcement{
		Version: announcementVersion, Run: h.run, Node: h.cfg.Node, Pauses: maps.Clone(h.pauses),
		Viewers: make(map[uint64]Request, len(h.viewers)), Counts: make(map[string]Counts, len(h.relays)),
	}
	for v := range h.viewers {
		a.Viewers[v.number] = v.request
	}
	for id, r := range h.relays {
		a.Counts[id] = r.seen()
	}
	empty := len(a.Viewers)+len(a.Pauses)+len(a.Counts) == 0
	worth = !empty || !h.silent
	h.silent = empty
	return a, worth
}

// expire forgets nodes that are silent, and tails that ended long ago.
func (h *Hub) expire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.cfg.Now()
	changed := false
	for run, n := range h.nodes {
		if now.Sub(n.seen) < h.cfg.Expire {
			continue
		}
		delete(h.nodes, run)
		if len(n.viewers) > 0 {
			changed = true
			h.cfg.Log.Info().Str("node", n.name).Int("viewers", len(n.viewers)).Msg("a node does not answer; the tails that it viewed end")
		}
	}
	maps.DeleteFunc(h.ended, func(_ string, at time.Time) bool { return now.Sub(at) >= endedFor })
	if changed {
		h.rebuild()
	}
}

// countsElsewhere sums what other nodes counted for a tail.
func (h *Hub) countsElsewhere(id string) (c Counts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.nodes {
		c = c.plus(n.counts[id])
	}
	return c
}
