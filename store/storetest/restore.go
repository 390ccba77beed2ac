package storetest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/streamdal/streamdal-server/store"
)

// restored is a state as a node would give it back to a store.
func restored(rev store.Revision, ids ...string) store.State {
	state := store.State{Revision: rev}
	for i, id := range ids {
		state.Records = append(state.Records, store.Record{Key: key(id), Value: []byte("old " + id), Revision: store.Revision(i + 1)})
	}
	return state
}

func testRestoreEmpty(t *testing.T, b store.Backend) {
	rev, err := b.Restore(t.Context(), restored(7, "a", "b"), 0)
	if err != nil || rev != 8 {
		t.Fatalf("Restore: got revision %d, error %v, want 8", rev, err)
	}
	wantState(t, "Load", load(t, b), 8, "pipelines/a@8=old a", "pipelines/b@8=old b")
	wantState(t, "Since(8)", since(t, b, 8), 8)
	for _, after := range []store.Revision{0, 1, 7, 9} {
		_, err := b.Since(t.Context(), after)
		wantErr(t, "Since "+strconv.Itoa(int(after)), err, store.ErrGap)
	}
	// The log goes on from there.
	if got := apply(t, b, ops(put(key("c"), "new"))); got != 9 {
		t.Errorf("Apply: got revision %d, want 9", got)
	}
	wantState(t, "Since(8)", since(t, b, 8), 9, "pipelines/c@9=new")
	_, err = b.Since(t.Context(), 7)
	wantErr(t, "Since(7)", err, store.ErrGap)
}

func testRestoreReplaces(t *testing.T, b store.Backend) {
	schema := store.Key{Kind: store.KindSchema, ID: "x"}
	for range 4 {
		apply(t, b, ops(put(key("a"), "1"), put(key("gone"), "1"), put(schema, "1")))
	}
	// The store may be ahead of the state as well as behind it.
	rev, err := b.Restore(t.Context(), restored(2, "a"), 4)
	if err != nil || rev != 5 {
		t.Fatalf("Restore: got revision %d, error %v, want 5", rev, err)
	}
	wantState(t, "Load", load(t, b), 5, "pipelines/a@5=old a")

	// Whoever decided on what was there before has to look again.
	_, err = b.Apply(t.Context(), store.Change{Guards: []store.Guard{at(key("a"), 4)}, Ops: []store.Op{put(key("a"), "2")}})
	wantErr(t, "guard of before", err, store.ErrConflict)
	_, err = b.Apply(t.Context(), store.Change{Guards: []store.Guard{at(key("a"), 5), at(key("gone"), 0)}, Ops: []store.Op{put(key("a"), "2")}})
	wantErr(t, "guard of after", err, nil)

	rev, err = b.Restore(t.Context(), store.State{}, 6)
	if err != nil || rev != 7 {
		t.Fatalf("Restore of nothing: got revision %d, error %v, want 7", rev, err)
	}
	wantState(t, "Load", load(t, b), 7)
}

func testRestoreRefused(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1")))
	for _, found := range []store.Revision{0, 2, ^store.Revision(0)} {
		_, err := b.Restore(t.Context(), restored(9, "b"), found)
		wantErr(t, "at another revision", err, store.ErrConflict)
	}
	bad := map[string]store.State{
		"unknown kind":     {Records: []store.Record{{Key: store.Key{Kind: "meta", ID: "x"}}}},
		"no id":            {Records: []store.Record{{Key: key("")}}},
		"deleted":          {Records: []store.Record{{Key: key("b"), Deleted: true}}},
		"twice":            restored(1, "b", "c", "b"),
		"no revision left": restored(store.MaxRevision, "b"),
	}
	for name, state := range bad {
		_, err := b.Restore(t.Context(), state, 1)
		wantErr(t, name, err, store.ErrInvalid)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Restore(cancelled, restored(9, "b"), 1)
	wantErr(t, "cancelled", err, context.Canceled)
	wantState(t, "Load", load(t, b), 1, "pipelines/a@1=1")
	wantState(t, "Since(0)", since(t, b, 0), 1, "pipelines/a@1=1")
}

func testRestoreHint(t *testing.T, b store.Backend) {
	watch := b.Watch(t.Context())
	receive(t, "first hint", watch)
	rev, err := b.Restore(t.Context(), restored(3, "a"), 0)
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}
	for {
		if hint := receive(t, "hint", watch); hint.Gap && hint.Revision == rev {
			return
		}
	}
}

// Of several nodes that find a store empty, one gives it its records back.
func testRestoreElects(t *testing.T, b store.Backend) {
	var won, lost sync.Map
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			rev, err := b.Restore(t.Context(), restored(5, "a", strconv.Itoa(i)), 0)
			switch {
			case err == nil:
				won.Store(i, rev)
			case errors.Is(err, store.ErrConflict):
				lost.Store(i, true)
			default:
				t.Errorf("Restore: %v", err)
			}
		})
	}
	group.Wait()
	winners := 0
	won.Range(func(i, rev any) bool {
		winners++
		id := strconv.Itoa(i.(int))
		wantState(t, "Load", load(t, b), rev.(store.Revision), "pipelines/"+id+"@6=old "+id, "pipelines/a@6=old a")
		return true
	})
	if winners != 1 {
		t.Errorf("%d of 8 restored the store, want one", winners)
	}
}

// A restored store may hold far more than one change may.
func testRestoreMany(t *testing.T, b store.Backend) {
	const records = 5000
	state := store.State{Revision: 100}
	for i := range records {
		kind := store.Kinds()[i%len(store.Kinds())]
		state.Records = append(state.Records, store.Record{Key: store.Key{Kind: kind, ID: strconv.Itoa(i)}, Value: make([]byte, i)})
	}
	rev, err := b.Restore(t.Context(), state, 0)
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}
	got := load(t, b)
	if len(got.Records) != records || got.Revision != rev {
		t.Fatalf("got %d records at revision %d, want %d at %d", len(got.Records), got.Revision, records, rev)
	}
	for _, r := range got.Records {
		if r.ID != strconv.Itoa(len(r.Value)) {
			t.Errorf("%s has %d bytes", r.Key, len(r.Value))
		}
	}
}
