package metrics

import (
	"maps"
	"strings"
	"sync"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// maxShown bounds the series of one message: clients take 4 MiB. Beyond it, detail is left
// out until it fits.
const maxShown = 5_000

// totals are what the cluster has counted, as it was last looked at. They never change.
type totals struct {
	snap    *catalog.Snapshot
	changes uint64

	sums  sums
	names map[string]string // of pipelines
	shown func() *pb.GetMetricsResponse
}

// Totals returns what all nodes have counted, ever: this one up to now, others up to what
// they last stored. The message is shared and must not be changed.
func (m *Metrics) Totals() *pb.GetMetricsResponse { return m.totals().shown() }

func (m *Metrics) totals() *totals {
	snap, changes := m.cfg.Catalog.Snapshot(), m.tally.changed()
	if t := m.latest.Load(); t != nil && t.snap == snap && t.changes == changes {
		return t
	}
	t := m.add(snap)
	m.latest.Store(t)
	return t
}

func (m *Metrics) add(snap *catalog.Snapshot) *totals {
	m.life.mu.Lock()
	m.life.settle(snap, &m.reader)
	own, ended := m.life.id, m.life.ended
	counted, names, changes := m.tally.copy()
	sums := counted.minus(ended)
	m.life.mu.Unlock()
	for id := range snap.Counters {
		if id == own {
			continue
		}
		r := m.reader.record(snap, id)
		if r == nil {
			continue
		}
		for s, v := range r.sums {
			sums[s] += v
		}
		for pipeline, name := range r.names {
			if names[pipeline] == "" {
				names[pipeline] = name
			}
		}
	}
	for pipeline := range names {
		if p := snap.Pipelines[pipeline]; p != nil {
			names[pipeline] = p.GetName()
		}
	}
	t := &totals{snap: snap, changes: changes, sums: sums, names: names}
	t.shown = sync.OnceValue(t.show)
	return t
}

// show makes the message of GetMetrics: each series under a key of its name and labels.
func (t *totals) show() *pb.GetMetricsResponse {
	list := t.sums
	for _, less := range []func(series) series{withoutPipeline, serviceOnly, nameOnly} {
		if len(list) <= maxShown {
			break
		}
		list = list.merge(less)
	}
	metrics := make(map[string]*pb.Metric, len(list))
	for s, v := range list {
		m := &pb.Metric{Name: s.name, Labels: make(map[string]string), Value: v}
		var key strings.Builder
		key.WriteString(s.name)
		for _, l := range []struct{ name, value string }{
			{"component", s.component},
			{"operation", s.operation},
			{"pipeline_id", s.pipeline},
			{"pipeline_name", t.names[s.pipeline]},
			{"service", s.service},
		} {
			if l.value != "" {
				m.Labels[l.name] = l.value
				key.WriteString("-" + l.name + "-" + l.value)
			}
		}
		// Names may have dashes in them, so two keys may be equal; none may get lost.
		if before := metrics[key.String()]; before != nil {
			m.Value += before.GetValue()
		}
		metrics[key.String()] = m
	}
	return &pb.GetMetricsResponse{Metrics: metrics}
}

// byName returns what the cluster has counted under each name.
func (t *totals) byName() map[string]float64 {
	list := make(map[string]float64, len(counterNames))
	for s, v := range t.sums {
		list[s.name] += v
	}
	return list
}

// Counted returns what this process has counted since it started, by name, and how many
// values it ignored.
func (m *Metrics) Counted() (byName map[string]float64, ignored uint64) {
	counted, _, _ := m.tally.copy()
	byName = make(map[string]float64)
	for s, v := range counted {
		byName[s.name] += v
	}
	for n := range maps.Values(m.tally.ignoredBy()) {
		ignored += n
	}
	return byName, ignored
}
