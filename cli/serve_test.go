package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

func hasField(name, path string) *pb.Pipeline {
	return &pb.Pipeline{Name: name, Steps: []*pb.PipelineStep{{Name: "look", Step: &pb.PipelineStep_Detective{
		Detective: &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: &path},
	}}}}
}

// Every change that was acknowledged before kill -9 is there afterwards.
func TestKill9LosesNothing(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeport.Addr(t)
	acked := map[string]string{} // pipeline id -> audience it is attached to
	for round := range 3 {
		p := serve(t, addr, dir, "--auth-token", testToken)
		api, ctx := external(t, addr, testToken)
		for i := range 15 {
			created, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: hasField(fmt.Sprintf("r%d-%d", round, i), "a")})
			if err != nil {
				t.Fatal(err)
			}
			op := fmt.Sprintf("op-%d-%d", round, i)
			set, err := api.SetPipelines(ctx, &pb.SetPipelinesRequest{
				PipelineIds: []string{created.GetPipelineId()},
				Audience:    &pb.Audience{ServiceName: "svc", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER, OperationName: op, ComponentName: "kafka"},
			})
			if err != nil || set.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
				t.Fatalf("attach: %v, %v", set, err)
			}
			acked[created.GetPipelineId()] = "svc:operation_type_consumer:" + op + ":kafka"
		}
		p.kill()
	}
	serve(t, addr, dir, "--auth-token", testToken)
	api, ctx := external(t, addr, testToken)
	all, err := api.GetAll(ctx, &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for id, key := range acked {
		if all.GetPipelines()[id] == nil {
			t.Errorf("pipeline %s is gone", id)
		}
		if c := all.GetConfigs()[key].GetConfigs(); len(c) != 1 || c[0].GetId() != id {
			t.Errorf("assignment of %s is %v, want %s", key, c, id)
		}
	}
}

