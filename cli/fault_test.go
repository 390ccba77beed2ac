package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// house is two nodes, each behind a proxy of its own to one Redis, with a session on
// each.
type house struct {
	server   *redistest.Server
	proxies  []*redistest.Proxy
	nodes    []*node
	sessions []*peer
	ids      []string // what the sessions run
}

func newFaultHouse(t *testing.T) *house {
	t.Helper()
	h := &house{server: redistest.Start(t, redistest.Options{Durable: true})}
	for i, name := range []string{"a", "b"} {
		h.proxies = append(h.proxies, redistest.NewProxy(t, h.server.Addr()))
		h.nodes = append(h.nodes, startNode(t, name, h.proxies[i].Addr()))
		h.sessions = append(h.sessions, h.nodes[i].connect("on-"+name, "svc"))
	}
	h.change(t, patience)
	return h
}

// change makes a change through the first node, again until the limit if need be, and
// waits until all sessions have it.
func (h *house) change(t *testing.T, limit time.Duration) {
	t.Helper()
	began := time.Now()
	var id string
	eventually(t, limit, "a change", func() (err error) {
		if id == "" {
			id, err = h.nodes[0].create(fmt.Sprint("p", len(h.ids), "-", began.UnixNano()))
		}
		if err == nil {
			err = h.nodes[0].set(h.sessions[0].audience, append(slices.Clone(h.ids), id)...)
		}
		return err
	})
	h.ids = append(h.ids, id)
	wantIDs(t, limit, "the change", h.ids, h.sessions...)
	t.Logf("changes reached all sessions after %v", time.Since(began).Round(time.Millisecond))
}

// wantServing checks that both nodes serve what was last known while changes are
// refused with a sentence.
func (h *house) wantServing(t *testing.T) {
	t.Helper()
	for i, n := range h.nodes {
		if status, body := n.get("/readyz"); status != http.StatusOK {
			t.Errorf("readyz: %d %q", status, body)
		}
		if got := len(n.all().GetPipelines()); got < len(h.ids) {
			t.Errorf("node %d shows %d pipelines, want %d", i, got, len(h.ids))
		}
		late := n.connect(fmt.Sprintf("late-%d-%d", i, time.Now().UnixNano()), "svc")
		wantIDs(t, patience, "a session that comes meanwhile", h.ids, late)
		late.stop()
	}
}

func (h *house) wantRefused(t *testing.T) {
	t.Helper()
	err := h.nodes[0].set(h.sessions[0].audience)
	if err == nil || !strings.Contains(err.Error(), "so nothing was changed") && !strings.Contains(err.Error(), "deadline passed") &&
		!strings.Contains(err.Error(), "DeadlineExceeded") {
		t.Errorf("a change that Redis cannot take: %v, want a sentence", err)
	}
}

// goroutines of both nodes.
func (h *house) goroutines(t *testing.T) float64 {
	t.Helper()
	sum := 0.0
	for _, n := range h.nodes {
		v := n.metric("go_goroutines")
		if v < 0 {
			t.Fatal("no count of goroutines")
		}
		sum += v
	}
	return sum
}

