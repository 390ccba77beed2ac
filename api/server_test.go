package api

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionalpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/request"
)

const rootToken = "root-token"

// patience is how long tests wait for what happens soon.
const patience = 30 * time.Second

// external is a service whose handlers tests choose.
type external struct {
	pb.UnimplementedExternalServer
	test   func(context.Context, *pb.TestRequest) (*pb.TestResponse, error)
	stream func(grpc.ServerStreamingServer[pb.GetAllResponse]) error
}

func (e *external) Test(ctx context.Context, req *pb.TestRequest) (*pb.TestResponse, error) {
	return e.test(ctx, req)
}

func (e *external) GetAllStream(_ *pb.GetAllRequest, s grpc.ServerStreamingServer[pb.GetAllResponse]) error {
	return e.stream(s)
}

// internal sends one command as a frame, as the fleet does.
type internal struct{ pb.UnimplementedInternalServer }

func (internal) Register(_ *pb.RegisterRequest, stream grpc.ServerStreamingServer[pb.Command]) error {
	f, err := frame.Encode(&pb.Command{Audience: &pb.Audience{ServiceName: "framed"}})
	if err != nil {
		return err
	}
	return stream.SendMsg(f)
}

type house struct {
	server   *grpc.Server
	auth     *auth.Auth
	health   *health.Server
	registry *prometheus.Registry
	external *external
	listener net.Listener
	conn     *grpc.ClientConn
	log      *lockedBuffer
	closed   atomic.Pointer[failure.Error] // what the gate says
}

// lockedBuffer is a log that handlers write and tests read.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newHouse(t *testing.T) *house { return newHouseOf(t, nil) }

// newHouseOf returns a house with an Auth of the test's own, or else one with rootToken.
func newHouseOf(t *testing.T, a *auth.Auth) *house {
	t.Helper()
	h := &house{auth: a, health: health.NewServer(), registry: prometheus.NewRegistry(), log: &lockedBuffer{}, external: &external{
		test: func(_ context.Context, req *pb.TestRequest) (*pb.TestResponse, error) {
			return &pb.TestResponse{Output: req.GetInput()}, nil
		},
	}}
	log := zerolog.New(h.log)
	var err error
	if h.auth == nil {
		if h.auth, err = auth.New(auth.Config{RootToken: rootToken, Log: log}); err != nil {
			t.Fatal(err)
		}
	}
	h.server = New(Config{Auth: h.auth, External: h.external, Internal: internal{}, Schemas: console.UnimplementedSchemasServer{}, Console: console.UnimplementedConsoleServer{}, Tokens: console.UnimplementedTokensServer{}, Inspect: console.UnimplementedInspectServer{}, Health: h.health, Registry: h.registry, StuckAfter: 2 * time.Second, Log: log, Gate: func() error {
		if err := h.closed.Load(); err != nil {
			return err
		}
		return nil
	}})
	if h.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = h.server.Serve(h.listener) })
	t.Cleanup(func() { h.server.Stop(); serving.Wait() })
	h.conn = connect(t, h.listener.Addr().String())
	return h
}

func connect(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (h *house) client() pb.ExternalClient { return pb.NewExternalClient(h.conn) }

func withToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, auth.TokenKey, token)
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func wantStatus(t *testing.T, err error, code codes.Code, message string) {
	t.Helper()
	if got := status.Convert(err); got.Code() != code || got.Message() != message {
		t.Errorf("got %v %q, want %v %q", got.Code(), got.Message(), code, message)
	}
}

// Default deny: a method that the table of package auth does not know is closed, so a new
// one must be added there.
func TestEveryMethodHasARole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	services := make([]string, 0, 5)
	for service, info := range h.server.GetServiceInfo() {
		services = append(services, service)
		for _, m := range info.Methods {
			if _, ok := auth.Method("/" + service + "/" + m.Name); !ok {
				t.Errorf("method %s/%s has no row in package auth", service, m.Name)
			}
		}
	}
	slices.Sort(services)
	want := []string{
		"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
		"protos.External", "protos.Internal", "streamdal.console.v1.Console", "streamdal.console.v1.Inspect", "streamdal.console.v1.Schemas",
		"streamdal.console.v1.Tokens",
	}
	if !slices.Equal(services, want) {
		t.Errorf("got services %v, want %v", services, want)
	}
}

func TestWrongTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, tt := range []struct {
		name string
		ctx  context.Context
		text string
	}{
		{"none", within(t), "missing auth token"},
		{"wrong", withToken(within(t), "x"), "invalid auth token"},
		{"empty", withToken(within(t), ""), "invalid auth token"},
	} {
		_, err := h.client().Test(tt.ctx, &pb.TestRequest{})
		wantStatus(t, err, codes.Unauthenticated, tt.text)
		stream, err := pb.NewInternalClient(h.conn).Register(tt.ctx, &pb.RegisterRequest{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		wantStatus(t, err, codes.Unauthenticated, tt.text)
	}
	if log := h.log.String(); strings.Contains(log, rootToken) {
		t.Errorf("the token is in the log: %s", log)
	}
}

func TestFramesPassTheCodec(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stream, err := pb.NewInternalClient(h.conn).Register(withToken(within(t), rootToken), &pb.RegisterRequest{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := stream.Recv()
	if err != nil || got.GetAudience().GetServiceName() != "framed" {
		t.Errorf("got %v, %v, want the frame's command", got, err)
	}
}

func TestHealthIsOpenAndShutsDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	client := healthpb.NewHealthClient(h.conn)
	got, err := client.Check(within(t), &healthpb.HealthCheckRequest{})
	if err != nil || got.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("got %v, %v, want SERVING without a token", got, err)
	}
	h.health.Shutdown()
	got, err = client.Check(within(t), &healthpb.HealthCheckRequest{})
	if err != nil || got.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING {
		t.Errorf("got %v, %v, want NOT_SERVING when draining", got, err)
	}
}

func TestReflectionNeedsAToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	list := func(ctx context.Context) error {
		stream, err := reflectionpb.NewServerReflectionClient(h.conn).ServerReflectionInfo(ctx)
		if err != nil {
			return err
		}
		// Send fails with io.EOF when the refusal came first; Recv says why.
		err = stream.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}})
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		_, err = stream.Recv()
		return err
	}
	if err := list(withToken(within(t), rootToken)); err != nil {
		t.Errorf("with the token: got %v", err)
	}
	wantStatus(t, list(within(t)), codes.Unauthenticated, "missing auth token")
	old, err := reflectionalpha.NewServerReflectionClient(h.conn).ServerReflectionInfo(within(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.Recv()
	wantStatus(t, err, codes.Unauthenticated, "missing auth token")
}

func TestPanicEndsOneCallOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.external.test = func(_ context.Context, req *pb.TestRequest) (*pb.TestResponse, error) {
		if req.GetInput() == "panic" {
			var nothing *pb.TestResponse
			nothing.Output = "dereferenced"
		}
		return &pb.TestResponse{Output: "fine"}, nil
	}
	h.external.stream = func(grpc.ServerStreamingServer[pb.GetAllResponse]) error { panic("secret 10.0.0.1") }
	ctx := withToken(within(t), rootToken)
	_, err := h.client().Test(ctx, &pb.TestRequest{Input: "panic"})
	wantStatus(t, err, codes.Internal, "internal error")
	stream, err := h.client().GetAllStream(ctx, &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantStatus(t, err, codes.Internal, "internal error")

	if got, err := h.client().Test(ctx, &pb.TestRequest{}); err != nil || got.GetOutput() != "fine" {
		t.Errorf("after the panics: got %v, %v", got, err)
	}
	if log := h.log.String(); strings.Count(log, "call panicked") != 2 || !strings.Contains(log, "server_test.go") {
		t.Errorf("got log %s, want both panics with their stacks", log)
	}
	expect := "# HELP streamdal_server_panics_total Calls that ended in a panic. Anything but 0 is a bug; the log has its stack.\n" +
		"# TYPE streamdal_server_panics_total counter\nstreamdal_server_panics_total 2\n"
	if err := testutil.GatherAndCompare(h.registry, strings.NewReader(expect), "streamdal_server_panics_total"); err != nil {
		t.Error(err)
	}
}

func TestErrorsAndRequestID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := make(chan string, 2)
	h.external.test = func(ctx context.Context, _ *pb.TestRequest) (*pb.TestResponse, error) {
		ids <- request.ID(ctx)
		return nil, failure.New(failure.NotFound, "no such thing")
	}
	ctx := withToken(within(t), rootToken)
	_, err := h.client().Test(ctx, &pb.TestRequest{})
	wantStatus(t, err, codes.NotFound, "no such thing")
	if id := <-ids; id == "" {
		t.Error("the handler saw no request id")
	}
	_, _ = h.client().Test(metadata.AppendToOutgoingContext(ctx, request.Key, "mine"), &pb.TestRequest{})
	if id := <-ids; id != "mine" {
		t.Errorf("got request id %q, want the client's", id)
	}
}

func TestMessageSizes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := withToken(within(t), rootToken)
	for _, size := range []int{5 << 20, MaxMessage - 16} {
		got, err := h.client().Test(ctx, &pb.TestRequest{Input: strings.Repeat("x", size)})
		if err != nil || len(got.GetOutput()) != size {
			t.Errorf("%d bytes: got %d bytes, %v", size, len(got.GetOutput()), err)
		}
	}
	_, err := h.client().Test(ctx, &pb.TestRequest{Input: strings.Repeat("x", MaxMessage)})
	if status.Code(err) != codes.ResourceExhausted || !strings.Contains(err.Error(), "larger than max") {
		t.Errorf("got %v, want ResourceExhausted that names the limit", err)
	}
	if _, err := h.client().Test(ctx, &pb.TestRequest{}); err != nil {
		t.Errorf("afterwards: got %v", err)
	}
}

// Strings that are not UTF-8 cannot be a message; the caller hears so.
func TestMalformedMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := withToken(within(t), rootToken)
	for _, raw := range [][]byte{{0x0a, 0x02, 0xff, 0xfe}, {0x0a, 0x7f}, {0xff}} {
		err := h.conn.Invoke(ctx, pb.External_Test_FullMethodName, frame.Of(raw), &pb.TestResponse{}, grpc.ForceCodecV2(frame.Codec{}))
		if err == nil || !strings.Contains(err.Error(), "unmarshal") {
			t.Errorf("%x: got %v, want an error that says why", raw, err)
		}
	}
}
