package api

import (
	"context"
	"strings"

	"google.golang.org/grpc"
)

// gate refuses calls while Config.Gate gives an error. Health and reflection stay open.
type gate func() error

func (g gate) check(method string) error {
	if g == nil || strings.HasPrefix(method, "/grpc.") {
		return nil
	}
	return g()
}

func (g gate) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := g.check(info.FullMethod); err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (g gate) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if err := g.check(info.FullMethod); err != nil {
		return err
	}
	return next(srv, ss)
}
