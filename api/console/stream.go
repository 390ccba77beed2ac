package console

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// GetAllStream sends GetAll at once and again after changes, gathered over a moment, with
// a keep-alive message every 10 s. It never ends with OK: viewers reconnect after errors.
func (s *Server) GetAllStream(_ *pb.GetAllRequest, stream grpc.ServerStreamingServer[pb.GetAllResponse]) error {
	ctx := stream.Context()
	// Before the first reading, so that no change falls between it and the watching.
	snapshots, live := s.catalog.Watch(ctx), s.fleet.Watch(ctx)
	<-snapshots // the one that is current now: the first message shows it or a newer one
	if err := stream.Send(s.all()); err != nil {
		return err
	}
	return s.follow(ctx, stream, snapshots, live)
}

// follow is the only sender of its stream. While a Send waits for a slow viewer, changes
// gather in the two channels, which hold one signal each.
func (s *Server) follow(ctx context.Context, stream grpc.ServerStreamingServer[pb.GetAllResponse],
	snapshots <-chan *catalog.Snapshot, live <-chan struct{},
) error {
	keepAlive := time.NewTicker(s.keepAlive)
	defer keepAlive.Stop()
	var burst <-chan time.Time // nil while there is nothing to tell
	for {
		var message *pb.GetAllResponse
		select {
		case <-s.draining:
			return failure.ErrShuttingDown
		case <-ctx.Done():
			return context.Cause(ctx)
		case _, open := <-snapshots:
			if !open {
				return ended(ctx)
			}
		case _, open := <-live:
			if !open {
				return ended(ctx)
			}
		case <-burst:
			burst = nil
			message = s.all()
		case <-keepAlive.C:
			message = &pb.GetAllResponse{XKeepalive: proto.Bool(true)}
		}
		if message == nil {
			if burst == nil {
				burst = time.After(s.debounce)
			}
			continue
		}
		if err := stream.Send(message); err != nil {
			return err
		}
	}
}

// ended says why a source of changes dried up: the viewer left, or the server is stopping.
func ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return failure.ErrShuttingDown
}
