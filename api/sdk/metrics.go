package sdk

import (
	"context"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// Metrics takes increments of counters. Each is judged alone and none makes the call fail;
// an empty list, which the Go SDK may send, is fine.
func (s *Server) Metrics(ctx context.Context, req *pb.MetricsRequest) (*pb.StandardResponse, error) {
	s.metrics.Add(req.GetMetrics())
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
