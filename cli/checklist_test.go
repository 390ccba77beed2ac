package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

// TestSDKChecklist holds a running server to what the public SDKs need, point by point. The
// points are those of the protocol notes: each is a difference between the SDKs that a
// server has to live with.
func TestSDKChecklist(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	p := serve(t, addr, t.TempDir(), "--auth-token", testToken)
	points := []struct {
		name string
		test func(*testing.T, *lab)
	}{
		{"01 clear text HTTP2 and the content types of every SDK", checkContentTypes},
		{"02 pings every two seconds are welcome", checkPings},
		{"03 Register answers at once, keeps alive, newest stream wins", checkRegister},
		{"04 anything before Register, audiences from heartbeats, any names", checkBeforeRegister},
		{"05 OK wherever it can be", checkAlwaysOK},
		{"06 audiences are spelled as the session spells them", checkSpelling},
		{"07 lists are complete, with Infer Schema first", checkLists},
		{"08 everything again on each Register", checkRegisterAgain},
		{"09 tails have sample options, and nothing is paused on the wire", checkTailCommands},
		{"11 metrics are judged one by one", checkMetrics},
		{"12 old flags, body mode, units and repeated schemas", checkOddities},
		{"13 never hang", checkNeverHang},
		{"14 deleted audiences stay deleted", checkTombstones},
		{"15 module ids follow bytes and function", checkModuleIDs},
		{"16 what Ruby can receive, and nothing twice", checkRubyLists},
	}
	t.Run("points", func(t *testing.T) { // ends when all of them have
		for _, point := range points {
			t.Run(point.name, func(t *testing.T) {
				t.Parallel()
				point.test(t, newLab(t, addr))
			})
		}
	})
	t.Run("10 shutdown stops tails, then ends Register", func(t *testing.T) { checkShutdown(t, p) })
}

// lab is a point's own corner of the server: a service of its own.
type lab struct {
	t       *testing.T
	addr    string
	service string
	ctx     context.Context
	api     pb.ExternalClient
}

func newLab(t *testing.T, addr string) *lab {
	api, ctx := external(t, addr, testToken)
	return &lab{t: t, addr: addr, service: "svc-" + uuid.NewString()[:8], ctx: ctx, api: api}
}

func (l *lab) audience(op string) *pb.Audience {
	return &pb.Audience{ServiceName: l.service, ComponentName: "kafka", OperationName: op, OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER}
}

// internal is a client of the SDK's API that connects as the library does.
func (l *lab) internal(library client.Library, options ...grpc.DialOption) pb.InternalClient {
	l.t.Helper()
	conn, err := library.Dial(l.addr, options...)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = conn.Close() })
	return pb.NewInternalClient(conn)
}

func (l *lab) attach(a *pb.Audience, p *pb.Pipeline) string {
	l.t.Helper()
	created, err := l.api.CreatePipeline(l.ctx, &pb.CreatePipelineRequest{Pipeline: p})
	if err != nil {
		l.t.Fatal(err)
	}
	l.accepted(l.api.SetPipelines(l.ctx, &pb.SetPipelinesRequest{Audience: a, PipelineIds: []string{created.GetPipelineId()}}))
	return created.GetPipelineId()
}

func (l *lab) accepted(reply *pb.StandardResponse, err error) {
	l.t.Helper()
	if err != nil || reply.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
		l.t.Errorf("got %v, %v, want OK", reply, err)
	}
}

// session is a Register stream whose commands are kept.
type session struct {
	t  *testing.T
	id string

	mu       sync.Mutex
	commands []*pb.Command
	err      error
}

