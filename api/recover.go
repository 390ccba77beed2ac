package api

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// guard keeps one broken call from taking every other stream of the process with it. This
// is the only recover in the server: a panic is a bug, and is logged and counted as one.
type guard struct {
	log    zerolog.Logger
	panics prometheus.Counter
}

func newGuard(log zerolog.Logger, registry prometheus.Registerer) guard {
	panics := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "streamdal_server_panics_total",
		Help: "Calls that ended in a panic. Anything but 0 is a bug; the log has its stack.",
	})
	if registry != nil {
		registry.MustRegister(panics)
	}
	return guard{log, panics}
}

func (g guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (_ any, err error) {
	defer g.catch(info.FullMethod, &err)
	return next(ctx, req)
}

func (g guard) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer g.catch(info.FullMethod, &err)
	return next(srv, stream)
}

func (g guard) catch(method string, err *error) {
	p := recover()
	if p == nil {
		return
	}
	g.panics.Inc()
	g.log.Error().Str("method", method).Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("call panicked")
	*err = status.Error(codes.Internal, "internal error")
}
