package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/notify"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// Sources are what Registry shows. What is nil is left out.
type Sources struct {
	Version, Commit string

	Metrics *Metrics
	Pushes  *Pushes
	Fleet   func() fleet.Stats
	Tails   func() tail.Stats
	Catalog *catalog.Catalog
	Auth    func() auth.Stats
	Builder func() wasmbuild.Stats
	Notify  func() notify.Stats
	Bus     store.Bus

	// PerAudience adds labels that applications choose: of what SDKs count, the service,
	// operation and component; of sessions, the service.
	PerAudience bool
}

// Registry returns a registry that shows all sources, this build, and what Go knows about
// the process.
func Registry(s Sources) *prometheus.Registry {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "streamdal_build_info", Help: "Always 1; says which build this is.",
		ConstLabels: prometheus.Labels{"version": s.Version, "commit": s.Commit},
	})
	info.Set(1)
	list := []prometheus.Collector{
		info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		ofFleet(s.Fleet, s.PerAudience), ofTails(s.Tails), ofNotify(s.Notify), ofAuth(s.Auth), ofBuilder(s.Builder),
	}
	if s.Metrics != nil {
		list = append(list, ofCounters(s.Metrics, s.PerAudience), ofMetrics(s.Metrics))
	}
	if s.Pushes != nil {
		list = append(list, s.Pushes.seconds)
	}
	if s.Catalog != nil {
		list = append(list, ofCatalog(s.Catalog))
	}
	if s.Bus != nil {
		list = append(list, newSource(s.Bus.Dropped, counter(
			"streamdal_bus_dropped_total", "Messages between nodes that this node lost to slow subscribers.",
			func(n uint64) float64 { return float64(n) })))
	}
	r := prometheus.NewRegistry()
	for _, c := range list {
		if c != nil {
			r.MustRegister(c)
		}
	}
	return r
}

// Pushes measures how long changes take to reach sessions.
type Pushes struct{ seconds prometheus.Histogram }

// NewPushes returns a Pushes that has measured nothing.
func NewPushes() *Pushes {
	return &Pushes{prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "streamdal_push_seconds",
		Help:    "Time from when this node learned of a change until it was written to a session's stream, once per session.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .2, .5, 1, 2.5, 5, 10, 30},
	})}
}

// Observe takes one measurement.
func (p *Pushes) Observe(took time.Duration) { p.seconds.Observe(took.Seconds()) }