func (l *lab) register(api pb.InternalClient, library client.Library, id string, audiences ...*pb.Audience) *session {
	l.t.Helper()
	ctx, cancel := context.WithCancel(l.ctx)
	stream, err := api.Register(ctx, &pb.RegisterRequest{
		ServiceName: l.service, SessionId: id, Audiences: audiences,
		ClientInfo: &pb.ClientInfo{LibraryName: library.Name, LibraryVersion: library.Version, Language: library.Language, Arch: "a", Os: "o"},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	s := &session{t: l.t, id: id}
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			command, err := stream.Recv()
			s.mu.Lock()
			if err != nil {
				s.err = err
				s.mu.Unlock()
				return
			}
			s.commands = append(s.commands, command)
			s.mu.Unlock()
		}
	})
	l.t.Cleanup(func() { cancel(); reading.Wait() })
	return s
}

// wait polls until a command is good.
func (s *session) wait(what string, good func(*pb.Command) bool) *pb.Command {
	s.t.Helper()
	var found *pb.Command
	eventually(s.t, 30*time.Second, what, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if i := slices.IndexFunc(s.commands, good); i >= 0 {
			found = s.commands[i]
			return nil
		}
		return fmt.Errorf("not among %d commands, %s", len(s.commands), fmt.Sprint(s.err))
	})
	return found
}

// list is the newest list for an operation.
func (s *session) list(operation string) *pb.SetPipelinesCommand {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range slices.Backward(s.commands) {
		if set := c.GetSetPipelines(); set != nil && c.GetAudience().GetOperationName() == operation {
			return set
		}
	}
	return nil
}

func (s *session) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

var libraries = []client.Library{client.Go, client.Node, client.Python, client.Ruby}

func checkContentTypes(t *testing.T, l *lab) {
	for _, subtype := range []string{"", "proto"} {
		api := l.internal(client.Go)
		var header metadata.MD
		options := []grpc.CallOption{grpc.Header(&header)}
		if subtype != "" {
			options = append(options, grpc.CallContentSubtype(subtype))
		}
		l.accepted(api.Metrics(l.ctx, &pb.MetricsRequest{}, options...))
		if got := header.Get("content-type"); len(got) != 1 || (got[0] != "application/grpc" && got[0] != "application/grpc+proto") {
			t.Errorf("subtype %q: got content type %v; Python takes two forms only", subtype, got)
		}
	}
	_, err := l.internal(client.Node).Metrics(t.Context(), &pb.MetricsRequest{})
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("without auth-token: got %v", err)
	}
}

func checkPings(t *testing.T, l *lab) {
	// grpc-go pings at most every ten seconds; mux and api test the rate with frames.
	api := l.internal(client.Node, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second, PermitWithoutStream: true}))
	s := l.register(api, client.Node, uuid.NewString())
	began := time.Now()
	eventually(t, time.Minute, "the stream lives through pings", func() error {
		if err := s.ended(); err != nil {
			t.Fatalf("the stream ended: %v", err)
		}
		if time.Since(began) < 12*time.Second {
			return errors.New("still watching")
		}
		return nil
	})
}

func checkRegister(t *testing.T, l *lab) {
	api := l.internal(client.Go)
	id := uuid.NewString()
	first := l.register(api, client.Go, id)
	first.wait("a first message at once", func(*pb.Command) bool { return true })
	first.wait("a keep-alive", func(c *pb.Command) bool { return c.GetKeepAlive() != nil })
	second := l.register(api, client.Go, id)
	second.wait("the second stream is served", func(*pb.Command) bool { return true })
	eventually(t, 30*time.Second, "the first stream ends with an error", func() error {
		if err := first.ended(); err == nil || errors.Is(err, io.EOF) {
			return fmt.Errorf("got %s", fmt.Sprint(err))
		}
		return nil
	})
}

