package metrics

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/counters"
)

func rate(a *pb.Audience, name string, v float64) []*pb.Metric {
	return []*pb.Metric{{Name: name, Audience: a, Value: v}}
}

// shownRates are the rates as text, by group.
func (n *node) shownRates() map[string]string {
	got := map[string]string{}
	for group, r := range n.Rates().GetRates() {
		got[group] = fmt.Sprint(r.GetBytes(), " ", r.GetProcessed())
	}
	return got
}

func TestRates(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	want := func(when string, rates map[string]string) {
		t.Helper()
		diff(t, when, rates, n.shownRates())
	}
	want("at first", map[string]string{})
	n.Add(rate(consumer("SVC"), "counter_consume_bytes_rate", 700))
	n.Add(rate(consumer("svc"), "counter_consume_bytes_rate", 300))
	n.Add(rate(consumer("svc"), "counter_consume_processed_rate", 20))
	n.Add(rate(producer("svc"), "counter_consume_processed_rate", 50)) // as Ruby says it
	want("a second that is not over", map[string]string{})
	now.advance(time.Second)
	full := map[string]string{"svc/operation_type_consumer/kafka": "100 2", "svc/operation_type_producer/kafka": "0 5"}
	want("after a second", full)
	now.advance(9 * time.Second)
	want("after ten seconds", full)
	now.advance(time.Second)
	idle := map[string]string{"svc/operation_type_consumer/kafka": "0 0", "svc/operation_type_producer/kafka": "0 0"}
	want("after eleven seconds", idle)
	if got := len(n.windows.groups); got != 0 {
		t.Errorf("got %d groups kept, want idle ones forgotten", got)
	}
	now.advance(shownFor + time.Second)
	want("long after", map[string]string{})
}

// Reports that come at once, the first of an audience among them, are all counted.
func TestReportsAtOnce_9_2_24(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	const groups, reports = 50, 20
	var reporting sync.WaitGroup
	for range reports {
		reporting.Go(func() {
			for i := range groups {
				n.Add(rate(consumer(fmt.Sprint("svc", i)), "counter_consume_processed_rate", 10))
			}
		})
	}
	reporting.Wait()
	now.advance(time.Second)
	got := n.shownRates()
	if len(got) != groups {
		t.Errorf("got %d groups, want %d", len(got), groups)
	}
	for group, r := range got {
		if want := fmt.Sprint("0 ", reports); r != want {
			t.Errorf("%s: got %s, want %s", group, r, want)
		}
	}
}

// A steady stream gives a steady rate, however reports fall into seconds.
func TestSteadyRate(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	for i := range 400 {
		n.Add(rate(consumer("svc"), "counter_consume_processed_rate", 25))
		if got := n.shownRates()["svc/operation_type_consumer/kafka"]; i >= 44 && got != "0 100" {
			t.Fatalf("after %d quarter seconds: got %q, want 100 a second", i, got)
		}
		now.advance(250 * time.Millisecond)
	}
	now.advance(-time.Hour) // clocks are set back
	n.Add(rate(consumer("svc"), "counter_consume_processed_rate", 25))
	n.shownRates()
	now.advance(time.Hour)
	n.Add(rate(consumer("svc"), "counter_consume_processed_rate", 1000))
	now.advance(time.Second)
	if got := n.shownRates()["svc/operation_type_consumer/kafka"]; got == "0 0" || got == "" {
		t.Errorf("after the clock was set back and forth: got %q", got)
	}
}

// The original's Console prints all digits that it gets of a rate below 1000.
func TestRatesHaveFewDigits(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	for _, reported := range []float64{611, 702, 613, 1271} {
		n.Add(rate(consumer("svc"), "counter_consume_bytes_rate", reported))
		now.advance(time.Second)
	}
	n.exchange.told["b"] = told{at: now.now(), groups: []*counters.GroupRate{{Group: "svc/operation_type_consumer/kafka", Bytes: 0.1, Processed: 0.7}}}
	n.exchange.told["c"] = told{at: now.now(), groups: []*counters.GroupRate{{Group: "svc/operation_type_consumer/kafka", Processed: 0.1}}}
	diff(t, "the sum", map[string]string{"svc/operation_type_consumer/kafka": "319.8 0.8"}, n.shownRates())
}

func TestGroupsAreBounded_9_6_7(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	for i := range maxGroups + 500 {
		n.Add(rate(consumer(fmt.Sprint("svc", i)), "counter_consume_bytes_rate", 1))
	}
	now.advance(time.Second)
	if got := len(n.Rates().GetRates()); got != maxGroups {
		t.Errorf("got %d groups, want %d", got, maxGroups)
	}
	if got := n.tally.ignoredBy()[tooMany]; got != 500 {
		t.Errorf("got %d ignored, want 500", got)
	}
	now.advance(time.Minute)
	n.Rates()
	n.Add(rate(consumer("late"), "counter_consume_bytes_rate", 10))
	now.advance(time.Second)
	if got := n.shownRates()["late/operation_type_consumer/kafka"]; got != "1 0" {
		t.Errorf("got %q, want room again once others are idle", got)
	}
}

// run runs a node until the test ends or stop is called.
func (n *node) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = n.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	n.t.Cleanup(stop)
	return stop
}

// Nodes tell each other their rates while somebody looks, and only then.
func TestRatesOfOtherNodes(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	a, b := newNode(t, st, "a"), newNode(t, st, "b")
	ctx, cancel := context.WithCancel(t.Context())
	tells := st.Subscribe(ctx, topicTell)
	a.run()
	stopB := b.run()
	const group = "svc/operation_type_consumer/kafka"
	feed := func() {
		a.Add(rate(consumer("svc"), "counter_consume_bytes_rate", 100))
		b.Add(rate(consumer("svc"), "counter_consume_processed_rate", 10))
	}
	feed()
	eventually(t, "each shows its own", func() bool {
		return a.Rates().GetRates()[group].GetBytes() > 0 && b.Rates().GetRates()[group].GetProcessed() > 0
	})
	if got := a.Rates().GetRates()[group].GetProcessed(); got != 0 || len(tells) > 0 {
		t.Errorf("got %v processed and %d messages, want nothing told while nobody looks", got, len(tells))
	}
	viewing, leave := context.WithCancel(t.Context())
	a.WatchRates(viewing)
	a.WatchRates(viewing)
	eventually(t, "one shows both", func() bool {
		feed()
		r := a.Rates().GetRates()[group]
		return r.GetBytes() > 0 && r.GetProcessed() > 0
	})
	stopB() // a node that ends takes its share with it
	eventually(t, "the share of the other falls to zero", func() bool {
		a.Add(rate(consumer("svc"), "counter_consume_bytes_rate", 100))
		r := a.Rates().GetRates()[group]
		return r.GetBytes() > 0 && r.GetProcessed() == 0
	})
	leave()
	eventually(t, "nobody looks", func() bool { return !a.exchange.hasViewers() })
	cancel()
}
