package console

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
)

// defaultTick is how often GetMetrics and GetAudienceRates send.
const defaultTick = time.Second

// Metrics knows what SDKs counted, in the whole cluster.
type Metrics interface {
	// Totals returns the counters. The message is shared.
	Totals() *pb.GetMetricsResponse
	// Rates returns the rates of the groups of audiences.
	Rates() *pb.GetAudienceRatesResponse
	// AudienceRates returns the rates of audiences.
	AudienceRates() *consolepb.Rates
	// Charts returns the last hour of an audience. The message is the caller's.
	Charts(key audience.Key) *consolepb.Charts
	// WatchRates says that somebody looks at rates until ctx ends.
	WatchRates(ctx context.Context)
}

// GetMetrics sends all counters at once and every second, with a keep-alive message every
// 10 s. It never ends with OK.
func (s *Server) GetMetrics(_ *pb.GetMetricsRequest, stream grpc.ServerStreamingServer[pb.GetMetricsResponse]) error {
	return repeat(s, stream, s.metrics.Totals, &pb.GetMetricsResponse{XKeepalive: proto.Bool(true)})
}

// GetAudienceRates sends all rates at once and every second, with a keep-alive message every
// 10 s. It never ends with OK.
func (s *Server) GetAudienceRates(_ *pb.GetAudienceRatesRequest, stream grpc.ServerStreamingServer[pb.GetAudienceRatesResponse]) error {
	s.metrics.WatchRates(stream.Context())
	return repeat(s, stream, s.metrics.Rates, &pb.GetAudienceRatesResponse{XKeepalive: proto.Bool(true)})
}

// repeat is the only sender of its stream. A viewer that is slow gets the newest values
// later: while a Send waits, ticks are lost, and nothing is read for them.
func repeat[M any](s *Server, stream grpc.ServerStreamingServer[M], read func() *M, keepAlive *M) error {
	ctx := stream.Context()
	tick, alive := time.NewTicker(s.tick), time.NewTicker(s.keepAlive)
	defer tick.Stop()
	defer alive.Stop()
	for message := read(); ; {
		if err := stream.Send(message); err != nil {
			return err
		}
		select {
		case <-s.draining:
			return failure.ErrShuttingDown
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			message = read()
		case <-alive.C:
			message = keepAlive
		}
	}
}

// GetCharts returns the last hour of an audience; nothing but zeros for one that nobody has
// heard of.
func (s *Server) GetCharts(_ context.Context, req *consolepb.GetChartsRequest) (*consolepb.Charts, error) {
	a, err := audience.Parse(req.GetAudience())
	if err != nil {
		return nil, invalid("%v", err)
	}
	return s.metrics.Charts(audience.KeyOf(a)), nil
}