// Each fault is survived: SDKs are served all the time, what was acknowledged is
// there afterwards, every session has the newest rules within seconds of its end,
// and nothing is left behind.
func TestFaults_9_3_2(t *testing.T) {
	t.Parallel()
	h := newFaultHouse(t)
	faults := []struct {
		name string
		test func(t *testing.T)
	}{
		{"Redis stops and starts with its data", func(t *testing.T) {
			h.server.Stop(t)
			h.wantServing(t)
			h.wantRefused(t)
			h.server.Restart(t)
		}},
		{"Redis starts without its data", func(t *testing.T) {
			h.server.Kill(t)
			h.server.RestartEmpty(t)
		}},
		{"FLUSHALL", func(t *testing.T) { h.server.Do(t, "flushall") }},
		{"Redis is read-only after a fail-over", func(t *testing.T) {
			h.server.Do(t, "replicaof", "127.0.0.1", "1")
			h.wantServing(t)
			h.wantRefused(t)
			h.server.Do(t, "replicaof", "no", "one")
		}},
		{"Redis is out of memory", func(t *testing.T) {
			h.server.Do(t, "config", "set", "maxmemory", "1")
			h.wantServing(t)
			h.wantRefused(t)
			h.server.Do(t, "config", "set", "maxmemory", "0")
		}},
		{"Redis is out of memory and then empty", func(t *testing.T) {
			h.server.Do(t, "flushall")
			h.server.Do(t, "config", "set", "maxmemory", "1")
			h.wantServing(t)
			h.server.Do(t, "config", "set", "maxmemory", "0")
		}},
		{"Redis hangs", func(t *testing.T) {
			h.server.Pause(t)
			h.wantServing(t)
			h.wantRefused(t)
			h.server.Resume(t)
		}},
		{"subscriptions are cut", func(t *testing.T) {
			h.proxies[1].Cut(true)
			h.change(t, settled) // while it is at it
		}},
		{"subscriptions stall", func(t *testing.T) {
			h.proxies[1].Stall(true, true)
			h.change(t, settled) // without hints
			h.proxies[1].Stall(true, false)
		}},
		{"a node is cut off", func(t *testing.T) {
			h.proxies[1].Refuse(true)
			h.proxies[1].Cut(true)
			h.proxies[1].Cut(false)
			id, err := h.nodes[0].create("unseen")
			if err == nil {
				err = h.nodes[0].set(h.sessions[0].audience, append(slices.Clone(h.ids), id)...)
			}
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, settled, "the node that is not cut off", append(slices.Clone(h.ids), id), h.sessions[0])
			eventually(t, patience, "the node notices", func() error {
				if _, body := h.nodes[1].get("/readyz"); !strings.Contains(body, "the store cannot be read since") {
					return fmt.Errorf("%q", body)
				}
				return nil
			})
			late := h.nodes[1].connect("late", "svc")
			wantIDs(t, patience, "the node that is cut off", h.ids, h.sessions[1], late)
			late.stop()
			h.ids = append(h.ids, id)
			h.proxies[1].Refuse(false)
			wantIDs(t, settled, "the node that was cut off", h.ids, h.sessions...)
		}},
	}
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			before := h.goroutines(t)
			fault.test(t)
			h.change(t, settled)
			wantLive(t, patience, "on-a@a on-b@b", h.nodes...)
			eventually(t, patience, "no goroutine is left", func() error {
				if now := h.goroutines(t); now > before+6 { // connections to Redis come and go
					return fmt.Errorf("%v goroutines, %v before", now, before)
				}
				return nil
			})
		})
	}
	var reseeds, losses float64
	for _, n := range h.nodes {
		reseeds += n.metric("streamdal_store_reseeds_total")
		losses += n.metric("streamdal_store_revision_regressions_total")
	}
	if reseeds < 3 || losses < 3 {
		t.Errorf("metrics show %v losses and %v repairs, want one of each for every time all data were lost", losses, reseeds)
	}
}

