package metrics

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// records counts the stored records.
func (n *node) records() int {
	n.t.Helper()
	n.see()
	return len(n.cfg.Catalog.Snapshot().Counters)
}

func TestCountersSurviveRestarts(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	want := 0.0
	for i := range 5 {
		n := newNode(t, st, "a")
		n.wantTotal(fmt.Sprint("start ", i), want)
		for range 3 {
			n.count(2)
			n.store()
			want += 2
		}
		n.wantTotal(fmt.Sprint("end ", i), want)
		if got, most := n.records(), 2; got > most {
			t.Errorf("got %d records after %d lives, want those of ended ones added up", got, i+1)
		}
	}
}

// Labels may be empty, as those of Go's dropped payloads are.
func TestCountersWithoutLabelsSurvive_9_2_23(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	for start := range 3 {
		n := newNode(t, st, "a")
		n.see()
		if got := n.totals().byName()["counter_dropped_tail_messages"]; got != float64(2*start) {
			t.Errorf("start %d: got %v, want %d", start, got, 2*start)
		}
		n.Add([]*pb.Metric{
			{Name: "counter_dropped_tail_messages", Value: 1},
			{Name: "counter_dropped_tail_messages", Value: 1, Labels: map[string]string{"service": "", "pipeline_id": ""}},
		})
		n.store()
	}
}

// A killed process loses what came after its last flush, no more, and nothing is doubled.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st, "a")
	n.count(3)
	n.store()
	n.count(4) // never stored: the process is killed here
	next := newNode(t, st, "a")
	next.count(10)
	next.wantTotal("after the kill", 13)
	next.store()
	next.wantTotal("after the next flush", 13)
}

func TestRunStoresWhatIsLeft(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st, "a", func(c *Config) { c.Flush = time.Hour })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	n.count(7)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	newNode(t, st, "a").wantTotal("after a stop", 7)
}

func TestIdleNodesWriteNothing(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st, "a")
	n.store()
	n.count(1)
	n.store()
	before := st.changes()
	for range 10 {
		n.store()
		if err := n.fold(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := st.changes() - before; got != 0 || before != 1 {
		t.Errorf("got %d changes for one increment and %d for none", before, got)
	}
}

func TestStoreAway(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st, "a")
	n.count(1)
	n.store()
	st.set(true, false)
	for range 5 {
		n.count(2)
		if err := n.flush(t.Context()); err == nil {
			t.Fatal("got no error from a store that is away")
		}
	}
	n.wantTotal("while the store is away", 11)
	st.set(false, false)
	n.store() // what was tried first, and what came after it
	n.wantTotal("when it is back", 11)
	newNode(t, st, "b").wantTotal("when it is back", 11)
}

// A change whose writer was not told that it happened is not counted twice.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st, "a")
	for range 3 {
		n.count(5)
		st.set(false, true)
		if err := n.flush(t.Context()); err == nil {
			t.Fatal("got no error")
		}
		n.count(1)
		st.set(false, false)
		n.store()
	}
	n.wantTotal("in the end", 18)
	newNode(t, st, "b").wantTotal("in the end", 18)
}

func TestTwoNodes_9_2_23(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	a, b := newNode(t, st, "a"), newNode(t, st, "b")
	for range 4 {
		a.count(1)
		b.count(10)
		a.store()
		b.store()
	}
	a.wantTotal("both counting", 44)
	b.wantTotal("both counting", 44)
	a.count(1)
	a.wantTotal("own increments count at once", 45)
	b.wantTotal("those of others once stored", 44)
	// One of them restarts; the other goes on.
	a.store()
	a = newNode(t, st, "a")
	a.count(100)
	a.store()
	a.wantTotal("after a restart", 145)
	b.wantTotal("after a restart", 145)
}

