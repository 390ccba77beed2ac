package fleet

import (
	"strings"
	"sync/atomic"
	"time"
)

// Stats counts what happened since the fleet was made, and what there is now.
type Stats struct {
	Sessions, Streams   int            // on this node now
	Languages           map[string]int // sessions by language: one that SDKs exist for, or "other"
	Services            map[string]int // sessions by service, in lower case
	Behind              int            // streams that have not been sent what they should have
	Lag                 time.Duration  // how long the one that waits longest has waited
	RefusedAudiences    uint64         // announcements that were left out: blank, invalid or too many
	RefusedSessions     uint64         // beyond Config.MaxSessions
	ReplacedStreams     uint64         // ended because their session registered again
	CutStreams          uint64         // ended because their client did not read
	IncompletePipelines uint64         // left out because a module is missing
	HiddenFailures      uint64         // lists sent without schema inference
	Oversized           uint64         // lists cut to what an SDK can receive
	Unencodable         uint64         // commands that could not be encoded
}

type counters struct {
	refusedAudiences, refusedSessions, replacedStreams, cutStreams atomic.Uint64
	incompletePipelines, hiddenFailures, oversized, unencodable    atomic.Uint64
}

// languages are what SDKs call the languages they are written in, in lower case.
var languages = map[string]bool{"go": true, "typescript": true, "python": true, "ruby": true}

// Stats returns the counts as they are now. The maps are the caller's.
func (f *Fleet) Stats() Stats {
	s := Stats{
		Languages:           make(map[string]int),
		Services:            make(map[string]int),
		RefusedAudiences:    f.stats.refusedAudiences.Load(),
		RefusedSessions:     f.stats.refusedSessions.Load(),
		ReplacedStreams:     f.stats.replacedStreams.Load(),
		CutStreams:          f.stats.cutStreams.Load(),
		IncompletePipelines: f.stats.incompletePipelines.Load(),
		HiddenFailures:      f.stats.hiddenFailures.Load(),
		Oversized:           f.stats.oversized.Load(),
		Unencodable:         f.stats.unencodable.Load(),
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s.Sessions = len(f.sessions)
	for _, session := range f.sessions {
		language := strings.ToLower(session.client.GetLanguage())
		if !languages[language] {
			language = "other"
		}
		s.Languages[language]++
	}
	for name, svc := range f.services {
		if len(svc.sessions) > 0 {
			s.Services[name] = len(svc.sessions)
		}
	}
	for st := range f.ring.all() {
		s.Streams++
		if wait, behind := f.waiting(st); behind {
			s.Behind++
			s.Lag = max(s.Lag, wait)
		}
	}
	return s
}

// waiting says whether a stream has not been sent what it should have, and for how long. A
// write that hangs counts, whatever it is of. f.mu is held.
func (f *Fleet) waiting(st *stream) (wait time.Duration, behind bool) {
	if began := st.sending.Load(); began != 0 {
		wait = max(0, f.cfg.Now().Sub(time.Unix(0, began)))
	}
	for _, u := range st.queue {
		behind = true
		if d := u.target.desired; d != nil && !d.since.IsZero() && u.sent != (hash{}) {
			wait = max(wait, time.Since(d.since))
		}
	}
	return wait, behind || wait > f.cfg.KeepAlive
}

// notePush tells how long it took to send a change.
func (f *Fleet) notePush(l letter) {
	if f.cfg.Pushed != nil && l.audience != nil && !l.audience.since.IsZero() {
		f.cfg.Pushed(time.Since(l.audience.since))
	}
}
