package tail

import "time"

// sampler lets through the first payloads of each interval. Intervals follow each other
// without a gap while payloads come; one that comes after a pause begins a new interval.
type sampler struct {
	rate     uint32 // 0 lets all through
	interval time.Duration
	ends     time.Time // of the interval under way; zero before the first payload
	used     uint32
}

func newSampler(r Request) sampler {
	return sampler{rate: r.Rate, interval: time.Duration(r.Seconds) * time.Second}
}

// allow says whether a payload that comes now may pass. A payload that may be early counts
// for the next interval already shortly before it begins: it was sampled elsewhere, with the
// same rate, and its way took a little less time than that of the one before.
func (s *sampler) allow(now time.Time, early bool) bool {
	if s.rate == 0 {
		return true
	}
	if late := now.Sub(s.ends); late >= 0 {
		if late >= s.interval {
			s.ends = now
		}
		s.next()
	}
	if s.used >= s.rate && early && s.ends.Sub(now) <= s.slack() {
		s.next()
	}
	if s.used >= s.rate {
		return false
	}
	s.used++
	return true
}

func (s *sampler) next() {
	s.ends = s.ends.Add(s.interval)
	s.used = 0
}

// slack is how early a payload may be.
func (s *sampler) slack() time.Duration { return min(s.interval/10, 100*time.Millisecond) }
