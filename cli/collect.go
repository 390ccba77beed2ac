package cli

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamdal/streamdal-server/mux/certificate"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// copyCollector shows how old the copy of the rules on disk is, where there is one.
type copyCollector struct{ catalog *catalog.Catalog }

var (
	copyAge     = desc("age_seconds", "Age of the copy of the rules on disk; absent when there is none.")
	copyServing = desc("serving", "1 while the copy on disk is served, because the store could not be read since the start.")
)

func desc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("streamdal_catalog_copy_"+name, help, nil, nil)
}

// Describe implements prometheus.Collector.
func (c copyCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c copyCollector) Collect(ch chan<- prometheus.Metric) {
	stats := c.catalog.Stats().Copy
	serving := 0.0
	if stats.Serving {
		serving = 1
	}
	ch <- prometheus.MustNewConstMetric(copyServing, prometheus.GaugeValue, serving)
	if !stats.Made.IsZero() {
		ch <- prometheus.MustNewConstMetric(copyAge, prometheus.GaugeValue, time.Since(stats.Made).Seconds())
	}
}

// certificateExpiry shows when the certificate in use ends.
func certificateExpiry(k *certificate.Keeper) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "streamdal_tls_certificate_expiry_timestamp_seconds",
		Help: "When the TLS certificate in use ends, in seconds since 1970; absent without one.",
	}, func() float64 { return float64(k.Leaf().NotAfter.Unix()) })
}

// ready shows what /readyz answers.
func ready(r *readiness) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "streamdal_ready", Help: "1 while /readyz answers 200.",
	}, func() float64 {
		if _, err := r.check(); err != nil {
			return 0
		}
		return 1
	})
}
