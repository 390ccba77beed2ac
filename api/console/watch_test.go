package console

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
)

// tab is a Watch that remembers the newest of each part.
type tab struct {
	t      *testing.T
	stream grpc.ServerStreamingClient[consolepb.WatchEvent]
	kinds  []string
	latest map[string]*consolepb.WatchEvent
}

func (h *house) tab(ctx context.Context, t *testing.T) *tab {
	t.Helper()
	stream, err := h.console.Watch(ctx, &consolepb.WatchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return &tab{t: t, stream: stream, latest: map[string]*consolepb.WatchEvent{}}
}

func kindOf(e *consolepb.WatchEvent) string {
	switch {
	case e.GetPicture() != nil:
		return "picture"
	case e.GetSessions() != nil:
		return "sessions"
	case e.GetRates() != nil:
		return "rates"
	case e.GetNode() != nil:
		return "node"
	default:
		return "keep-alive"
	}
}

// read receives until a condition holds.
func (v *tab) read(what string, done func() bool) {
	v.t.Helper()
	for !done() {
		e, err := v.stream.Recv()
		if err != nil {
			v.t.Fatalf("waiting for %s: %v", what, err)
		}
		v.kinds = append(v.kinds, kindOf(e))
		v.latest[kindOf(e)] = e
	}
}

func (v *tab) whole() {
	v.t.Helper()
	v.read("the whole of it", func() bool { return len(v.latest) >= 4 })
}

func quiet(c *Config) { c.Tick, c.KeepAlive = time.Hour, time.Hour }

func TestWatchSendsAllThenWhatChanges(t *testing.T) {
	t.Parallel()
	trouble := "The store cannot be read."
	h := newHouse(t, quiet, func(c *Config) {
		c.Node, c.Version, c.Trouble = "node1", "1.2.3", func() string { return trouble }
	})
	h.create(t, "p1")
	h.fleet.show(&consolepb.Session{Id: "s1", Service: "svc"})
	v := h.tab(within(t), t)
	v.whole()
	if want := []string{"picture", "sessions", "rates", "node"}; !slices.Equal(v.kinds, want) {
		t.Errorf("got %v, want each part once", v.kinds)
	}
	node := v.latest["node"].GetNode()
	if got, want := fmt.Sprint(node.GetName(), node.GetVersion(), node.GetTrouble(), node.GetNodes(), node.GetRevision()),
		fmt.Sprint("node1", "1.2.3", trouble, []string{"node1", "node2"}, uint64(h.catalog.Snapshot().Revision)); got != want {
		t.Errorf("got node %q, want %q", got, want)
	}
	if got := v.latest["picture"].GetPicture(); len(got.GetPipelines()) != 1 {
		t.Errorf("got picture %v", got)
	}

	v.kinds = nil
	h.create(t, "p2")
	v.read("the second pipeline", func() bool { return len(v.latest["picture"].GetPicture().GetPipelines()) == 2 })
	v.read("its revision", func() bool {
		return v.latest["node"].GetNode().GetRevision() == uint64(h.catalog.Snapshot().Revision)
	})
	v.kinds = nil
	h.fleet.show(&consolepb.Session{Id: "s1", Service: "svc", DryRun: true})
	v.read("the session", func() bool { return v.latest["sessions"].GetSessions().GetSessions()[0].GetDryRun() })
	h.fleet.set(&pb.LiveInfo{Client: &pb.ClientInfo{Language: "go"}})
	v.read("the live set", func() bool { return len(v.latest["picture"].GetPicture().GetLive()) == 1 })
	if want := []string{"sessions", "picture"}; !slices.Equal(v.kinds, want) {
		t.Errorf("got %v, want nothing but what changed", v.kinds)
	}
}

func TestWatchTicks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Tick, c.KeepAlive, c.Now = 5*time.Millisecond, 40*time.Millisecond, time.Now })
	v := h.tab(within(t), t)
	v.whole()
	v.kinds = nil
	v.read("keep-alives", func() bool { return len(v.kinds) >= 2 })
	if !slices.Equal(v.kinds, []string{"keep-alive", "keep-alive"}) {
		t.Errorf("got %v, want nothing while nothing changes", v.kinds)
	}
	h.metrics.setRate(7)
	v.read("the rate", func() bool {
		return v.latest["rates"].GetRates().GetAudiences()["svc:operation_type_consumer:op:kafka"].GetProcessed() == 7
	})
}