func checkBeforeRegister(t *testing.T, l *lab) {
	api := l.internal(client.Node)
	id := uuid.NewString()
	odd := l.audience("läuft & läuft: nicht.")
	l.accepted(api.NewAudience(l.ctx, &pb.NewAudienceRequest{SessionId: id, Audience: l.audience("early")}))
	l.accepted(api.Heartbeat(l.ctx, &pb.HeartbeatRequest{
		SessionId: id, ServiceName: l.service, ClientInfo: &pb.ClientInfo{LibraryName: "node-sdk"},
		Audiences: []*pb.Audience{{}, nil, l.audience("beating"), odd},
	}))
	l.accepted(api.SendSchema(l.ctx, &pb.SendSchemaRequest{Audience: l.audience("nobody"), Schema: &pb.Schema{JsonSchema: []byte(`{"type":"object"}`)}}))
	eventually(t, 30*time.Second, "announced audiences are known", func() error {
		all, err := l.api.GetAll(l.ctx, &pb.GetAllRequest{})
		if err != nil {
			return err
		}
		var ops []string
		for _, a := range all.GetAudiences() {
			if a.GetServiceName() == l.service {
				ops = append(ops, a.GetOperationName())
			}
		}
		slices.Sort(ops)
		if got := strings.Join(ops, ","); !strings.Contains(got, "beating") || !strings.Contains(got, "early") || len(all.GetLive()) == 0 {
			return fmt.Errorf("got %s", got)
		}
		return nil
	})
}

func checkAlwaysOK(_ *testing.T, l *lab) {
	for _, library := range libraries {
		api := l.internal(library)
		l.accepted(api.Heartbeat(l.ctx, &pb.HeartbeatRequest{SessionId: "never-registered", ServiceName: l.service}))
		l.accepted(api.NewAudience(l.ctx, &pb.NewAudienceRequest{SessionId: "never-registered", Audience: l.audience("a")}))
		l.accepted(api.Metrics(l.ctx, &pb.MetricsRequest{Metrics: []*pb.Metric{{Name: "unknown", Value: -1}}}))
		l.accepted(api.Notify(l.ctx, &pb.NotifyRequest{
			PipelineId: "none", Audience: l.audience("a"), Step: &pb.PipelineStep{Name: "s"},
			ConditionType: pb.NotifyRequest_CONDITION_TYPE_ON_TRUE,
		}))
	}
}

func checkSpelling(t *testing.T, l *lab) {
	l.attach(l.audience("charge"), hasField("p", "a"))
	upper := &pb.Audience{ServiceName: strings.ToUpper(l.service), ComponentName: "Kafka", OperationName: "CHARGE", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER}
	loud := *l
	loud.service = upper.ServiceName
	s := loud.register(l.internal(client.Ruby), client.Ruby, uuid.NewString(), upper)
	c := s.wait("a list in the session's spelling", func(c *pb.Command) bool { return c.GetSetPipelines() != nil })
	a := c.GetAudience()
	if a.GetServiceName() != upper.ServiceName || a.GetComponentName() != "Kafka" || a.GetOperationName() != "CHARGE" || a.XCreatedBy != nil {
		t.Errorf("got audience %v, want it as %v", a, upper)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.commands {
		if c.GetSetPipelines() != nil && c.GetAudience() == nil {
			t.Error("a command has no audience")
		}
	}
}

func checkLists(t *testing.T, l *lab) {
	id := l.attach(l.audience("op"), hasField("p", "a"))
	for _, library := range libraries {
		reply, err := l.internal(library).GetSetPipelinesCommandsByService(l.ctx, &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: l.service})
		if err != nil || len(reply.GetSetPipelineCommands()) != 1 {
			t.Fatalf("%s: got %v, %v", library.Name, reply, err)
		}
		list := reply.GetSetPipelineCommands()[0].GetSetPipelines().GetPipelines()
		if len(list) != 2 || !strings.Contains(list[0].GetSteps()[0].GetName(), "Infer Schema") || list[1].GetId() != id {
			t.Errorf("%s: got list %v", library.Name, list)
		}
		for _, p := range list {
			step := p.GetSteps()[0]
			module := reply.GetWasmModules()[step.GetXWasmId()]
			if p.GetId() == "" || len(module.GetBytes()) == 0 || step.GetXWasmFunction() != "f" || module.GetFunction() != "f" {
				t.Errorf("%s: step %q lacks a module or a function", library.Name, step.GetName())
			}
			if inline := len(step.GetXWasmBytes()) > 0; inline != (library.Name == client.Python.Name) {
				t.Errorf("%s: bytes inside the step: %t", library.Name, inline)
			}
		}
	}
}

