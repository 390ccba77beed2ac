package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/tap"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// revocations are what a test has revoked.
type revocations struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (r *revocations) revoke(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids[id] = true
}

func (r *revocations) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[id]
}

// office is an Auth that issues tokens and revokes them.
type office struct {
	*Auth
	clock   *clock
	revoked *revocations
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{clock: newClock(), revoked: &revocations{ids: map[string]bool{}}}
	a, err := New(Config{RootToken: strongRoot, Revoked: o.revoked.has, Now: o.clock.now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	o.Auth = a
	return o
}

func (o *office) issue(t *testing.T, g Grant) (token, id string) {
	t.Helper()
	signer, err := o.Signer()
	if err != nil {
		t.Fatal(err)
	}
	token, g = signer.Sign(g)
	return token, g.ID
}

func TestScopedTokensHaveTheirRole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const get, set = pb.External_GetAll_FullMethodName, pb.External_SetPipelines_FullMethodName
	for _, tt := range []struct {
		role   Role
		method string
		err    string
	}{
		{Viewer, get, ""},
		{Viewer, set, "SetPipelines needs the role editor; yours is viewer"},
		{Editor, set, ""},
		{Editor, pb.External_CreateWasm_FullMethodName, "CreateWasm needs the role admin; yours is editor"},
		{Admin, pb.External_CreateWasm_FullMethodName, ""},
		{Admin, pb.Internal_Heartbeat_FullMethodName, ""},
		{SDK, pb.Internal_Heartbeat_FullMethodName, ""},
		{SDK, get, "GetAll needs the role viewer; yours is sdk"},
	} {
		token, _ := o.issue(t, Grant{Role: tt.role})
		role, err := call(o.Auth, metadata.Pairs(TokenKey, token), tt.method)
		if tt.err == "" && (err != nil || role != tt.role) || tt.err != "" && (err == nil || err.Error() != tt.err) {
			t.Errorf("%v calls %s: got %v, %v, want %q", tt.role, tt.method, role, err, tt.err)
		}
		_, err = o.Tap(t.Context(), &tap.Info{FullMethodName: tt.method, Header: metadata.Pairs(TokenKey, token)})
		if (err == nil) != (tt.err == "") {
			t.Errorf("%v calls %s: before the message got %v, want %q", tt.role, tt.method, err, tt.err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if who, err := o.identify(r); err != nil || who.Role != tt.role {
			t.Errorf("%v over REST: got %v, %v", tt.role, who, err)
		}
	}
}

func TestEndedTokensAreRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	short, _ := o.issue(t, Grant{Role: Viewer, Expires: o.clock.now().Add(time.Hour)})
	revoked, id := o.issue(t, Grant{Role: Viewer})
	o.revoked.revoke(id)
	o.clock.advance(time.Hour)
	for token, want := range map[string]error{short: errExpired, revoked: errRevoked} {
		if _, err := call(o.Auth, metadata.Pairs(TokenKey, token), pb.External_GetAll_FullMethodName); !errors.Is(err, want) {
			t.Errorf("a call: got %v, want %v", err, want)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if _, err := o.identify(r); !errors.Is(err, want) {
			t.Errorf("REST: got %v, want %v", err, want)
		}
		if _, _, err := o.LogIn(from("127.0.0.1:1"), token, ""); !errors.Is(err, want) {
			t.Errorf("log-in: got %v, want %v", err, want)
		}
	}
	if got := o.Stats(); got.Ended != 2 || got.LogIns != 2 || got.Unauthenticated != 0 {
		t.Errorf("got %+v, want both calls counted as ended, both log-ins as log-ins", got)
	}
}

func TestSessionsOfScopedTokens(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const get = pb.External_GetAll_FullMethodName
	token, id := o.issue(t, Grant{Role: Viewer, Expires: o.clock.now().Add(time.Hour)})
	c, who, err := o.LogIn(from("127.0.0.1:1"), token, "")
	if err != nil || who.Role != Viewer || who.Token != id || c.MaxAge != 3600 {
		t.Fatalf("got %+v, cookie for %d s, error %v; want a viewer's that ends with the token", who, c.MaxAge, err)
	}
	if role, err := call(o.Auth, web(c.Value), get); err != nil || role != Viewer {
		t.Errorf("got %v, %v", role, err)
	}
	if _, err := call(o.Auth, web(c.Value), pb.External_SetPipelines_FullMethodName); err == nil {
		t.Error("a viewer's session may change pipelines")
	}
	o.clock.advance(time.Hour)
	if _, err := call(o.Auth, web(c.Value), get); !errors.Is(err, errSession) {
		t.Errorf("after the token's expiry: got %v, want %v", err, errSession)
	}

	token, id = o.issue(t, Grant{Role: Viewer})
	if c, _, err = o.LogIn(from("127.0.0.1:1"), token, ""); err != nil || c.MaxAge != int(SessionLifetime/time.Second) {
		t.Fatalf("got %v, %v, want a session of the usual length", c, err)
	}
	o.revoked.revoke(id)
	if _, err := call(o.Auth, web(c.Value), get); !errors.Is(err, errRevoked) {
		t.Errorf("after the token's revocation: got %v, want %v", err, errRevoked)
	}

	token, _ = o.issue(t, Grant{Role: SDK})
	_, _, err = o.LogIn(from("127.0.0.1:1"), token, "")
	if kind, _ := failure.Of(err); kind != failure.Denied {
		t.Errorf("an SDK logs in: got %v, want Denied", err)
	}
}

func TestRevocationEndsStreams(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token, id := o.issue(t, Grant{Role: Viewer})
	other, _ := o.issue(t, Grant{Role: Viewer})
	c, _, err := o.LogIn(from("127.0.0.1:1"), token, "")
	if err != nil {
		t.Fatal(err)
	}
	var ended []<-chan error
	for _, md := range []metadata.MD{metadata.Pairs(TokenKey, token), web(c.Value), metadata.Pairs(TokenKey, other)} {
		in, end := openWith(o.Auth, md)
		<-in
		ended = append(ended, end)
	}
	o.revoked.revoke(id)
	o.EndRevoked()
	for _, end := range ended[:2] {
		if err := receive(t, end); !errors.Is(err, errRevoked) {
			t.Errorf("got %v, want %v", err, errRevoked)
		}
	}
	select {
	case err := <-ended[2]:
		t.Errorf("the stream of another token ended with %v", err)
	default:
	}
	if n := len(o.calls.open); n != 1 {
		t.Errorf("%d holders have open calls, want 1", n)
	}
}

// A token that is revoked between the check and the start of its stream must not get a
// stream that nothing ends.
func TestJoinAfterRevocation(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token, id := o.issue(t, Grant{Role: Viewer})
	c, err := o.token(token)
	if err != nil {
		t.Fatal(err)
	}
	o.revoked.revoke(id)
	if _, _, err := o.join(t.Context(), c); !errors.Is(err, errRevoked) {
		t.Errorf("got %v, want %v", err, errRevoked)
	}
	if n := len(o.calls.open); n != 0 {
		t.Errorf("%d holders have open calls, want none", n)
	}
}

func TestExpiryEndsStreams(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token, _ := o.issue(t, Grant{Role: Viewer, Expires: o.clock.now().Add(time.Second)})
	in, end := openWith(o.Auth, metadata.Pairs(TokenKey, token))
	<-in
	if err := receive(t, end); !errors.Is(err, errExpired) {
		t.Errorf("got %v, want %v", err, errExpired)
	}
}

// Nothing passes on the stream of an ended credential, even if its handler does not notice.
func TestEndedStreamsAreSilent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token, id := o.issue(t, Grant{Role: SDK})
	ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs(TokenKey, token))
	err := o.Stream()(nil, &messages{ctx: ctx, next: []any{&pb.TailResponse{}, &pb.TailResponse{}}},
		&grpc.StreamServerInfo{FullMethod: pb.Internal_SendTail_FullMethodName},
		func(_ any, s grpc.ServerStream) error {
			if err := s.RecvMsg(&pb.TailResponse{}); err != nil {
				t.Errorf("before: got %v", err)
			}
			o.revoked.revoke(id)
			o.EndRevoked()
			if err := s.RecvMsg(&pb.TailResponse{}); !errors.Is(err, errRevoked) {
				t.Errorf("receive: got %v, want %v", err, errRevoked)
			}
			if err := s.SendMsg(&pb.StandardResponse{}); !errors.Is(err, errRevoked) {
				t.Errorf("send: got %v, want %v", err, errRevoked)
			}
			return nil
		})
	if !errors.Is(err, errRevoked) {
		t.Errorf("got %v, want %v", err, errRevoked)
	}
}

// Whoever has a viewer's token can log in and out as often as they like. That ends nobody
// else's session.
func TestLogOutsOfATokenEndItsOwnSessionsOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token, _ := o.issue(t, Grant{Role: Viewer})
	log := func(token string) *http.Cookie {
		t.Helper()
		cookie, _, err := o.LogIn(httptest.NewRequest(http.MethodPost, "http://host/api/v1/session", nil), token, "")
		if err != nil {
			t.Fatal(err)
		}
		return cookie
	}
	valid := func(c *http.Cookie) bool {
		_, err := o.find([]string{c.Name + "=" + c.Value})
		return err == nil
	}
	admin, viewer := log(strongRoot), log(token)
	o.clock.advance(time.Minute)
	var last *http.Cookie
	for range 2 * maxRevoked {
		last = log(token)
		r := httptest.NewRequest(http.MethodDelete, "http://host/api/v1/session", nil)
		r.AddCookie(last)
		if _, err := o.LogOut(r); err != nil {
			t.Fatal(err)
		}
	}
	if !valid(admin) {
		t.Error("the administrator has to log in again")
	}
	if valid(viewer) || valid(last) {
		t.Error("sessions of the token go on, although so many log-outs cannot be remembered")
	}
	if n := len(o.sessions.revoked); n > maxRevokedOfToken {
		t.Errorf("%d log-outs of one token are remembered, want at most %d", n, maxRevokedOfToken)
	}
}
