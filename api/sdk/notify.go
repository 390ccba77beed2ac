package sdk

import (
	"context"
	"slices"
	"strings"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// Notifier tells people. It must not wait for them.
type Notifier interface {
	Notify(req *pb.NotifyRequest)
}

// Notify takes a request to alert people and answers at once. What becomes of it is not
// the SDK's business.
func (s *Server) Notify(ctx context.Context, req *pb.NotifyRequest) (*pb.StandardResponse, error) {
	switch {
	case req.GetStep() == nil:
		return refused(ctx, "invalid notify request: %s", failure.New(failure.Invalid, "field 'Step' cannot be nil")), nil
	case req.GetAudience() == nil:
		return refused(ctx, "invalid notify request: %s", failure.New(failure.Invalid, "field 'Audience' cannot be nil")), nil
	}
	if own := auth.CallerOf(ctx).Service; own != "" && !s.runs(own, req.GetPipelineId()) {
		return refused(ctx, "invalid notify request: %s",
			failure.New(failure.Denied, "this token speaks for service '%s' only, which has no such pipeline", own)), nil
	}
	if s.notifier != nil {
		s.notifier.Notify(req)
	}
	return accepted(ctx, "Notification queued"), nil
}

// runs says whether a pipeline is attached to any audience of a service. Whoever speaks for
// one service must not raise alarms about the pipelines of others, nor use up how many of
// those may be sent.
func (s *Server) runs(service, pipelineID string) bool {
	service = strings.ToLower(service)
	return slices.ContainsFunc(s.catalog.Snapshot().UsedBy(pipelineID), func(k audience.Key) bool { return k.Service() == service })
}