// SIGTERM ends streams with the status that clients wait for, and exits with 0.
func TestTermEndsStreamsAndExits_9_2_21(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	p := serve(t, addr, t.TempDir(), "--auth-token", testToken)
	conn := dial(t, addr)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "auth-token", testToken)
	register, err := pb.NewInternalClient(conn).Register(ctx, &pb.RegisterRequest{ServiceName: "svc", SessionId: "s", ClientInfo: &pb.ClientInfo{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := register.Recv(); err != nil {
		t.Fatalf("first message: %v", err)
	}
	watch, err := pb.NewExternalClient(conn).GetAllStream(ctx, &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatalf("first picture: %v", err)
	}
	tail, err := pb.NewExternalClient(conn).Tail(ctx, &pb.TailRequest{
		Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: "t",
		Audience: &pb.Audience{ServiceName: "svc", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER, OperationName: "op", ComponentName: "kafka"},
	})
	if err == nil {
		_, err = tail.Header()
	}
	if err != nil {
		t.Fatalf("tail: %v", err)
	}
	payloads, err := pb.NewInternalClient(conn).SendTail(ctx) // which the Node SDK never closes
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = register.Recv()
	}
	if s := status.Convert(err); s.Code() != codes.Unavailable || !strings.Contains(s.Message(), "server shutting down") {
		t.Errorf("Register ended with %v, want Unavailable: server shutting down", err)
	}
	for err = nil; err == nil; {
		_, err = watch.Recv()
	}
	if c := status.Code(err); c != codes.Unavailable {
		t.Errorf("GetAllStream ended with %v, want Unavailable", err)
	}
	for err = nil; err == nil; {
		_, err = tail.Recv()
	}
	if c := status.Code(err); c != codes.Unavailable {
		t.Errorf("Tail ended with %v, want Unavailable", err)
	}
	if err := payloads.RecvMsg(&pb.StandardResponse{}); status.Code(err) != codes.Unavailable {
		t.Errorf("SendTail ended with %v, want Unavailable", err)
	}
	<-p.done
	if p.err != nil {
		t.Errorf("exit: %v, want 0", p.err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("took %s, more than the grace", took)
	}
}

func TestBadInputIsAnsweredAndSurvived(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	serve(t, addr, t.TempDir(), "--auth-token", testToken)
	api, ctx := external(t, addr, testToken)
	_, wrong := external(t, addr, "wrong")
	good := &pb.Audience{ServiceName: "s", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER, OperationName: "o", ComponentName: "c"}
	colon := &pb.Audience{ServiceName: "a:b", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER, OperationName: "o", ComponentName: "c"}
	huge := hasField("huge", strings.Repeat("x", 5<<20))
	standard := func(r *pb.StandardResponse, err error) error {
		if err == nil && r.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
			return fmt.Errorf("%s: %s", r.GetCode(), r.GetMessage())
		}
		return err
	}
	tests := []struct {
		name string
		call func() error
		want string
	}{
		{"wrong token", func() error { _, err := api.GetAll(wrong, &pb.GetAllRequest{}); return err }, "invalid auth token"},
		{"no token", func() error {
			_, err := api.GetAll(context.WithoutCancel(t.Context()), &pb.GetAllRequest{})
			return err
		}, "missing auth token"},
		{"unknown pipeline", func() error {
			_, err := api.GetPipeline(ctx, &pb.GetPipelineRequest{PipelineId: "nope"})
			return err
		}, "pipeline not found"},
		{"delete unknown", func() error { return standard(api.DeletePipeline(ctx, &pb.DeletePipelineRequest{PipelineId: "nope"})) }, "pipeline not found"},
		{"malformed JSON", func() error {
			_, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{PipelineJson: []byte(`{"name":`)})
			return err
		}, "JSON"},
		{"malformed JSON on update", func() error {
			return standard(api.UpdatePipeline(ctx, &pb.UpdatePipelineRequest{PipelineJson: []byte(`[1`)}))
		}, "JSON"},
		{"colon in a name", func() error {
			return standard(api.SetPipelines(ctx, &pb.SetPipelinesRequest{Audience: colon}))
		}, "invalid characters"},
		{"empty audience", func() error {
			return standard(api.SetPipelines(ctx, &pb.SetPipelinesRequest{Audience: &pb.Audience{}}))
		}, "cannot be empty"},
		{"no audience", func() error { return standard(api.PausePipeline(ctx, &pb.PausePipelineRequest{PipelineId: "p"})) }, "cannot be nil"},
		{"attach unknown", func() error {
			return standard(api.SetPipelines(ctx, &pb.SetPipelinesRequest{Audience: good, PipelineIds: []string{"nope"}}))
		}, "pipeline not found"},
		{"5 MiB pipeline", func() error { _, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: huge}); return err }, "InvalidArgument"},
		{"unsupported rule", func() error {
			_, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: &pb.Pipeline{Name: "n", Steps: []*pb.PipelineStep{{Step: &pb.PipelineStep_Encode{Encode: &steps.EncodeStep{}}}}}})
			return err
		}, "Encode steps"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
	if got, err := api.Test(ctx, &pb.TestRequest{Input: "alive"}); err != nil || got.GetOutput() != "Pong: alive" {
		t.Errorf("after all that: %v, %v", got, err)
	}
}

func TestHTTPOnTheSamePort(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	serve(t, addr, t.TempDir(), "--auth-token", testToken)
	for path, want := range map[string]string{
		"/health-check": "ok", "/version": "test", "/healthz": "ok", "/readyz": "ok", "/metrics": "go_goroutines", "/": "<title>",
	} {
		resp, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %.200q, want %q", path, resp.Status, body, want)
		}
	}
}

// The token is for standard output, and only when we made it.
func TestTokenStaysOutOfTheLog_9_5_2(t *testing.T) {
	t.Parallel()
	p := serve(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken, "--log-level", "trace")
	api, ctx := external(t, p.addr, testToken)
	if _, err := api.GetAll(ctx, &pb.GetAllRequest{}); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if strings.Contains(p.output(), testToken) {
		t.Error("the token was printed")
	}
}
