package auth

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/failure"
)

func from(remote string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost:8082/api/v1/session", nil)
	r.RemoteAddr = remote
	return r
}

func TestLogInByToken(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	c, who, err := a.LogIn(from("127.0.0.1:1"), rootToken, "")
	if err != nil || who.Role != Admin {
		t.Fatalf("got %v, error %v, want admin", who, err)
	}
	if c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge != 12*60*60 {
		t.Errorf("got cookie %v, want HttpOnly, SameSite=Strict, Path=/, 12 h, and not Secure over clear text", c)
	}
	if s, ok := a.open(c.Value); !ok || s.role != Admin {
		t.Errorf("got session %v %t, want an admin's", s, ok)
	}
	r := from("127.0.0.1:1")
	r.TLS = &tls.ConnectionState{}
	if c, _, err = a.LogIn(r, rootToken, ""); err != nil || !c.Secure {
		t.Errorf("got cookie %v, error %v, want Secure over TLS", c, err)
	}
}

func TestSecureCookieBehindProxy(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	for scheme, want := range map[string]bool{"https": true, "http": false} {
		r := from("127.0.0.1:1")
		r.Header.Set("Origin", scheme+"://"+r.Host)
		c, _, err := a.LogIn(r, rootToken, "")
		if err != nil || c.Secure != want {
			t.Errorf("%s: got cookie %v, error %v, want Secure %v", scheme, c, err, want)
		}
		if c, err = a.LogOut(r); err != nil || c.Secure != want {
			t.Errorf("%s: log-out: got cookie %v, error %v, want Secure %v", scheme, c, err, want)
		}
	}
}

func TestForwardedProtoIsNotTrusted(t *testing.T) {
	t.Parallel()
	r := from("127.0.0.1:1")
	r.Header.Set("X-Forwarded-Proto", "https")
	c, _, err := newAuth(t, newClock()).LogIn(r, rootToken, "")
	if err != nil || c.Secure {
		t.Errorf("got cookie %v, error %v, want one that is not Secure", c, err)
	}
}

func TestLogInRefuses(t *testing.T) {
	t.Parallel()
	foreign := from("127.0.0.1:1")
	foreign.Header.Set("Origin", "http://evil.example")
	for _, tt := range []struct {
		name        string
		r           *http.Request
		token, code string
		want        error
	}{
		{"nothing", from("127.0.0.1:1"), "", "", errEmpty},
		{"wrong token", from("127.0.0.1:1"), "x", "", errInvalid},
		{"unknown code", from("127.0.0.1:1"), "", "x", errBadCode},
		{"another site", foreign, rootToken, "", errForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if c, _, err := newAuth(t, newClock()).LogIn(tt.r, tt.token, tt.code); !errors.Is(err, tt.want) || c != nil {
				t.Errorf("got %v, %v, want %v", c, err, tt.want)
			}
		})
	}
}

func TestLoginCodeWorksOnce(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	first, second := a.LoginCode(), a.LoginCode()
	if first == second || len(first) < 20 {
		t.Fatalf("got codes %q and %q, want two that cannot be guessed", first, second)
	}
	if _, who, err := a.LogIn(from("127.0.0.1:1"), "", first); err != nil || who.Role != Admin {
		t.Errorf("got %v, error %v, want admin", who, err)
	}
	if _, _, err := a.LogIn(from("127.0.0.1:1"), "", first); !errors.Is(err, errBadCode) {
		t.Errorf("second use: got %v, want %v", err, errBadCode)
	}
	if _, _, err := a.LogIn(from("127.0.0.1:1"), "", second); err != nil {
		t.Errorf("the other code: got %v, want it to work", err)
	}
}

func TestLoginCodeExpires(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := newAuth(t, c)
	code := a.LoginCode()
	c.advance(codeLifetime)
	if _, _, err := a.LogIn(from("127.0.0.1:1"), "", code); !errors.Is(err, errBadCode) {
		t.Errorf("got %v, want %v", err, errBadCode)
	}
}

func TestLoginCodesAreBounded(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	oldest := a.LoginCode()
	var newest string
	for range maxCodes {
		newest = a.LoginCode()
	}
	if n := len(a.codes.all); n != maxCodes {
		t.Errorf("got %d codes in memory, want %d", n, maxCodes)
	}
	if _, _, err := a.LogIn(from("127.0.0.1:1"), "", oldest); !errors.Is(err, errBadCode) {
		t.Errorf("oldest: got %v, want %v", err, errBadCode)
	}
	if _, _, err := a.LogIn(from("127.0.0.1:1"), "", newest); err != nil {
		t.Errorf("newest: got %v, want it to work", err)
	}
}

