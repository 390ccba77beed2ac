package api

import (
	"testing"

	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// Behind a closed gate every call of ours gets the gate's error, also one that
// streams; whoever asks for health gets an answer.
func TestGate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.closed.Store(failure.New(failure.Unavailable, "no rules yet"))
	ctx := withToken(within(t), rootToken)
	_, err := h.client().Test(ctx, &pb.TestRequest{})
	wantStatus(t, err, codes.Unavailable, "no rules yet")
	stream, err := pb.NewInternalClient(h.conn).Register(ctx, &pb.RegisterRequest{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantStatus(t, err, codes.Unavailable, "no rules yet")
	_, err = h.client().Test(within(t), &pb.TestRequest{})
	wantStatus(t, err, codes.Unauthenticated, "missing auth token")
	if _, err := healthpb.NewHealthClient(h.conn).Check(within(t), &healthpb.HealthCheckRequest{}); err != nil {
		t.Errorf("health: %v", err)
	}
	h.closed.Store(nil)
	if got, err := h.client().Test(ctx, &pb.TestRequest{Input: "in"}); err != nil || got.GetOutput() != "in" {
		t.Errorf("behind an open gate: %v, %v", got, err)
	}
}
