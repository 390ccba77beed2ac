package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// CookieName is the name of the cookie that carries a browser session.
	CookieName = "streamdal_session"
	// SecureCookieName is that of a session by TLS. A browser refuses a cookie in clear text
	// that has the name of a secure one, and nobody on the way can plant one with this prefix.
	SecureCookieName = "__Host-" + CookieName
	// SessionLifetime is a working day: one log-in in the morning.
	SessionLifetime = 12 * time.Hour

	// maxRevoked bounds the memory of log-outs. When more sessions than this were logged
	// out within one lifetime, every session of before has to log in again.
	maxRevoked = 4096
	// maxRevokedOfToken bounds those of sessions that were made with one scoped token: beyond
	// it, only that token's have to log in again. Its holder must not end everybody's.
	maxRevokedOfToken = 256

	sessionVersion = 2
	sessionSize    = 1 + 1 + 8 + 8 + 16 // version, role, beginning and end in unix seconds, id
)

// session is what a cookie says. It is signed, not stored, so it works on every node.
type session struct {
	id             [16]byte
	role           Role
	began, expires time.Time
	token          string // the id of the scoped token it was made with, "" for the root token
}

// seal returns the cookie value of s.
func (a *Auth) seal(s session) string {
	b := make([]byte, 0, sessionSize+sha256.Size)
	b = append(b, sessionVersion, byte(s.role))
	b = binary.BigEndian.AppendUint64(b, uint64(s.began.Unix()))
	b = binary.BigEndian.AppendUint64(b, uint64(s.expires.Unix()))
	b = append(b, s.id[:]...)
	b = append(b, s.token...)
	return base64.RawURLEncoding.EncodeToString(append(b, a.sign(b)...))
}

// open returns the session of a cookie value; ok is false when we did not sign it or its
// time is over. It does not look at log-outs: see sessions.
func (a *Auth) open(value string) (s session, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(b) < sessionSize+sha256.Size {
		return session{}, false
	}
	b, mac := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if !hmac.Equal(mac, a.sign(b)) || b[0] != sessionVersion {
		return session{}, false
	}
	s.role = Role(b[1])
	s.began = time.Unix(int64(binary.BigEndian.Uint64(b[2:])), 0)
	s.expires = time.Unix(int64(binary.BigEndian.Uint64(b[10:])), 0)
	copy(s.id[:], b[18:])
	s.token = string(b[sessionSize:])
	return s, a.now().Before(s.expires)
}

func (a *Auth) sign(b []byte) []byte {
	mac := hmac.New(sha256.New, a.cookieKey)
	mac.Write(b)
	return mac.Sum(nil)
}

func (s session) credential() credential {
	return credential{Caller{Role: s.role, Token: s.token, Expires: s.expires}, &s}
}

// find returns the session in Cookie headers, or errMissing when there is no cookie of ours,
// or why that may not be used.
func (a *Auth) find(cookieHeaders []string) (credential, error) {
	var why error = errMissing
	for _, value := range ours(cookieHeaders) {
		s, ok := a.open(value)
		if !ok {
			why = errSession
			continue
		}
		if why = a.ended(s.credential()); why == nil {
			return s.credential(), nil
		}
	}
	return credential{}, why
}

// ours are the values of our cookies in Cookie headers, those by TLS first.
func ours(cookieHeaders []string) (values []string) {
	var plain []string
	for _, line := range cookieHeaders {
		cookies, err := http.ParseCookie(line)
		if err != nil {
			continue
		}
		for _, c := range cookies {
			switch c.Name {
			case SecureCookieName:
				values = append(values, c.Value)
			case CookieName:
				plain = append(plain, c.Value)
			}
		}
	}
	return append(values, plain...)
}

// newSession starts a session that ends with the token it is made with, and returns its
// cookie. secure says that the browser came by TLS; over clear text a Secure cookie would
// never come back.
func (a *Auth) newSession(who Caller, secure bool) (*http.Cookie, Caller) {
	now := a.now()
	s := session{role: who.Role, began: now, expires: now.Add(SessionLifetime), token: who.Token}
	if !who.Expires.IsZero() && who.Expires.Before(s.expires) {
		s.expires = who.Expires
	}
	s.expires = s.expires.Truncate(time.Second) // as the cookie says it
	_, _ = rand.Read(s.id[:])                   // never fails
	c := cookie(a.seal(s), secure)
	c.MaxAge = max(1, int(s.expires.Sub(now)/time.Second)) // 0 would be no limit
	return c, s.credential().Caller
}

func cookie(value string, secure bool) *http.Cookie {
	name := CookieName
	if secure {
		name = SecureCookieName
	}
	return &http.Cookie{
		Name: name, Value: value, Path: "/", Secure: secure,
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

// sessions remembers log-outs.
type sessions struct {
	now func() time.Time

	mu        sync.Mutex
	revoked   map[[16]byte]session // by id; those that have expired need not be remembered
	notBefore time.Time            // sessions that began earlier have ended
	ofToken   map[string]time.Time // the same for those that were made with a scoped token
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, revoked: map[[16]byte]session{}, ofToken: map[string]time.Time{}}
}

func (x *sessions) ended(s session) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, revoked := x.revoked[s.id]
	return revoked || s.began.Before(x.notBefore) || s.began.Before(x.ofToken[s.token])
}

// end notes a log-out. all says that every earlier session ends with it, ofToken that those
// made with the same scoped token do.
func (x *sessions) end(s session) (all, ofToken bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.now()
	count := 0
	for id, r := range x.revoked {
		switch {
		case !now.Before(r.expires):
			delete(x.revoked, id)
		case r.token == s.token:
			count++
		}
	}
	maps.DeleteFunc(x.ofToken, func(_ string, began time.Time) bool { return now.Sub(began) > SessionLifetime })
	// Cookies count whole seconds; the next one begins after all of them.
	second := now.Truncate(time.Second)
	if ofToken = s.token != "" && count >= maxRevokedOfToken; ofToken {
		x.ofToken[s.token] = second
		maps.DeleteFunc(x.revoked, func(_ [16]byte, r session) bool { return r.token == s.token })
	}
	if all = len(x.revoked) >= maxRevoked; all {
		x.notBefore = second
		clear(x.revoked)
	}
	x.revoked[s.id] = s
	return all, ofToken
}

// end logs a session out and ends its open calls.
func (a *Auth) end(s session) {
	all, ofToken := a.sessions.end(s)
	a.calls.end(errSession, func(h holder) bool {
		return h.session == s.id || h.isSession() && (all || ofToken && h.of == s.token)
	})
}
