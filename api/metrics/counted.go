package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ofCounters shows what this process has counted for SDKs since it started, under the
// original's names, so that the sum over all nodes is right and a restart is a reset as
// Prometheus knows it.
func ofCounters(m *Metrics, perAudience bool) prometheus.Collector {
	labels := []string{"pipeline_id", "pipeline_name"}
	if perAudience {
		labels = append(labels, "service", "operation", "component")
	}
	type counted struct {
		sums  sums
		names map[string]string
	}
	stats := func() counted {
		list, names, _ := m.tally.copy()
		if !perAudience {
			list = list.merge(func(s series) series { return series{name: s.name, pipeline: s.pipeline} })
		}
		return counted{list, names}
	}
	fields := make([]field[counted], 0, len(counterNames))
	for _, c := range counterNames {
		fields = append(fields, counterBy("streamdal_"+c.name, c.help, labels, func(from counted, e emit) {
			for s, v := range from.sums {
				if s.name != c.name {
					continue
				}
				values := []string{s.pipeline, from.names[s.pipeline]}
				if perAudience {
					values = append(values, s.service, s.operation, s.component)
				}
				e(v, values...)
			}
		}))
	}
	return newSource(stats, fields...)
}

// ofMetrics shows what the cluster has counted, and how this package is doing.
func ofMetrics(m *Metrics) prometheus.Collector {
	type s = Stats
	return newSource(m.Stats,
		counterBy("streamdal_cluster_counted_total", "What all nodes have counted for SDKs, ever. Every node shows the same: take the maximum, not the sum.", []string{"counter"}, func(s s, e emit) {
			for name, v := range s.Cluster {
				e(v, name)
			}
		}),
		counterBy("streamdal_sdk_metrics_ignored_total", "Values from SDKs that were ignored: an unknown name, a value that is no increment, a rate without audience, a rate of too many audiences.", []string{"reason"}, func(s s, e emit) {
			for reason, n := range s.Ignored {
				e(float64(n), reason)
			}
		}),
		counter("streamdal_sdk_metrics_overflowed_total", "Values from SDKs that were counted as other, because there were too many different labels.", func(s s) float64 { return float64(s.Overflowed) }),
		gauge("streamdal_sdk_series", "Series that this process counts for SDKs.", func(s s) float64 { return float64(s.Series) }),
		counterBy("streamdal_counters_stored_total", "Attempts to store what this node counted.", []string{"result"}, func(s s, e emit) {
			e(float64(s.Stored), "ok")
			e(float64(s.Failed), "failed")
		}),
		gauge("streamdal_counters_unstored_seconds", "How long something that this node counted has not been stored; a killed process loses that much.", func(s s) float64 { return s.Unstored.Seconds() }),
		counter("streamdal_rates_lost_total", "Messages with rates that this node could not send or read.", func(s s) float64 { return float64(s.RatesLost) }),
	)
}

// Stats says how the counting is doing.
type Stats struct {
	Cluster        map[string]float64 // what all nodes have counted, by name
	Ignored        map[string]uint64  // by reason, since the start
	Overflowed     uint64             // values counted as other
	Series         int
	Stored, Failed uint64        // attempts to store
	Unstored       time.Duration // the age of the oldest increment that is not stored
	RatesLost      uint64
}

// Stats returns the figures as they are now. The maps are the caller's.
func (m *Metrics) Stats() Stats {
	s := Stats{
		Cluster: m.totals().byName(), Ignored: make(map[string]uint64, reasons),
		Stored: m.stored.Load(), Failed: m.failures.Load(), Unstored: m.unstored(),
	}
	for reason, n := range m.tally.ignoredBy() {
		s.Ignored[reason.String()] = n
	}
	m.tally.mu.Lock()
	s.Overflowed, s.Series = m.tally.overflowed, len(m.tally.sums)
	m.tally.mu.Unlock()
	m.exchange.mu.Lock()
	defer m.exchange.mu.Unlock()
	s.RatesLost = m.exchange.lost
	return s
}

// unstored returns for how long something has been counted that is not stored.
func (m *Metrics) unstored() time.Duration {
	m.life.mu.Lock()
	defer m.life.mu.Unlock()
	if m.tally.changed() == m.life.stored {
		return 0
	}
	return max(0, m.cfg.Now().Sub(m.life.storedAt))
}
