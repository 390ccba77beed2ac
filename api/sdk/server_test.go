package sdk_test

import (
	"context"
	"fmt"
	"math"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/metrics"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/request"
	"github.com/streamdal/streamdal-server/api/sdk"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

const patience = 30 * time.Second

type builder struct{}

func (builder) InferSchema(_ context.Context, key string) (*wasmbuild.Module, error) {
	return &wasmbuild.Module{ID: "infer-" + key, Function: "f", Bytes: []byte(key)}, nil
}

// alerts are the requests that a notifier got.
type alerts chan *pb.NotifyRequest

func (a alerts) Notify(req *pb.NotifyRequest) { a <- req }

// world is a server on the loopback interface.
type world struct {
	t       testing.TB
	catalog *catalog.Catalog
	fleet   *fleet.Fleet
	server  *sdk.Server
	metrics *metrics.Metrics
	alerts  alerts
	address string
	conn    *grpc.ClientConn
	client  pb.InternalClient
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldWith(t, nil)
}

// newWorldWith hands payloads to tails.
func newWorldWith(t testing.TB, tails sdk.Tails) *world {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Open(t.Context(), db, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	f := fleet.New(fleet.Config{Node: "node1", Catalog: c, Leases: db, Builder: builder{}, Log: zerolog.Nop()})
	clock := func() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC) }
	m := metrics.New(metrics.Config{Node: "node1", Catalog: c, Log: zerolog.Nop()})
	told := make(alerts, 10)
	w := &world{t: t, catalog: c, fleet: f, metrics: m, alerts: told, server: sdk.New(sdk.Config{
		Fleet: f, Catalog: c, Metrics: m, Notify: told, Tails: tails, Now: clock, Log: zerolog.Nop(),
	})}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.address = listener.Addr().String()
	server := grpc.NewServer(grpc.ForceServerCodecV2(frame.Codec{}),
		grpc.UnaryInterceptor(request.Unary()), grpc.StreamInterceptor(request.Stream()))
	pb.RegisterInternalServer(server, w.server)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = f.Run(ctx) })
	wg.Go(func() { _ = c.Run(ctx) })
	wg.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		drain, done := context.WithTimeout(context.Background(), patience)
		defer done()
		f.Drain(drain)
		server.Stop()
		cancel()
		wg.Wait()
		_ = db.Close()
	})
	w.conn = w.dial()
	w.client = pb.NewInternalClient(w.conn)
	return w
}

