package token

import (
	"context"
	"time"

	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/catalog"
)

const (
	// forgetEvery is how often expired tokens are forgotten. They are refused without that.
	forgetEvery = time.Hour
	// forgetAfter is how long after their expiry: until then the clock of some node may still
	// take a revoked token for a living one.
	forgetAfter = 24 * time.Hour
)

// Run ends what revoked tokens have open, whichever node revoked them, and forgets expired
// ones, until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	pictures := s.cfg.Catalog.Watch(ctx)
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		select {
		case _, ok := <-pictures:
			if !ok {
				return nil
			}
			s.cfg.Auth.EndRevoked()
		case <-tick.C:
			if err := s.forget(ctx); err != nil && ctx.Err() == nil {
				s.cfg.Log.Debug().Err(err).Msg("expired tokens are forgotten later")
			}
		}
	}
}

func (s *Server) forget(ctx context.Context) error {
	before := s.cfg.Now().Add(-forgetAfter)
	for _, t := range s.cfg.Catalog.Snapshot().Tokens {
		if over(t, before) {
			_, err := s.cfg.Catalog.Update(ctx, func(tx *catalog.Tx) error { s.forgetIn(tx); return nil })
			return err
		}
	}
	return nil
}

// forgetIn forgets expired tokens with a change that is made anyway.
func (s *Server) forgetIn(tx *catalog.Tx) {
	before := s.cfg.Now().Add(-forgetAfter)
	for id, t := range tx.Snapshot().Tokens {
		if over(t, before) {
			tx.DeleteToken(id)
		}
	}
}

// over says whether a token has expired.
func over(t *console.Token, now time.Time) bool {
	return t.GetExpiresUnix() != 0 && t.GetExpiresUnix() <= now.Unix()
}
