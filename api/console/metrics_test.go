package console

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
)

// fakeMetrics counts how often it is asked.
type fakeMetrics struct {
	mu      sync.Mutex
	asked   float64
	viewers int
	rate    float64 // of AudienceRates
}

func (f *fakeMetrics) AudienceRates() *consolepb.Rates {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &consolepb.Rates{Audiences: map[string]*consolepb.Rate{"svc:operation_type_consumer:op:kafka": {Processed: f.rate}}}
}

func (f *fakeMetrics) Charts(key audience.Key) *consolepb.Charts {
	return &consolepb.Charts{StepSeconds: 10, Pipelines: []*consolepb.PipelineChart{{PipelineId: string(key)}}}
}

func TestGetCharts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reply, err := h.console.GetCharts(t.Context(), &consolepb.GetChartsRequest{Audience: strings.ToUpper(svcKey)})
	if err != nil || reply.GetPipelines()[0].GetPipelineId() != svcKey {
		t.Errorf("got %v, %v", reply, err)
	}
	_, err = h.console.GetCharts(t.Context(), &consolepb.GetChartsRequest{Audience: "svc"})
	wantStatus(t, err, codes.InvalidArgument, `audience "svc" has 1 parts, want service:operation_type:operation:component`)
}

func (f *fakeMetrics) setRate(v float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate = v
}

func (f *fakeMetrics) next() float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return f.asked
}

func (f *fakeMetrics) Totals() *pb.GetMetricsResponse {
	return &pb.GetMetricsResponse{Metrics: map[string]*pb.Metric{"counter_notify": {Name: "counter_notify", Value: f.next()}}}
}

func (f *fakeMetrics) Rates() *pb.GetAudienceRatesResponse {
	return &pb.GetAudienceRatesResponse{Rates: map[string]*pb.AudienceRate{"svc/operation_type_consumer/kafka": {Bytes: f.next()}}}
}

func (f *fakeMetrics) WatchRates(ctx context.Context) {
	f.add(1)
	context.AfterFunc(ctx, func() { f.add(-1) })
}

func (f *fakeMetrics) add(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.viewers += n
}

func (f *fakeMetrics) watched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.viewers
}

// message is what the two streams have in common.
type message interface {
	proto.Message
	GetXKeepalive() bool
}

// openStreams opens GetMetrics and GetAudienceRates; each function receives a message and
// the value in it.
func (h *house) openStreams(ctx context.Context, t *testing.T) map[string]func() (message, float64, error) {
	t.Helper()
	totals, err := h.client.GetMetrics(ctx, &pb.GetMetricsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	rates, err := h.client.GetAudienceRates(ctx, &pb.GetAudienceRatesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]func() (message, float64, error){
		"GetMetrics": func() (message, float64, error) {
			m, err := totals.Recv()
			return m, m.GetMetrics()["counter_notify"].GetValue(), err
		},
		"GetAudienceRates": func() (message, float64, error) {
			m, err := rates.Recv()
			return m, m.GetRates()["svc/operation_type_consumer/kafka"].GetBytes(), err
		},
	}
}

func TestMetricsStreams(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Tick = 2 * time.Millisecond; c.KeepAlive = 5 * time.Millisecond })
	ctx, cancel := context.WithCancel(within(t))
	for name, receive := range h.openStreams(ctx, t) {
		last, values, alive := 0.0, 0, 0
		for values < 5 || alive < 2 {
			m, value, err := receive()
			switch {
			case err != nil:
				t.Fatalf("%s: %v", name, err)
			case m.GetXKeepalive():
				if value != 0 {
					t.Errorf("%s: got a keep-alive with values: %v", name, m)
				}
				alive++
			case value <= last:
				t.Errorf("%s: got %v after %v, want newer ones", name, value, last)
			default:
				last = value
				values++
			}
		}
	}
	if got := h.metrics.watched(); got != 1 {
		t.Errorf("got %d viewers of rates, want 1", got)
	}
	cancel()
	for deadline := time.After(patience); h.metrics.watched() != 0; {
		select {
		case <-deadline:
			t.Fatal("the viewer of rates left and still counts")
		case <-time.After(time.Millisecond):
		}
	}
}

// The original's streams did not notice a shutdown; viewers then waited for nothing.
func TestMetricsStreamsEndWhenDraining_7_4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Tick = time.Hour })
	streams := h.openStreams(within(t), t)
	for name, receive := range streams {
		if _, value, err := receive(); err != nil || value == 0 { // at once, not after a tick
			t.Fatalf("%s: %v", name, err)
		}
	}
	h.server.Drain()
	for name, receive := range streams {
		_, _, err := receive()
		if err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("%s: got %v, want an error", name, err)
		}
		wantStatus(t, err, codes.Unavailable, "server shutting down")
	}
}

// A viewer that does not read holds up neither memory nor others.
func TestSlowViewersGetTheNewest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Tick = time.Millisecond })
	ctx := within(t)
	h.openStreams(ctx, t) // nobody reads these
	receive := h.openStreams(ctx, t)["GetMetrics"]
	for range 50 {
		if _, _, err := receive(); err != nil {
			t.Fatal(err)
		}
	}
}
