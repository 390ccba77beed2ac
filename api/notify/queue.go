package notify

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"
)

// queue holds a bounded number of deliveries. Those of one config come out one at a time.
type queue struct {
	limit int
	now   func() time.Time
	wake  chan struct{} // somebody should look; of one, so hints merge
	empty chan struct{} // closed when the queue is closed and nothing is left

	mu     sync.Mutex
	ready  []*delivery
	later  byDue
	busy   map[string]bool // configs with a delivery under way
	count  int             // ready, later and under way
	closed bool
}

func newQueue(limit int, now func() time.Time) *queue {
	return &queue{limit: limit, now: now, wake: make(chan struct{}, 1), empty: make(chan struct{}), busy: make(map[string]bool)}
}

// put takes a new delivery, unless the queue is full or closed.
func (q *queue) put(d *delivery) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.count >= q.limit {
		return false
	}
	q.count++
	q.ready = append(q.ready, d)
	q.hint()
	return true
}

// take returns the next delivery whose time has come; the caller calls done or again. It
// returns nil when ctx ends or the queue is closed and nothing is left.
func (q *queue) take(ctx context.Context) *delivery {
	for {
		d, wait := q.next()
		if d != nil {
			return d
		}
		timer := time.NewTimer(wait)
		select {
		case <-q.wake:
		case <-timer.C:
		case <-q.empty:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil || q.drained() {
			return nil
		}
	}
}

// next returns a delivery to make now, or how long to wait for one.
func (q *queue) next() (*delivery, time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	for len(q.later) > 0 && (q.closed || !q.later[0].due.After(now)) {
		q.ready = append(q.ready, heap.Pop(&q.later).(*delivery))
	}
	i := slices.IndexFunc(q.ready, func(d *delivery) bool { return !q.busy[d.config] })
	if i < 0 {
		if len(q.later) > 0 {
			return nil, max(q.later[0].due.Sub(now), time.Millisecond)
		}
		return nil, time.Hour
	}
	d := q.ready[i]
	q.ready = slices.Delete(q.ready, i, i+1)
	q.busy[d.config] = true
	if len(q.ready) > 0 {
		q.hint() // for another worker
	}
	return d, 0
}

// done forgets a delivery that take returned.
func (q *queue) done(d *delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, d.config)
	q.count--
	q.hint()
	q.closeIfEmpty()
}

// again keeps a delivery that take returned for another attempt, unless the queue is closed.
func (q *queue) again(d *delivery, due time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	delete(q.busy, d.config)
	d.due = due
	heap.Push(&q.later, d)
	q.hint()
	return true
}

// close lets nothing more in; what waits for its time comes out at once.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.closed = true
	q.hint()
	q.closeIfEmpty()
}

// clear forgets what nobody has taken, and returns how much that is.
func (q *queue) clear() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.ready) + len(q.later)
	q.ready, q.later = nil, nil
	q.count -= n
	q.closeIfEmpty()
	return n
}

func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.count
}

func (q *queue) drained() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed && q.count == 0
}

// hint wakes a worker. q.mu is held.
func (q *queue) hint() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// closeIfEmpty tells Drain and the workers that nothing is left. q.mu is held.
func (q *queue) closeIfEmpty() {
	if !q.closed || q.count > 0 {
		return
	}
	select {
	case <-q.empty:
	default:
		close(q.empty)
	}
}

// byDue is a heap of deliveries, the next one first.
type byDue []*delivery

func (h byDue) Len() int           { return len(h) }
func (h byDue) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h byDue) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

func (h *byDue) Push(x any) { *h = append(*h, x.(*delivery)) }

func (h *byDue) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
