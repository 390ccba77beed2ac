package metrics

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
)

const (
	chartStep   = 10 * time.Second
	chartSteps  = 360 // an hour
	sampleEvery = 5 * time.Second
	// chartLag is how far others may be behind with what they store: a step that is younger
	// may still grow.
	chartLag = 2 * defaultFlush
	// maxLines bounds what charts remember: 1.5 KiB each.
	maxLines = 2_000
)

// charts remembers for an hour how counters grew. They are made of the increments between
// two looks at what this node counts and at what others store, so they are of the whole
// cluster, and as old as this process at most.
type charts struct {
	start time.Time

	mu    sync.Mutex
	lines map[series]*line
	at    time.Time          // of the last look
	own   sums               // as they were then
	known map[string]*record // of other lives, by id, likewise
}

// line is how one counter grew.
type line struct {
	audiences []audience.Key
	steps     [chartSteps]float32
	last      int64 // the newest step
}

func newCharts(now time.Time) *charts {
	return &charts{start: now, at: now, lines: make(map[series]*line), own: make(sums), known: make(map[string]*record)}
}

// chart looks at the counters again and again until ctx ends.
func (m *Metrics) chart(ctx context.Context) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			m.sample()
		}
	}
}

// sample adds what was counted since the last look. The records of other lives count from
// when they are first seen: what they had before happened at an unknown time. The record of
// ended lives only takes over what others had.
func (m *Metrics) sample() {
	own, _, _ := m.tally.copy()
	m.life.mu.Lock()
	id := m.life.id
	m.life.mu.Unlock()
	snap, now, c := m.cfg.Catalog.Snapshot(), m.cfg.Now(), m.charts
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.at
	if !now.After(before) {
		return
	}
	c.at = now
	c.forget()
	for s, v := range own.minus(c.own) {
		c.add(s, before, v)
	}
	c.own = own
	known := make(map[string]*record, len(snap.Counters))
	for other := range snap.Counters {
		if other == id || other == endedID {
			continue
		}
		r := m.reader.record(snap, other)
		if r == nil {
			continue
		}
		if old := c.known[other]; old != nil && old != r {
			for s, v := range r.sums.minus(old.sums) {
				c.add(s, before.Add(-defaultFlush), v)
			}
		}
		known[other] = r
	}
	c.known = known
}

// charted says whether a counter is shown: of the pipeline that infers schemas, which sees
// every payload, what passes; of others what they do.
func charted(s series) bool {
	hidden := s.pipeline == inference
	switch {
	case s.pipeline == "" || s.pipeline == other:
		return false
	case strings.HasSuffix(s.name, "_bytes"):
		return hidden
	case strings.HasSuffix(s.name, "_errors"), s.name == notifyCounter:
		return !hidden
	default:
		return strings.HasSuffix(s.name, "_processed")
	}
}

// add spreads an increment evenly over the time from when until the last look. c.mu is held.
func (c *charts) add(s series, from time.Time, v float64) {
	if !charted(s) {
		return
	}
	l := c.lines[s]
	if l == nil {
		keys := s.audiences()
		if len(keys) == 0 || len(c.lines) >= maxLines {
			return
		}
		l = &line{audiences: keys, last: c.step(c.at)}
		c.lines[s] = l
	}
	l.advance(c.step(c.at))
	if from.Before(c.start) {
		from = c.start
	}
	whole := float64(c.at.Sub(from))
	for from.Before(c.at) {
		step := c.step(from)
		until := c.start.Add(time.Duration(step+1) * chartStep)
		if until.After(c.at) {
			until = c.at
		}
		if l.last-step < chartSteps {
			l.steps[step%chartSteps] += float32(v * float64(until.Sub(from)) / whole)
		}
		from = until
	}
}

func (c *charts) step(t time.Time) int64 { return max(0, int64(t.Sub(c.start)/chartStep)) }

// advance empties the steps that begin.
func (l *line) advance(step int64) {
	for s := max(l.last+1, step-chartSteps+1); s <= step; s++ {
		l.steps[s%chartSteps] = 0
	}
	l.last = max(l.last, step)
}

// forget drops lines that have not grown for an hour. c.mu is held.
func (c *charts) forget() {
	for s, l := range c.lines {
		if c.step(c.at)-l.last >= chartSteps {
			delete(c.lines, s)
		}
	}
}

// Charts returns what passed through an audience in the last hour, as far as this process
// knows. The message is the caller's.
func (m *Metrics) Charts(key audience.Key) *console.Charts {
	c := m.charts
	c.mu.Lock()
	defer c.mu.Unlock()
	end := int64(math.Floor(float64(c.at.Add(-chartLag).Sub(c.start)) / float64(chartStep))) // the first step that is not complete
	n := min(max(end, 0), chartSteps-int64(chartLag/chartStep)-1)
	reply := &console.Charts{
		EndUnixMs: c.start.Add(time.Duration(end) * chartStep).UnixMilli(), StepSeconds: uint32(chartStep / time.Second),
		Bytes: make([]float64, n), Processed: make([]float64, n), Errors: make([]float64, n), Notifications: make([]float64, n),
	}
	pipelines := make(map[string]*console.PipelineChart)
	for s, l := range c.lines {
		if !slices.Contains(l.audiences, key) {
			continue
		}
		var to []float64
		p := pipelines[s.pipeline]
		if p == nil && s.pipeline != inference {
			p = &console.PipelineChart{
				PipelineId: s.pipeline, Processed: make([]float64, n), Errors: make([]float64, n), Notifications: make([]float64, n),
			}
			pipelines[s.pipeline] = p
			reply.Pipelines = append(reply.Pipelines, p)
		}
		switch {
		case strings.HasSuffix(s.name, "_bytes"):
			to = reply.Bytes
		case strings.HasSuffix(s.name, "_errors"):
			to = p.Errors
			l.read(reply.Errors, end)
		case s.name == notifyCounter:
			to = p.Notifications
			l.read(reply.Notifications, end)
		case p == nil:
			to = reply.Processed
		default:
			to = p.Processed
		}
		l.read(to, end)
	}
	slices.SortFunc(reply.Pipelines, func(a, b *console.PipelineChart) int { return cmp.Compare(a.PipelineId, b.PipelineId) })
	return reply
}

// read adds the steps before end, per second.
func (l *line) read(to []float64, end int64) {
	for i := range to {
		step := end - int64(len(to)) + int64(i)
		if step <= l.last && l.last-step < chartSteps {
			to[i] += float64(l.steps[step%chartSteps]) / chartStep.Seconds()
		}
	}
}