func TestGuessingIsSlowedPerRemote(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := newAuth(t, c)
	const guesser = "10.0.0.1:5"
	for i := range loginBurst {
		if _, _, err := a.LogIn(from(guesser), "x", ""); !errors.Is(err, errInvalid) {
			t.Fatalf("attempt %d: got %v, want %v", i, err, errInvalid)
		}
	}
	_, _, err := a.LogIn(from("10.0.0.1:6"), rootToken, "")
	var e *failure.Error
	if !errors.As(err, &e) || e.Kind != failure.Throttled || e.After <= 0 || e.After > loginRefill {
		t.Fatalf("got %+v, want Throttled for up to %v, whatever the port", err, loginRefill)
	}
	if _, _, err := a.LogIn(from("10.0.0.2:5"), rootToken, ""); err != nil {
		t.Errorf("another remote: got %v, want no error", err)
	}
	c.advance(e.After)
	if _, _, err := a.LogIn(from(guesser), rootToken, ""); err != nil {
		t.Errorf("after the wait: got %v, want no error", err)
	}
}

func TestSuccessIsNeverSlowed(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	for i := range 10 * loginBurst {
		if _, _, err := a.LogIn(from("10.0.0.1:5"), rootToken, ""); err != nil {
			t.Fatalf("log-in %d: got %v", i, err)
		}
	}
}

func TestThrottleMemoryIsBounded(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := newAuth(t, c)
	for i := range maxBuckets + 100 {
		a.throttle.fail(fmt.Sprint("remote ", i))
	}
	if n := len(a.throttle.buckets); n > maxBuckets+1 {
		t.Errorf("got %d buckets, want at most %d", n, maxBuckets+1)
	}
	if a.throttle.wait("one more") <= 0 {
		t.Error("a remote without a bucket of its own may try for free, want it to share one")
	}
	c.advance(time.Hour)
	a.throttle.fail("later")
	if n := len(a.throttle.buckets); n != 1 {
		t.Errorf("got %d buckets after all were forgiven, want 1", n)
	}
}

func TestRemoteKey(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"10.0.0.1:80":               "10.0.0.1",
		"[::ffff:10.0.0.1]:80":      "10.0.0.1",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":         "fe80::/64",
		"@":                         "@",
		"pipe:1":                    "pipe",
	} {
		if got := remoteKey(addr); got != want {
			t.Errorf("%s: got %q, want %q", addr, got, want)
		}
	}
}

func TestLogOut(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	session, _ := a.newSession(Caller{Role: Admin}, false)
	r := from("127.0.0.1:1")
	r.AddCookie(session)
	foreign := r.Clone(t.Context())
	foreign.Header.Set("Origin", "http://evil.example")
	if _, err := a.LogOut(foreign); !errors.Is(err, errForeign) {
		t.Errorf("from another site: got %v, want %v", err, errForeign)
	}
	if _, err := a.find(r.Header["Cookie"]); err != nil {
		t.Error("another site logged the browser out")
	}
	c, err := a.LogOut(r)
	if err != nil || c.Value != "" || c.MaxAge >= 0 {
		t.Errorf("got cookie %v, error %v, want one that deletes the session's", c, err)
	}
	if _, err := a.find(r.Header["Cookie"]); err == nil {
		t.Error("the session works after log-out")
	}
}

// A browser keeps the sessions by TLS and in clear text of one host apart. By TLS it sends
// both, and logging out ends both.
func TestSessionsByTLSAndInClearText(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	byTLS, _ := a.newSession(Caller{Role: Viewer}, true)
	clear, _ := a.newSession(Caller{Role: Admin}, false)
	if byTLS.Name != "__Host-streamdal_session" || clear.Name == byTLS.Name {
		t.Fatalf("got the names %s and %s", byTLS.Name, clear.Name)
	}
	r := from("127.0.0.1:1")
	r.TLS = &tls.ConnectionState{}
	r.AddCookie(clear)
	r.AddCookie(byTLS)
	if c, err := a.find(r.Header["Cookie"]); err != nil || c.Role != Viewer {
		t.Errorf("got %v, %v; want the session by TLS, which nobody can plant", c.Caller, err)
	}
	c, err := a.LogOut(r)
	if err != nil || c.Name != byTLS.Name || !c.Secure || c.MaxAge >= 0 {
		t.Errorf("got cookie %v, error %v", c, err)
	}
	if c, err := a.find(r.Header["Cookie"]); err == nil {
		t.Errorf("%v is still logged in", c.Caller)
	}
}