func checkRegisterAgain(t *testing.T, l *lab) {
	id := l.attach(l.audience("op"), hasField("p", "a"))
	for _, library := range libraries {
		api := l.internal(library)
		session := uuid.NewString()
		for range 2 {
			s := l.register(api, library, session, l.audience("op"))
			s.wait(library.Name+" gets its list", func(c *pb.Command) bool {
				list := c.GetSetPipelines().GetPipelines()
				return len(list) == 2 && list[1].GetId() == id
			})
			if library == client.Ruby {
				s.mu.Lock()
				for _, c := range s.commands {
					if len(c.GetKv().GetInstructions()) > 0 {
						t.Error("ruby was sent key-value pairs, which end its stream")
					}
				}
				s.mu.Unlock()
			}
		}
	}
}

// checkTailCommands sends none of a tail's options, as the original's CLI does.
func checkTailCommands(t *testing.T, l *lab) {
	api := l.internal(client.Go)
	s := l.register(api, client.Go, uuid.NewString(), l.audience("op"))
	s.wait("served", func(*pb.Command) bool { return true })
	tailID := uuid.NewString()
	ctx, stop := context.WithCancel(l.ctx)
	defer stop()
	if _, err := l.api.Tail(ctx, &pb.TailRequest{Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: tailID, Audience: l.audience("OP")}); err != nil {
		t.Fatal(err)
	}
	is := func(kind pb.TailRequestType) func(*pb.Command) bool {
		return func(c *pb.Command) bool {
			return c.GetTail().GetRequest().GetId() == tailID && c.GetTail().GetRequest().GetType() == kind
		}
	}
	start := s.wait("START", is(pb.TailRequestType_TAIL_REQUEST_TYPE_START)).GetTail().GetRequest()
	if o := start.GetSampleOptions(); o.GetSampleRate() < 1 || o.GetSampleIntervalSeconds() < 1 {
		t.Errorf("got sample options %v; rate 0 makes the Go SDK panic", o)
	}
	if start.GetAudience().GetOperationName() != "op" {
		t.Errorf("got audience %v, want it as the session spells it", start.GetAudience())
	}
	l.accepted(l.api.PauseTail(l.ctx, &pb.PauseTailRequest{TailId: tailID}))
	l.accepted(l.api.ResumeTail(l.ctx, &pb.ResumeTailRequest{TailId: tailID}))
	again := l.register(api, client.Go, s.id, l.audience("op"))
	again.wait("START again after Register", is(pb.TailRequestType_TAIL_REQUEST_TYPE_START))
	stop()
	again.wait("STOP when the viewer leaves", is(pb.TailRequestType_TAIL_REQUEST_TYPE_STOP))
	for _, one := range []*session{s, again} {
		one.mu.Lock()
		for _, c := range one.commands {
			if kind := c.GetTail().GetRequest().GetType(); kind == pb.TailRequestType_TAIL_REQUEST_TYPE_PAUSE || kind == pb.TailRequestType_TAIL_REQUEST_TYPE_RESUME {
				t.Errorf("got %v, which ends Ruby's stream", kind)
			}
		}
		one.mu.Unlock()
	}
	// Drained without back-pressure, whatever it says, and answered at half-close.
	sending, err := api.SendTail(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if err := sending.Send(&pb.TailResponse{Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_PAYLOAD, TailRequestId: "finished long ago", OriginalData: make([]byte, 1024)}); err != nil {
			t.Fatal(err)
		}
	}
	l.accepted(sending.CloseAndRecv())
}

