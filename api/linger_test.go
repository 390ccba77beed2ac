package api

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/streamdal/streamdal-server/api/pb"
)

// mute is a stream whose client neither reads nor sends nor goes away.
type mute struct {
	grpc.ServerStream
	ctx context.Context
}

func (m mute) SendMsg(any) error { <-m.ctx.Done(); return m.ctx.Err() }
func (m mute) RecvMsg(any) error { <-m.ctx.Done(); return m.ctx.Err() }

func TestStreamsOfMuteClientsEnd(t *testing.T) {
	t.Parallel()
	send := func(_ any, s grpc.ServerStream) error { return s.SendMsg(nil) }
	receive := func(_ any, s grpc.ServerStream) error { return s.RecvMsg(nil) }
	work := func(_ any, s grpc.ServerStream) error { <-time.After(time.Hour); return errors.New("worked") } // in a bubble
	const stuck, leaving = "the client did not read or send for too long", "server shutting down"
	for _, tt := range []struct {
		name, method string
		client       bool // sends more than one message
		handler      grpc.StreamHandler
		leave        bool
		want         string
		after        time.Duration
	}{
		{"does not read", pb.External_GetAllStream_FullMethodName, false, send, false, stuck, 30 * time.Second},
		{"sends no request", pb.External_GetAllStream_FullMethodName, false, receive, false, stuck, 30 * time.Second},
		{"has nothing to say yet", "/x/Chat", true, receive, true, leaving, time.Second},
		{"gets nothing for long", pb.External_GetAllStream_FullMethodName, false, work, false, "worked", time.Hour},
		{"does not read when the server stops", pb.External_GetAllStream_FullMethodName, false, send, true, leaving, time.Second},
		{"SDK", pb.Internal_Register_FullMethodName, false, work, true, "worked", time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context()) // gRPC's, which ends with the call
				l, began := linger{30 * time.Second, make(chan struct{})}, time.Now()
				if tt.leave {
					left := make(chan struct{})
					close(left)
					l.leaving = left
				}
				err := l.stream(nil, mute{ctx: ctx}, &grpc.StreamServerInfo{FullMethod: tt.method, IsClientStream: tt.client}, tt.handler)
				if took := time.Since(began); err == nil || !strings.Contains(err.Error(), tt.want) || took < tt.after || took > 2*tt.after {
					t.Errorf("got %v after %s, want %q after %s", err, took, tt.want, tt.after)
				}
				cancel() // or the bubble would not end: the handler has to
			})
		})
	}
}

// gRPC ends the hanging write of a handler whose call has returned.
func TestAViewerThatDoesNotReadIsCut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	done := make(chan error, 1)
	h.external.stream = func(s grpc.ServerStreamingServer[pb.GetAllResponse]) error {
		for {
			if err := s.Send(&pb.GetAllResponse{Audiences: []*pb.Audience{{ServiceName: strings.Repeat("x", 64<<10)}}}); err != nil {
				done <- err
				return err
			}
		}
	}
	stream, err := h.client().GetAllStream(withToken(within(t), rootToken), &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the handler hangs")
	}
	for err == nil {
		_, err = stream.Recv()
	}
	wantStatus(t, err, codes.Unavailable, "the client did not read or send for too long; call again")
}
