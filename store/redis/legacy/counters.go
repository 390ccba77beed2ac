package legacy

import (
	"encoding/json"
	"errors"
	"math"
	"strings"

	"github.com/streamdal/streamdal-server/api/pb/counters"
	"github.com/streamdal/streamdal-server/store"
)

// endedCounters is the record in which package api/metrics keeps what processes counted
// that have ended.
const endedCounters = "ended"

// takeCounters takes the sums of the original's counters.
func (r *reader) takeCounters(value []byte) error {
	var sums []struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
		Value  float64           `json:"value"`
	}
	if err := json.Unmarshal(value, &sums); err != nil {
		return errors.New("the value is not a list of counters")
	}
	out := &counters.Counters{Texts: []string{""}}
	places := map[string]uint32{"": 0}
	place := func(text string) uint32 {
		text = strings.ToValidUTF8(text, "\uFFFD")
		at, ok := places[text]
		if !ok {
			at = uint32(len(out.Texts))
			places[text] = at
			out.Texts = append(out.Texts, text)
		}
		return at
	}
	for _, s := range sums {
		if !(s.Value > 0) || math.IsInf(s.Value, 1) {
			continue
		}
		lower := func(label string) uint32 { return place(strings.ToLower(s.Labels[label])) }
		out.Series = append(out.Series, &counters.Series{
			Name: place(s.Name), Service: lower("service"), Component: lower("component"), Operation: lower("operation"),
			PipelineId: place(s.Labels["pipeline_id"]), PipelineName: place(s.Labels["pipeline_name"]), Value: s.Value,
		})
	}
	if len(out.GetSeries()) == 0 {
		return nil
	}
	return r.putMessage(store.KindCounter, endedCounters, out)
}
