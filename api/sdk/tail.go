package sdk

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// Tails takes payloads that somebody may be watching.
type Tails interface {
	// Offer never waits. It owns the payload.
	Offer(*pb.TailResponse)
}

// nobody watches.
type nobody struct{}

func (nobody) Offer(*pb.TailResponse) {}

// SendTail reads payloads as fast as they come, whatever becomes of them: an SDK whose
// stream fills up blocks the application. A stream may carry payloads of any tails, also of
// ones that ended, and be idle for any time. The reply comes at the client's half-close.
func (s *Server) SendTail(stream grpc.ClientStreamingServer[pb.TailResponse, pb.StandardResponse]) error {
	read := make(chan error, 1)
	go func() { read <- s.readTail(stream) }() // ends with the call, at the latest
	select {
	case err := <-read:
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(accepted(stream.Context(), ""))
		}
		return err // a status of gRPC's own: the client went away, or sent too much
	case <-s.draining:
		return failure.Status(failure.ErrShuttingDown)
	case <-stream.Context().Done(): // its token may have ended while the connection lives
		return context.Cause(stream.Context())
	}
}

func (s *Server) readTail(stream grpc.ClientStreamingServer[pb.TailResponse, pb.StandardResponse]) error {
	for {
		payload, err := stream.Recv()
		if err != nil {
			return err
		}
		s.tails.Offer(payload)
	}
}

// Drain ends the streams of tails with Unavailable "server shutting down". The fleet must
// have made SDKs stop their tails before: the Go SDK blocks the application for good if the
// streams of an active tail end. Calling it again is no error.
func (s *Server) Drain() {
	s.drain.Do(func() { close(s.draining) })
}
