package console

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/failure"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
)

// Watch sends everything that is live at once, then each part again when it has changed,
// with a keep-alive when nothing did for 10 s. It never ends with OK. It must be served with
// frame.Codec: events are encoded once for all viewers.
func (s *Server) Watch(_ *consolepb.WatchRequest, stream grpc.ServerStreamingServer[consolepb.WatchEvent]) error {
	ctx := stream.Context()
	states, leave := s.board.enter(ctx)
	defer leave()
	keepAlive := time.NewTicker(s.keepAlive)
	defer keepAlive.Stop()
	sent := &shown{}
	for {
		select {
		case <-s.draining:
			return failure.ErrShuttingDown
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-keepAlive.C:
			if err := stream.SendMsg(keepAliveEvent); err != nil {
				return err
			}
		case state, open := <-states:
			if !open {
				return ended(ctx)
			}
			if state == nil {
				continue // it is being made
			}
			if err := sendChanges(stream, sent, state); err != nil {
				return err
			}
			sent = state
			keepAlive.Reset(s.keepAlive)
		}
	}
}

// sendChanges sends the sections in which a state differs from what was sent.
func sendChanges(stream grpc.ServerStreamingServer[consolepb.WatchEvent], sent, state *shown) error {
	for i := range state {
		if state[i].version == sent[i].version {
			continue
		}
		if err := stream.SendMsg(state[i].frame); err != nil {
			return err
		}
	}
	return nil
}
