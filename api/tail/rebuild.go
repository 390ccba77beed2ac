package tail

import (
	"cmp"
	"maps"
	"slices"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/store/audience"
)

// rebuild brings everything in line with who views what: routes, relays, subscriptions and
// the fleet. h.mu is held.
func (h *Hub) rebuild() {
	before := *h.routes.Load()
	routes := make(map[string]*route)
	wayOf := func(r Request) *route {
		way := routes[r.ID]
		if way == nil {
			way = &route{audiences: make(map[audience.Key]struct{})}
			routes[r.ID] = way
		}
		way.audiences[r.Audience] = struct{}{}
		return way
	}
	wanted := make(map[tailID]fleet.Tail)
	for _, v := range h.openViewers() {
		way := wayOf(v.request)
		way.viewers = append(way.viewers, v)
		ask(wanted, v.request)
	}
	elsewhere := make(map[string]map[viewerID]Request)
	for run, n := range h.nodes {
		for number, r := range n.viewers {
			wayOf(r)
			ask(wanted, r)
			if elsewhere[r.ID] == nil {
				elsewhere[r.ID] = make(map[viewerID]Request)
			}
			elsewhere[r.ID][viewerID{run, number}] = r
		}
	}
	h.relay(routes, elsewhere)
	maps.DeleteFunc(h.pauses, func(id string, _ pause) bool { return routes[id] == nil })
	for id, way := range routes {
		way.paused = h.pauses[id].On
		delete(h.ended, id)
	}
	for id := range before {
		if routes[id] == nil {
			h.ended[id] = h.cfg.Now()
		}
	}
	h.routes.Store(&routes)
	wake(h.inletWake)
	h.cfg.Fleet.SetTails(h.tails(wanted))
}

// openViewers returns the viewers of this node in the order in which they came. h.mu is held.
func (h *Hub) openViewers() []*Viewer {
	return slices.SortedFunc(maps.Keys(h.viewers), func(a, b *Viewer) int { return cmp.Compare(a.number, b.number) })
}

// relay gives the tails that are viewed elsewhere a relay, and takes it from others. h.mu is held.
func (h *Hub) relay(routes map[string]*route, elsewhere map[string]map[viewerID]Request) {
	for id, viewers := range elsewhere {
		r := h.relays[id]
		if r == nil {
			r = &relay{hub: h}
			h.relays[id] = r
		}
		r.view(viewers)
		routes[id].relay = r
	}
	for id := range h.relays {
		if elsewhere[id] == nil {
			delete(h.relays, id)
		}
	}
}

// tailID is what SDKs know a tail by.
type tailID struct {
	id       string
	audience audience.Key
}

// ask adds what one viewer needs to what SDKs are asked for: the highest rate that any of
// the viewers of one tail wants, of all sessions if not all of them want the same one.
func ask(wanted map[tailID]fleet.Tail, r Request) {
	t := fleet.Tail{ID: r.ID, Audience: r.Audience, Session: r.Session, Rate: r.Rate, Seconds: r.Seconds}
	if r.Rate == 0 {
		t.Rate, t.Seconds = unlimited, 1
	}
	key := tailID{r.ID, r.Audience}
	if known, ok := wanted[key]; ok {
		if known.Session != t.Session {
			t.Session = ""
		}
		before, now := uint64(known.Rate)*uint64(t.Seconds), uint64(t.Rate)*uint64(known.Seconds)
		if before > now || before == now && known.Rate > t.Rate { // the same in whatever order they come
			t.Rate, t.Seconds = known.Rate, known.Seconds
		}
	}
	wanted[key] = t
}

// tails returns the tails as the fleet needs them. h.mu is held.
func (h *Hub) tails(wanted map[tailID]fleet.Tail) []fleet.Tail {
	list := make([]fleet.Tail, 0, len(wanted))
	for _, t := range wanted {
		t.Paused = h.pauses[t.ID].On
		list = append(list, t)
	}
	return list
}
