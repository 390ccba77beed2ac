package console

import (
	"context"

	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// later is the answer of methods that this release does not have.
func later(method string) error {
	return failure.New(failure.Unimplemented, "%s is not available in this release", method)
}

// PauseTail is not available in this release.
func (s *Server) PauseTail(context.Context, *pb.PauseTailRequest) (*pb.StandardResponse, error) {
	return nil, later("PauseTail")
}

// ResumeTail is not available in this release.
func (s *Server) ResumeTail(context.Context, *pb.ResumeTailRequest) (*pb.StandardResponse, error) {
	return nil, later("ResumeTail")
}

// Tail is not available in this release.
func (s *Server) Tail(*pb.TailRequest, grpc.ServerStreamingServer[pb.TailResponse]) error {
	return later("Tail")
}
