package storetest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/streamdal/streamdal-server/store"
)

func testSince(t *testing.T, b store.Backend) {
	schema := store.Key{Kind: store.KindSchema, ID: "a"}
	apply(t, b, ops(put(key("a"), "1"), put(key("b"), "1")))   // 1
	apply(t, b, ops(put(key("c"), "1")))                       // 2
	apply(t, b, ops(put(key("a"), "2"), put(schema, "other"))) // 3
	apply(t, b, ops(remove(key("b"))))                         // 4
	apply(t, b, ops(remove(key("c"))))                         // 5
	apply(t, b, ops(put(key("c"), "2")))                       // 6

	wantState(t, "Since(0)", since(t, b, 0), 6,
		"pipelines/a@3=2", "pipelines/b@4 deleted", "pipelines/c@6=2", "schemas/a@3=other")
	wantState(t, "Since(2)", since(t, b, 2), 6,
		"pipelines/a@3=2", "pipelines/b@4 deleted", "pipelines/c@6=2", "schemas/a@3=other")
	wantState(t, "Since(3)", since(t, b, 3), 6, "pipelines/b@4 deleted", "pipelines/c@6=2")
	wantState(t, "Since(5)", since(t, b, 5), 6, "pipelines/c@6=2")
	wantState(t, "Since(6)", since(t, b, 6), 6)
}

// A reader that is ahead has seen changes that this store does not have: the
// store was restored or replaced.
func testSinceAhead(t *testing.T, b store.Backend) {
	_, err := b.Since(t.Context(), 1)
	wantErr(t, "Since(1) of an empty store", err, store.ErrGap)
	apply(t, b, ops(put(key("a"), "1")))
	_, err = b.Since(t.Context(), 2)
	wantErr(t, "Since(2) at revision 1", err, store.ErrGap)
	_, err = b.Since(t.Context(), ^store.Revision(0))
	wantErr(t, "Since of the highest revision", err, store.ErrGap)
}

func testLogBound(t *testing.T, b store.Backend) {
	const most = 10_000
	apply(t, b, ops(put(key("first"), "1")))
	for n := 0; ; n += 100 {
		_, err := b.Since(t.Context(), 0)
		if errors.Is(err, store.ErrGap) {
			break
		}
		if err != nil {
			t.Fatalf("Since(0): %v", err)
		}
		if n >= most {
			t.Fatalf("Since still looks back over %d changes", most)
		}
		var writers sync.WaitGroup
		for i := range 100 {
			writers.Go(func() {
				if _, err := b.Apply(t.Context(), ops(put(key(strconv.Itoa(i)), "x"))); err != nil {
					t.Errorf("Apply: %v", err)
				}
			})
		}
		writers.Wait()
	}
	// The newest changes are always there, and nothing is lost.
	state := load(t, b)
	if got, want := len(state.Records), 101; got != want {
		t.Errorf("got %d records, want %d", got, want)
	}
	rev := apply(t, b, ops(put(key("last"), "1")))
	if got := texts(since(t, b, rev-1)); len(got) != 1 {
		t.Errorf("Since(%d): got %v, want the last change", rev-1, got)
	}
}

func testWatch(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1")))
	watch := b.Watch(t.Context())
	if got := receive(t, "first hint", watch); got.Revision != 1 {
		t.Errorf("first hint: got revision %d, want 1", got.Revision)
	}
	for want := store.Revision(2); want < 10; want++ {
		apply(t, b, ops(put(key("a"), "2")))
		waitRevision(t, watch, want)
	}
}

// waitRevision takes hints until one shows revision want.
func waitRevision(t *testing.T, watch <-chan store.Event, want store.Revision) {
	t.Helper()
	for last := store.Revision(0); last != want; {
		got := receive(t, "hint", watch).Revision
		if got < last || got > want {
			t.Fatalf("got a hint at revision %d after %d, want up to %d", got, last, want)
		}
		last = got
	}
}

// A watcher that does not read delays nobody and finds the newest revision when
// it looks again.
func testWatchMerges(t *testing.T, b store.Backend) {
	slow := b.Watch(t.Context())
	var rev store.Revision
	for range 50 {
		rev = apply(t, b, ops(put(key("a"), "x")))
	}
	// Hints may arrive after Apply returns, so the newest may come as a second one.
	for n := 1; ; n++ {
		if receive(t, "hint", slow).Revision == rev {
			if n > 10 {
				t.Errorf("50 changes gave %d hints to a watcher that did not read, want them merged", n)
			}
			return
		}
	}
}

func testWatchEnds(t *testing.T, b store.Backend) {
	ctx, cancel := context.WithCancel(t.Context())
	ended, kept := b.Watch(ctx), b.Watch(t.Context())
	cancel()
	wantClosed(t, "watch whose context ended", ended)
	rev := apply(t, b, ops(put(key("a"), "1")))
	waitRevision(t, kept, rev)
	wantClosed(t, "watch with an ended context", b.Watch(ctx))
	if err := b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	wantClosed(t, "watch of a closed store", kept)
}
