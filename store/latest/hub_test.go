package latest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
)

func newest(pending, next int) int { return max(pending, next) }

func constant(n int) func() int { return func() int { return n } }

func TestWatcherGetsTheNewest(t *testing.T) {
	t.Parallel()
	sum := NewHub(func(pending, next int) int { return pending + next })
	ch := sum.Watch(t.Context(), constant(100))
	sum.Publish(1)
	sum.Publish(10)
	if got := <-ch; got != 111 {
		t.Errorf("got %d, want the three values merged to 111", got)
	}
	sum.Publish(5)
	if got := <-ch; got != 5 {
		t.Errorf("got %d, want 5: a value that was taken is not merged again", got)
	}
	select {
	case got := <-ch:
		t.Errorf("got %d, want nothing more", got)
	default:
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := NewHub(newest)
		ctx, cancel := context.WithCancel(t.Context())
		ended, kept := h.Watch(ctx, constant(1)), h.Watch(t.Context(), constant(1))
		cancel()
		synctest.Wait()
		h.Publish(2)
		if got, open := <-ended; got != 1 || !open {
			t.Errorf("got %d, %t, want the value from before the end", got, open)
		}
		if _, open := <-ended; open {
			t.Error("the channel is open after its context ended")
		}
		if got := <-kept; got != 2 {
			t.Errorf("the other watcher got %d, want 2", got)
		}
		h.Close()
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	h := NewHub(newest)
	ctx, cancel := context.WithCancel(t.Context())
	before := h.Watch(ctx, constant(1))
	h.Close()
	h.Close()
	cancel() // must not close a second time
	h.Publish(2)
	<-before
	for name, ch := range map[string]<-chan int{"before": before, "after": h.Watch(t.Context(), constant(1))} {
		if got, open := <-ch; open {
			t.Errorf("watch from %s Close: got %d, want a closed channel", name, got)
		}
	}
}

// Every watcher sees values rise and ends with the last, whatever happens around it.
func TestConcurrentWatchers(t *testing.T) {
	t.Parallel()
	const last = 2000
	h := NewHub(newest)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 { // come and go
				ctx, cancel := context.WithCancel(t.Context())
				<-h.Watch(ctx, constant(0))
				cancel()
			}
			seen := -1
			for got := range h.Watch(t.Context(), constant(0)) {
				if got < seen {
					t.Errorf("got %d after %d", got, seen)
				}
				if seen = got; got == last {
					return
				}
			}
		})
	}
	group.Go(func() {
		for n := range last {
			h.Publish(n)
		}
	})
	waited := make(chan struct{})
	go func() { group.Wait(); close(waited) }()
	for open := true; open; {
		select {
		case <-waited:
			open = false
		default:
			h.Publish(last) // also for those who came late
		}
	}
}
