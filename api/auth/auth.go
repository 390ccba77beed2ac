// Package auth says who a caller is and what the caller may do.
//
// A caller shows either a token (gRPC metadata auth-token, REST header Authorization) or
// the cookie of a browser session. Two tables, one row per gRPC method and per REST route,
// say which role each needs; what has no row is closed.
package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/failure"
)

// Config is what New needs.
type Config struct {
	RootToken string           // works everywhere; must not be empty
	Now       func() time.Time // default time.Now
	Log       zerolog.Logger
}

// Auth checks credentials. It is safe for concurrent use.
type Auth struct {
	root      [sha256.Size]byte // hash of the root token; the token itself is not kept
	cookieKey []byte
	now       func() time.Time
	log       zerolog.Logger
	sessions  *sessions
	codes     *codes
	throttle  *throttle
	refusals  counters
}

// Texts that clients of the original know.
var (
	errMissing      = failure.New(failure.Unauthenticated, "missing auth token")
	errInvalid      = failure.New(failure.Unauthenticated, "invalid auth token")
	errSession      = failure.New(failure.Unauthenticated, "the browser session has ended; log in again")
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
	return &Auth{
		root: sha256.Sum256([]byte(c.RootToken)),
		// Derived, so that sessions survive restarts and work on every node, and
		// changing the token ends them all.
		cookieKey: derive(c.RootToken, "streamdal browser session v1"),
		now:       c.Now,
		log:       c.Log,
		sessions:  newSessions(c.Now),
		codes:     &codes{now: c.Now},
		throttle:  &throttle{now: c.Now, buckets: map[string]bucket{}},
	}, nil
}

func derive(token, purpose string) []byte {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// role returns the role of a token; ok is false when it is not ours. Both sides are
// hashed first, so the time it takes tells nothing, not even the length.
func (a *Auth) role(token string) (role Role, ok bool) {
	sum := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(sum[:], a.root[:]) == 1 {
		return Admin, true
	}
	return nobody, false
}

type roleKey struct{}

func withRole(ctx context.Context, role Role) context.Context {
	return context.WithValue(ctx, roleKey{}, role)
}

// RoleOf returns the role of the caller that ctx belongs to.
func RoleOf(ctx context.Context) Role {
	role, _ := ctx.Value(roleKey{}).(Role)
	return role
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
