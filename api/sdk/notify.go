package sdk

import (
	"context"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
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
	if s.notifier != nil {
		s.notifier.Notify(req)
	}
	return accepted(ctx, "Notification queued"), nil
}
