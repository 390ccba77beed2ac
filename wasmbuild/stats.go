package wasmbuild

import (
	"sync/atomic"
	"time"
)

// Stats says how much a builder has built since it was made.
type Stats struct {
	Built, Failed uint64 // modules that were not kept from before; steps that cannot be built count as failed
	Took          time.Duration
	Verified      uint64 // modules that an engine was asked about
	VerifyTook    time.Duration
}

type counters struct {
	built, failed, verified atomic.Uint64
	took, verifyTook        atomic.Int64
}

// Stats returns the counts as they are now.
func (b *Builder) Stats() Stats {
	return Stats{
		Built: b.stats.built.Load(), Failed: b.stats.failed.Load(), Took: time.Duration(b.stats.took.Load()),
		Verified: b.stats.verified.Load(), VerifyTook: time.Duration(b.stats.verifyTook.Load()),
	}
}

func (c *counters) noteBuild(began time.Time, err error) {
	c.took.Add(int64(time.Since(began)))
	if err != nil {
		c.failed.Add(1)
	} else {
		c.built.Add(1)
	}
}

func (c *counters) noteVerify(began time.Time) {
	c.verifyTook.Add(int64(time.Since(began)))
	c.verified.Add(1)
}
