package api

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/improbable-eng/grpc-web/go/grpcweb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/pb"
)

const strongRoot = "a root token that is long enough"

// scopedHouse is a house whose tokens a test can revoke.
func scopedHouse(t *testing.T) (h *house, signer *auth.Signer, revoke func(id string)) {
	t.Helper()
	var mu sync.Mutex
	revoked := map[string]bool{}
	a, err := auth.New(auth.Config{RootToken: strongRoot, Log: zerolog.Nop(), Revoked: func(id string) bool {
		mu.Lock()
		defer mu.Unlock()
		return revoked[id]
	}})
	if err != nil {
		t.Fatal(err)
	}
	if signer, err = a.Signer(); err != nil {
		t.Fatal(err)
	}
	h = newHouseOf(t, a)
	h.external.stream = func(stream grpc.ServerStreamingServer[pb.GetAllResponse]) error {
		if err := stream.Send(&pb.GetAllResponse{GeneratedAtUnixTsNsUtc: 1}); err != nil {
			return err
		}
		<-stream.Context().Done()
		return context.Cause(stream.Context())
	}
	return h, signer, func(id string) {
		mu.Lock()
		revoked[id] = true
		mu.Unlock()
		a.EndRevoked()
	}
}

// One check for gRPC, grpc-web and what a proxy re-framed: all meet the same interceptors.
func TestAScopedTokenMeansTheSameByEveryWay(t *testing.T) {
	t.Parallel()
	h, signer, _ := scopedHouse(t)
	web := httptest.NewServer(grpcweb.WrapServer(h.server, grpcweb.WithWebsockets(false)))
	t.Cleanup(web.Close)
	fallback := fallbackConn(t, h.server)
	viewer, _ := signer.Sign(auth.Grant{Role: auth.Viewer})
	billing, _ := signer.Sign(auth.Grant{Role: auth.SDK, Service: "billing"})
	for _, tt := range []struct {
		name, token, method string
		service             string
		want                string
	}{
		{"role", viewer, pb.Internal_Register_FullMethodName, "billing", "Register needs the role sdk; yours is viewer"},
		{"service", billing, pb.Internal_Register_FullMethodName, "orders", "this token speaks for service 'billing' only, not for 'orders'"},
		{"good", billing, pb.Internal_Register_FullMethodName, "Billing", ""},
	} {
		req := &pb.RegisterRequest{ServiceName: tt.service, SessionId: "s"}
		for way, conn := range map[string]*grpc.ClientConn{"native": h.conn, "fallback": fallback} {
			stream, err := pb.NewInternalClient(conn).Register(withToken(within(t), tt.token), req)
			if err != nil {
				t.Fatal(err)
			}
			_, err = stream.Recv()
			if tt.want == "" && err != nil || tt.want != "" && (status.Code(err) != codes.PermissionDenied || status.Convert(err).Message() != tt.want) {
				t.Errorf("%s, %s: got %v, want %q", tt.name, way, err, tt.want)
			}
		}
		s := &site{url: web.URL, cookie: &http.Cookie{Name: "a", Value: "b"}}
		got := s.call(t, tt.method, req, map[string]string{"Auth-Token": tt.token})
		if tt.want == "" && !strings.Contains(got, "framed") || !strings.Contains(got, strings.ToLower(tt.want)) {
			t.Errorf("%s, grpc-web: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// fallbackConn returns a connection on which net/http's server answers gRPC.
func fallbackConn(t *testing.T, server *grpc.Server) *grpc.ClientConn {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	plain := httptest.NewUnstartedServer(server)
	plain.Config.Protocols = protocols
	plain.Start()
	t.Cleanup(plain.Close)
	return connect(t, plain.Listener.Addr().String())
}

func TestRevocationAndExpiryEndStreams(t *testing.T) {
	t.Parallel()
	h, signer, revoke := scopedHouse(t)
	long, about := signer.Sign(auth.Grant{Role: auth.Viewer})
	short, _ := signer.Sign(auth.Grant{Role: auth.Viewer, Expires: time.Now().Add(3 * time.Second)})
	open := func(token string) grpc.ServerStreamingClient[pb.GetAllResponse] {
		stream, err := h.client().GetAllStream(withToken(within(t), token), &pb.GetAllRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
		return stream
	}
	one, two := open(long), open(short)
	revoke(about.ID)
	_, err := one.Recv()
	wantStatus(t, err, codes.Unauthenticated, "this token was revoked")
	_, err = two.Recv()
	wantStatus(t, err, codes.Unauthenticated, "this token has expired")
	_, err = h.client().Test(withToken(within(t), long), &pb.TestRequest{})
	wantStatus(t, err, codes.Unauthenticated, "this token was revoked")
	_, err = h.client().Test(withToken(within(t), short), &pb.TestRequest{})
	wantStatus(t, err, codes.Unauthenticated, "this token has expired")
	if log := h.log.String(); strings.Contains(log, long) || strings.Contains(log, short) {
		t.Errorf("a token is in the log: %s", log)
	}
}

// A browser that logged in with a token is told when that is revoked.
func TestRevocationEndsBrowserStreams(t *testing.T) {
	t.Parallel()
	h, signer, revoke := scopedHouse(t)
	token, about := signer.Sign(auth.Grant{Role: auth.Viewer})
	s := newSiteOf(t, h, token)
	own := map[string]string{"X-Grpc-Web": "1", "Origin": s.url}
	reply, err := http.DefaultClient.Do(s.request(t, pb.External_GetAllStream_FullMethodName, &pb.GetAllRequest{}, own))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	if _, err := io.ReadFull(reply.Body, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	revoke(about.ID)
	if got := outcome(t, reply); !strings.Contains(got, "this token was revoked") {
		t.Errorf("got %q, want the stream to end with the reason", got)
	}
	if got := s.call(t, pb.External_Test_FullMethodName, &pb.TestRequest{}, own); !strings.Contains(got, "this token was revoked") {
		t.Errorf("a call afterwards: got %q", got)
	}
}
