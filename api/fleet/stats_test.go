package fleet_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/api/fleet"
)

func TestSessionsByLanguageAndService(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i, language := range []string{"go", "Go", "Typescript", "python", "ruby", "cobol", "", strings.Repeat("x", 1<<10)} {
		h := hello("", []string{"one", "Two"}[i%2])
		h.Client.Language = language
		w.fleet.Heartbeat(h)
	}
	got := w.fleet.Stats()
	want := map[string]int{"go": 2, "typescript": 1, "python": 1, "ruby": 1, "other": 3}
	if diff := cmp.Diff(want, got.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"one": 4, "two": 4}, got.Services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

// Only changes that a session had to wait for are measured: not what it gets because it
// registered, nor changes of other audiences.
func TestPushesAreMeasured(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var took []time.Duration
	w := newWorld(t, func(c *fleet.Config) {
		c.Pushed = func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			took = append(took, d)
		}
	})
	a := aud("svc", "op", "kafka")
	w.attach(a, "p1")
	one, two := w.register(hello("go-sdk", "svc", a)), w.register(hello("go-sdk", "svc", a))
	for _, c := range []*client{one, two} {
		c.has("svc/op/kafka", "p1")
	}
	before := time.Now()
	w.attach(a, "p1", "p2")
	for _, c := range []*client{one, two} {
		c.has("svc/op/kafka", "p1", "p2")
	}
	w.attach(aud("elsewhere", "op", "kafka"), "p1")
	one.settle()
	two.settle()
	mu.Lock()
	defer mu.Unlock()
	if len(took) != 2 || slices.Min(took) <= 0 || slices.Max(took) > time.Since(before) {
		t.Errorf("got %v, want a measurement for each session", took)
	}
}

// A session that does not read is seen to be behind, and for how long.
func TestLag(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "p1")
	w.register(hello("go-sdk", "svc", a)).has("svc/op/kafka", "p1")
	eventually(t, "nobody is behind", func() bool { s := w.fleet.Stats(); return s.Behind == 0 && s.Lag == 0 })
	block := make(chan struct{})
	stuck := w.registerBlocked(hello("go-sdk", "svc", a), block)
	eventually(t, "one is behind", func() bool { s := w.fleet.Stats(); return s.Behind == 1 && s.Lag > 0 && s.Streams == 2 })
	close(block)
	stuck.has("svc/op/kafka", "p1")
	eventually(t, "it has caught up", func() bool { s := w.fleet.Stats(); return s.Behind == 0 && s.Lag == 0 })
}