func checkMetrics(_ *testing.T, l *lab) {
	api := l.internal(client.Go)
	l.accepted(api.Metrics(l.ctx, &pb.MetricsRequest{}))
	l.accepted(api.Metrics(l.ctx, &pb.MetricsRequest{Metrics: []*pb.Metric{
		{Name: "counter_dropped_tail_messages", Value: 3},
		{Name: "counter_consume_bytes", Value: 0, Audience: l.audience("op")},
		{Name: "counter_produce_processed", Value: 2, Audience: l.audience("op"), Labels: map[string]string{"component_name": "k", "operation_type": "x"}},
		{Name: "counter_consume_bytes_rate", Value: 10, Audience: l.audience("op")},
		{Name: "counter_consume_errors", Value: -5, Audience: l.audience("op")},
	}}))
}

func checkOddities(t *testing.T, l *lab) {
	step := &pb.PipelineStep{
		Name:    "call",
		OnTrue:  &pb.PipelineStepConditions{Notification: &pb.PipelineStepNotification{NotificationConfigIds: []string{"x"}}},
		OnError: &pb.PipelineStepConditions{Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_ALL},
		Step: &pb.PipelineStep_HttpRequest{HttpRequest: &steps.HttpRequestStep{
			Request: &steps.HttpRequest{Method: steps.HttpRequestMethod_HTTP_REQUEST_METHOD_POST, Url: "http://127.0.0.1/", Body: []byte("{}")},
		}},
	}
	l.attach(l.audience("op"), &pb.Pipeline{Name: "odd", Steps: []*pb.PipelineStep{step}})
	api := l.internal(client.Python)
	s := l.register(api, client.Python, uuid.NewString(), l.audience("op"))
	s.wait("the list", func(c *pb.Command) bool { return len(c.GetSetPipelines().GetPipelines()) == 2 })
	sent := s.list("op").GetPipelines()[1].GetSteps()[0]
	if !sent.GetOnTrue().GetNotify() { //nolint:staticcheck // deprecated, and what Python reads
		t.Error("the old notify flag is not set beside the notification")
	}
	if got := sent.GetHttpRequest().GetRequest().GetBodyMode(); got != steps.HttpRequestBodyMode_HTTP_REQUEST_BODY_MODE_STATIC {
		t.Errorf("got body mode %v, want STATIC", got)
	}
	for _, at := range []int64{time.Now().Unix(), time.Now().UnixMilli(), time.Now().UnixNano()} {
		l.accepted(api.Notify(l.ctx, &pb.NotifyRequest{
			Step: step, Audience: l.audience("op"), PipelineId: "p", OccurredAtUnixTsUtc: at, ConditionType: pb.NotifyRequest_CONDITION_TYPE_ON_TRUE,
		}))
	}
	schema := &pb.SendSchemaRequest{Audience: l.audience("op"), Schema: &pb.Schema{JsonSchema: []byte(`{"type":"object","properties":{"a":{"type":"string"}}}`)}}
	for range 3 {
		l.accepted(api.SendSchema(l.ctx, schema))
	}
	got, err := l.api.GetSchema(l.ctx, &pb.GetSchemaRequest{Audience: l.audience("op")})
	if err != nil || got.GetSchema().GetXVersion() != 1 {
		t.Errorf("got version %d, %v, want 1: every replica sends the same schema", got.GetSchema().GetXVersion(), err)
	}
}

