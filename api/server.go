// Package api assembles the gRPC server: who may call what, how errors look, what a client
// may cost. What the calls do is in the packages below it.
package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/request"
)

const (
	// MaxMessage is the largest message taken. SDKs tail payloads twice over, and Ruby's
	// Notify carries modules, so the library's 4 MiB break streams.
	MaxMessage = 16 << 20

	// maxStreams bounds what one connection costs; an SDK uses a handful.
	maxStreams = 1000
	// maxHeaders bounds the header list of one call, in bytes.
	maxHeaders = 16 << 10
	// handshake bounds how long a connection may take to become HTTP/2.
	handshake = 10 * time.Second

	// Node's SDK pings every 2 s, Go's every 10 s, with and without streams; the
	// library's default would cut them for it. Below 1 s, because a client that pings
	// each second is sometimes early.
	minPing = 500 * time.Millisecond

	// Every session keeps a connection of its own and sends little: the library's
	// 32 KiB a direction would be most of what an idle one costs.
	readBuffer  = 4 << 10
	writeBuffer = 16 << 10
)

// Config is what New needs. External and Internal answer the two services.
type Config struct {
	Auth     *auth.Auth
	External pb.ExternalServer
	Internal pb.InternalServer
	Schemas  console.SchemasServer
	Console  console.ConsoleServer
	Tokens   console.TokensServer
	Inspect  console.InspectServer // optional
	Health   *health.Server        // optional; Shutdown on it before draining
	Gate     func() error          // why calls of ours are refused now; nil func: they are not
	Registry prometheus.Registerer // optional; gets the count of panics
	Running  *Running              // optional; counts calls
	// Leaving, when closed, ends what streams are left a moment later, but those of SDKs.
	Leaving <-chan struct{}
	// StuckAfter is how long the client of a stream may take to read; default 30 s.
	StuckAfter time.Duration
	Log        zerolog.Logger
}

// New returns a server with the services, health and reflection.
func New(c Config) *grpc.Server {
	if c.Health == nil {
		c.Health = health.NewServer()
	}
	if c.StuckAfter <= 0 {
		c.StuckAfter = stuckAfter
	}
	if c.Running == nil {
		c.Running = &Running{}
	}
	linger := linger{c.StuckAfter, c.Leaving}
	gate := gate(c.Gate)
	guard := newGuard(c.Log, c.Registry)
	server := grpc.NewServer(
		grpc.ForceServerCodecV2(frame.Codec{}),
		grpc.ChainUnaryInterceptor(c.Running.unary, guard.unary, request.Unary(), failure.Unary(c.Log), c.Auth.Unary(), gate.unary),
		grpc.ChainStreamInterceptor(c.Running.stream, linger.stream, guard.stream, request.Stream(), failure.Stream(c.Log), c.Auth.Stream(), gate.stream),
		grpc.InTapHandle(c.Auth.Tap),
		grpc.MaxRecvMsgSize(MaxMessage),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.ConnectionTimeout(handshake),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		grpc.ReadBufferSize(readBuffer),
		grpc.WriteBufferSize(writeBuffer),
		grpc.WaitForHandlers(true),
	)
	pb.RegisterExternalServer(server, c.External)
	pb.RegisterInternalServer(server, c.Internal)
	console.RegisterSchemasServer(server, c.Schemas)
	console.RegisterConsoleServer(server, c.Console)
	console.RegisterTokensServer(server, c.Tokens)
	if c.Inspect != nil {
		console.RegisterInspectServer(server, c.Inspect)
	}
	healthpb.RegisterHealthServer(server, c.Health)
	reflection.Register(server)
	return server
}
