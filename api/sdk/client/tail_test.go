package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/sdk/client"
)

// tailing is a server that starts and stops tails as the test says.
type tailing struct {
	pb.UnimplementedInternalServer

	commands chan *pb.Command
	payloads chan *pb.TailResponse
}

func (s *tailing) GetSetPipelinesCommandsByService(context.Context, *pb.GetSetPipelinesCommandsByServiceRequest) (*pb.GetSetPipelinesCommandsByServiceResponse, error) {
	return &pb.GetSetPipelinesCommandsByServiceResponse{}, nil
}

func (s *tailing) Register(_ *pb.RegisterRequest, stream grpc.ServerStreamingServer[pb.Command]) error {
	for {
		select {
		case c := <-s.commands:
			if err := stream.Send(c); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

func (s *tailing) SendTail(stream grpc.ClientStreamingServer[pb.TailResponse, pb.StandardResponse]) error {
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&pb.StandardResponse{Code: pb.ResponseCode_RESPONSE_CODE_OK})
		}
		if err != nil {
			return err
		}
		select {
		case s.payloads <- r:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

func tailCommand(kind pb.TailRequestType, a *pb.Audience) *pb.Command {
	return &pb.Command{Audience: a, Command: &pb.Command_Tail{Tail: &pb.TailCommand{Request: &pb.TailRequest{
		Id: "t1", Type: kind, Audience: a, SampleOptions: &pb.SampleOptions{SampleRate: 1000, SampleIntervalSeconds: 1},
	}}}}
}

func TestTailedPayloadsAreSentUntilStopped(t *testing.T) {
	t.Parallel()
	s := &tailing{commands: make(chan *pb.Command, 1), payloads: make(chan *pb.TailResponse, 1000)}
	server := grpc.NewServer()
	pb.RegisterInternalServer(server, s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	handled := make(chan *pb.Command, 10)
	c, err := client.New(t.Context(), client.Options{
		Addr: listener.Addr().String(), Service: "svc", OnCommand: func(c *pb.Command) { handled <- c },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		server.Stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})

	watched, other := aud("watched"), aud("other")
	s.commands <- tailCommand(pb.TailRequestType_TAIL_REQUEST_TYPE_START, watched)
	receive(t, handled, "the START command")
	var got *pb.TailResponse
	for i := 0; got == nil; i++ { // the command takes effect right after it was shown
		for _, a := range []*pb.Audience{other, watched} {
			if _, err := c.Process(ctx, a, fmt.Appendf(nil, "%s %d", a.GetOperationName(), i)); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case got = <-s.payloads:
		case <-time.After(10 * time.Millisecond):
		}
	}
	if got.GetTailRequestId() != "t1" || got.GetAudience().GetOperationName() != "watched" || got.GetSessionId() != c.Session() ||
		len(got.GetOriginalData()) == 0 || string(got.GetOriginalData()) != string(got.GetNewData()) {
		t.Errorf("got %v, want a payload of the watched audience", got)
	}

	s.commands <- tailCommand(pb.TailRequestType_TAIL_REQUEST_TYPE_STOP, watched)
	receive(t, handled, "the STOP command")
	// Keep-alive goes through the same goroutine: once it was shown, STOP is done.
	s.commands <- &pb.Command{Command: &pb.Command_KeepAlive{KeepAlive: &pb.KeepAliveCommand{}}}
	receive(t, handled, "the keep-alive")
	if _, err := c.Process(ctx, watched, []byte("after the end")); err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case r := <-s.payloads:
			if string(r.GetOriginalData()) == "after the end" {
				t.Fatal("a payload was sent after STOP")
			}
			continue
		case <-time.After(100 * time.Millisecond):
		}
		return
	}
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}
