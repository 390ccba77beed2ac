package notify

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bounds how often each config is written to, and remembers how much that held back.
type limits struct {
	burst int
	every rate.Limit

	mu    sync.Mutex
	of    map[string]*limit
	total uint64
}

type limit struct {
	bucket *rate.Limiter
	held   int
}

func newLimits(burst int, every time.Duration) *limits {
	return &limits{burst: burst, every: rate.Every(every), of: make(map[string]*limit)}
}

// take reports whether a config may get a message now, and how many it did not get since the
// last one.
func (l *limits) take(id string, now time.Time) (held int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.of[id]
	if c == nil {
		c = &limit{bucket: rate.NewLimiter(l.every, l.burst)}
		l.of[id] = c
	}
	if !c.bucket.AllowN(now, 1) {
		c.held++
		l.total++
		return 0, false
	}
	held, c.held = c.held, 0
	return held, true
}

// giveBack makes the next message mention one that take allowed and that did not get sent.
func (l *limits) giveBack(id string, held int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.of[id]; c != nil {
		c.held += held + 1
	}
}

func (l *limits) suppressed() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// forget drops configs that no longer exist, once they outnumber the n that do.
func (l *limits) forget(n int, exists func(id string) bool) {
	const few = 100
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.of) <= 2*n+few {
		return
	}
	for id := range l.of {
		if !exists(id) {
			delete(l.of, id)
		}
	}
}
