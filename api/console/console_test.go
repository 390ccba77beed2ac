package console

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/api/request"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// patience is how long tests wait for what happens soon.
const patience = 30 * time.Second

// house is a Server with everything around it, and a client over gRPC.
type house struct {
	client  pb.ExternalClient
	console consolepb.ConsoleClient
	server  *Server
	catalog *catalog.Catalog
	store   *doubtful
	fleet   *fakeFleet
	tails   *tail.Hub
	builder *fakeBuilder
	metrics *fakeMetrics
	clock   *clock
}

func newHouse(t *testing.T, change ...func(*Config)) *house {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := &house{store: &doubtful{Store: db}, fleet: newFakeFleet(), builder: &fakeBuilder{}, metrics: &fakeMetrics{}, clock: &clock{at: time.Unix(1_800_000_000, 0)}}
	h.catalog, err = catalog.Open(t.Context(), h.store, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	running.Go(func() { _ = h.catalog.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	h.tails = tail.New(tail.Config{Node: "node1", Fleet: h.fleet, Log: zerolog.Nop()})
	c := Config{
		Catalog: h.catalog, Fleet: h.fleet, Builder: h.builder, Metrics: h.metrics, Tails: h.tails, Uploads: fakeUploads{},
		Now: h.clock.now, Log: zerolog.Nop(), Debounce: time.Millisecond,
	}
	for _, f := range change {
		f(&c)
	}
	h.server = New(c)
	conn := serve(t, h.server)
	h.client, h.console = pb.NewExternalClient(conn), consolepb.NewConsoleClient(conn)
	return h
}

// serve returns a connection to a server, with the interceptors that make errors and ids.
func serve(t *testing.T, s *Server) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(16<<20),
		grpc.ForceServerCodecV2(frame.Codec{}),
		grpc.ChainUnaryInterceptor(request.Unary(), failure.Unary(zerolog.Nop())),
		grpc.ChainStreamInterceptor(request.Stream(), failure.Stream(zerolog.Nop())),
	)
	pb.RegisterExternalServer(server, s)
	consolepb.RegisterConsoleServer(server, s)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	conn, err := grpc.NewClient("passthrough:///console",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); server.Stop(); serving.Wait() })
	return conn
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// doubtful is a store whose Apply can be made to fail.
type doubtful struct {
	store.Store
	mu  sync.Mutex
	err error
}

func (d *doubtful) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *doubtful) Apply(ctx context.Context, c store.Change) (store.Revision, error) {
	d.mu.Lock()
	err := d.err
	d.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return d.Store.Apply(ctx, c)
}

type fakeFleet struct {
	mu       sync.Mutex
	live     []*pb.LiveInfo
	sessions []*consolepb.Session
	made     int // how often Sessions was called
	changed  chan struct{}
	details  chan struct{}
}

func newFakeFleet() *fakeFleet {
	return &fakeFleet{changed: make(chan struct{}, 1), details: make(chan struct{}, 1)}
}

func (f *fakeFleet) Sessions() []*consolepb.Session {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	return f.sessions
}

func (f *fakeFleet) WatchSessions(context.Context) <-chan struct{} { return f.details }

func (f *fakeFleet) Nodes() []string { return []string{"node1", "node2"} }

func (f *fakeFleet) show(sessions ...*consolepb.Session) {
	f.mu.Lock()
	f.sessions = sessions
	f.mu.Unlock()
	select {
	case f.details <- struct{}{}:
	default:
	}
}

func (f *fakeFleet) Live() []*pb.LiveInfo {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.live
}

func (f *fakeFleet) Watch(context.Context) <-chan struct{} { return f.changed }

// Tails are of no concern to these tests.
func (f *fakeFleet) SetTails([]fleet.Tail)                 {}
func (f *fakeFleet) StopTail(string, audience.Key, string) {}

func (f *fakeFleet) set(live ...*pb.LiveInfo) {
	f.mu.Lock()
	f.live = live
	f.mu.Unlock()
	select {
	case f.changed <- struct{}{}:
	default:
	}
	select {
	case f.details <- struct{}{}:
	default:
	}
}

