package tail

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// collect takes from a viewer until it has n payloads.
func collect(t *testing.T, v *Viewer, n int) []string {
	t.Helper()
	var list []string
	eventually(t, fmt.Sprintf("%d payloads come", n), func() bool {
		for r, ok := v.Next(); ok; r, ok = v.Next() {
			list = append(list, string(r.GetOriginalData()))
		}
		return len(list) >= n
	})
	return list
}

func (h *hub) knows(ids string) {
	h.t.Helper()
	eventually(h.t, fmt.Sprintf("the fleet of %s is told of %q", h.cfg.Node, ids), func() bool { return h.fleet.ids() == ids })
}

func TestTailsCrossNodes(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a, b, c := newHub(t, "a", bus), newHub(t, "b", bus), newHub(t, "c", bus)
	v := a.open(request("t"))
	b.knows("t")
	c.knows("t")
	eventually(t, "the viewer's node listens", func() bool { return a.bus.listens("tail/t") })
	if b.bus.listens("tail/t") || c.bus.listens("tail/t") {
		t.Error("a node without a viewer receives payloads")
	}
	const n = 200
	for i := range n {
		b.send("t", fmt.Sprint(i))
	}
	got := collect(t, v, n)
	for i, data := range got {
		if data != fmt.Sprint(i) {
			t.Fatalf("payload %d is %q: the order of a session is lost", i, data)
		}
	}
	eventually(t, "the counts of the other node come", func() bool { return v.Counts() == Counts{Received: n} })
	// The viewer's own node does not send to itself.
	a.send("t", "local")
	expect(t, v, "local")
	if s := a.Stats(); s.Relayed != 0 {
		t.Errorf("got %+v, want nothing relayed to nobody", s)
	}
	// A node that comes later learns of it, and all of them of the end.
	d := newHub(t, "d", bus)
	d.knows("t")
	v.Close()
	for _, h := range []*hub{a, b, c, d} {
		h.knows("")
	}
	eventually(t, "the subscription ends", func() bool { return !a.bus.listens("tail/t") })
	b.send("t", "late")
	if s := b.Stats(); s.Relayed != n || s.Unwanted != 1 {
		t.Errorf("got %+v, want nothing relayed after the end", s)
	}
}

// One id, viewed on two nodes: payloads of each node reach both viewers once.
func TestViewersOnTwoNodes(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a, b := newHub(t, "a", bus), newHub(t, "b", bus)
	va, vb := a.open(request("t")), b.open(request("t"))
	for _, h := range []*hub{a, b} {
		eventually(t, "both know of each other", func() bool { return len(h.activeRelays()) == 1 && h.bus.listens("tail/t") })
	}
	a.send("t", "from-a")
	if got := collect(t, vb, 1); got[0] != "from-a" {
		t.Errorf("got %v", got)
	}
	b.send("t", "from-b")
	if got := collect(t, va, 2); strings.Join(got, " ") != "from-a from-b" {
		t.Errorf("got %v, want each payload once", got)
	}
	va.Close()
	a.knows("t")
	vb.Close()
	a.knows("")
	b.knows("")
}

func TestNodesSampleBeforeTheySend(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a, b := newHub(t, "a", bus), newHub(t, "b", bus)
	r := request("t")
	r.Rate, r.Seconds, r.Session = 3, 10, "mine"
	v := a.open(r)
	b.knows("t")
	eventually(t, "the viewer's node listens", func() bool { return a.bus.listens("tail/t") })
	for i := range 100 {
		b.sendAs("other", "t", "x")
		b.sendAs("mine", "t", fmt.Sprint(i))
	}
	if got := strings.Join(collect(t, v, 3), " "); got != "0 1 2" {
		t.Errorf("got %q", got)
	}
	a.send("t", "x")
	a.sendAs("mine", "t", "one too many") // the rate is the tail's, not each node's
	expect(t, v, "")
	eventually(t, "all is counted", func() bool { return v.Counts() == Counts{Received: 101, Sampled: 98} })
	if s := b.Stats(); s.Relayed != 3 {
		t.Errorf("got %+v, want 3 relayed", s)
	}
}

func TestPauseCrossesNodes(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a, b := newHub(t, "a", bus), newHub(t, "b", bus)
	v := a.open(request("t"))
	b.knows("t")
	if err := b.Pause("t"); err != nil {
		t.Fatal(err)
	}
	a.knows("t!")
	a.send("t", "1")
	b.send("t", "2")
	eventually(t, "both are counted", func() bool { return v.Counts() == Counts{Received: 2, Paused: 2} })
	c := newHub(t, "c", bus)
	c.knows("t!")
	if err := c.Resume("t"); err != nil {
		t.Fatal(err)
	}
	a.knows("t")
	b.knows("t")
	eventually(t, "the viewer's node listens", func() bool { return a.bus.listens("tail/t") })
	b.send("t", "3")
	if got := collect(t, v, 1); got[0] != "3" {
		t.Errorf("got %v", got)
	}
}

// A node that dies takes its tails with it, after a while; until then they live on, paused
// as they were, for a viewer who comes back on another node.
func TestTailsOfADeadNode(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a, b := newHub(t, "a", bus), newHub(t, "b", bus)
	a.open(request("kept"))
	a.open(request("lost"))
	b.knows("kept lost")
	if err := a.Pause("kept"); err != nil {
		t.Fatal(err)
	}
	b.knows("kept! lost")
	a.bus.sever()
	a.stop()
	v := b.open(request("kept"))
	b.knows("kept! lost")
	b.clock.advance(DefaultExpire)
	b.knows("kept!")
	b.send("kept", "x")
	wantCounts(t, v, Counts{Received: 1, Paused: 1})
}

func TestLeavingNodeSaysSo(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a, b := newHub(t, "a", bus), newHub(t, "b", bus)
	a.open(request("t"))
	b.knows("t")
	a.stop()
	b.knows("")
}

// Without the bus, a node still shows what its own sessions send.
func TestBusIsAway(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a, b := newHub(t, "a", bus), newHub(t, "b", bus)
	va := a.open(request("t"))
	b.knows("t")
	a.bus.sever()
	b.bus.sever()
	vb := b.open(request("u"))
	b.send("u", "local")
	expect(t, vb, "local")
	a.send("t", "local")
	expect(t, va, "local")
	b.send("t", "lost")
	eventually(t, "the loss is counted", func() bool { return b.Stats().RelayDropped == 1 })
	expect(t, va, "")
}

func TestGarbageOnTheBusIsCounted(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	a := newHub(t, "a", bus)
	v := a.open(request("t"))
	eventually(t, "the viewer's node listens", func() bool { return a.bus.listens("tail/t") })
	for topic, message := range map[string]string{controlTopic: "{", "tail/t": "garbage"} {
		if err := bus.Publish(t.Context(), topic, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	if err := bus.Publish(t.Context(), "tail/t", encodeBatch(1, [][]byte{[]byte("\xff")})); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is counted", func() bool { return a.Stats().Garbled == 3 })
	expect(t, v, "")
}

// Nodes that view nothing and relay nothing are silent.
func TestIdleNodesSayNothing_9_6_5(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	heard := bus.Subscribe(t.Context(), controlTopic)
	a := newHub(t, "a", bus)
	v := a.open(request("t"))
	<-heard
	v.Close()
	a.knows("")
	deadline := time.After(patience)
	quiet := time.NewTimer(20 * a.cfg.Announce)
	for {
		select {
		case <-heard:
			quiet.Reset(20 * a.cfg.Announce)
		case <-quiet.C:
			return
		case <-deadline:
			t.Fatal("a node without tails goes on announcing")
		}
	}
}
