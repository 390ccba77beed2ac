package cli

import (
	"context"
	"os"
	"time"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis"
)

const (
	// skewTolerated is what nodes may differ by without anybody noticing.
	skewTolerated = 5 * time.Second
	// skewEvery is how often a node compares clocks: they drift slowly.
	skewEvery = time.Hour

	skewHarm = "tokens and log-ins end too early or too late, and the times in logs and in the Console are wrong; set the clock (chrony, systemd-timesyncd)"
)

// checkPast warns when something happened later than now.
func (s *server) checkPast(what string, at time.Time) {
	if ahead := time.Until(at); ahead > skewTolerated {
		s.log.Warn().Time("was", at).Str("behind_by", ahead.Round(time.Second).String()).
			Msg("the clock of this machine is behind: " + what + " later than now; " + skewHarm)
	}
}

// checkBuild compares the clock with the time of the build, which a machine without a battery
// for its clock starts before.
func (s *server) checkBuild() {
	if at, err := time.Parse(time.RFC3339, s.app.Build.Date); err == nil {
		s.checkPast("this program was built", at)
	}
}

// checkFile compares the clock with the last change of the embedded store.
func (s *server) checkFile(path string) {
	if info, err := os.Stat(path); err == nil {
		s.checkPast("the store was changed", info.ModTime())
	}
}

// checkSkew compares the clock with that of Redis, now and then, until ctx ends. A user that
// may not ask, and a Redis that is away, leave the question open.
func (s *server) checkSkew(ctx context.Context, st store.Backend, ready <-chan struct{}) {
	db, ok := st.(*redis.DB)
	if !ok {
		return
	}
	select {
	case <-ready:
	case <-ctx.Done():
		return
	}
	again := time.NewTicker(skewEvery)
	defer again.Stop()
	for {
		skew, err := db.Skew(ctx)
		switch {
		case err != nil:
			s.log.Debug().Err(err).Msg("cannot compare clocks")
		case skew > skewTolerated:
			s.log.Warn().Str("ahead_by", skew.Round(time.Second).String()).Msg("the clock of this machine is ahead of that of Redis: " + skewHarm)
		case skew < -skewTolerated:
			s.log.Warn().Str("behind_by", (-skew).Round(time.Second).String()).Msg("the clock of this machine is behind that of Redis: " + skewHarm)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}
