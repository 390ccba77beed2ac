// Package storetest is the contract suite that every backend of package store
// passes: one test per promise of the interface.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
)

// patience bounds every wait for something that must happen soon. Reaching it
// fails the test, so it can be generous to a busy machine.
const patience = 30 * time.Second

// Run checks the promises of store.Backend, each on a backend of its own. open
// returns an empty one with a short change log (some thousands of entries at
// most, or the test of its bound takes long); Run closes it.
func Run(t *testing.T, open func(t *testing.T) store.Backend) {
	tests := []struct {
		name string
		test func(*testing.T, store.Backend)
	}{
		{"empty", testEmpty},
		{"round trip", testRoundTrip},
		{"revisions", testRevisions},
		{"ops in order", testOpsInOrder},
		{"guards", testGuards},
		{"failed guard changes nothing", testFailedGuard},
		{"guards without ops", testGuardsOnly},
		{"invalid changes", testInvalid},
		{"since", testSince},
		{"since ahead of the store", testSinceAhead},
		{"log is bounded", testLogBound},
		{"restore an empty store", testRestoreEmpty},
		{"restore replaces", testRestoreReplaces},
		{"restore refused", testRestoreRefused},
		{"restore hints", testRestoreHint},
		{"restore elects", testRestoreElects},
		{"restore many", testRestoreMany},
		{"watch", testWatch},
		{"watch merges", testWatchMerges},
		{"watch ends", testWatchEnds},
		{"bus", testBus},
		{"bus drops for slow subscribers", testBusDrops},
		{"bus ends", testBusEnds},
		{"leases", testLeases},
		{"leases end", testLeasesEnd},
		{"leases are hinted", testLeaseHints},
		{"cancelled", testCancelled},
		{"closed", testClosed},
		{"concurrent counters", testConcurrentCounters},
		{"concurrent readers", testConcurrentReaders},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			t.Cleanup(func() {
				if err := b.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			tt.test(t, b)
		})
	}
}

func key(id string) store.Key { return store.Key{Kind: store.KindPipeline, ID: id} }

func put(k store.Key, value string) store.Op { return store.Op{Key: k, Value: []byte(value)} }

func remove(k store.Key) store.Op { return store.Op{Key: k, Delete: true} }

func at(k store.Key, rev store.Revision) store.Guard { return store.Guard{Key: k, Revision: rev} }

func ops(ops ...store.Op) store.Change { return store.Change{Ops: ops} }

// apply applies a change that must succeed.
func apply(t *testing.T, b store.Store, c store.Change) store.Revision {
	t.Helper()
	rev, err := b.Apply(t.Context(), c)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	return rev
}

// load reads everything; it must succeed.
func load(t *testing.T, b store.Store) store.State {
	t.Helper()
	state, err := b.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return sorted(t, state)
}

// since reads what changed; it must succeed.
func since(t *testing.T, b store.Store, after store.Revision) store.State {
	t.Helper()
	state, err := b.Since(t.Context(), after)
	if err != nil {
		t.Fatalf("Since(%d): %v", after, err)
	}
	return sorted(t, state)
}

// sorted checks what holds for every State and gives it a fixed order.
func sorted(t *testing.T, state store.State) store.State {
	t.Helper()
	slices.SortFunc(state.Records, func(a, b store.Record) int {
		return strings.Compare(a.String(), b.String())
	})
	for i, r := range state.Records {
		if r.Revision == 0 || r.Revision > state.Revision {
			t.Errorf("%s has revision %d in a state of revision %d", r.Key, r.Revision, state.Revision)
		}
		if i > 0 && state.Records[i-1].Key == r.Key {
			t.Errorf("%s appears twice in one state", r.Key)
		}
		if r.Deleted && r.Value != nil {
			t.Errorf("%s is deleted and has a value", r.Key)
		}
	}
	if len(state.Damaged) > 0 {
		t.Errorf("damaged records: %v", state.Damaged)
	}
	return state
}

// texts shows a state as "kind/id@revision=value" and "kind/id@revision deleted".
func texts(state store.State) []string {
	list := []string{}
	for _, r := range state.Records {
		s := fmt.Sprintf("%s@%d=%s", r.Key, r.Revision, r.Value)
		if r.Deleted {
			s = fmt.Sprintf("%s@%d deleted", r.Key, r.Revision)
		}
		list = append(list, s)
	}
	return list
}

func wantState(t *testing.T, what string, got store.State, rev store.Revision, want ...string) {
	t.Helper()
	if got.Revision != rev {
		t.Errorf("%s: got revision %d, want %d", what, got.Revision, rev)
	}
	if diff := cmp.Diff(append([]string{}, want...), texts(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

// receive waits for the next value of a channel that must stay open.
func receive[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v, open := <-ch:
		if !open {
			t.Fatalf("%s: the channel is closed", what)
		}
		return v
	case <-time.After(patience):
		t.Fatalf("%s: nothing came", what)
		panic("unreachable")
	}
}

// wantClosed waits for a channel to be closed, passing over what is still in it.
func wantClosed[T any](t *testing.T, what string, ch <-chan T) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case _, open := <-ch:
			if !open {
				return
			}
		case <-deadline:
			t.Fatalf("%s: the channel stays open", what)
		}
	}
}

// eventually polls until check returns "" and fails with its last answer if that
// never happens.
func eventually(t *testing.T, check func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		complaint := check()
		if complaint == "" {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("after %v: %s", patience, complaint)
		}
	}
}
