package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// CookieName is the name of the cookie that carries a browser session.
	CookieName = "streamdal_session"
	// SessionLifetime is a working day: one log-in in the morning.
	SessionLifetime = 12 * time.Hour

	// maxRevoked bounds the memory of log-outs. When more sessions than this were logged
	// out within one lifetime, every session of before has to log in again.
	maxRevoked = 4096

	sessionVersion = 1
	sessionSize    = 1 + 1 + 8 + 16 // version, role, expiry in unix seconds, id
)

// session is what a cookie says. It is signed, not stored, so it works on every node.
type session struct {
	id      [16]byte
	role    Role
	expires time.Time
}

// seal returns the cookie value of s.
func (a *Auth) seal(s session) string {
	b := make([]byte, 0, sessionSize+sha256.Size)
	b = append(b, sessionVersion, byte(s.role))
	b = binary.BigEndian.AppendUint64(b, uint64(s.expires.Unix()))
	b = append(b, s.id[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, a.sign(b)...))
}

// open returns the session of a cookie value; ok is false when we did not sign it or its
// time is over. It does not look at log-outs: see sessions.
func (a *Auth) open(value string) (s session, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(b) != sessionSize+sha256.Size {
		return session{}, false
	}
	b, mac := b[:sessionSize], b[sessionSize:]
	if !hmac.Equal(mac, a.sign(b)) || b[0] != sessionVersion {
		return session{}, false
	}
	s.role = Role(b[1])
	s.expires = time.Unix(int64(binary.BigEndian.Uint64(b[2:])), 0)
	copy(s.id[:], b[10:])
	return s, a.now().Before(s.expires)
}

func (a *Auth) sign(b []byte) []byte {
	mac := hmac.New(sha256.New, a.cookieKey)
	mac.Write(b)
	return mac.Sum(nil)
}

// find returns the session in Cookie headers. found says that there was a cookie of ours,
// valid that it may be used.
func (a *Auth) find(cookieHeaders []string) (s session, found, valid bool) {
	for _, line := range cookieHeaders {
		cookies, err := http.ParseCookie(line)
		if err != nil {
			continue
		}
		for _, c := range cookies {
			if c.Name != CookieName {
				continue
			}
			found = true
			if s, ok := a.open(c.Value); ok && !a.sessions.ended(s) {
				return s, true, true
			}
		}
	}
	return session{}, found, false
}

// newSession starts a session and returns its cookie. secure says that the browser came by
// TLS; over clear text a Secure cookie would never come back.
func (a *Auth) newSession(role Role, secure bool) *http.Cookie {
	s := session{role: role, expires: a.now().Add(SessionLifetime)}
	_, _ = rand.Read(s.id[:]) // never fails
	c := cookie(a.seal(s), secure)
	c.MaxAge = int(SessionLifetime / time.Second)
	return c
}

func cookie(value string, secure bool) *http.Cookie {
	return &http.Cookie{
		Name: CookieName, Value: value, Path: "/", Secure: secure,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// sameOrigin reports whether a browser's Origin header names the host that it talks to.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || host == "" || u.Path != "" || u.User != nil {
		return false
	}
	return (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Host, host)
}

// sessions remembers log-outs and the calls that each session has open.
type sessions struct {
	now func() time.Time

	mu        sync.Mutex
	revoked   map[[16]byte]time.Time // id -> expiry: no need to remember it longer
	notBefore time.Time              // sessions that began earlier have ended
	open      map[[16]byte]map[*context.CancelCauseFunc]struct{}
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{
		now: now, revoked: map[[16]byte]time.Time{},
		open: map[[16]byte]map[*context.CancelCauseFunc]struct{}{},
	}
}

func (x *sessions) ended(s session) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.endedLocked(s)
}

func (x *sessions) endedLocked(s session) bool {
	_, revoked := x.revoked[s.id]
	return revoked || s.expires.Add(-SessionLifetime).Before(x.notBefore)
}

// join ties a call to its session: the context ends with errSession when the session is
// logged out or expires. leave must be called when the call is over.
func (x *sessions) join(ctx context.Context, s session) (_ context.Context, leave func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.endedLocked(s) {
		cancel(errSession)
		return ctx, func() {}, errSession
	}
	if x.open[s.id] == nil {
		x.open[s.id] = map[*context.CancelCauseFunc]struct{}{}
	}
	x.open[s.id][&cancel] = struct{}{}
	expiry := time.AfterFunc(s.expires.Sub(x.now()), func() { cancel(errSession) })
	return ctx, func() {
		expiry.Stop()
		cancel(nil)
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.open[s.id], &cancel)
		if len(x.open[s.id]) == 0 {
			delete(x.open, s.id)
		}
	}, nil
}

// end logs a session out and ends its open calls.
func (x *sessions) end(s session) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.now()
	if len(x.revoked) >= maxRevoked {
		for id, expires := range x.revoked {
			if !now.Before(expires) {
				delete(x.revoked, id)
			}
		}
	}
	if len(x.revoked) >= maxRevoked {
		clear(x.revoked)
		// Cookies count whole seconds; the next one begins after all of them.
		x.notBefore = now.Truncate(time.Second)
		for id := range x.open {
			x.cancelLocked(id)
		}
	}
	x.revoked[s.id] = s.expires
	x.cancelLocked(s.id)
}

func (x *sessions) cancelLocked(id [16]byte) {
	for cancel := range x.open[id] {
		(*cancel)(errSession)
	}
}
