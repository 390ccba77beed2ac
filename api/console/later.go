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

// GetConfig is not available in this release.
func (s *Server) GetConfig(context.Context, *pb.GetConfigRequest) (*pb.GetConfigResponse, error) {
	return nil, later("GetConfig")
}

// CreateNotification is not available in this release.
func (s *Server) CreateNotification(context.Context, *pb.CreateNotificationRequest) (*pb.CreateNotificationResponse, error) {
	return nil, later("CreateNotification")
}

// UpdateNotification is not available in this release.
func (s *Server) UpdateNotification(context.Context, *pb.UpdateNotificationRequest) (*pb.StandardResponse, error) {
	return nil, later("UpdateNotification")
}

// DeleteNotification is not available in this release.
func (s *Server) DeleteNotification(context.Context, *pb.DeleteNotificationRequest) (*pb.StandardResponse, error) {
	return nil, later("DeleteNotification")
}

// GetNotifications is not available in this release.
func (s *Server) GetNotifications(context.Context, *pb.GetNotificationsRequest) (*pb.GetNotificationsResponse, error) {
	return nil, later("GetNotifications")
}

// GetNotification is not available in this release.
func (s *Server) GetNotification(context.Context, *pb.GetNotificationRequest) (*pb.GetNotificationResponse, error) {
	return nil, later("GetNotification")
}

// PauseTail is not available in this release.
func (s *Server) PauseTail(context.Context, *pb.PauseTailRequest) (*pb.StandardResponse, error) {
	return nil, later("PauseTail")
}

// ResumeTail is not available in this release.
func (s *Server) ResumeTail(context.Context, *pb.ResumeTailRequest) (*pb.StandardResponse, error) {
	return nil, later("ResumeTail")
}

// GetMetrics is not available in this release.
func (s *Server) GetMetrics(*pb.GetMetricsRequest, grpc.ServerStreamingServer[pb.GetMetricsResponse]) error {
	return later("GetMetrics")
}

// GetAudienceRates is not available in this release.
func (s *Server) GetAudienceRates(*pb.GetAudienceRatesRequest, grpc.ServerStreamingServer[pb.GetAudienceRatesResponse]) error {
	return later("GetAudienceRates")
}

// Tail is not available in this release.
func (s *Server) Tail(*pb.TailRequest, grpc.ServerStreamingServer[pb.TailResponse]) error {
	return later("Tail")
}

// AttachNotification was deprecated before this server existed.
func (s *Server) AttachNotification(ctx context.Context, _ *pb.AttachNotificationRequest) (*pb.StandardResponse, error) { //nolint:staticcheck // clients still have it
	return s.inBand(ctx, "AttachNotification", "", errDeprecated)
}

// DetachNotification was deprecated before this server existed.
func (s *Server) DetachNotification(ctx context.Context, _ *pb.DetachNotificationRequest) (*pb.StandardResponse, error) { //nolint:staticcheck // clients still have it
	return s.inBand(ctx, "DetachNotification", "", errDeprecated)
}

var errDeprecated = failure.New(failure.Deprecated, "Endpoint is deprecated, do not use")
