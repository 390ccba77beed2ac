package fleet

import "sync/atomic"

// Stats counts what happened since the fleet was made, and what there is now.
type Stats struct {
	Sessions, Streams   int    // on this node now
	RefusedAudiences    uint64 // announcements that were left out: blank, invalid or too many
	RefusedSessions     uint64 // beyond Config.MaxSessions
	ReplacedStreams     uint64 // ended because their session registered again
	CutStreams          uint64 // ended because their client did not read
	IncompletePipelines uint64 // left out because a module is missing
	HiddenFailures      uint64 // lists sent without schema inference
	Oversized           uint64 // lists cut to what an SDK can receive
	Unencodable         uint64 // commands that could not be encoded
}

type counters struct {
	refusedAudiences, refusedSessions, replacedStreams, cutStreams atomic.Uint64
	incompletePipelines, hiddenFailures, oversized, unencodable    atomic.Uint64
}

// Stats returns the counts as they are now.
func (f *Fleet) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	streams := 0
	for _, slot := range f.ring.slots {
		streams += len(slot)
	}
	return Stats{
		Sessions:            len(f.sessions),
		Streams:             streams,
		RefusedAudiences:    f.stats.refusedAudiences.Load(),
		RefusedSessions:     f.stats.refusedSessions.Load(),
		ReplacedStreams:     f.stats.replacedStreams.Load(),
		CutStreams:          f.stats.cutStreams.Load(),
		IncompletePipelines: f.stats.incompletePipelines.Load(),
		HiddenFailures:      f.stats.hiddenFailures.Load(),
		Oversized:           f.stats.oversized.Load(),
		Unencodable:         f.stats.unencodable.Load(),
	}
}
