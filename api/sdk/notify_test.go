package sdk_test

import (
	"net"
	"testing"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// scoped returns a client of w whose calls carry a token of one service.
func (w *world) scoped(service string) (pb.InternalClient, metadata.MD) {
	w.t.Helper()
	access, err := auth.New(auth.Config{RootToken: "a root token that is long enough", Log: zerolog.Nop()})
	if err != nil {
		w.t.Fatal(err)
	}
	signer, err := access.Signer()
	if err != nil {
		w.t.Fatal(err)
	}
	token, _ := signer.Sign(auth.Grant{Role: auth.SDK, Service: service})
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(failure.Unary(zerolog.Nop()), access.Unary()))
	pb.RegisterInternalServer(server, w.server)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	w.t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	return pb.NewInternalClient(conn), metadata.Pairs(auth.TokenKey, token)
}

func TestATokenOfOneServiceAlertsAboutItsOwnPipelinesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach(aud("billing", "op"), "own")
	w.attach(aud("orders", "op"), "other")
	client, md := w.scoped("Billing")
	ctx := metadata.NewOutgoingContext(testContext(t), md)
	for _, tt := range []struct {
		pipeline string
		audience *pb.Audience
		want     pb.ResponseCode
	}{
		{"other", aud("billing", "op"), pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR},
		{"other", &pb.Audience{}, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR}, // SDKs do send blank ones
		{"none", aud("billing", "op"), pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR},
		{"own", aud("billing", "op2"), pb.ResponseCode_RESPONSE_CODE_OK},
	} {
		req := &pb.NotifyRequest{PipelineId: tt.pipeline, Audience: tt.audience, Step: &pb.PipelineStep{Name: "s"}}
		reply, err := client.Notify(ctx, req)
		if err != nil || reply.GetCode() != tt.want {
			t.Errorf("%s for %q: got %v (%v), want %s", tt.pipeline, tt.audience.GetServiceName(), reply, err, tt.want)
		}
		select {
		case told := <-w.alerts:
			if tt.want != pb.ResponseCode_RESPONSE_CODE_OK || !proto.Equal(told, req) {
				t.Errorf("%s: people are told", tt.pipeline)
			}
		default:
			if tt.want == pb.ResponseCode_RESPONSE_CODE_OK {
				t.Errorf("%s: nobody is told", tt.pipeline)
			}
		}
	}
}
