package metrics

import (
	"sync"
	"time"
)

const (
	// A rate is what came in during the last ten whole seconds, per second. Whole ones,
	// because SDKs report once a second and half of one would look like a dip.
	windowSeconds = 10
	slots         = windowSeconds + 1 // and the second that is not over

	// maxGroups bounds the audiences, and the groups of audiences, that have rates.
	maxGroups = 10_000
)

// amounts are bytes, payloads and errors.
type amounts [units]float64

// window is what came in for one name lately.
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

// windows holds the names, of groups or of audiences, for which something came in lately.
type windows struct {
	now   func() time.Time
	start time.Time // seconds are counted from here: wall clocks are set back at times

	mu     sync.Mutex
	groups map[string]*window
}

func (w *windows) second() int64 { return max(0, int64(w.now().Sub(w.start)/time.Second)) }

func newWindows(now func() time.Time) *windows {
	return &windows{now: now, start: now(), groups: make(map[string]*window)}
}

// add notes what came in; it returns false when there is no room.
func (w *windows) add(name string, u unit, v float64) bool {
	second := w.second()
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.groups[name]
	if g == nil {
		if len(w.groups) >= maxGroups {
			return false
		}
		g = &window{last: second}
		w.groups[name] = g
	}
	g.forget(second)
	g.slots[g.last%slots][u] += v
	return true
}

// rates returns the names that are not idle, and forgets the others.
func (w *windows) rates() map[string]amounts {
	second := w.second()
	w.mu.Lock()
	defer w.mu.Unlock()
	rates := make(map[string]amounts, len(w.groups))
	for name, g := range w.groups {
		rate := g.rate(second)
		switch {
		case rate != amounts{}:
			rates[name] = rate
		case g.slots[g.last%slots] == amounts{}:
			delete(w.groups, name)
		}
	}
	return rates
}