// fakeBuilder makes modules of what a step does; encode steps it refuses, and steps named
// "broken" make it fail.
type fakeBuilder struct {
	mu       sync.Mutex
	negation []*bool // of each detective step it got
}

func (b *fakeBuilder) Step(ctx context.Context, step *pb.PipelineStep, format pb.PipelineDataFormat) (*wasmbuild.Module, error) {
	switch {
	case step.GetEncode() != nil:
		return nil, &wasmbuild.StepError{Reason: "Encode steps are not supported by this release."}
	case step.GetName() == "broken":
		return nil, fmt.Errorf("compiler exploded at 10.0.0.1")
	case step.GetName() == "slow": // as the real one, which looks before each step
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if d := step.GetDetective(); d != nil {
		b.mu.Lock()
		b.negation = append(b.negation, d.Negate)
		b.mu.Unlock()
	}
	rule := proto.CloneOf(step)
	rule.Name, rule.OnTrue, rule.OnFalse, rule.OnError = "", nil, nil, nil
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(rule)
	if err != nil {
		return nil, err
	}
	bytes = append(bytes, byte(format))
	return &wasmbuild.Module{ID: fmt.Sprintf("%x", sha256.Sum256(bytes))[:32], Function: "f", Bytes: bytes}, nil
}

// detective returns a step that looks for a path.
func detective(name, path string) *pb.PipelineStep {
	return &pb.PipelineStep{Name: name, Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
		Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: proto.String(path),
	}}}
}

func pipeline(id string, list ...*pb.PipelineStep) *pb.Pipeline {
	if len(list) == 0 {
		list = []*pb.PipelineStep{detective("has "+id, id)}
	}
	return &pb.Pipeline{Id: id, Name: "pipeline " + id, Steps: list}
}

func consumer(service string) *pb.Audience {
	return &pb.Audience{
		ServiceName: service, ComponentName: "kafka", OperationName: "op",
		OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER,
	}
}

func (h *house) create(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := h.client.CreatePipeline(t.Context(), &pb.CreatePipelineRequest{Pipeline: pipeline(id)}); err != nil {
			t.Fatalf("create pipeline %s: %v", id, err)
		}
	}
}

func (h *house) attach(t *testing.T, a *pb.Audience, ids ...string) {
	t.Helper()
	reply, err := h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{PipelineIds: ids, Audience: a})
	wantReply(t, reply, err, pb.ResponseCode_RESPONSE_CODE_OK, reply.GetMessage())
}

func (h *house) all(t *testing.T) *pb.GetAllResponse {
	t.Helper()
	all, err := h.client.GetAll(t.Context(), &pb.GetAllRequest{})
	if err != nil {
		t.Fatalf("get all: %v", err)
	}
	return all
}

// configs returns an assignment as text: id, "!" when paused.
func (h *house) configs(t *testing.T, key string) (list []string) {
	t.Helper()
	for _, c := range h.all(t).GetConfigs()[key].GetConfigs() {
		id := c.GetId()
		if c.GetPaused() {
			id += "!"
		}
		list = append(list, id)
	}
	return list
}

const (
	ok       = pb.ResponseCode_RESPONSE_CODE_OK
	bad      = pb.ResponseCode_RESPONSE_CODE_BAD_REQUEST
	missing  = pb.ResponseCode_RESPONSE_CODE_NOT_FOUND
	internal = pb.ResponseCode_RESPONSE_CODE_INTERNAL_SERVER_ERROR
)

func wantReply(t *testing.T, reply *pb.StandardResponse, err error, code pb.ResponseCode, message string) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want an answer in-band", err)
	}
	if reply.GetCode() != code || reply.GetMessage() != message {
		t.Errorf("got %v %q, want %v %q", reply.GetCode(), reply.GetMessage(), code, message)
	}
	if reply.GetId() == "" {
		t.Error("got no request id in the answer")
	}
}

func wantStatus(t *testing.T, err error, code codes.Code, message string) {
	t.Helper()
	if got := status.Convert(err); got.Code() != code || got.Message() != message {
		t.Errorf("got %v %q, want %v %q", got.Code(), got.Message(), code, message)
	}
}
