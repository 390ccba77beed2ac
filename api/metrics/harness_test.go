package metrics

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
)

const patience = 30 * time.Second

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Unix(1_900_000_000, 0)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// doubtful is a store that can be away, or perform a change and yet report a failure.
type doubtful struct {
	store.Backend
	mu      sync.Mutex
	away    bool
	silent  bool // changes happen, but their writer is not told
	applied int
}

var errAway = store.Unavailable("apply", errors.New("connection refused"))

func (d *doubtful) set(away, silent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away, d.silent = away, silent
}

func (d *doubtful) Apply(ctx context.Context, c store.Change) (store.Revision, error) {
	d.mu.Lock()
	away, silent := d.away, d.silent
	d.applied++
	d.mu.Unlock()
	if away {
		return 0, errAway
	}
	rev, err := d.Backend.Apply(ctx, c)
	if silent {
		return 0, errors.Join(err, errAway)
	}
	return rev, err
}

func (d *doubtful) changes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.applied
}

func newStore(t testing.TB) *doubtful {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &doubtful{Backend: db}
}

// node is a process with a catalog of its own on a shared store. It does nothing by itself.
type node struct {
	t testing.TB
	*Metrics
}

func newNode(t testing.TB, st store.Backend, name string, change ...func(*Config)) *node {
	t.Helper()
	cat, err := catalog.Open(t.Context(), st, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Node: name, Catalog: cat, Leases: st, Bus: st, Log: zerolog.Nop()}
	for _, f := range change {
		f(&c)
	}
	return &node{t, New(c)}
}

// see makes the node's catalog current.
func (n *node) see() {
	n.t.Helper()
	if _, err := n.cfg.Catalog.Update(n.t.Context(), func(*catalog.Tx) error { return nil }); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) store() {
	n.t.Helper()
	if err := n.flush(n.t.Context()); err != nil {
		n.t.Fatalf("flush of %s: %v", n.cfg.Node, err)
	}
}

func (n *node) count(v float64) { n.Add([]*pb.Metric{processed("svc", v)}) }

// wantTotal checks what the node thinks that the cluster has counted.
func (n *node) wantTotal(when string, want float64) {
	n.t.Helper()
	n.see()
	if got := n.totals().byName()["counter_consume_processed"]; got != want {
		n.t.Errorf("%s: %s says that %v were counted, want %v", when, n.cfg.Node, got, want)
	}
}

// processed is an increment of one series.
func processed(service string, v float64) *pb.Metric {
	return &pb.Metric{
		Name: "counter_consume_processed", Value: v, Audience: consumer(service),
		Labels: map[string]string{"service": service, "component": "kafka", "operation": "op"},
	}
}

func consumer(service string) *pb.Audience {
	return &pb.Audience{
		ServiceName: service, ComponentName: "kafka", OperationName: "op",
		OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER,
	}
}

func eventually(t testing.TB, what string, check func() bool) {
	t.Helper()
	deadline, tick := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for !check() {
		select {
		case <-deadline:
			t.Fatalf("%s: not within %s", what, patience)
		case <-tick.C:
		}
	}
}

func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
