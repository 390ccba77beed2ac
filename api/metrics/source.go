package metrics

import "github.com/prometheus/client_golang/prometheus"

// source is a collector of figures that somebody else keeps. They are read once per scrape.
type source[S any] struct {
	stats  func() S
	fields []field[S]
}

// field is one metric of a source. Its name, help and type never change.
type field[S any] struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(stats S, emit emit)
}

// emit gives one value. There are as many labels as the field has.
type emit func(value float64, labels ...string)

// newSource returns a collector, nil when there is nobody to ask.
func newSource[S any](stats func() S, fields ...field[S]) prometheus.Collector {
	if stats == nil {
		return nil
	}
	return &source[S]{stats, fields}
}

// gauge is a figure that rises and falls.
func gauge[S any](name, help string, value func(S) float64) field[S] {
	return field[S]{prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, single(value)}
}

// counter is a figure that only rises while the process lives.
func counter[S any](name, help string, value func(S) float64) field[S] {
	return field[S]{prometheus.NewDesc(name, help, nil, nil), prometheus.CounterValue, single(value)}
}

func single[S any](value func(S) float64) func(S, emit) {
	return func(stats S, e emit) { e(value(stats)) }
}

// counters and gauges are fields with a label, or several.
func counterBy[S any](name, help string, labels []string, value func(S, emit)) field[S] {
	return field[S]{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue, value}
}

func gaugeBy[S any](name, help string, labels []string, value func(S, emit)) field[S] {
	return field[S]{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue, value}
}

// Describe implements prometheus.Collector.
func (s *source[S]) Describe(to chan<- *prometheus.Desc) {
	for _, f := range s.fields {
		to <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (s *source[S]) Collect(to chan<- prometheus.Metric) {
	stats := s.stats()
	for _, f := range s.fields {
		f.value(stats, func(value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(f.desc, f.kind, value, labels...)
		})
	}
}
