package api

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"
)

// Running counts the calls whose handlers run. The zero value is ready for use.
type Running struct{ n atomic.Int64 }

// Count returns how many there are now.
func (r *Running) Count() int { return int(r.n.Load()) }

func (r *Running) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	r.n.Add(1)
	defer r.n.Add(-1)
	return next(ctx, req)
}

func (r *Running) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	r.n.Add(1)
	defer r.n.Add(-1)
	return next(srv, ss)
}
