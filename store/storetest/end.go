package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

// calls are all methods that return an error.
func calls(b store.Backend) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Load":    func(ctx context.Context) error { _, err := b.Load(ctx); return err },
		"Since":   func(ctx context.Context) error { _, err := b.Since(ctx, 0); return err },
		"Apply":   func(ctx context.Context) error { _, err := b.Apply(ctx, ops(put(key("b"), "1"))); return err },
		"Restore": func(ctx context.Context) error { _, err := b.Restore(ctx, restored(1, "b"), 1); return err },
		"Publish": func(ctx context.Context) error { return b.Publish(ctx, "x", nil) },
		"PutLive": func(ctx context.Context) error { return b.PutLive(ctx, "n", sessions{"s": nil}, time.Hour) },
		"Live":    func(ctx context.Context) error { _, err := b.Live(ctx); return err },
	}
}

func testCancelled(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1")))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for name, call := range calls(b) {
		wantErr(t, name+" cancelled", call(cancelled), context.Canceled)
		wantErr(t, name+" too late", call(late), context.DeadlineExceeded)
	}
	wantState(t, "Load", load(t, b), 1, "pipelines/a@1=1")
	wantLive(t, b, map[string]sessions{})
}

func testClosed(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1")))
	for range 2 {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	for name, call := range calls(b) {
		wantErr(t, name, call(t.Context()), store.ErrClosed)
	}
	wantClosed(t, "Watch", b.Watch(t.Context()))
}
