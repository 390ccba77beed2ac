package console

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func TestGetAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1", "p2")
	h.attach(t, consumer("B"), "p1")
	h.attach(t, consumer("a"), "p1")
	reply, err := h.client.PausePipeline(t.Context(), &pb.PausePipelineRequest{PipelineId: "p1", Audience: consumer("a")})
	wantReply(t, reply, err, ok, "pipeline 'p1' for audience 'a:operation_type_consumer:op:kafka' paused")
	session := &pb.LiveInfo{Audiences: []*pb.Audience{consumer("B")}, Client: &pb.ClientInfo{XSessionId: proto.String("S-1")}}
	h.fleet.set(session)

	got := h.all(t)
	step := func(id string) *pb.PipelineStep {
		s := detective("has "+id, id)
		s.XWasmId = h.catalog.Snapshot().Pipelines[id].Steps[0].XWasmId
		return s
	}
	info := func(id string, audiences ...*pb.Audience) *pb.PipelineInfo {
		p := pipeline(id, step(id))
		p.XCreatedAtUnixTsUtc = proto.Int64(h.clock.now().Unix())
		return &pb.PipelineInfo{Pipeline: p, Audiences: audiences}
	}
	config := func(paused bool) *pb.PipelineConfigs {
		return &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: "p1", Paused: paused, CreatedAtUnixTsUtc: h.clock.now().Unix()}}}
	}
	want := &pb.GetAllResponse{
		Live:      []*pb.LiveInfo{session},
		Audiences: []*pb.Audience{consumer("a"), consumer("b")},
		Pipelines: map[string]*pb.PipelineInfo{"p1": info("p1", consumer("a"), consumer("b")), "p2": info("p2")},
		Configs: map[string]*pb.PipelineConfigs{
			"a:operation_type_consumer:op:kafka": config(true),
			"b:operation_type_consumer:op:kafka": config(false),
		},
		GeneratedAtUnixTsNsUtc: h.clock.now().UnixNano(),
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Records that another version or a half-finished import left behind must not hide the rest.
func TestGetAllWithDanglingAssignments_9_3_3(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	_, err := h.catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		configs := &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: "gone"}, {Id: "p1"}}}
		tx.PutAssignment(audience.KeyOf(consumer("unknown")), configs)
		tx.PutAssignment("not:a:key", configs)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := h.all(t).GetPipelines()["p1"].GetAudiences()
	if diff := cmp.Diff([]*pb.Audience{consumer("unknown")}, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// One picture serves all viewers until something changes.
func TestPictureIsShared_9_6_9(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	first := h.server.current()
	if h.server.current() != first {
		t.Error("the same snapshot was drawn twice")
	}
	h.create(t, "p2")
	if got := h.server.current(); got == first || len(got.pipelines) != 2 {
		t.Error("a change is not in the picture")
	}
}

// view opens a GetAllStream.
func (h *house) view(ctx context.Context, t *testing.T) grpc.ServerStreamingClient[pb.GetAllResponse] {
	t.Helper()
	stream, err := h.client.GetAllStream(ctx, &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// await receives until a message satisfies want.
func await(t *testing.T, stream grpc.ServerStreamingClient[pb.GetAllResponse], what string, want func(*pb.GetAllResponse) bool) {
	t.Helper()
	for {
		m, err := stream.Recv()
		if err != nil {
			t.Fatalf("waiting for %s: %v", what, err)
		}
		if want(m) {
			return
		}
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// Every change reaches viewers, also those that the original kept to itself (9.2.22).
func TestStreamShowsEveryChange_9_2_22(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stream := h.view(within(t), t)
	await(t, stream, "the first message", func(m *pb.GetAllResponse) bool {
		return m.GetGeneratedAtUnixTsNsUtc() != 0 && len(m.GetPipelines()) == 0
	})
	h.create(t, "p1")
	await(t, stream, "a pipeline", func(m *pb.GetAllResponse) bool { return len(m.GetPipelines()) == 1 })
	if _, err := h.client.CreateAudience(t.Context(), &pb.CreateAudienceRequest{Audience: consumer("svc")}); err != nil {
		t.Fatal(err)
	}
	await(t, stream, "an audience", func(m *pb.GetAllResponse) bool { return len(m.GetAudiences()) == 1 })
	h.attach(t, consumer("svc"), "p1")
	await(t, stream, "an assignment", func(m *pb.GetAllResponse) bool { return len(m.GetConfigs()) == 1 })
	h.fleet.set(&pb.LiveInfo{})
	await(t, stream, "a session", func(m *pb.GetAllResponse) bool { return len(m.GetLive()) == 1 })
	h.fleet.set()
	await(t, stream, "the session's end", func(m *pb.GetAllResponse) bool { return m.XKeepalive == nil && len(m.GetLive()) == 0 })
}

// A burst of changes is one message; how many there are depends on time, so the pause is
// made long and only the last state is looked for.
func TestStreamGathersBursts_9_3_5(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Debounce = time.Second })
	stream := h.view(within(t), t)
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	h.create(t, ids...)
	messages := 0
	await(t, stream, "all of the burst", func(m *pb.GetAllResponse) bool {
		messages++
		return len(m.GetPipelines()) == len(ids)
	})
	if messages >= len(ids) {
		t.Errorf("got %d messages for %d changes, want them gathered", messages, len(ids))
	}
}

func TestStreamKeepsAlive(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.KeepAlive = 5 * time.Millisecond })
	stream := h.view(within(t), t)
	for range 3 {
		await(t, stream, "a keep-alive", func(m *pb.GetAllResponse) bool {
			alone := proto.Equal(m, &pb.GetAllResponse{XKeepalive: proto.Bool(true)})
			if m.GetXKeepalive() && !alone {
				t.Errorf("got %v, want nothing but _keepalive", m)
			}
			return alone
		})
	}
}

// sender is a stream on which a second message must not begin before the first was sent.
type sender struct {
	grpc.ServerStreamingServer[pb.GetAllResponse]
	ctx     context.Context
	t       *testing.T
	writers atomic.Int32
	sent    atomic.Int32
}

func (s *sender) Context() context.Context { return s.ctx }

func (s *sender) Send(*pb.GetAllResponse) error {
	if s.writers.Add(1) > 1 {
		s.t.Error("two messages are sent at once, which gRPC forbids")
	}
	runtime.Gosched()
	s.sent.Add(1)
	s.writers.Add(-1)
	return nil
}

func TestStreamSendsOneMessageAtATime_9_1_14(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.KeepAlive = time.Microsecond; c.Debounce = time.Microsecond })
	ctx, leave := context.WithCancel(within(t))
	stream := &sender{ctx: ctx, t: t}
	var streaming sync.WaitGroup
	streaming.Go(func() { _ = h.server.GetAllStream(&pb.GetAllRequest{}, stream) })
	for i := range 20 {
		h.create(t, fmt.Sprint("p", i))
	}
	eventually(t, "many messages", func() bool { return stream.sent.Load() > 200 })
	leave()
	streaming.Wait()
}

