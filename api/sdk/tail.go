package sdk

import (
	"errors"
	"io"

	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/pb"
)

// SendTail reads payloads as fast as they come, whatever becomes of them: an SDK whose
// stream fills up blocks the application. The reply comes at the client's half-close.
func (s *Server) SendTail(stream grpc.ClientStreamingServer[pb.TailResponse, pb.StandardResponse]) error {
	for {
		_, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(accepted(stream.Context(), ""))
		}
		if err != nil {
			return err // a status of gRPC's own: the client went away, or sent too much
		}
	}
}
