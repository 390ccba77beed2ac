// Package sdk answers SDKs: service protos.Internal.
//
// SDKs in the field cannot be changed, and most of them handle an error badly: a refused
// audience costs the Node SDK a call per message, a failed pull ends Ruby's constructor. So
// these methods accept whatever makes sense and answer OK whenever they can; trouble with
// the store is never the SDK's.
package sdk

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/metrics"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/request"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// maxNameBytes bounds service names and session ids. SDKs send host names and UUIDs.
const maxNameBytes = 255

// Config is what New needs.
type Config struct {
	Fleet   *fleet.Fleet
	Catalog *catalog.Catalog
	Metrics *metrics.Metrics
	Notify  Notifier         // nil tells nobody
	Tails   Tails            // takes the payloads that SDKs send; nil drops them
	Now     func() time.Time // default time.Now
	Log     zerolog.Logger
}

// Server implements pb.InternalServer. It must be served with frame.Codec, because commands
// are sent as frames. Its errors are of package failure.
type Server struct {
	pb.UnimplementedInternalServer

	fleet    *fleet.Fleet
	catalog  *catalog.Catalog
	now      func() time.Time
	log      zerolog.Logger
	metrics  *metrics.Metrics
	notifier Notifier
	tails    Tails

	draining chan struct{}
	drain    sync.Once
}

var _ pb.InternalServer = (*Server)(nil)

// New returns a Server.
func New(c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Tails == nil {
		c.Tails = nobody{}
	}
	return &Server{
		fleet: c.Fleet, catalog: c.Catalog, metrics: c.Metrics, notifier: c.Notify, tails: c.Tails, now: c.Now, log: c.Log,
		draining: make(chan struct{}),
	}
}

// Register opens a session and sends it commands until either side goes away. It ends with
// Unavailable "server shutting down" when the server stops, because the Node SDK comes back
// only after an error.
func (s *Server) Register(req *pb.RegisterRequest, stream grpc.ServerStreamingServer[pb.Command]) error {
	if err := checkSession(req.GetServiceName(), req.GetSessionId()); err != nil {
		return failure.Status(failure.New(failure.Invalid, "invalid register request: %s", err))
	}
	ctx := stream.Context()
	if err := s.checkOwn(ctx, req.GetSessionId()); err != nil {
		return failure.Status(err)
	}
	hello := fleet.Hello{
		Service:   req.GetServiceName(),
		Session:   req.GetSessionId(),
		Client:    req.GetClientInfo(),
		Audiences: req.GetAudiences(),
		Quirks:    quirksOf(ctx, req.GetClientInfo()),
		DryRun:    req.GetDryRun(),
	}
	err := s.fleet.Register(ctx, hello, func(f frame.Frame) error { return stream.SendMsg(f) })
	if err != nil {
		return failure.Status(err)
	}
	return nil
}

// Heartbeat keeps a session alive and announces its audiences. Audiences that cannot be used
// are left out: the Go SDK sends blank ones.
func (s *Server) Heartbeat(ctx context.Context, req *pb.HeartbeatRequest) (*pb.StandardResponse, error) {
	if err := checkSession(req.GetServiceName(), req.GetSessionId()); err != nil {
		return refused(ctx, "invalid heartbeat req: %s", err), nil
	}
	if err := s.checkOwn(ctx, req.GetSessionId()); err != nil {
		return nil, failure.Status(err)
	}
	s.fleet.Heartbeat(fleet.Hello{
		Service:   req.GetServiceName(),
		Session:   req.GetSessionId(),
		Client:    req.GetClientInfo(),
		Audiences: req.GetAudiences(),
		Quirks:    quirksOf(ctx, req.GetClientInfo()),
	})
	return accepted(ctx, "Heartbeat received"), nil
}

// NewAudience announces an audience of a session, which need not have registered.
func (s *Server) NewAudience(ctx context.Context, req *pb.NewAudienceRequest) (*pb.StandardResponse, error) {
	if err := checkName("SessionId", req.GetSessionId()); err != nil {
		return refused(ctx, "invalid new audience req: %s", err), nil
	}
	if err := s.checkOwn(ctx, req.GetSessionId()); err != nil {
		return nil, failure.Status(err)
	}
	if err := s.fleet.Announce(ctx, req.GetSessionId(), req.GetAudience()); err != nil {
		return refused(ctx, "invalid new audience req: %s", err), nil
	}
	return accepted(ctx, "Audience created"), nil
}

// GetSetPipelinesCommandsByService tells a service what to run, before it registers. Only
// the user agent tells which SDK asks.
func (s *Server) GetSetPipelinesCommandsByService(
	ctx context.Context, req *pb.GetSetPipelinesCommandsByServiceRequest,
) (*pb.GetSetPipelinesCommandsByServiceResponse, error) {
	if err := checkName("ServiceName", req.GetServiceName()); err != nil {
		return nil, failure.Status(fmt.Errorf("invalid GetSetPipelinesCommandsByService request: %w", err))
	}
	return s.fleet.Commands(ctx, req.GetServiceName(), quirksOf(ctx, nil)), nil
}

// checkOwn refuses a session that is another service's to a caller that may speak for one
// only: whoever knows the id of a session could take its place.
func (s *Server) checkOwn(ctx context.Context, sessionID string) error {
	own := auth.CallerOf(ctx).Service
	if own == "" {
		return nil
	}
	key := strings.ToLower(own) // as names of services are compared everywhere
	if service := s.fleet.ServiceOf(sessionID); service != "" && strings.ToLower(service) != key {
		return failure.New(failure.Denied, "this token speaks for service '%s' only; the session is of another", own)
	}
	return nil
}

func quirksOf(ctx context.Context, client *pb.ClientInfo) fleet.Quirks {
	var agent string
	if values := metadata.ValueFromIncomingContext(ctx, "user-agent"); len(values) > 0 {
		agent = values[0]
	}
	return fleet.QuirksOf(client.GetLibraryName(), agent)
}

// checkSession checks what identifies a session. Python's default service name is a host
// name with dots, so names may contain anything that keeps audience keys unambiguous.
func checkSession(serviceName, sessionID string) error {
	if err := checkName("ServiceName", serviceName); err != nil {
		return err
	}
	if strings.Contains(serviceName, ":") || strings.ContainsFunc(serviceName, unicode.IsControl) {
		return failure.New(failure.Invalid, "field 'ServiceName' contains invalid characters: colons and control characters cannot be used")
	}
	return checkName("SessionId", sessionID)
}

func checkName(field, value string) error {
	switch {
	case value == "":
		return failure.New(failure.Invalid, "field '%s' cannot be empty", field)
	case len(value) > maxNameBytes:
		return failure.New(failure.Invalid, "field '%s' cannot be longer than %d bytes", field, maxNameBytes)
	case !utf8.ValidString(value):
		return failure.New(failure.Invalid, "field '%s' contains invalid characters", field)
	default:
		return nil
	}
}

func accepted(ctx context.Context, message string) *pb.StandardResponse {
	return &pb.StandardResponse{Id: request.ID(ctx), Code: pb.ResponseCode_RESPONSE_CODE_OK, Message: message}
}

// refused answers what the caller did wrong.
func refused(ctx context.Context, format string, err error) *pb.StandardResponse {
	kind, _ := failure.Of(err)
	return failure.Response(request.ID(ctx), failure.New(kind, format, err))
}