func TestStreamEndsWithAnErrorOnShutdown_9_2_21(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stream := h.view(within(t), t)
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	h.server.Drain()
	h.server.Drain()
	_, err := stream.Recv()
	wantStatus(t, err, codes.Unavailable, "server shutting down")
	late := h.view(within(t), t)
	await(t, late, "the first message", func(*pb.GetAllResponse) bool { return true })
	_, err = late.Recv()
	wantStatus(t, err, codes.Unavailable, "server shutting down")
}

func TestStreamEndsWithItsViewer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, leave := context.WithCancel(within(t))
	stream := h.view(ctx, t)
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	leave()
	if _, err := stream.Recv(); !errors.Is(err, context.Canceled) && err == nil {
		t.Errorf("got %v, want an end", err)
	}
}

// Streams that share a request id disturbed each other in the original.
func TestStreamsWithOneRequestID_9_1_11(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := metadata.AppendToOutgoingContext(within(t), "request-id", "same")
	leaving, leave := context.WithCancel(ctx)
	first, second := h.view(leaving, t), h.view(ctx, t)
	for _, s := range []grpc.ServerStreamingClient[pb.GetAllResponse]{first, second} {
		if _, err := s.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	h.create(t, "p1")
	await(t, second, "the change", func(m *pb.GetAllResponse) bool { return len(m.GetPipelines()) == 1 })
}

// A viewer that does not read costs the server one message, and others nothing.
func TestSlowViewerDelaysNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_ = h.view(within(t), t) // never reads
	quick := h.view(within(t), t)
	for i := range 30 {
		h.create(t, string(rune('a'+i)))
		await(t, quick, "a change", func(m *pb.GetAllResponse) bool { return len(m.GetPipelines()) == i+1 })
	}
}

func TestRegistrationAsksNobody_9_5_7(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got, err := h.client.AppRegistrationStatus(t.Context(), &pb.AppRegistrationStatusRequest{Email: "a@b.c"})
	if err != nil || got.GetStatus() != pb.AppRegistrationStatusResponse_STATUS_DONE {
		t.Errorf("got %v, %v, want DONE", got, err)
	}
	reply, err := h.client.AppRegister(t.Context(), &pb.AppRegistrationRequest{Email: "a@b.c"})
	wantReply(t, reply, err, ok, noRegistration)
	reply, err = h.client.AppVerifyRegistration(t.Context(), &pb.AppVerifyRegistrationRequest{})
	wantReply(t, reply, err, ok, noRegistration)
	reply, err = h.client.AppRegisterReject(t.Context(), &pb.AppRegisterRejectRequest{})
	wantReply(t, reply, err, ok, noRegistration)
}
