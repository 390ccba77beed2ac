// Package token issues scoped tokens and revokes them: service streamdal.console.v1.Tokens.
//
// A token needs no record to work: package auth reads from it what its holder may do. What is
// stored here is for people, who want to see what they handed out, and for refusing what was
// revoked. Tokens themselves are never stored or logged.
package token

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// maxKnown bounds the tokens that are issued and remembered, because every node holds them in
// memory. Revoking is possible beyond it.
const maxKnown = 10_000

// revokeLimit bounds how long a revocation may take.
const revokeLimit = 30 * time.Second

// root stands for the root token where others have an id.
const root = "root"

// Revoked returns what tells auth.Config whether a token was revoked.
func Revoked(c *catalog.Catalog) func(id string) bool {
	return func(id string) bool { return c.Snapshot().Tokens[id].GetRevokedUnix() != 0 }
}

// Config is what New needs.
type Config struct {
	Auth    *auth.Auth
	Catalog *catalog.Catalog
	Now     func() time.Time // default time.Now
	Log     zerolog.Logger
}

// Server implements console.TokensServer. Its errors are of package failure.
type Server struct {
	console.UnimplementedTokensServer

	cfg Config
}

// New returns a Server.
func New(c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Server{cfg: c}
}

// Issue implements console.TokensServer.
func (s *Server) Issue(ctx context.Context, req *console.IssueTokenRequest) (*console.IssueTokenResponse, error) {
	signer, err := s.signer()
	if err != nil {
		return nil, err
	}
	caller := auth.CallerOf(ctx)
	g, err := s.grant(signer, caller, req)
	if err != nil {
		return nil, err
	}
	value, g := signer.Sign(g)
	about := &console.Token{
		Id: g.ID, Role: g.Role.String(), Service: g.Service, Name: g.Name,
		ExpiresUnix: req.GetExpiresUnix(), IssuedUnix: s.cfg.Now().Unix(), IssuedBy: nameOf(caller),
	}
	_, err = s.cfg.Catalog.Update(ctx, func(tx *catalog.Tx) error {
		s.forgetIn(tx)
		if len(tx.Snapshot().Tokens) >= maxKnown {
			return failure.New(failure.Invalid,
				"%d tokens are known, and no more are remembered: issue tokens that expire, or use streamdal-server token, whose tokens are not remembered", maxKnown)
		}
		tx.PutToken(about)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.cfg.Log.Info().Str("token_id", g.ID).Stringer("role", g.Role).Str("service", g.Service).Int64("expires", about.GetExpiresUnix()).
		Str("by", about.GetIssuedBy()).Msg("issued a token")
	return &console.IssueTokenResponse{Token: value, About: about}, nil
}

// grant returns what is asked for, if the caller may give it.
func (s *Server) grant(signer *auth.Signer, caller auth.Caller, req *console.IssueTokenRequest) (auth.Grant, error) {
	role, err := auth.ParseRole(req.GetRole())
	if err != nil {
		return auth.Grant{}, err
	}
	g := auth.Grant{Role: role, Service: req.GetService(), Name: req.GetName()}
	if req.GetExpiresUnix() != 0 {
		g.Expires = time.Unix(req.GetExpiresUnix(), 0)
	}
	if err := g.Check(s.cfg.Now()); err != nil {
		return auth.Grant{}, err
	}
	if caller.Token == "" {
		return g, nil
	}
	if role == auth.Admin {
		return auth.Grant{}, failure.New(failure.Denied, "only the root token issues tokens with the role admin: otherwise revoking one would not be the end of it")
	}
	own, _ := signer.ParseID(caller.Token)
	if !own.IsZero() && (g.Expires.IsZero() || g.Expires.After(own)) {
		return auth.Grant{}, failure.New(failure.Denied, "the token would outlive yours, which expires at %s: choose an earlier time", own.UTC().Format(time.RFC3339))
	}
	return g, nil
}

// List implements console.TokensServer.
func (s *Server) List(context.Context, *console.ListTokensRequest) (*console.ListTokensResponse, error) {
	list := slices.Collect(maps.Values(s.cfg.Catalog.Snapshot().Tokens))
	now := s.cfg.Now()
	list = slices.DeleteFunc(list, func(t *console.Token) bool { return over(t, now) })
	slices.SortFunc(list, func(a, b *console.Token) int {
		return cmp.Or(cmp.Compare(noted(b), noted(a)), cmp.Compare(a.GetId(), b.GetId()))
	})
	return &console.ListTokensResponse{Tokens: list}, nil
}

// noted is when a token became known.
func noted(t *console.Token) int64 { return cmp.Or(t.GetIssuedUnix(), t.GetRevokedUnix()) }

// Revoke implements console.TokensServer.
func (s *Server) Revoke(ctx context.Context, req *console.RevokeTokenRequest) (*console.RevokeTokenResponse, error) {
	signer, err := s.signer()
	if err != nil {
		return nil, err
	}
	id := req.GetId()
	expires, ok := signer.ParseID(id)
	if !ok {
		return nil, failure.New(failure.Invalid, "this is not the id of a token that the server's root token has signed; the id is in the list of tokens, and streamdal-server token prints it")
	}
	if !expires.IsZero() && !s.cfg.Now().Before(expires) {
		return nil, failure.New(failure.Invalid, "the token expired at %s: it works no more", expires.UTC().Format(time.RFC3339))
	}
	// Who revokes its own token ends this call with it; what it asked for must not be in doubt.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), revokeLimit)
	defer stop()
	var about *console.Token
	done := false
	_, err = s.cfg.Catalog.Update(ctx, func(tx *catalog.Tx) error {
		about = tx.Snapshot().Tokens[id]
		if done = about.GetRevokedUnix() != 0; done {
			return nil
		}
		if about == nil {
			about = &console.Token{Id: id}
			if !expires.IsZero() {
				about.ExpiresUnix = expires.Unix()
			}
		} else {
			about = proto.CloneOf(about)
		}
		about.RevokedUnix, about.RevokedBy = s.cfg.Now().Unix(), nameOf(auth.CallerOf(ctx))
		tx.PutToken(about)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.cfg.Auth.EndRevoked()
	if !done {
		s.cfg.Log.Info().Str("token_id", id).Str("by", about.GetRevokedBy()).Msg("revoked a token")
	}
	return &console.RevokeTokenResponse{About: about}, nil
}

func (s *Server) signer() (*auth.Signer, error) {
	signer, err := s.cfg.Auth.Signer()
	if errors.Is(err, auth.ErrWeakRoot) {
		return nil, failure.New(failure.Invalid, "%s", err)
	}
	return signer, err
}

func nameOf(c auth.Caller) string { return cmp.Or(c.Token, root) }