func (w *world) dial() *grpc.ClientConn {
	w.t.Helper()
	conn, err := grpc.NewClient(w.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (w *world) attach(a *pb.Audience, pipelines ...string) {
	w.t.Helper()
	_, err := w.catalog.Update(context.Background(), func(tx *catalog.Tx) error {
		configs := &pb.PipelineConfigs{}
		for _, id := range pipelines {
			tx.PutModule(&shared.WasmModule{Id: id, Bytes: []byte(id), Function: "f"})
			tx.PutPipeline(&pb.Pipeline{Id: id, Name: id, Steps: []*pb.PipelineStep{{Name: "s", XWasmId: &id}}})
			configs.Configs = append(configs.Configs, &pb.PipelineConfig{Id: id})
		}
		tx.PutAudience(a)
		tx.PutAssignment(audience.KeyOf(a), configs)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func aud(service, operation string) *pb.Audience {
	return &pb.Audience{
		ServiceName: service, OperationName: operation, ComponentName: "kafka",
		OperationType: pb.OperationType_OPERATION_TYPE_PRODUCER,
	}
}

func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestRegisterAnswersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream, err := w.client.Register(testContext(t), &pb.RegisterRequest{
		ServiceName: "host.example.com", SessionId: "any id / of 1 session", ClientInfo: &pb.ClientInfo{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Header(); err != nil {
		t.Fatal(err)
	}
	first, err := stream.Recv()
	if err != nil || first.GetKv() == nil {
		t.Fatalf("got %v (%v), want a kv command", first, err)
	}
	second, err := stream.Recv()
	if err != nil || second.GetKeepAlive() == nil {
		t.Fatalf("got %v (%v), want a keep-alive", second, err)
	}
}

func TestRegisterRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("x", 256)
	for _, tt := range []struct{ service, session, want string }{
		{"", "s", "invalid register request: field 'ServiceName' cannot be empty"},
		{"svc", "", "invalid register request: field 'SessionId' cannot be empty"},
		{"a:b", "s", "invalid register request: field 'ServiceName' contains invalid characters"},
		{"a\nb", "s", "invalid register request: field 'ServiceName' contains invalid characters"},
		{long, "s", "invalid register request: field 'ServiceName' cannot be longer than 255 bytes"},
		{"svc", long, "invalid register request: field 'SessionId' cannot be longer than 255 bytes"},
	} {
		stream, err := w.client.Register(testContext(t), &pb.RegisterRequest{ServiceName: tt.service, SessionId: tt.session})
		if err == nil {
			_, err = stream.Recv()
		}
		if s := status.Convert(err); s.Code() != codes.InvalidArgument || !strings.HasPrefix(s.Message(), tt.want) {
			t.Errorf("%.20q %.20q: got %v, want %s", tt.service, tt.session, err, tt.want)
		}
	}
}

func TestStreamsEndWithUnavailableOnShutdown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream, err := w.client.Register(testContext(t), &pb.RegisterRequest{ServiceName: "svc", SessionId: "s"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	w.fleet.Drain(testContext(t))
	for err == nil {
		_, err = stream.Recv()
	}
	if s := status.Convert(err); s.Code() != codes.Unavailable || s.Message() != "server shutting down" {
		t.Errorf("got %v", err)
	}
}

func TestUpdateReaches200SessionsWithinASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("svc", "op")
	w.attach(a, "p0")
	const sessions, connections = 200, 20
	arrived := make(chan time.Time, sessions)
	ready := make(chan struct{}, sessions)
	ctx := testContext(t)
	for i := range connections {
		client := pb.NewInternalClient(w.dial())
		for range sessions / connections {
			go func() {
				stream, err := client.Register(ctx, &pb.RegisterRequest{
					ServiceName: "svc", SessionId: uuid.NewString(), Audiences: []*pb.Audience{a},
					ClientInfo: &pb.ClientInfo{LibraryName: []string{"go-sdk", "python-sdk"}[i%2]},
				})
				for err == nil {
					var c *pb.Command
					if c, err = stream.Recv(); err != nil || c.GetSetPipelines() == nil {
						continue
					}
					switch p := c.GetSetPipelines().GetPipelines(); p[len(p)-1].GetId() {
					case "p0":
						ready <- struct{}{}
					case "p1":
						arrived <- time.Now()
						return
					}
				}
			}()
		}
	}
	wait := func(what string, n int, from <-chan struct{}) {
		for i := range n {
			select {
			case <-from:
			case <-ctx.Done():
				t.Fatalf("%d of %d sessions %s", i, n, what)
			}
		}
	}
	wait("registered", sessions, ready)
	began := time.Now()
	w.attach(a, "p1")
	var last time.Time
	for i := range sessions {
		select {
		case last = <-arrived:
		case <-ctx.Done():
			t.Fatalf("%d of %d sessions got the update", i, sessions)
		}
	}
	if took := last.Sub(began); took > time.Second*slowdown {
		t.Errorf("the last session got the update after %v, want at most %v", took, time.Second*slowdown)
	}
}

func TestAnnouncementsCreateAudiences_9_4_1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := metadata.AppendToOutgoingContext(testContext(t), "request-id", "mine")
	got, err := w.client.NewAudience(ctx, &pb.NewAudienceRequest{SessionId: "s", Audience: aud("Svc", "Op one")})
	if err != nil || got.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK || got.GetMessage() != "Audience created" || got.GetId() != "mine" {
		t.Errorf("got %v (%v)", got, err)
	}
	if a := w.catalog.Snapshot().Audiences[audience.KeyOf(aud("svc", "op one"))]; a.GetOperationName() != "op one" {
		t.Errorf("stored %v, want the audience in lower case", a)
	}
	beat, err := w.client.Heartbeat(testContext(t), &pb.HeartbeatRequest{
		SessionId: "t", ServiceName: "svc", Audiences: []*pb.Audience{{}, aud("svc", "two"), aud("a:b", "c")},
	})
	if err != nil || beat.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK || beat.GetMessage() != "Heartbeat received" || beat.GetId() == "" {
		t.Errorf("got %v (%v)", beat, err)
	}
	deadline := time.After(patience)
	watch := w.catalog.Watch(t.Context())
	for w.catalog.Snapshot().Audiences[audience.KeyOf(aud("svc", "two"))] == nil {
		select {
		case <-watch:
		case <-deadline:
			t.Fatal("the heartbeat's audience is not stored")
		}
	}
	if got := len(w.catalog.Snapshot().Audiences); got != 2 {
		t.Errorf("%d audiences are stored, want 2", got)
	}
}

func TestPullAndItsError_9_2_11(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach(aud("svc", "op"), "p")
	reply, err := w.client.GetSetPipelinesCommandsByService(testContext(t), &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: "Svc"})
	if err != nil {
		t.Fatal(err)
	}
	commands := reply.GetSetPipelineCommands()
	if len(commands) != 1 || commands[0].GetAudience().GetServiceName() != "Svc" || len(reply.GetWasmModules()) != 2 {
		t.Errorf("got %v", reply)
	}
	_, err = w.client.GetSetPipelinesCommandsByService(testContext(t), &pb.GetSetPipelinesCommandsByServiceRequest{})
	if s := status.Convert(err); s.Code() != codes.InvalidArgument ||
		s.Message() != "invalid GetSetPipelinesCommandsByService request: field 'ServiceName' cannot be empty" {
		t.Errorf("got %v", err)
	}
	_, err = w.client.GetSetPipelinesCommandsByService(testContext(t), &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: strings.Repeat("x", 256)})
	if s := status.Convert(err); s.Code() != codes.InvalidArgument || !strings.Contains(s.Message(), "cannot be longer than 255 bytes") {
		t.Errorf("a long name: got %v", err)
	}
}

func TestRefusalsAreInBand_9_1_7(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := testContext(t)
	good := aud("svc", "op")
	object := &pb.Schema{JsonSchema: []byte(`{}`)}
	reply := func(r *pb.StandardResponse, err error) *pb.StandardResponse {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, tt := range []struct {
		got  *pb.StandardResponse
		want string
	}{
		{reply(w.client.NewAudience(ctx, &pb.NewAudienceRequest{Audience: good})), "invalid new audience req: field 'SessionId' cannot be empty"},
		{reply(w.client.NewAudience(ctx, &pb.NewAudienceRequest{SessionId: "s"})), "invalid new audience req: field 'Audience' cannot be nil"},
		{reply(w.client.NewAudience(ctx, &pb.NewAudienceRequest{SessionId: "s", Audience: aud("svc", "a:b")})), "invalid new audience req: field 'Audience.OperationName' contains invalid characters"},
		{reply(w.client.Heartbeat(ctx, &pb.HeartbeatRequest{ServiceName: "svc"})), "invalid heartbeat req: field 'SessionId' cannot be empty"},
		{reply(w.client.Notify(ctx, &pb.NotifyRequest{Audience: good})), "invalid notify request: field 'Step' cannot be nil"},
		{reply(w.client.Notify(ctx, &pb.NotifyRequest{Step: &pb.PipelineStep{}})), "invalid notify request: field 'Audience' cannot be nil"},
		{reply(w.client.SendSchema(ctx, &pb.SendSchemaRequest{Audience: good})), "invalid request: field 'Schema' cannot be nil"},
		{reply(w.client.SendSchema(ctx, &pb.SendSchemaRequest{Schema: object})), "invalid request: field 'Audience' cannot be nil"},
		{reply(w.client.SendSchema(ctx, &pb.SendSchemaRequest{Audience: good, Schema: &pb.Schema{}})), "invalid request: invalid json: "},
		{reply(w.client.SendSchema(ctx, &pb.SendSchemaRequest{Audience: good, Schema: &pb.Schema{JsonSchema: []byte("[]")}})), "invalid request: invalid json: a schema must be a JSON object"},
	} {
		if tt.got.GetCode() != pb.ResponseCode_RESPONSE_CODE_BAD_REQUEST || !strings.HasPrefix(tt.got.GetMessage(), tt.want) || tt.got.GetId() == "" {
			t.Errorf("got %v, want BAD_REQUEST with %q", tt.got, tt.want)
		}
	}
}

func TestMetricsAreJudgedOneByOne_9_3_4(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := []*pb.Metric{
		{Name: "counter_consume_bytes", Value: 3},
		{Name: "counter_consume_bytes", Value: -1},
		{Name: "counter_consume_bytes", Value: math.NaN()},
		{Name: "counter_consume_bytes", Value: math.Inf(1)},
		{Name: "counter_of_the_future", Value: 1},
		{},
		{Name: "counter_dropped_tail_messages", Value: 2},
		{Name: "counter_consume_bytes", Value: 4, Labels: map[string]string{"odd": "label"}},
	}
	for _, metrics := range [][]*pb.Metric{nil, batch} {
		got, err := w.client.Metrics(testContext(t), &pb.MetricsRequest{Metrics: metrics})
		if err != nil || got.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK || got.GetMessage() != "Metrics handled" {
			t.Errorf("got %v (%v)", got, err)
		}
	}
	sums, ignored := w.metrics.Counted()
	if got, want := fmt.Sprint(sums, ignored), "map[counter_consume_bytes:7 counter_dropped_tail_messages:2] 5"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNotifyIsAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := &pb.NotifyRequest{
		Step: &pb.PipelineStep{}, Audience: aud("svc", "op"), ConditionType: 99, OccurredAtUnixTsUtc: math.MaxInt64,
	}
	got, err := w.client.Notify(testContext(t), req)
	if err != nil || got.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK || got.GetMessage() != "Notification queued" {
		t.Errorf("got %v (%v)", got, err)
	}
	if told := <-w.alerts; !proto.Equal(told, req) {
		t.Errorf("the notifier got %v, want the request", told)
	}
}

func TestSendTailTakesEverythingAndAnswersAtHalfClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream, err := w.client.SendTail(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 { // far beyond what flow control lets wait
		if err := stream.Send(&pb.TailResponse{TailRequestId: "unknown", OriginalData: make([]byte, 64<<10)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Send(&pb.TailResponse{}); err != nil {
		t.Fatal(err)
	}
	got, err := stream.CloseAndRecv()
	if err != nil || got.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK || got.GetId() == "" {
		t.Errorf("got %v (%v)", got, err)
	}
}
