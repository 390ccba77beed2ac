package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/tap"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

const rootToken = "root-token"

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Unix(1_800_000_000, 0)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newAuth(t *testing.T, c *clock) *Auth {
	t.Helper()
	a, err := New(Config{RootToken: rootToken, Now: c.now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// cookieOf returns the value of a new session's cookie.
func cookieOf(a *Auth, role Role) string {
	c, _ := a.newSession(Caller{Role: role}, false)
	return c.Value
}

// web is the metadata of a grpc-web call from the Console's own page.
func web(cookie string) metadata.MD {
	return metadata.Pairs("cookie", CookieName+"="+cookie, "x-grpc-web", "1",
		"origin", "http://localhost:8082", ":authority", "localhost:8082")
}

func without(md metadata.MD, key string) metadata.MD {
	md = md.Copy()
	md.Delete(key)
	return md
}

func with(md metadata.MD, key, value string) metadata.MD {
	md = md.Copy()
	md.Set(key, value)
	return md
}

// call makes a unary call and returns the role that its handler saw.
func call(a *Auth, md metadata.MD, method string) (Role, error) {
	ctx := context.Background()
	if md != nil {
		ctx = metadata.NewIncomingContext(ctx, md)
	}
	role, err := a.Unary()(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method},
		func(ctx context.Context, _ any) (any, error) { return RoleOf(ctx), nil })
	if err != nil {
		return nobody, err
	}
	return role.(Role), nil
}

func TestNewRefusesAnEmptyToken(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{}); err == nil {
		t.Error("got no error, want one: an empty token would let everybody in")
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := newAuth(t, c)
	admin := cookieOf(a, Admin)
	viewer := cookieOf(a, Viewer)
	forged := strings.ToUpper(admin)
	other, err := New(Config{RootToken: "another", Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	const set, get = pb.External_SetPipelines_FullMethodName, pb.External_GetAll_FullMethodName
	for _, tt := range []struct {
		name   string
		md     metadata.MD
		method string
		want   Role
		err    string // text
		kind   failure.Kind
	}{
		{"no metadata", nil, get, 0, "missing auth token", failure.Unauthenticated},
		{"no token", metadata.Pairs("user-agent", "x"), get, 0, "missing auth token", failure.Unauthenticated},
		{"empty token", metadata.Pairs(TokenKey, ""), get, 0, "invalid auth token", failure.Unauthenticated},
		{"wrong token", metadata.Pairs(TokenKey, "root-tokem"), get, 0, "invalid auth token", failure.Unauthenticated},
		{"longer token", metadata.Pairs(TokenKey, rootToken+"x"), get, 0, "invalid auth token", failure.Unauthenticated},
		{"only the first counts", metadata.Pairs(TokenKey, "x", TokenKey, rootToken), get, 0, "invalid auth token", failure.Unauthenticated},
		{"root token", metadata.Pairs(TokenKey, rootToken), get, Admin, "", 0},
		{"root token may change", metadata.Pairs(TokenKey, rootToken), set, Admin, "", 0},
		{"root token may be an SDK", metadata.Pairs(TokenKey, rootToken), pb.Internal_Heartbeat_FullMethodName, Admin, "", 0},
		{"open method", nil, "/grpc.health.v1.Health/Check", 0, "", 0},
		{"method without a row", metadata.Pairs(TokenKey, rootToken), "/protos.External/New", 0, "New is open to nobody", failure.Denied},
		{"path without its slash", metadata.Pairs(TokenKey, rootToken), "protos.External/GetAll", 0, "GetAll is open to nobody", failure.Denied},

		{"session", web(admin), get, Admin, "", 0},
		{"session among other cookies", with(web(""), "cookie", "a=b; "+CookieName+"="+admin+"; c=d"), get, Admin, "", 0},
		{"https", with(web(admin), "origin", "https://localhost:8082"), get, Admin, "", 0},
		{"a wrong token beside a session", with(web(admin), TokenKey, "x"), get, 0, "invalid auth token", failure.Unauthenticated},
		{"forged session", web(forged), get, 0, "the browser session has ended; log in again", failure.Unauthenticated},
		{"session of another root token", web(cookieOf(other, Admin)), get, 0, "the browser session has ended; log in again", failure.Unauthenticated},
		{"garbage session", web("%%%"), get, 0, "the browser session has ended; log in again", failure.Unauthenticated},
		{"no x-grpc-web", without(web(admin), "x-grpc-web"), get, 0, errForeign.Text, failure.Denied},
		{"no origin", without(web(admin), "origin"), get, 0, errForeign.Text, failure.Denied},
		{"no host", without(web(admin), ":authority"), get, 0, errForeign.Text, failure.Denied},
		{"opaque origin", with(web(admin), "origin", "null"), get, 0, errForeign.Text, failure.Denied},
		{"other port", with(web(admin), "origin", "http://localhost:9999"), get, 0, errForeign.Text, failure.Denied},
		{"other site", with(web(admin), "origin", "http://evil.example"), get, 0, errForeign.Text, failure.Denied},
		{"other scheme", with(web(admin), "origin", "ftp://localhost:8082"), get, 0, errForeign.Text, failure.Denied},

		{"viewer reads", web(viewer), get, Viewer, "", 0},
		{"viewer changes", web(viewer), set, 0, "SetPipelines needs the role editor; yours is viewer", failure.Denied},
		{"viewer plays an SDK", web(viewer), pb.Internal_Heartbeat_FullMethodName, 0, "Heartbeat needs the role sdk; yours is viewer", failure.Denied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			role, err := call(a, tt.md, tt.method)
			if tt.err == "" {
				if err != nil || role != tt.want {
					t.Fatalf("got role %v, error %v, want role %v", role, err, tt.want)
				}
				return
			}
			if kind, text := failure.Of(err); err == nil || kind != tt.kind || text != tt.err {
				t.Errorf("got %v (kind %d), want %q (kind %d)", err, kind, tt.err, tt.kind)
			}
		})
	}
}

func TestRoles_9_5_3(t *testing.T) {
	t.Parallel()
	all := []Role{nobody, Open, SDK, Viewer, Editor, Admin}
	may := map[Role][]Role{ // need -> who may
		nobody: {},
		Open:   all,
		SDK:    {SDK, Admin},
		Viewer: {Viewer, Editor, Admin},
		Editor: {Editor, Admin},
		Admin:  {Admin},
	}
	for need, allowed := range may {
		want := map[Role]bool{}
		for _, r := range allowed {
			want[r] = true
		}
		for _, r := range all {
			if got := r.may(need); got != want[r] {
				t.Errorf("%v may what needs %v: got %t, want %t", r, need, got, want[r])
			}
		}
	}
}

func TestSessionsSurviveARestartUntilTheyExpire(t *testing.T) {
	t.Parallel()
	c := newClock()
	cookie := cookieOf(newAuth(t, c), Admin)
	restarted := newAuth(t, c)
	c.advance(SessionLifetime - time.Second)
	if _, err := call(restarted, web(cookie), pb.External_GetAll_FullMethodName); err != nil {
		t.Errorf("got %v a second before the end, want the session to work", err)
	}
	c.advance(time.Second)
	if _, err := call(restarted, web(cookie), pb.External_GetAll_FullMethodName); !errors.Is(err, errSession) {
		t.Errorf("got %v at the end, want %v", err, errSession)
	}
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

// open starts a stream whose handler waits for its context. The channel gets its end.
func open(a *Auth, cookie string) (opened <-chan struct{}, ended <-chan error) {
	return openWith(a, web(cookie))
}

func openWith(a *Auth, md metadata.MD) (opened <-chan struct{}, ended <-chan error) {
	in, out := make(chan struct{}), make(chan error, 1)
	ctx := metadata.NewIncomingContext(context.Background(), md)
	go func() {
		out <- a.Stream()(nil, stream{ctx: ctx}, &grpc.StreamServerInfo{FullMethod: pb.External_GetAllStream_FullMethodName},
			func(_ any, s grpc.ServerStream) error {
				close(in)
				<-s.Context().Done()
				return s.Context().Err()
			})
	}()
	return in, out
}

func TestLogOutEndsTheStreamsOfThatSessionOnly(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	mine, other := cookieOf(a, Admin), cookieOf(a, Admin)
	in1, end1 := open(a, mine)
	in2, end2 := open(a, mine)
	in3, end3 := open(a, other)
	<-in1
	<-in2
	<-in3
	s, ok := a.open(mine)
	if !ok {
		t.Fatal("the session does not open")
	}
	a.end(s)
	for _, end := range []<-chan error{end1, end2} {
		if err := receive(t, end); !errors.Is(err, errSession) {
			t.Errorf("got %v, want %v", err, errSession)
		}
	}
	if _, err := call(a, web(mine), pb.External_GetAll_FullMethodName); !errors.Is(err, errSession) {
		t.Errorf("after log-out: got %v, want %v", err, errSession)
	}
	select {
	case err := <-end3:
		t.Errorf("the other session's stream ended with %v, want it open", err)
	default:
	}
	if s, ok = a.open(other); !ok {
		t.Fatal("the other session does not open")
	}
	a.end(s)
	if err := receive(t, end3); !errors.Is(err, errSession) {
		t.Errorf("got %v, want %v", err, errSession)
	}
	if n := len(a.calls.open); n != 0 {
		t.Errorf("%d sessions have open calls after all ended, want 0", n)
	}
}

func receive(t *testing.T, from <-chan error) error {
	t.Helper()
	select {
	case err := <-from:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the stream did not end")
		return nil
	}
}

// A session that is logged out between the check of its cookie and the start of its stream
// must not get a stream that nothing ends.
func TestJoinAfterLogOut(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	s, _ := a.open(cookieOf(a, Admin))
	a.end(s)
	if _, _, err := a.join(t.Context(), s.credential()); !errors.Is(err, errSession) {
		t.Errorf("got %v, want %v", err, errSession)
	}
}

func TestStreamsEndWhenTheSessionExpires(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	s, _ := a.open(cookieOf(a, Admin))
	s.expires = a.now().Add(time.Millisecond) // the timer runs on real time
	ctx, leave, err := a.join(t.Context(), s.credential())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	select {
	case <-ctx.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("the call outlived its session")
	}
	if got := context.Cause(ctx); !errors.Is(got, errSession) {
		t.Errorf("got cause %v, want %v", got, errSession)
	}
}

func TestLogOutsAreBounded(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := newAuth(t, c)
	early, _ := a.open(cookieOf(a, Admin))
	ctx, leave, err := a.join(t.Context(), early.credential())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	c.advance(time.Minute)
	for range maxRevoked + 1 {
		s, _ := a.open(cookieOf(a, Admin))
		a.end(s)
		if !a.sessions.ended(s) {
			t.Fatal("a logged-out session works")
		}
	}
	if n := len(a.sessions.revoked); n > maxRevoked {
		t.Errorf("got %d log-outs in memory, want at most %d", n, maxRevoked)
	}
	if !a.sessions.ended(early) || ctx.Err() == nil {
		t.Error("an earlier session works on after log-outs were forgotten: one of those could too")
	}
	later, _ := a.open(cookieOf(a, Admin))
	if a.sessions.ended(later) {
		t.Error("a new session does not work")
	}
}

func TestExpiredLogOutsMakeRoom(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := newAuth(t, c)
	for range maxRevoked {
		s, _ := a.open(cookieOf(a, Admin))
		a.end(s)
	}
	c.advance(SessionLifetime + time.Second)
	kept, _ := a.open(cookieOf(a, Admin))
	s, _ := a.open(cookieOf(a, Admin))
	a.end(s)
	if a.sessions.ended(kept) {
		t.Error("a session ended although there was room for the log-out of another")
	}
}

func FuzzCookie(f *testing.F) {
	c := newClock()
	a, err := New(Config{RootToken: rootToken, Now: c.now})
	if err != nil {
		f.Fatal(err)
	}
	good := session{role: Viewer, began: c.now(), expires: c.now().Add(time.Hour), token: "id"}
	f.Add(CookieName + "=" + a.seal(good))
	f.Add("a=b; " + CookieName + "=")
	f.Add(strings.Repeat(";", 100))
	f.Fuzz(func(t *testing.T, header string) {
		c, err := a.find([]string{header})
		if err == nil && (c.session.id != good.id || c.Role != good.role || c.Token != good.token || !c.Expires.Equal(good.expires)) {
			t.Errorf("%q was taken for a session that we did not sign: %+v", header, c)
		}
	})
}

// Strangers' messages that never end are not waited for.
func TestTapBoundsOpenCalls(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	for method, bounded := range map[string]bool{
		health.Health_Check_FullMethodName: true, health.Health_List_FullMethodName: true, health.Health_Watch_FullMethodName: false,
	} {
		ctx, err := a.Tap(t.Context(), &tap.Info{FullMethodName: method})
		at, limited := ctx.Deadline()
		if err != nil || limited != bounded || bounded && time.Until(at) > openLimit {
			t.Errorf("%s: a limit: %v (%s, %v), want one: %v", method, limited, at, err, bounded)
		}
	}
}
