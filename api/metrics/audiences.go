package metrics

import (
	"strings"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/counters"
	"github.com/streamdal/streamdal-server/store/audience"
)

// inferredUnits are the counters that tell how much passes through an audience, when they
// are those of the pipeline that infers schemas: it sees every payload.
var inferredUnits = map[string]unit{
	"counter_consume_bytes":     bytesUnit,
	"counter_produce_bytes":     bytesUnit,
	"counter_consume_processed": processedUnit,
	"counter_produce_processed": processedUnit,
}

// noteCounted notes what the pipeline that infers schemas counted, and errors of all others.
func (m *Metrics) noteCounted(metric *pb.Metric) {
	to, hidden := m.inferred, metric.GetLabels()["pipeline_name"] == hiddenPipeline
	u, ok := inferredUnits[metric.GetName()]
	switch metric.GetName() {
	case "counter_consume_errors", "counter_produce_errors":
		to, u, ok = m.failed, errorsUnit, !hidden
	default:
		ok = ok && hidden
	}
	if !ok {
		return
	}
	if key := seriesOf(metric).audience(); key != "" {
		to.add(string(key), u, metric.GetValue())
	}
}

// audience returns the key of the audience that is counted, "" when that says no audience.
func (s series) audience() audience.Key {
	a := &pb.Audience{ServiceName: s.service, ComponentName: s.component, OperationName: s.operation}
	switch {
	case strings.HasPrefix(s.name, "counter_consume_"):
		a.OperationType = pb.OperationType_OPERATION_TYPE_CONSUMER
	case strings.HasPrefix(s.name, "counter_produce_"):
		a.OperationType = pb.OperationType_OPERATION_TYPE_PRODUCER
	}
	if audience.CheckSDK(a) != nil {
		return ""
	}
	return audience.KeyOf(a)
}

// audiences are those that a counter may be of: SDKs do not say of which direction the
// notifications are that they count.
func (s series) audiences() []audience.Key {
	names := []string{s.name}
	if s.name == notifyCounter {
		names = []string{"counter_consume_", "counter_produce_"}
	}
	var keys []audience.Key
	for _, name := range names {
		s.name = name
		if key := s.audience(); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// AudienceRates returns what passes through each audience per second, averaged over the last
// 10 s, in the whole cluster; one that is not there is idle. Other nodes' shares are known
// only while WatchRates is in force. The message is the caller's.
func (m *Metrics) AudienceRates() *console.Rates {
	rates := &console.Rates{Audiences: make(map[string]*console.Rate)}
	add := func(list []*counters.AudienceRate) {
		for _, r := range list {
			rate := rates.Audiences[r.GetAudience()]
			if rate == nil {
				rate = &console.Rate{}
				rates.Audiences[r.GetAudience()] = rate
			}
			rate.Bytes += r.GetBytes()
			rate.Processed += r.GetProcessed()
			rate.Errors += r.GetErrors()
		}
	}
	add(m.ownAudiences())
	now, x := m.cfg.Now(), m.exchange
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, t := range x.told {
		if now.Sub(t.at) <= toldFor {
			add(t.audiences)
		}
	}
	return rates
}

func (m *Metrics) ownGroups() []*counters.GroupRate {
	rates := m.windows.rates()
	list := make([]*counters.GroupRate, 0, len(rates))
	for group, rate := range rates {
		list = append(list, &counters.GroupRate{Group: group, Bytes: rate[bytesUnit], Processed: rate[processedUnit]})
	}
	return list
}

// ownAudiences are the rates of audiences on this node. What SDKs report as rates counts
// only where nothing else is known: the Go SDK credits those of all audiences to one.
func (m *Metrics) ownAudiences() []*counters.AudienceRate {
	rates := m.reported.rates()
	for key, rate := range m.inferred.rates() {
		rates[key] = rate
	}
	for key, failed := range m.failed.rates() {
		rate := rates[key]
		rate[errorsUnit] += failed[errorsUnit]
		rates[key] = rate
	}
	list := make([]*counters.AudienceRate, 0, len(rates))
	for key, rate := range rates {
		list = append(list, &counters.AudienceRate{
			Audience: key, Bytes: rate[bytesUnit], Processed: rate[processedUnit], Errors: rate[errorsUnit],
		})
	}
	return list
}
