package metrics

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
)

// ofHidden is what an SDK counts for the pipeline that infers schemas.
func ofHidden(a *pb.Audience, name string, v float64) []*pb.Metric {
	return []*pb.Metric{{Name: name, Value: v, Audience: a, Labels: map[string]string{
		"service": a.GetServiceName(), "component": a.GetComponentName(), "operation": a.GetOperationName(),
		"pipeline_id": "made-up", "pipeline_name": hiddenPipeline,
	}}}
}

// audienceRates are the rates as text, by audience.
func (n *node) audienceRates() map[string]string {
	got := map[string]string{}
	for key, r := range n.AudienceRates().GetAudiences() {
		got[key] = fmt.Sprint(r.GetBytes(), " ", r.GetProcessed())
	}
	return got
}

const svcKey = "svc:operation_type_consumer:op:kafka"

func TestAudienceRates(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	second := consumer("svc")
	second.OperationName = "Second"
	// The Go SDK credits the rates of both audiences to the first.
	n.Add(rate(consumer("svc"), "counter_consume_processed_rate", 30))
	n.Add(rate(consumer("svc"), "counter_consume_bytes_rate", 300))
	n.Add(ofHidden(consumer("svc"), "counter_consume_processed", 10))
	n.Add(ofHidden(consumer("svc"), "counter_consume_bytes", 100))
	n.Add(ofHidden(second, "counter_consume_processed", 20))
	n.Add(ofHidden(second, "counter_consume_bytes", 200))
	n.Add(rate(producer("svc"), "counter_consume_processed_rate", 50)) // it runs no pipelines
	n.Add([]*pb.Metric{processed("svc", 1000)})                        // of another pipeline
	n.Add(ofHidden(&pb.Audience{}, "counter_consume_processed", 5))    // of no audience
	now.advance(time.Second)
	diff(t, "rates", map[string]string{
		svcKey: "10 1",
		"svc:operation_type_consumer:second:kafka": "20 2",
		"svc:operation_type_producer:op:kafka":     "0 5",
	}, n.audienceRates())
	now.advance(11 * time.Second)
	diff(t, "idle rates", map[string]string{}, n.audienceRates())
	if got := len(n.inferred.groups) + len(n.reported.groups); got != 0 {
		t.Errorf("got %d audiences kept, want idle ones forgotten", got)
	}
}

func TestAudienceErrors(t *testing.T) {
	t.Parallel()
	now := newClock()
	n := newNode(t, newStore(t), "a", func(c *Config) { c.Now = now.now })
	n.Add(ofHidden(consumer("svc"), "counter_consume_processed", 40))
	n.Add(ofHidden(consumer("svc"), "counter_consume_errors", 5)) // a payload that is not JSON has no schema
	n.Add(ofPipeline("p", "counter_consume_errors", 10))
	n.Add(ofPipeline("q", "counter_consume_errors", 20))
	n.Add(ofPipeline("q", "counter_consume_processed", 30))
	now.advance(time.Second)
	got := n.AudienceRates().GetAudiences()[svcKey]
	if got.GetErrors() != 3 || got.GetProcessed() != 4 {
		t.Errorf("got %v, want 3 errors and 4 messages per second", got)
	}
	now.advance(11 * time.Second)
	if got := n.AudienceRates().GetAudiences(); len(got)+len(n.failed.groups) != 0 {
		t.Errorf("got %v, want idle audiences forgotten", got)
	}
}

func TestAudienceRatesOfOtherNodes(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	a, b := newNode(t, st, "a"), newNode(t, st, "b")
	a.run()
	stopB := b.run()
	viewing, leave := context.WithCancel(t.Context())
	defer leave()
	a.WatchRates(viewing)
	eventually(t, "one shows both", func() bool {
		a.Add(ofHidden(consumer("svc"), "counter_consume_bytes", 100))
		b.Add(ofHidden(consumer("svc"), "counter_consume_processed", 10))
		b.Add(ofPipeline("p", "counter_consume_errors", 10))
		r := a.AudienceRates().GetAudiences()[svcKey]
		return r.GetBytes() > 0 && r.GetProcessed() > 0 && r.GetErrors() > 0
	})
	stopB()
	eventually(t, "the share of the other falls to zero", func() bool {
		a.Add(ofHidden(consumer("svc"), "counter_consume_bytes", 100))
		r := a.AudienceRates().GetAudiences()[svcKey]
		return r.GetBytes() > 0 && r.GetProcessed() == 0
	})
}
