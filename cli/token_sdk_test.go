package cli

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// An SDK with a token for its service works as any other, and can do nothing to others.
func TestAnSDKWithATokenOfItsService(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	a, b := startNode(t, "a", server.URL(), "--session-ttl", "2s"), startNode(t, "b", server.URL(), "--session-ttl", "2s")
	signer, err := auth.NewSigner(testToken)
	if err != nil {
		t.Fatal(err)
	}
	token, about := signer.Sign(auth.Grant{Role: auth.SDK, Service: "billing"})
	own := a.connectBy(token, "own", "Billing")
	other := b.connect("other", "orders")
	wantLive(t, patience, "other@b own@a", a, b)
	id, err := a.create("p")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*peer{own, other} {
		if err := a.set(s.audience, id); err != nil {
			t.Fatal(err)
		}
	}
	wantIDs(t, patience, "a rule of each", []string{id}, own, other)

	api := pb.NewInternalClient(dial(t, a.addr))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "auth-token", token)
	refused := func(what string, err error) {
		t.Helper()
		if status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s: got %v, want PermissionDenied", what, err)
		}
	}
	_, err = api.Heartbeat(ctx, &pb.HeartbeatRequest{ServiceName: "orders", SessionId: "x"})
	refused("a heartbeat for another service", err)
	_, err = api.GetSetPipelinesCommandsByService(ctx, &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: "orders"})
	refused("the rules of another service", err)
	_, err = api.Heartbeat(ctx, &pb.HeartbeatRequest{ServiceName: "billing", SessionId: "other"})
	refused("a heartbeat as another's session", err)
	_, err = api.NewAudience(ctx, &pb.NewAudienceRequest{Audience: consumerOf("billing"), SessionId: "other"})
	refused("an audience of another's session", err)
	stream, err := api.Register(ctx, &pb.RegisterRequest{ServiceName: "billing", SessionId: "other"})
	if err == nil {
		_, err = stream.Recv()
	}
	refused("another's session", err)
	wantLive(t, patience, "other@b own@a", a, b)

	tail, err := api.SendTail(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := tail.Send(&pb.TailResponse{Audience: consumerOf("billing")}); err != nil {
		t.Fatal(err)
	}
	tokens := console.NewTokensClient(dial(t, b.addr))
	if _, err := tokens.Revoke(b.ctx, &console.RevokeTokenRequest{Id: about.ID}); err != nil {
		t.Fatal(err)
	}
	err = tail.RecvMsg(&pb.StandardResponse{})
	if s := status.Convert(err); s.Code() != codes.Unauthenticated || s.Message() != "this token was revoked" {
		t.Errorf("a stream of tailed payloads: got %v, want it to end with the reason", err)
	}
	wantLive(t, patience, "other@b", a, b)
	if err := a.set(own.audience); err != nil {
		t.Fatal(err)
	}
	if err := a.set(other.audience); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, patience, "the other's change", []string{}, other)
	if got := own.ids(); !slices.Equal(got, []string{id}) {
		t.Errorf("the revoked one runs %v, want what it had", got)
	}
}

func TestExpiryCutsAnSDKOff(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	serve(t, addr, t.TempDir(), "--auth-token", testToken)
	signer, err := auth.NewSigner(testToken)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := signer.Sign(auth.Grant{Role: auth.SDK, Expires: time.Now().Add(3 * time.Second)})
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "auth-token", token), patience)
	defer cancel()
	stream, err := pb.NewInternalClient(dial(t, addr)).Register(ctx, &pb.RegisterRequest{ServiceName: "billing", SessionId: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for heard := 0; ; heard++ { // keep-alives
		_, err := stream.Recv()
		if err == nil {
			continue
		}
		if s := status.Convert(err); s.Code() != codes.Unauthenticated || s.Message() != "this token has expired" {
			t.Errorf("got %v, want the stream to end with the reason", err)
		}
		if heard == 0 {
			t.Error("nothing was heard before")
		}
		return
	}
}
