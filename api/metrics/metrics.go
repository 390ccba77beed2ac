// Package metrics adds up what SDKs count, says what passes through audiences, and shows
// both, and how this node is doing, to Prometheus.
//
// Counters are kept per life, which is one run of one process. A life counts in memory and
// every few seconds stores all that it has counted, under an id of its own: writing that
// again changes nothing, nodes do not get into each other's way, and the sum of all records
// is what the cluster has counted. Records of lives that are over are added up in one. Every
// node reads all of them from the catalog.
//
// A process that is killed loses what it counted since it last stored it, 5 s at most; one
// that stops loses nothing. While the store is away, counting goes on in memory. If the
// store loses data, each living node stores its own counters again.
//
// Rates are not stored. Nodes tell them to each other on the bus while somebody looks.
package metrics

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// hiddenPipeline is how SDKs name the pipeline that the fleet puts before all others.
const hiddenPipeline = fleet.HiddenPipelineName

// Config is what New needs. Only Catalog is required.
type Config struct {
	Node    string
	Catalog *catalog.Catalog
	// Leases say which nodes live; nil leaves the records of other nodes as they are.
	Leases store.Leases
	// Bus carries rates between nodes; nil keeps them to this one.
	Bus store.Bus
	Now func() time.Time // default time.Now
	Log zerolog.Logger
	// Flush is how often counters are stored, 5 s by default; Fold is how long a node must
	// be gone before its record is added to that of ended lives, 10 min by default.
	Flush, Fold time.Duration
}

// Metrics is safe for concurrent use.
type Metrics struct {
	cfg      Config
	tally    *tally
	windows  *windows // of groups, as SDKs report their rates
	reported *windows // of audiences, likewise
	inferred *windows // of audiences, as the pipeline that infers schemas counts
	failed   *windows // of audiences: errors of all other pipelines
	charts   *charts
	life     *life
	reader   reader
	exchange *exchange
	latest   atomic.Pointer[totals]
	stored   atomic.Uint64 // attempts that worked
	failures atomic.Uint64 // attempts that did not

	missing map[string]time.Time // since when the nodes of records are gone; fold's own
}

// New returns a Metrics that has counted nothing. Run must be called for anything to be
// stored or told.
func New(c Config) *Metrics {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Flush <= 0 {
		c.Flush = defaultFlush
	}
	if c.Fold <= 0 {
		c.Fold = defaultFold
	}
	m := &Metrics{
		cfg: c, tally: newTally(), life: newLife(c.Now()), exchange: newExchange(c.Bus),
		charts: newCharts(c.Now()), windows: newWindows(c.Now), reported: newWindows(c.Now), inferred: newWindows(c.Now),
		failed: newWindows(c.Now),
	}
	m.reader = reader{known: make(map[string]known), bad: func(id string, err error) {
		c.Log.Error().Err(err).Str("id", id).Msg("a stored record of counters cannot be read and is left out")
	}}
	return m
}

// Run stores counters and shares rates until ctx ends, stores what is left, and returns nil.
func (m *Metrics) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { m.keep(ctx) })
	wg.Go(func() { m.chart(ctx) })
	if m.cfg.Bus != nil {
		wg.Go(func() { m.share(ctx) })
	}
	wg.Wait()
	return nil
}

// Add takes what an SDK reports. Each metric is judged alone: one that makes no sense is
// counted and otherwise ignored.
func (m *Metrics) Add(list []*pb.Metric) {
	pipelines := m.cfg.Catalog.Snapshot().Pipelines
	known := func(id string) (string, bool) { p := pipelines[id]; return p.GetName(), p != nil }
	for _, metric := range list {
		u, isRate := rateNames[metric.GetName()]
		v := metric.GetValue()
		switch {
		case !isRate && !isCounter[metric.GetName()]:
			m.tally.ignore(unknownName)
		case !sane(v):
			m.tally.ignore(badValue)
		case v == 0:
		case !isRate:
			m.tally.add(metric, known)
			m.noteCounted(metric)
		case audience.CheckSDK(metric.GetAudience()) != nil:
			m.tally.ignore(noAudience)
		default:
			// An audience without a window of its own still counts in its group.
			m.reported.add(string(audience.KeyOf(metric.GetAudience())), u, v)
			if !m.windows.add(audience.Group(metric.GetAudience()), u, v) {
				m.tally.ignore(tooMany)
			}
		}
	}
}
