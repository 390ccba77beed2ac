package sdk

import (
	"context"

	"github.com/streamdal/streamdal-server/api/pb"
)

// Metrics takes increments of counters. Each is judged alone and none makes the call fail;
// an empty list, which the Go SDK may send, is fine.
func (s *Server) Metrics(ctx context.Context, req *pb.MetricsRequest) (*pb.StandardResponse, error) {
	s.metrics.Add(req.GetMetrics())
	return accepted(ctx, "Metrics handled"), nil
}
