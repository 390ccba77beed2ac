package metrics

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb/counters"
)

// A life is one run of one process. Each life has a record with all that it has counted
// since its start, so writing it again changes nothing; the record "ended" has what the
// lives counted that are over. The sum of all records is what the cluster has counted.
const endedID = "ended"

// maxEnded is how many lives the record "ended" remembers by name, so that one which was
// only cut off from the store finds out that its record was taken for that of a dead one.
const maxEnded = 256

// record is a stored record, decoded.
type record struct {
	node     string
	sequence uint64
	sums     sums
	names    map[string]string // of pipelines
	ended    []*counters.Ended
}

func newRecord() *record { return &record{sums: make(sums), names: make(map[string]string)} }

// endedAt returns the sequence at which a life was added to this record.
func (r *record) endedAt(life string) (sequence uint64, ok bool) {
	for _, e := range r.ended {
		if e.GetLife() == life {
			return e.GetSequence(), true
		}
	}
	return 0, false
}

// absorb adds what a life counted that is over.
func (r *record) absorb(life string, from *record) {
	for s, v := range from.sums {
		r.sums[s] += v
	}
	maps.Copy(r.names, from.names)
	r.ended = append(r.ended, &counters.Ended{Life: life, Sequence: from.sequence})
	if excess := len(r.ended) - maxEnded; excess > 0 {
		r.ended = slices.Clone(r.ended[excess:])
	}
	r.sequence++
}

// clone returns a copy that absorb may change.
func (r *record) clone() *record {
	c := *r
	c.sums, c.names, c.ended = maps.Clone(r.sums), maps.Clone(r.names), slices.Clone(r.ended)
	return &c
}

// encode writes every text once: names repeat from series to series.
func (r *record) encode() ([]byte, error) {
	out := &counters.Counters{Node: r.node, Sequence: r.sequence, Ended: r.ended, Texts: []string{""}}
	places := map[string]uint32{"": 0}
	place := func(text string) uint32 {
		at, ok := places[text]
		if !ok {
			at = uint32(len(out.Texts))
			places[text] = at
			out.Texts = append(out.Texts, text)
		}
		return at
	}
	for _, s := range r.sums.ordered() {
		out.Series = append(out.Series, &counters.Series{
			Name: place(s.name), Service: place(s.service), Component: place(s.component), Operation: place(s.operation),
			PipelineId: place(s.pipeline), PipelineName: place(r.names[s.pipeline]), Value: r.sums[s],
		})
	}
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encode counters: %w", err)
	}
	return value, nil
}

// decode reads a stored record. What it returns holds only values that can be added up.
func decode(value []byte) (*record, error) {
	in := &counters.Counters{}
	if err := proto.Unmarshal(value, in); err != nil {
		return nil, fmt.Errorf("decode counters: %w", err)
	}
	text := func(at uint32) string {
		if int64(at) < int64(len(in.GetTexts())) {
			return in.GetTexts()[at]
		}
		return ""
	}
	r := newRecord()
	r.node, r.sequence, r.ended = in.GetNode(), in.GetSequence(), in.GetEnded()
	for _, s := range in.GetSeries() {
		v := s.GetValue()
		if !(v >= 0) || math.IsInf(v, 1) {
			return nil, fmt.Errorf("decode counters: a counter is %v", v)
		}
		key := series{text(s.GetName()), text(s.GetService()), text(s.GetComponent()), text(s.GetOperation()), text(s.GetPipelineId())}
		r.sums[key] += v
		if name := text(s.GetPipelineName()); name != "" {
			r.names[key.pipeline] = name
		}
	}
	return r, nil
}

// ordered returns what is counted in an order that does not depend on maps.
func (c sums) ordered() []series {
	return slices.SortedFunc(maps.Keys(c), func(a, b series) int {
		return cmp.Or(
			cmp.Compare(a.service, b.service), cmp.Compare(a.component, b.component), cmp.Compare(a.operation, b.operation),
			cmp.Compare(a.pipeline, b.pipeline), cmp.Compare(a.name, b.name))
	})
}

// minus returns what c counted beyond o, without what is nothing.
func (c sums) minus(o sums) sums {
	left := make(sums, len(c))
	for s, v := range c {
		if v > o[s] {
			left[s] = v - o[s]
		}
	}
	return left
}

// merge moves every series under another one.
func (c sums) merge(into func(series) series) sums {
	merged := make(sums)
	for s, v := range c {
		merged[into(s)] += v
	}
	return merged
}
