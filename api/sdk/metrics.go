package sdk

import (
	"context"
	"maps"
	"math"
	"sync"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// counterNames are what SDKs report. Newer SDKs may know others, which are left out.
var counterNames = map[string]bool{
	"counter_consume_bytes":          true,
	"counter_consume_processed":      true,
	"counter_consume_errors":         true,
	"counter_consume_bytes_rate":     true,
	"counter_consume_processed_rate": true,
	"counter_produce_bytes":          true,
	"counter_produce_processed":      true,
	"counter_produce_errors":         true,
	"counter_produce_bytes_rate":     true,
	"counter_produce_processed_rate": true,
	"counter_notify":                 true,
	"counter_dropped_tail_messages":  true,
}

// tally sums what SDKs reported since the start. The zero value is ready for use.
type tally struct {
	mu      sync.Mutex
	sums    map[string]float64
	ignored uint64
}

// add takes over one increment. One that makes no sense is counted and otherwise ignored,
// so that it does not take the others of its batch with it.
func (t *tally) add(m *pb.Metric) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := m.GetValue()
	if !counterNames[m.GetName()] || v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		t.ignored++
		return
	}
	if t.sums == nil {
		t.sums = make(map[string]float64)
	}
	t.sums[m.GetName()] += v
}

// Counters returns the sums of what SDKs reported by counter name, and how many reported
// values made no sense.
func (s *Server) Counters() (sums map[string]float64, ignored uint64) {
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	return maps.Clone(s.metrics.sums), s.metrics.ignored
}

// Metrics takes increments of counters. Each is judged alone and none makes the call fail;
// an empty list, which the Go SDK may send, is fine.
func (s *Server) Metrics(ctx context.Context, req *pb.MetricsRequest) (*pb.StandardResponse, error) {
	for _, m := range req.GetMetrics() {
		s.metrics.add(m)
	}
	return accepted(ctx, "Metrics handled"), nil
}

// Notify takes a request to alert people.
func (s *Server) Notify(ctx context.Context, req *pb.NotifyRequest) (*pb.StandardResponse, error) {
	switch {
	case req.GetStep() == nil:
		return refused(ctx, "invalid notify request: %s", failure.New(failure.Invalid, "field 'Step' cannot be nil")), nil
	case req.GetAudience() == nil:
		return refused(ctx, "invalid notify request: %s", failure.New(failure.Invalid, "field 'Audience' cannot be nil")), nil
	}
	s.log.Debug().Str("pipeline", req.GetPipelineId()).Str("step", req.GetStep().GetName()).
		Stringer("condition", req.GetConditionType()).Msg("a step asked for a notification")
	return accepted(ctx, "Notification queued"), nil
}
