package auth

import (
	"context"
	"time"
)

// Caller is who a call or request comes from.
type Caller struct {
	Role    Role
	Token   string    // the id of the scoped token that it or its session goes by; "" is the root token
	Service string    // the only one that it may speak for; "" is any
	Expires time.Time // when the token, or the session, ends; zero is never
}

type callerKey struct{}

func withCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns the caller that ctx belongs to. A call that needs no credentials has none.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// RoleOf returns the role of the caller that ctx belongs to.
func RoleOf(ctx context.Context) Role { return CallerOf(ctx).Role }

// credential is what a caller showed.
type credential struct {
	Caller
	session *session // nil for a token
}

// ended says why a credential works no more, nil while it does.
func (a *Auth) ended(c credential) error {
	switch {
	case c.Token != "" && a.revoked(c.Token):
		return errRevoked
	case c.session != nil && a.sessions.ended(*c.session):
		return errSession
	case !c.Expires.IsZero() && !a.now().Before(c.Expires):
		return c.expired()
	default:
		return nil
	}
}

func (c credential) expired() error {
	if c.session != nil {
		return errSession
	}
	return errExpired
}

// token returns what a token allows.
func (a *Auth) token(token string) (credential, error) {
	if role, ok := a.role(token); ok {
		return credential{Caller: Caller{Role: role}}, nil
	}
	if a.signer == nil {
		return credential{}, errInvalid
	}
	g, ok := a.signer.Open(token)
	if !ok {
		return credential{}, errInvalid
	}
	c := credential{Caller: Caller{Role: g.Role, Token: g.ID, Service: g.Service, Expires: g.Expires}}
	return c, a.ended(c)
}

// join ties a call to its credential: the context ends, with the reason as its cause, when
// that does. leave must be called when the call is over.
func (a *Auth) join(ctx context.Context, c credential) (_ context.Context, leave func(), err error) {
	if c.session == nil && c.Token == "" {
		return ctx, func() {}, nil // the root token ends with the process
	}
	ctx, cancel := context.WithCancelCause(ctx)
	leave = a.calls.enter(c.holders(), cancel)
	if !c.Expires.IsZero() {
		expiry := time.AfterFunc(c.Expires.Sub(a.now()), func() { cancel(c.expired()) })
		out := leave
		leave = func() { expiry.Stop(); out() }
	}
	// Who ends a credential notes it first and ends the calls then, so one of both sees the other.
	if err := a.ended(c); err != nil {
		leave()
		return ctx, func() {}, err
	}
	return ctx, leave, nil
}