// live renews the leases of nodes.
func live(t *testing.T, st store.Leases, nodes ...string) {
	t.Helper()
	for _, name := range nodes {
		if err := st.PutLive(t.Context(), name, nil, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRecordsOfDeadNodesAreAddedUp(t *testing.T) {
	t.Parallel()
	st, now := newStore(t), newClock()
	on := func(c *Config) { c.Now = now.now }
	a, b, dead := newNode(t, st, "a", on), newNode(t, st, "b", on), newNode(t, st, "dead", on)
	for _, n := range []*node{a, b, dead} {
		n.count(1)
		n.store()
		n.see()
	}
	fold := func(n *node) {
		t.Helper()
		n.see()
		if err := n.fold(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	live(t, st, "a", "b", "dead")
	fold(a)
	now.advance(time.Hour)
	fold(a)
	if got := a.records(); got != 3 {
		t.Fatalf("got %d records while all nodes live, want 3", got)
	}
	if err := st.PutLive(t.Context(), "dead", nil, 0); err != nil {
		t.Fatal(err)
	}
	fold(a)
	if got := a.records(); got != 3 {
		t.Errorf("got %d records, want that of the dead node kept for a while", got)
	}
	now.advance(defaultFold)
	fold(b)
	if got := a.records(); got != 3 {
		t.Errorf("got %d records, want the first node to do it", got)
	}
	fold(a)
	got := a.cfg.Catalog.Snapshot().Counters
	if _, ended := got[endedID]; !ended || len(got) != 3 {
		t.Errorf("got %d records, want that of the dead node added up", len(got))
	}
	a.wantTotal("afterwards", 3)

	// The dead node was only cut off. It goes on counting under another id.
	dead.count(5)
	dead.wantTotal("back", 8)
	dead.store()
	dead.wantTotal("stored", 8)
	a.wantTotal("stored", 8)
	dead.count(1)
	dead.store()
	a.wantTotal("stored again", 9)
	if byName, _ := dead.Counted(); byName["counter_consume_processed"] != 7 {
		t.Errorf("got %v, want what the process counted since its start", byName)
	}
}

// A life may be taken for over just when nobody knows what it wrote last.
func TestTakenForOverInDoubt(t *testing.T) {
	t.Parallel()
	for _, happened := range []bool{false, true} {
		t.Run(fmt.Sprint("happened: ", happened), func(t *testing.T) {
			t.Parallel()
			st := newStore(t)
			n := newNode(t, st, "a")
			n.count(1)
			n.store()
			n.count(2)
			st.set(!happened, happened)
			if n.flush(t.Context()) == nil {
				t.Fatal("got no error")
			}
			st.set(false, false)
			n.count(4)
			namesake := newNode(t, st, "A") // takes the other for its former self
			namesake.count(100)
			namesake.store()
			n.store()
			n.wantTotal("both", 107)
			namesake.wantTotal("both", 107)
		})
	}
}

// A store that lost data and got back what a node still knew holds everything again.
func TestRestoredStore(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	a, b := newNode(t, st, "a"), newNode(t, st, "b")
	a.count(1)
	a.store()
	old, err := st.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.count(2)
	a.store()
	b.count(10)
	b.store()
	a.see()
	b.see()
	now, err := st.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []store.State{old, {}} { // what was written last is gone, then all
		state.Revision = now.Revision + 100
		if _, err := st.Restore(t.Context(), state, now.Revision); err != nil {
			t.Fatal(err)
		}
		for _, n := range []*node{a, b} {
			n.see()
			n.store()
		}
		a.wantTotal("restored", 13)
		b.wantTotal("restored", 13)
		newNode(t, st, "c").wantTotal("restored", 13)
		if now, err = st.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// What cannot be read is neither counted nor destroyed.
func TestUnreadableRecords(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st, "a")
	_, err := n.cfg.Catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		tx.PutCounter(endedID, []byte("\xff"))
		tx.PutCounter("of a newer version", []byte("\xff"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n.count(1)
	n.store()
	n.wantTotal("beside garbage", 1)
	next := newNode(t, st, "a")
	next.count(1)
	next.store()
	next.wantTotal("beside garbage, after a restart", 2)
	if got := next.records(); got != 4 {
		t.Errorf("got %d records, want all of them kept", got)
	}
}

// SDKs report to two nodes while these store, restart and are looked at; in the end nothing
// is missing and nothing is there twice.
func TestConcurrentCounting(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	const lives, reporters, reports = 3, 4, 50
	var nodes sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		nodes.Go(func() {
			for range lives {
				n := newNode(t, st, name, func(c *Config) { c.Flush = time.Millisecond })
				stop := n.run()
				var sdks sync.WaitGroup
				for range reporters {
					sdks.Go(func() {
						for range reports {
							n.count(1)
							n.Totals()
							n.Stats()
						}
					})
				}
				sdks.Wait()
				stop()
			}
		})
	}
	nodes.Wait()
	newNode(t, st, "c").wantTotal("in the end", 2*lives*reporters*reports)
}