func checkNeverHang(t *testing.T, l *lab) {
	ctx, cancel := context.WithTimeout(l.ctx, 20*time.Second)
	defer cancel()
	for _, library := range libraries {
		api := l.internal(library)
		reply, err := api.GetSetPipelinesCommandsByService(ctx, &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: "unknown-" + l.service})
		if err != nil || len(reply.GetSetPipelineCommands()) != 0 {
			t.Errorf("%s: an unknown service pulls %v, %v", library.Name, reply, err)
		}
		stream, err := api.Register(ctx, &pb.RegisterRequest{ServiceName: l.service, SessionId: uuid.NewString(), ClientInfo: &pb.ClientInfo{LibraryName: library.Name}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Header(); err != nil {
			t.Errorf("%s: headers: %v", library.Name, err)
		}
	}
}

func checkTombstones(t *testing.T, l *lab) {
	api := l.internal(client.Node)
	a := l.audience("op")
	s := l.register(api, client.Node, uuid.NewString(), a)
	l.attach(a, hasField("p", "a"))
	s.wait("the list", func(c *pb.Command) bool { return len(c.GetSetPipelines().GetPipelines()) == 2 })
	l.accepted(l.api.DeleteAudience(l.ctx, &pb.DeleteAudienceRequest{Audience: a, Force: new(true)}))
	s.wait("told to forget it", func(c *pb.Command) bool { return c.GetDeleteAudiences() != nil })
	known := func() bool {
		all, err := l.api.GetAll(l.ctx, &pb.GetAllRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all.GetAudiences(), func(a *pb.Audience) bool { return a.GetServiceName() == l.service })
	}
	for range 3 {
		l.accepted(api.Heartbeat(l.ctx, &pb.HeartbeatRequest{SessionId: s.id, ServiceName: l.service, Audiences: []*pb.Audience{a}}))
	}
	if known() {
		t.Error("heartbeats of a session that had it brought the audience back")
	}
	l.accepted(api.NewAudience(l.ctx, &pb.NewAudienceRequest{SessionId: s.id, Audience: a}))
	eventually(t, 30*time.Second, "NewAudience revives it", func() error {
		if !known() {
			return errors.New("not known")
		}
		return nil
	})
}

func checkModuleIDs(t *testing.T, l *lab) {
	api := l.internal(client.Go)
	l.attach(l.audience("op"), hasField("p", "a"))
	s := l.register(api, client.Go, uuid.NewString(), l.audience("op"))
	moduleOf := func(path string) string {
		var id string
		eventually(t, 30*time.Second, "a list for "+path, func() error {
			list := s.list("op").GetPipelines()
			if len(list) != 2 || list[1].GetSteps()[0].GetDetective().GetPath() != path {
				return errors.New("not yet")
			}
			id = list[1].GetSteps()[0].GetXWasmId()
			return nil
		})
		return id
	}
	first := moduleOf("a")
	id := s.list("op").GetPipelines()[1].GetId()
	seen := map[string]string{"a": first}
	for _, path := range []string{"b", "a", "b"} {
		changed := hasField("p", path)
		changed.Id = id
		l.accepted(l.api.UpdatePipeline(l.ctx, &pb.UpdatePipelineRequest{Pipeline: changed}))
		got := moduleOf(path)
		if before, known := seen[path]; known && got != before {
			t.Errorf("path %s: got module %s, before %s: equal rules share a module", path, got, before)
		}
		seen[path] = got
	}
	if seen["a"] == seen["b"] {
		t.Error("two rules have one module")
	}
}

func checkShutdown(t *testing.T, p *process) {
	l := newLab(t, p.addr)
	api := l.internal(client.Go)
	s := l.register(api, client.Go, uuid.NewString(), l.audience("op"))
	s.wait("served", func(*pb.Command) bool { return true })
	if _, err := l.api.Tail(l.ctx, &pb.TailRequest{Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: uuid.NewString(), Audience: l.audience("op")}); err != nil {
		t.Fatal(err)
	}
	s.wait("START", func(c *pb.Command) bool { return c.GetTail() != nil })
	sending, err := api.SendTail(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.wait("STOP before the end", func(c *pb.Command) bool {
		return c.GetTail().GetRequest().GetType() == pb.TailRequestType_TAIL_REQUEST_TYPE_STOP
	})
	eventually(t, 30*time.Second, "Register ends", func() error {
		if s.ended() == nil {
			return errors.New("still open")
		}
		return nil
	})
	if got := status.Convert(s.ended()); got.Code() != codes.Unavailable || got.Message() != "server shutting down" {
		t.Errorf("Register ended with %v, want Unavailable: server shutting down", got)
	}
	_, err = sending.CloseAndRecv()
	if err != nil && status.Code(err) != codes.Unavailable {
		t.Errorf("SendTail ended with %v, want Unavailable or an answer", err)
	}
	<-p.done
	if p.err != nil {
		t.Errorf("exit: %v, want 0", p.err)
	}
}