// The master of three dies while two nodes write. What was acknowledged is there
// afterwards, also what the dead master had not handed on.
func TestSentinelFailoverUnderWrites(t *testing.T) {
	t.Parallel()
	sentinel := redistest.StartSentinel(t, redistest.Options{})
	nodes := []*node{startNode(t, "a", sentinel.URL()), startNode(t, "b", sentinel.URL())}
	sessions := []*peer{nodes[0].connect("on-a", "svc"), nodes[1].connect("on-b", "svc")}

	var mu sync.Mutex
	acked := map[string]bool{}
	var during, failed atomic.Int64
	writing, stop := context.WithCancel(t.Context())
	defer stop()
	var writers sync.WaitGroup
	for w, n := range nodes {
		writers.Go(func() {
			for i := 0; writing.Err() == nil; i++ {
				id, err := n.create(fmt.Sprint("w", w, "-", i))
				if err != nil {
					failed.Add(1)
					select {
					case <-time.After(50 * time.Millisecond):
					case <-writing.Done():
					}
					continue
				}
				during.Add(1)
				mu.Lock()
				acked[id] = true
				mu.Unlock()
			}
		})
	}
	eventually(t, patience, "writes", func() error { return atLeast(&during, 20) })
	old := sentinel.Master(t)
	old.Kill(t)
	sentinel.WaitFailover(t, old)
	during.Store(0)
	eventually(t, settled, "writes after the fail-over", func() error { return atLeast(&during, 20) })
	stop()
	writers.Wait()
	if failed.Load() == 0 {
		t.Log("no write failed: the fail-over was not noticed")
	}

	id, err := nodes[0].create("last")
	if err == nil {
		err = nodes[0].set(sessions[0].audience, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, settled, "the last change", []string{id}, sessions...)
	for i, n := range nodes {
		shown := n.all().GetPipelines()
		for id := range acked {
			if shown[id] == nil {
				t.Errorf("node %d does not show the acknowledged pipeline %s", i, id)
			}
		}
	}
	t.Logf("%d changes acknowledged, %d failed; losses seen by the nodes: %v, %v", len(acked), failed.Load(),
		nodes[0].metric("streamdal_store_revision_regressions_total"), nodes[1].metric("streamdal_store_revision_regressions_total"))
}

func atLeast(n *atomic.Int64, want int64) error {
	if got := n.Load(); got < want {
		return fmt.Errorf("%d of %d", got, want)
	}
	return nil
}

// Idle sessions cost Redis next to nothing, however many they are, and looking at
// them costs it nothing at all.
func TestThousandSessions_9_6_2(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	n := startNode(t, "a", server.URL())
	const sessions = 1000
	conn := dial(t, n.addr)
	beat := func(i int) {
		_, err := pb.NewInternalClient(conn).Heartbeat(n.ctx, &pb.HeartbeatRequest{
			SessionId: fmt.Sprint("s", i), ServiceName: fmt.Sprint("svc", i%20), ClientInfo: &pb.ClientInfo{},
			Audiences: []*pb.Audience{consumerOf(fmt.Sprint("svc", i%20))},
		})
		if err != nil {
			t.Errorf("heartbeat: %v", err)
		}
	}
	// Ten at a time, one hundredth of them every ten milliseconds: each beats once a second.
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	second := func() {
		for i := 0; i < sessions; i += 10 {
			<-ticker.C
			var group sync.WaitGroup
			for j := range 10 {
				group.Go(func() { beat(i + j) })
			}
			group.Wait()
		}
	}
	for range 3 { // until all are known and stored
		second()
	}
	before, began := processed(t, server), time.Now()
	for range 6 {
		second()
	}
	took := time.Since(began).Seconds()
	perSecond := float64(processed(t, server)-before) / took
	if got := len(n.all().GetLive()); got != sessions {
		t.Errorf("%d sessions are shown, want %d", got, sessions)
	}
	t.Logf("%.1f commands per second for %d sessions", perSecond, sessions)
	if perSecond >= 20 {
		t.Errorf("Redis got %.1f commands per second for %d idle sessions, want fewer than 20", perSecond, sessions)
	}
	for i := range 100 {
		if _, err := n.create(fmt.Sprint("p", i)); err != nil {
			t.Fatal(err)
		}
	}
	second()
	wantFastOverview(t, n, sessions)
}

// wantFastOverview checks that GetAll answers from memory. A machine that does other
// things as well gets several attempts.
func wantFastOverview(t *testing.T, n *node, sessions int) {
	t.Helper()
	const limit = 10 * time.Millisecond
	var median time.Duration
	for range 5 {
		took := make([]time.Duration, 0, 31)
		for range cap(took) {
			began := time.Now()
			if all := n.all(); len(all.GetPipelines()) != 100 || len(all.GetLive()) != sessions {
				t.Fatalf("%d pipelines and %d sessions are shown", len(all.GetPipelines()), len(all.GetLive()))
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		median = took[len(took)/2]
		t.Logf("GetAll took %v (median), %v to %v", median, took[0], took[len(took)-1])
		if median < limit {
			return
		}
	}
	t.Errorf("GetAll takes %v, want less than %v", median, limit)
}

// processed is how many commands Redis has processed, those of scripts included.
func processed(t *testing.T, server *redistest.Server) int64 {
	t.Helper()
	info, _ := server.Do(t, "info", "stats").(string)
	for line := range strings.Lines(info) {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), "total_commands_processed:"); found {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("Redis does not say how many commands it processed")
	return 0
}
