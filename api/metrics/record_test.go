package metrics

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func many(n int, of func(i int) series) *record {
	r := newRecord()
	for i := range n {
		r.sums[of(i)]++
	}
	return r
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	r := newRecord()
	r.node, r.sequence = "a", 7
	r.sums = sums{{name: "counter_notify"}: 1, {"counter_consume_bytes", "svc", "kafka", "op", "p"}: 1e15, {"counter_consume_bytes", "svc", "svc", "", "p"}: 0.5}
	r.names["p"] = "Name"
	r.absorb("life", &record{sequence: 3})
	value, err := r.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(value)
	if err != nil {
		t.Fatal(err)
	}
	if sequence, over := got.endedAt("life"); !over || sequence != 3 {
		t.Errorf("got %d, %t for a life that ended", sequence, over)
	}
	diff(t, "sums", r.sums, got.sums)
	diff(t, "names", r.names, got.names)
	if got.node != "a" || got.sequence != r.sequence {
		t.Errorf("got node %q, sequence %d", got.node, got.sequence)
	}
}

func TestEndedLivesAreBounded(t *testing.T) {
	t.Parallel()
	r := newRecord()
	for i := range 3 * maxEnded {
		r.absorb(fmt.Sprint(i), newRecord())
	}
	if _, first := r.endedAt("0"); first || len(r.ended) != maxEnded {
		t.Errorf("got %d lives remembered, want the last %d", len(r.ended), maxEnded)
	}
	if _, last := r.endedAt(fmt.Sprint(3*maxEnded - 1)); !last {
		t.Error("the last life is forgotten")
	}
}

// What does not exist any more gives up its detail first.
func TestShrink(t *testing.T) {
	t.Parallel()
	snap := &catalog.Snapshot{
		Pipelines: map[string]*pb.Pipeline{"here": {}},
		Audiences: map[audience.Key]*pb.Audience{audience.KeyOf(consumer("here")): consumer("here")},
	}
	keep := series{"counter_notify", "here", "kafka", "op", "here"}
	tests := []struct {
		name string
		of   func(i int) series
		want sums
	}{
		{
			"pipelines that are gone",
			func(i int) series { return series{"counter_notify", "here", "kafka", "op", fmt.Sprint(i)} },
			sums{{"counter_notify", "here", "kafka", "op", other}: maxSeries, keep: 1},
		},
		{
			"services that are gone",
			func(i int) series { return series{"counter_notify", fmt.Sprint(i), "kafka", "op", ""} },
			sums{{"counter_notify", other, other, other, other}: maxSeries, keep: 1},
		},
		{
			"too much of what is here",
			func(i int) series { return series{"counter_notify", "here", "kafka", fmt.Sprint(i), ""} },
			sums{{"counter_notify", "here", other, other, other}: maxSeries + 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := many(maxSeries, tt.of)
			r.sums[keep] = 1
			r.names["gone"] = "Gone"
			r.shrink(snap)
			diff(t, "sums", tt.want, r.sums)
			if r.names["gone"] != "" {
				t.Error("the name of a pipeline without series was kept")
			}
		})
	}
	r := many(maxSeries, tests[0].of)
	if r.shrink(snap); len(r.sums) != maxSeries {
		t.Errorf("got %d series, want all of those that fit", len(r.sums))
	}
}

func FuzzDecode(f *testing.F) {
	r := newRecord()
	r.sums[series{"counter_notify", "svc", "kafka", "op", "p"}] = 3
	value, err := r.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	f.Add([]byte("\xff"))
	f.Fuzz(func(t *testing.T, value []byte) {
		r, err := decode(value)
		if err != nil {
			return
		}
		again, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := decode(again)
		if err != nil || !cmp.Equal(r.sums, back.sums) {
			t.Errorf("%v: got %v, want %v", err, back, r.sums)
		}
	})
}
