package metrics

import (
	"maps"
	"sync"

	"github.com/streamdal/streamdal-server/api/pb"
)

// Bounds of what one node counts. Names come from applications, so somebody will put ids
// into them; what goes beyond is added up in a series called "other".
const (
	maxSeries           = 20_000
	maxSeriesPerService = 2_000
	maxServices         = 1_000
)

// sums are counters by what they count.
type sums map[series]float64

// tally is what this process counted since it started.
type tally struct {
	mu       sync.Mutex
	sums     sums
	services map[string]int    // how many series each has
	names    map[string]string // of pipelines, by id
	total    int               // series in services
	changes  uint64

	overflowed uint64
	ignored    [reasons]uint64
}

// reason says why a metric of an SDK was ignored.
type reason uint8

const (
	unknownName reason = iota // a counter of a newer SDK, or none at all
	badValue                  // negative, infinite, not a number, or beyond reason
	noAudience                // a rate of no audience, or of one that cannot exist
	tooMany                   // a rate of one audience too many
	reasons
)

func (r reason) String() string {
	return [reasons]string{"unknown_name", "bad_value", "no_audience", "too_many"}[r]
}

func newTally() *tally {
	return &tally{sums: make(sums), services: make(map[string]int), names: make(map[string]string)}
}

// pipelines tells the name of a pipeline that exists.
type pipelines func(id string) (name string, ok bool)

// add counts what a metric says.
func (t *tally) add(m *pb.Metric, known pipelines) {
	s := seriesOf(m)
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.sums[s]; !ok {
		s = t.admit(s, m.GetLabels()["pipeline_name"], known)
	}
	t.sums[s] += m.GetValue()
	t.changes++
}

// admit returns the series under which a new one is counted: itself, as long as there is
// room. Pipelines must exist, so that nobody fills the room with invented ones. t.mu is held.
func (t *tally) admit(s series, pipelineName string, known pipelines) series {
	if s.pipeline != "" {
		switch name, ok := known(s.pipeline); {
		case ok:
			t.names[s.pipeline] = bounded(name)
		case pipelineName == hiddenPipeline:
			s.pipeline = inference
			t.names[inference] = hiddenPipeline
		default:
			s.pipeline = other
		}
		if _, ok := t.sums[s]; ok {
			return s
		}
	}
	count, listed := t.services[s.service]
	switch {
	case !listed && len(t.services) >= maxServices:
		t.overflowed++
		return series{s.name, other, other, other, other}
	case count >= maxSeriesPerService, t.total >= maxSeries:
		t.overflowed++
		t.services[s.service] = count
		return series{s.name, s.service, other, other, other}
	}
	t.services[s.service]++
	t.total++
	return s
}

func (t *tally) ignore(r reason) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ignored[r]++
}

// copy returns the sums and the names of the pipelines in them.
func (t *tally) copy() (sums, map[string]string, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.sums), maps.Clone(t.names), t.changes
}

// changed returns a number that differs whenever the sums do.
func (t *tally) changed() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changes
}

// ignoredBy returns how many metrics were ignored, by reason.
func (t *tally) ignoredBy() (ignored map[reason]uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ignored = make(map[reason]uint64, reasons)
	for r, n := range t.ignored {
		ignored[reason(r)] = n
	}
	return ignored
}
