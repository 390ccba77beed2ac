package failure

import (
	"context"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/request"
)

// Unary turns the errors of unary handlers into statuses.
func Unary(log zerolog.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		reply, err := next(ctx, req)
		if err != nil {
			Log(ctx, log, info.FullMethod, err)
			return nil, Status(err)
		}
		return reply, nil
	}
}

// Stream turns the errors of streaming handlers into statuses.
func Stream(log zerolog.Logger) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		err := next(srv, stream)
		if err != nil {
			Log(stream.Context(), log, info.FullMethod, err)
			return Status(err)
		}
		return nil
	}
}

// Log writes what the caller is not told: the text behind an internal error or an
// unreachable store, with the id that the caller has.
func Log(ctx context.Context, log zerolog.Logger, method string, err error) {
	switch kind, text := Of(err); {
	case kind == Internal && !isStatus(err):
		log.Error().Err(err).Str("method", method).Str("request_id", request.ID(ctx)).Msg("call failed")
	case kind == Unavailable && text == textUnavailable:
		log.Warn().Err(err).Str("method", method).Str("request_id", request.ID(ctx)).Msg("store unavailable")
	}
}
