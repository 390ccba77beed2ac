package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/api/failure"
)

const (
	// codeLifetime is as long as a session: whoever starts the server in the morning may
	// click the printed link in the afternoon, and a link in a log is worthless next day.
	codeLifetime = SessionLifetime
	// maxCodes bounds the unused codes; the oldest goes first.
	maxCodes = 16

	// A person mistypes a few times; a program that guesses gets one try in three seconds.
	loginBurst  = 10
	loginRefill = 3 * time.Second
	// maxBuckets bounds the memory for remotes that failed; the rest share one bucket.
	maxBuckets = 4096
)

// Texts of a log-in that fails.
var (
	errBadCode  = failure.New(failure.Unauthenticated, "the log-in link was used before or is too old; log in with the token")
	errSDKToken = failure.New(failure.Denied, "this token is for an SDK; the Console needs one with the role viewer, editor or admin")
	errEmpty    = failure.New(failure.Invalid, "send the token, or the code of a log-in link")
)

// LoginCode returns a new code that logs a browser in once, as Admin, for a printed link
// http://host/#login=CODE. It stays good for 12 hours.
func (a *Auth) LoginCode() string {
	code := rand.Text()
	a.codes.add(code)
	return code
}

// LogIn checks the token, or else the one-use code, that a browser sent with r, and returns
// the cookie of a new session and whose it is. It fails with a *failure.Error:
// Unauthenticated, Denied for an SDK's token, or Throttled after many failures from one
// remote address.
func (a *Auth) LogIn(r *http.Request, token, code string) (*http.Cookie, Caller, error) {
	if token == "" && code == "" {
		return nil, Caller{}, errEmpty
	}
	if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r.Host) {
		return nil, Caller{}, errForeign
	}
	remote := remoteKey(r.RemoteAddr)
	if wait := a.throttle.wait(remote); wait > 0 {
		a.refusals.throttled.Add(1)
		return nil, Caller{}, &failure.Error{
			Kind: failure.Throttled, After: wait,
			Text: "too many failed log-ins from your address; wait a moment",
		}
	}
	who, err := a.present(token, code)
	if err != nil {
		a.throttle.fail(remote)
		a.refusals.logIns.Add(1)
		a.log.Warn().Str("remote", r.RemoteAddr).Msg("log-in failed")
		return nil, Caller{}, err
	}
	c, caller := a.newSession(who, secure(r))
	return c, caller, nil
}

// present returns whose session a token, or else a code, begins.
func (a *Auth) present(token, code string) (Caller, error) {
	if token == "" {
		if !a.codes.take(code) {
			return Caller{}, errBadCode
		}
		return Caller{Role: Admin}, nil
	}
	c, err := a.token(token)
	if err == nil && !c.Role.may(Viewer) {
		err = errSDKToken
	}
	return c.Caller, err
}

// LogOut ends the session of r's cookie, if it has one, with all its open streams, and
// returns the cookie that makes the browser forget it.
func (a *Auth) LogOut(r *http.Request) (*http.Cookie, error) {
	if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r.Host) {
		return nil, errForeign
	}
	// By TLS a browser sends the session of clear text too.
	for _, value := range ours(r.Header["Cookie"]) {
		if s, ok := a.open(value); ok {
			a.end(s)
		}
	}
	c := cookie("", secure(r))
	c.MaxAge = -1
	return c, nil
}

// secure reports whether the browser came by TLS, to this server or to a proxy before it: then
// the page that asks has an https origin, which LogIn and LogOut have checked by then.
func secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(r.Header.Get("Origin"), "https://")
}

// codes are the unused log-in codes, oldest first.
type codes struct {
	now func() time.Time
	mu  sync.Mutex
	all []issued
}

type issued struct {
	sum     [sha256.Size]byte
	expires time.Time
}

func (c *codes) add(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, issued{sha256.Sum256([]byte(code)), c.now().Add(codeLifetime)})
	if len(c.all) > maxCodes {
		c.all = c.all[1:]
	}
}

// take uses a code up; false when it is not an unused one.
func (c *codes) take(code string) bool {
	sum := sha256.Sum256([]byte(code))
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := false
	kept := c.all[:0]
	for _, i := range c.all {
		if subtle.ConstantTimeCompare(i.sum[:], sum[:]) == 1 {
			taken = c.now().Before(i.expires)
			continue
		}
		kept = append(kept, i)
	}
	c.all = kept
	return taken
}

// throttle counts failures per remote in a leaky bucket. Success costs nothing.
type throttle struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]bucket
}

// bucket is the moment at which all failures so far are forgiven: each adds loginRefill.
type bucket struct{ empty time.Time }

const overflow = "" // the bucket that remotes share when there are too many

// wait returns how long a remote must not try.
func (t *throttle) wait(remote string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	full := t.now().Add((loginBurst - 1) * loginRefill)
	b := t.buckets[t.key(remote)]
	if !b.empty.After(full) {
		return 0
	}
	return b.empty.Sub(full)
}

func (t *throttle) fail(remote string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if len(t.buckets) >= maxBuckets {
		for key, b := range t.buckets {
			if !b.empty.After(now) {
				delete(t.buckets, key)
			}
		}
	}
	key := t.key(remote)
	from := t.buckets[key].empty
	if from.Before(now) {
		from = now
	}
	t.buckets[key] = bucket{empty: from.Add(loginRefill)}
}

func (t *throttle) key(remote string) string {
	if _, known := t.buckets[remote]; known || len(t.buckets) < maxBuckets {
		return remote
	}
	return overflow
}

// remoteKey returns what failures are counted by: the address, or the /64 of an IPv6
// address, because that is what one customer gets.
func remoteKey(remoteAddr string) string {
	host, _, err := net.SplitHostPort(remoteAddr)
	if err != nil {
		return remoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if addr = addr.Unmap(); addr.Is6() {
		if p, err := addr.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}
