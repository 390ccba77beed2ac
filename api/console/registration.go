package console

import (
	"context"

	"github.com/streamdal/streamdal-server/api/pb"
)

// The original registered e-mail addresses with its maker. This server calls nobody: who
// asks is registered, and what they send is dropped.

// AppRegistrationStatus says that nothing is left to do.
func (s *Server) AppRegistrationStatus(context.Context, *pb.AppRegistrationStatusRequest) (*pb.AppRegistrationStatusResponse, error) {
	return &pb.AppRegistrationStatusResponse{Status: pb.AppRegistrationStatusResponse_STATUS_DONE}, nil
}

// AppRegister does nothing, successfully.
func (s *Server) AppRegister(ctx context.Context, _ *pb.AppRegistrationRequest) (*pb.StandardResponse, error) {
	return done(ctx, noRegistration), nil
}

// AppVerifyRegistration does nothing, successfully.
func (s *Server) AppVerifyRegistration(ctx context.Context, _ *pb.AppVerifyRegistrationRequest) (*pb.StandardResponse, error) {
	return done(ctx, noRegistration), nil
}

// AppRegisterReject does nothing, successfully.
func (s *Server) AppRegisterReject(ctx context.Context, _ *pb.AppRegisterRejectRequest) (*pb.StandardResponse, error) {
	return done(ctx, noRegistration), nil
}

const noRegistration = "no registration is needed"
