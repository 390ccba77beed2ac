package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
)

func publish(t *testing.T, b store.Bus, topic, payload string) {
	t.Helper()
	if err := b.Publish(t.Context(), topic, []byte(payload)); err != nil {
		t.Fatalf("Publish: %v", err)
	}
}

func testBus(t *testing.T, b store.Backend) {
	one, two, other := b.Subscribe(t.Context(), "x"), b.Subscribe(t.Context(), "x"), b.Subscribe(t.Context(), "y")
	publish(t, b, "nobody listens", "lost")
	publish(t, b, "y", "for y")
	for i := range 20 {
		publish(t, b, "x", fmt.Sprint(i))
	}
	for i := range 20 {
		for _, ch := range []<-chan []byte{one, two} {
			if got, want := string(receive(t, "message", ch)), fmt.Sprint(i); got != want {
				t.Errorf("got message %q, want %q", got, want)
			}
		}
	}
	if got := string(receive(t, "message", other)); got != "for y" {
		t.Errorf("got message %q on the other topic", got)
	}
	if got := b.Dropped(); got != 0 {
		t.Errorf("got %d dropped, want 0", got)
	}
}

func testBusDrops(t *testing.T, b store.Backend) {
	slow := b.Subscribe(t.Context(), "x")
	const sent = 100_000
	payload := []byte("x")
	for range sent {
		if err := b.Publish(t.Context(), "x", payload); err != nil {
			t.Fatalf("Publish: %v", err)
		}
	}
	eventually(t, func() string {
		if len(slow) > 0 && b.Dropped() > 0 {
			return ""
		}
		return fmt.Sprintf("%d of %d messages wait, %d are counted as dropped", len(slow), sent, b.Dropped())
	})
	// Room again means messages again.
	for len(slow) > 0 {
		<-slow
	}
	publish(t, b, "x", "after")
	for string(receive(t, "message", slow)) != "after" {
		continue // a backend may still be delivering the flood
	}
}

func testBusEnds(t *testing.T, b store.Backend) {
	ctx, cancel := context.WithCancel(t.Context())
	ended, kept := b.Subscribe(ctx, "x"), b.Subscribe(t.Context(), "x")
	cancel()
	wantClosed(t, "subscription whose context ended", ended)
	publish(t, b, "x", "still here")
	receive(t, "message", kept)
	if err := b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	wantClosed(t, "subscription of a closed store", kept)
	wantClosed(t, "subscription made after Close", b.Subscribe(t.Context(), "x"))
}

type sessions = map[string][]byte

func putLive(t *testing.T, b store.Leases, node string, s sessions, ttl time.Duration) {
	t.Helper()
	if err := b.PutLive(t.Context(), node, s, ttl); err != nil {
		t.Fatalf("PutLive: %v", err)
	}
}

func wantLive(t *testing.T, b store.Leases, want map[string]sessions) {
	t.Helper()
	got, err := b.Live(t.Context())
	if err != nil {
		t.Fatalf("Live: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Live (-want +got):\n%s", diff)
	}
}

func testLeases(t *testing.T, b store.Backend) {
	wantLive(t, b, map[string]sessions{})
	mine := sessions{"s1": []byte("one"), "s2": nil}
	putLive(t, b, "Node:A", mine, time.Hour)
	putLive(t, b, "node-b", sessions{"s3": []byte("three")}, time.Hour)
	delete(mine, "s1") // the caller's map is the caller's
	putLive(t, b, "node-c", sessions{"s4": []byte("four")}, time.Hour)
	// The answer is the caller's too: a second one is not changed by what is done
	// to the first.
	for range 2 {
		got, err := b.Live(t.Context())
		if err != nil {
			t.Fatalf("Live: %v", err)
		}
		want := map[string]sessions{
			"Node:A": {"s1": []byte("one"), "s2": nil},
			"node-b": {"s3": []byte("three")},
			"node-c": {"s4": []byte("four")},
		}
		if diff := cmp.Diff(want, got, nilIsEmpty); diff != "" {
			t.Errorf("Live (-want +got):\n%s", diff)
		}
		clear(got["Node:A"])
		delete(got, "node-b")
	}

	// A node's word replaces its last one, and touches no other node's.
	putLive(t, b, "Node:A", sessions{"s2": []byte("two"), "s5": []byte("five")}, time.Hour)
	putLive(t, b, "node-c", nil, 0)
	wantLive(t, b, map[string]sessions{
		"Node:A": {"s2": []byte("two"), "s5": []byte("five")},
		"node-b": {"s3": []byte("three")},
	})
	putLive(t, b, "nobody", nil, -time.Second) // ending what never was is no error
}

var nilIsEmpty = cmp.Comparer(func(a, b []byte) bool { return string(a) == string(b) })

func testLeasesEnd(t *testing.T, b store.Backend) {
	putLive(t, b, "kept", sessions{"s1": []byte("one")}, time.Hour)
	putLive(t, b, "short", sessions{"s2": []byte("two")}, 50*time.Millisecond)
	eventually(t, func() string {
		live, err := b.Live(t.Context())
		if err != nil {
			return err.Error()
		}
		if len(live) != 1 || live["kept"] == nil {
			return fmt.Sprintf("live: %v, want only the node with an hour left", live)
		}
		return ""
	})
	putLive(t, b, "short", sessions{"s2": []byte("two")}, time.Hour)
	wantLive(t, b, map[string]sessions{"kept": {"s1": []byte("one")}, "short": {"s2": []byte("two")}})
}

func testLeaseHints(t *testing.T, b store.Backend) {
	watch := b.Watch(t.Context())
	receive(t, "first hint", watch)
	for _, s := range []sessions{{"a": nil}, {"a": []byte("1")}, {"a": []byte("1"), "b": nil}, nil} {
		ttl := time.Hour
		if s == nil {
			ttl = 0
		}
		putLive(t, b, "node", s, ttl)
		for !receive(t, fmt.Sprintf("hint for %v", s), watch).Live {
			continue // a hint about something else
		}
	}
}