// The times of sessions are told again without anybody saying that they changed.
func TestWatchTellsTimes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Tick, c.KeepAlive = time.Millisecond, time.Hour })
	session := func(heard int64) []*consolepb.Session { return []*consolepb.Session{{Id: "s1", HeardUnixMs: heard}} }
	h.fleet.sessions = session(1)
	v := h.tab(within(t), t)
	v.whole()
	h.fleet.mu.Lock()
	h.fleet.sessions = session(2)
	h.fleet.mu.Unlock()
	h.clock.advance(time.Second)
	v.read("the newer time", func() bool { return v.latest["sessions"].GetSessions().GetSessions()[0].GetHeardUnixMs() == 2 })
}

// Whatever the number of viewers, everything is made once, and nothing when there are none.
func TestWatchIsMadeOnceForAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t, quiet)
	ctx, leave := context.WithCancel(within(t))
	tabs := make([]*tab, 20)
	for i := range tabs {
		tabs[i] = h.tab(ctx, t)
		tabs[i].whole()
	}
	h.fleet.mu.Lock()
	made := h.fleet.made
	h.fleet.mu.Unlock()
	if made != 1 || h.metrics.watched() != 1 {
		t.Errorf("for 20 viewers sessions were made %d times, and %d watch rates", made, h.metrics.watched())
	}
	h.create(t, "p1")
	for _, v := range tabs {
		v.read("a pipeline", func() bool { return len(v.latest["picture"].GetPicture().GetPipelines()) == 1 })
	}
	leave()
	eventuallyTrue(t, "nobody works when nobody looks", func() bool {
		return h.metrics.watched() == 0 && h.server.board.current.Load() == nil
	})
	v := h.tab(within(t), t) // and it begins anew
	v.whole()
	if len(v.latest["picture"].GetPicture().GetPipelines()) != 1 {
		t.Error("a later viewer sees something old")
	}
}

// A viewer that does not read gets the newest state when it does, and holds nobody up.
func TestWatchSlowViewer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, quiet)
	slow, quick := h.tab(within(t), t), h.tab(within(t), t)
	quick.whole()
	const rounds = 30
	last := func(v *tab) string {
		list := v.latest["sessions"].GetSessions().GetSessions()
		if len(list) == 0 {
			return ""
		}
		return list[0].GetLibrary()
	}
	for round := range rounds {
		many := make([]*consolepb.Session, 5000)
		for i := range many {
			many[i] = &consolepb.Session{Id: fmt.Sprint(i), Service: "svc", Library: fmt.Sprint(round)}
		}
		h.fleet.show(many...)
		quick.read("the round", func() bool { return last(quick) == fmt.Sprint(round) })
	}
	slow.read("the last round", func() bool { return last(slow) == fmt.Sprint(rounds-1) })
	if len(slow.kinds) >= rounds {
		t.Errorf("got %d events, want states in between left out", len(slow.kinds))
	}
}

func TestWatchDrains(t *testing.T) {
	t.Parallel()
	h := newHouse(t, quiet)
	var tabs sync.WaitGroup
	for range 3 {
		v := h.tab(within(t), t)
		v.whole()
		tabs.Go(func() {
			_, err := v.stream.Recv()
			wantStatus(t, err, codes.Unavailable, "server shutting down")
		})
	}
	h.server.Drain()
	tabs.Wait()
	_, err := h.tab(within(t), t).stream.Recv()
	for err == nil { // it may have got something before it saw the end
		_, err = h.tab(within(t), t).stream.Recv()
	}
	wantStatus(t, err, codes.Unavailable, "server shutting down")
}

func eventuallyTrue(t *testing.T, what string, check func() bool) {
	t.Helper()
	deadline, tick := time.After(patience), time.NewTicker(2*time.Millisecond)
	defer tick.Stop()
	for !check() {
		select {
		case <-deadline:
			t.Fatalf("%s: not within %s", what, patience)
		case <-tick.C:
		}
	}
}
