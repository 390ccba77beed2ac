package fleet

import (
	"context"
	"iter"
	"time"
)

// ringSlots spreads the keep-alives of all streams over the interval, so that ten thousand
// of them do not come in one burst that pushes have to wait behind.
const ringSlots = 20

// ring holds the open streams. One timer visits one slot after the other.
type ring struct {
	slots [ringSlots]map[*stream]struct{}
	next  int // slot for the next stream
}

func (r *ring) add(st *stream) {
	st.slot = r.next
	r.next = (r.next + 1) % ringSlots
	if r.slots[st.slot] == nil {
		r.slots[st.slot] = make(map[*stream]struct{})
	}
	r.slots[st.slot][st] = struct{}{}
}

func (r *ring) remove(st *stream) { delete(r.slots[st.slot], st) }

func (r *ring) all() iter.Seq[*stream] {
	return func(yield func(*stream) bool) {
		for _, slot := range r.slots {
			for st := range slot {
				if !yield(st) {
					return
				}
			}
		}
	}
}

// tick visits every stream once per keep-alive interval, and then looks for what has expired.
func (f *Fleet) tick(ctx context.Context) {
	ticker := time.NewTicker(max(f.cfg.KeepAlive/ringSlots, time.Millisecond))
	defer ticker.Stop()
	for slot := 0; ; slot = (slot + 1) % ringSlots {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		now := f.cfg.Now()
		f.visit(slot, now)
		if slot == 0 {
			f.sweep(now)
		}
	}
}

// visit cuts streams that are stuck and makes the others send a keep-alive.
func (f *Fleet) visit(slot int, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for st := range f.ring.slots[slot] {
		if st.stuckSince(now.Add(-f.cfg.StuckAfter)) {
			f.stats.cutStreams.Add(1)
			f.cfg.Log.Warn().Str("session", st.session.id).Str("service", st.session.name).
				Msg("a session does not read its commands; its stream is cut")
			st.end(ErrStuck)
			continue
		}
		if len(st.queue) == 0 {
			st.keepAlive = true
			st.signal()
		}
	}
}

// sweep drops sessions, frames and pulls that have expired.
func (f *Fleet) sweep(now time.Time) {
	f.frames.sweep(now.Add(-frameIdle))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.expire(now)
	for name, p := range f.pulls {
		if now.Sub(p.at) > pullCounts {
			delete(f.pulls, name)
		}
	}
}
