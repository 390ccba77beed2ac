// Package auth says who a caller is and what the caller may do.
//
// A caller shows either a token, the root token or a scoped one that it has signed (gRPC metadata auth-token, REST header Authorization) or
// the cookie of a browser session. Two tables, one row per gRPC method and per REST route,
// say which role each needs; what has no row is closed.
package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/failure"
)

// Config is what New needs.
type Config struct {
	RootToken string // works everywhere; must not be empty
	// Revoked says whether a scoped token was revoked, by its id. It is asked for every call.
	// nil: none was.
	Revoked func(id string) bool
	Now     func() time.Time // default time.Now
	Log     zerolog.Logger
}

// Auth checks credentials. It is safe for concurrent use.
type Auth struct {
	root      [sha256.Size]byte // hash of the root token; the token itself is not kept
	cookieKey []byte
	signer    *Signer // nil when the root token is too weak to sign others
	revoked   func(id string) bool
	now       func() time.Time
	log       zerolog.Logger
	sessions  *sessions
	calls     *calls
	codes     *codes
	throttle  *throttle
	refusals  counters
}

// Texts that clients of the original know.
var (
	errMissing      = failure.New(failure.Unauthenticated, "missing auth token")
	errInvalid      = failure.New(failure.Unauthenticated, "invalid auth token")
	errSession      = failure.New(failure.Unauthenticated, "the browser session has ended; log in again")
	errRevoked      = failure.New(failure.Unauthenticated, "this token was revoked")
	errExpired      = failure.New(failure.Unauthenticated, "this token has expired")
	errForeign      = failure.New(failure.Denied, "a browser session works only from the Console's own pages")
	errUnauthorized = failure.New(failure.Unauthenticated, "unauthorized")
)

// New returns an Auth whose root token is c.RootToken.
func New(c Config) (*Auth, error) {
	if c.RootToken == "" {
		return nil, errors.New("the root token is empty")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Revoked == nil {
		c.Revoked = func(string) bool { return false }
	}
	signer, err := NewSigner(c.RootToken)
	if err != nil && !errors.Is(err, ErrWeakRoot) {
		return nil, err
	}
	return &Auth{
		root: sha256.Sum256([]byte(c.RootToken)),
		// Derived, so that sessions survive restarts and work on every node, and
		// changing the token ends them all.
		cookieKey: derive(c.RootToken, "streamdal browser session v1"),
		signer:    signer,
		revoked:   c.Revoked,
		now:       c.Now,
		log:       c.Log,
		sessions:  newSessions(c.Now),
		calls:     &calls{open: map[holder]map[*context.CancelCauseFunc]struct{}{}},
		codes:     &codes{now: c.Now},
		throttle:  &throttle{now: c.Now, buckets: map[string]bucket{}},
	}, nil
}

func derive(token, purpose string) []byte { return mac([]byte(token), []byte(purpose)) }

// role returns the role of a token; ok is false when it is not ours. Both sides are
// hashed first, so the time it takes tells nothing, not even the length.
func (a *Auth) role(token string) (role Role, ok bool) {
	sum := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(sum[:], a.root[:]) == 1 {
		return Admin, true
	}
	return nobody, false
}

// Signer returns what makes scoped tokens. It fails with ErrWeakRoot.
func (a *Auth) Signer() (*Signer, error) {
	if a.signer == nil {
		return nil, ErrWeakRoot
	}
	return a.signer, nil
}

// EndRevoked ends the open calls of tokens that are revoked by now.
func (a *Auth) EndRevoked() {
	a.calls.end(errRevoked, func(h holder) bool { return h.token != "" && a.revoked(h.token) })
}

// permit returns nil when a caller with role may use what is called name and needs need.
func permit(role, need Role, name string) error {
	switch {
	case role.may(need):
		return nil
	case need == nobody:
		return failure.New(failure.Denied, "%s is open to nobody", name)
	default:
		return failure.New(failure.Denied, "%s needs the role %s; yours is %s", name, need, role)
	}
}
