package metrics

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func ofPipeline(id, name string, v float64) []*pb.Metric {
	m := ofHidden(consumer("svc"), name, v)
	m[0].Labels["pipeline_id"], m[0].Labels["pipeline_name"] = id, id
	return m
}

func total(points []float64) (sum float64) {
	for _, v := range points {
		sum += v * chartStep.Seconds()
	}
	return math.Round(sum*100) / 100
}

// Two nodes show the same: what both count, once, at the time when it was counted.
func TestCharts(t *testing.T) {
	t.Parallel()
	now, st := newClock(), newStore(t)
	a, b := newNode(t, st, "a", func(c *Config) { c.Now = now.now }), newNode(t, st, "b", func(c *Config) { c.Now = now.now })
	_, err := a.cfg.Catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		tx.PutPipeline(&pb.Pipeline{Id: "p", Name: "p"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a.see()
	b.see()
	pass := func(n int, v float64) {
		for range n {
			for _, node := range []*node{a, b} {
				if v > 0 {
					node.Add(ofHidden(consumer("svc"), "counter_consume_processed", v))
					node.Add(ofHidden(consumer("svc"), "counter_consume_bytes", 100*v))
					node.Add(ofHidden(consumer("svc"), "counter_consume_errors", v))
					node.Add(ofPipeline("p", "counter_consume_processed", v/2))
					node.Add(ofPipeline("p", "counter_consume_errors", v/10))
					node.Add(ofPipeline("p", "counter_notify", v/20))
				}
				node.store()
			}
			now.advance(sampleEvery)
			a.see()
			b.see()
			a.sample()
			b.sample()
		}
	}
	pass(1, 1) // both have stored something, and know it
	pass(24, 50)
	for _, n := range []*node{a, b} {
		c := n.Charts(svcKey)
		if len(c.GetProcessed()) != 11 || c.GetStepSeconds() != 10 || c.GetEndUnixMs() != now.now().Add(-15*time.Second).UnixMilli() {
			t.Fatalf("got %d points to %d of %ds", len(c.GetProcessed()), c.GetEndUnixMs(), c.GetStepSeconds())
		}
		for i, v := range c.GetProcessed()[2:] {
			p := c.GetPipelines()[0]
			got := fmt.Sprintf("%.2f %.1f %.2f %.2f", v, c.GetBytes()[i+2], c.GetErrors()[i+2], c.GetNotifications()[i+2])
			got += fmt.Sprintf(" %.2f %.2f %.2f", p.GetProcessed()[i+2], p.GetErrors()[i+2], p.GetNotifications()[i+2])
			if got != "20.00 2000.0 2.00 1.00 10.00 2.00 1.00" {
				t.Errorf("%s: step %d is %s, want both nodes' share of a steady stream", n.cfg.Node, i+2, got)
			}
		}
		if len(c.GetPipelines()) != 1 || c.GetPipelines()[0].GetPipelineId() != "p" {
			t.Errorf("got pipelines %v", c.GetPipelines())
		}
	}
	pass(6, 0)
	if got := total(a.Charts(svcKey).GetProcessed()); got < 2400 || got > 2402 {
		t.Errorf("got %v in all, want nothing twice", got)
	}
	late := newNode(t, st, "late", func(c *Config) { c.Now = now.now })
	late.see()
	now.advance(sampleEvery)
	late.sample()
	now.advance(time.Minute)
	late.sample()
	if got := total(late.Charts(svcKey).GetProcessed()); got != 0 {
		t.Errorf("a node that started later shows %v, want none of what was before", got)
	}
	now.advance(time.Hour)
	a.sample()
	if got := total(a.Charts(svcKey).GetProcessed()); got != 0 || len(a.charts.lines) != 0 {
		t.Errorf("after an hour: %v, and %d lines kept", got, len(a.charts.lines))
	}
	if got := len(a.Charts(svcKey).GetProcessed()); got > chartSteps {
		t.Errorf("got %d points", got)
	}
}

// Notifications are counted without a direction, so both that there may be show them.
func TestChartsOfNotifications(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	_, err := n.cfg.Catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		tx.PutPipeline(&pb.Pipeline{Id: "p", Name: "p"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n.see()
	n.Add(ofPipeline("p", "counter_notify", 30))
	now.advance(sampleEvery)
	n.sample()
	now.advance(time.Minute)
	n.sample()
	for key, want := range map[audience.Key]float64{
		svcKey: 30,
		audience.Key(strings.Replace(svcKey, "consumer", "producer", 1)): 30,
		audience.Key(strings.Replace(svcKey, "svc", "other", 1)):         0,
	} {
		if got := total(n.Charts(key).GetNotifications()); got != want {
			t.Errorf("%s: got %v notifications, want %v", key, got, want)
		}
	}
}

func TestChartsAreBounded(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	for i := range maxLines/2 + 500 {
		n.Add(ofHidden(consumer(fmt.Sprint("svc", i%900)), "counter_consume_processed", 1))
		a := consumer(fmt.Sprint("svc", i%900))
		a.OperationName = fmt.Sprint(i)
		n.Add(ofHidden(a, "counter_consume_bytes", 1))
	}
	now.advance(sampleEvery)
	n.sample()
	if got := len(n.charts.lines); got != maxLines {
		t.Errorf("got %d lines, want %d", got, maxLines)
	}
}
