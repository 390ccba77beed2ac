package auth

import (
	"errors"
	"sync/atomic"

	"github.com/streamdal/streamdal-server/api/failure"
)

// Stats counts refusals since the start.
type Stats struct {
	Unauthenticated uint64 // no credentials, or wrong ones
	Ended           uint64 // scoped tokens that were revoked or have expired
	Denied          uint64 // good credentials, but not for this
	LogIns          uint64 // log-ins with a wrong token or code
	Throttled       uint64 // log-ins not looked at, because too many had failed
}

type counters struct{ unauthenticated, ended, denied, logIns, throttled atomic.Uint64 }

// Stats returns the counts as they are now.
func (a *Auth) Stats() Stats {
	return Stats{
		Unauthenticated: a.refusals.unauthenticated.Load(),
		Ended:           a.refusals.ended.Load(),
		Denied:          a.refusals.denied.Load(),
		LogIns:          a.refusals.logIns.Load(),
		Throttled:       a.refusals.throttled.Load(),
	}
}

// refuse counts why a call or request does not go on, and returns err.
func (a *Auth) refuse(err error) error {
	switch kind, _ := failure.Of(err); {
	case errors.Is(err, errRevoked), errors.Is(err, errExpired):
		a.refusals.ended.Add(1)
	case kind == failure.Unauthenticated:
		a.refusals.unauthenticated.Add(1)
	case kind == failure.Denied:
		a.refusals.denied.Add(1)
	default:
	}
	return err
}
