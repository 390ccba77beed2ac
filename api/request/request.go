// Package request gives every call an id that replies, logs and errors share.
package request

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Key is the metadata key of the id. A client may choose it; most do not.
const Key = "request-id"

// maxID bounds an id that a client chose: it ends up in every log line of the call.
const maxID = 128

// ID returns the id of the call that ctx belongs to, or "" outside of one.
func ID(ctx context.Context) string {
	if ids := metadata.ValueFromIncomingContext(ctx, Key); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// With returns a context whose ID is not empty: the client's, or a new UUID when the
// client sent none or one that is too long.
func With(ctx context.Context) context.Context {
	if id := ID(ctx); id != "" && len(id) <= maxID {
		return ctx
	}
	md, _ := metadata.FromIncomingContext(ctx) // a copy, safe to change
	if md == nil {
		md = metadata.MD{}
	}
	md.Set(Key, uuid.NewString())
	return metadata.NewIncomingContext(ctx, md)
}

// Unary gives each unary call an id.
func Unary() grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		return next(With(ctx), req)
	}
}

// Stream gives each streaming call an id.
func Stream() grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		return next(srv, identified{stream, With(stream.Context())})
	}
}

type identified struct {
	grpc.ServerStream
	ctx context.Context
}

func (s identified) Context() context.Context { return s.ctx }
