package metrics

import (
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/counters"
	"github.com/streamdal/streamdal-server/store/audience"
)

const (
	// A rate is what came in during the last ten whole seconds, per second. Whole ones,
	// because SDKs report once a second and half of one would look like a dip.
	windowSeconds = 10
	slots         = windowSeconds + 1 // and the second that is not over

	// maxGroups bounds the groups of audiences that have rates.
	maxGroups = 10_000
)

// amounts are bytes and payloads.
type amounts [units]float64

// window is what one group reported lately.
type window struct {
	slots [slots]amounts
	last  int64 // the second of the newest slot
}

// forget empties the slots between the last report and a second.
func (w *window) forget(second int64) {
	for s := max(w.last+1, second-slots+1); s <= second; s++ {
		w.slots[s%slots] = amounts{}
	}
	w.last = max(w.last, second)
}

// rate returns amounts per second; zero when nothing came in for the length of the window.
func (w *window) rate(second int64) (rate amounts) {
	w.forget(second)
	for i, slot := range w.slots {
		if int64(i) == w.last%slots {
			continue // it is not over
		}
		for u, v := range slot {
			rate[u] += v / windowSeconds
		}
	}
	return rate
}

// windows holds the groups that reported something within their window.
type windows struct {
	now   func() time.Time
	start time.Time // seconds are counted from here: wall clocks are set back at times

	mu     sync.Mutex
	groups map[string]*window
}

func (w *windows) second() int64 { return max(0, int64(w.now().Sub(w.start)/time.Second)) }

// add notes what an audience reported; it returns false when there is no room.
func (w *windows) add(a *pb.Audience, u unit, v float64) bool {
	second := w.second()
	group := audience.Group(a)
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.groups[group]
	if g == nil {
		if len(w.groups) >= maxGroups {
			return false
		}
		g = &window{last: second}
		w.groups[group] = g
	}
	g.forget(second)
	g.slots[g.last%slots][u] += v
	return true
}

// rates returns the groups that are not idle, and forgets the others.
func (w *windows) rates() []*counters.GroupRate {
	second := w.second()
	w.mu.Lock()
	defer w.mu.Unlock()
	rates := make([]*counters.GroupRate, 0, len(w.groups))
	for group, g := range w.groups {
		rate := g.rate(second)
		switch {
		case rate != amounts{}:
			rates = append(rates, &counters.GroupRate{Group: group, Bytes: rate[bytesUnit], Processed: rate[processedUnit]})
		case g.slots[g.last%slots] == amounts{}:
			delete(w.groups, group)
		}
	}
	return rates
}
