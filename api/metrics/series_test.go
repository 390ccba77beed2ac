package metrics

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func producer(service string) *pb.Audience {
	a := consumer(service)
	a.OperationType = pb.OperationType_OPERATION_TYPE_PRODUCER
	return a
}

// What the four SDKs send, each in its own way.
func TestSeriesOfSDKs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		m    *pb.Metric
		want series
	}{
		{
			"Go: labels, and the audience beside them",
			&pb.Metric{Name: "counter_produce_bytes", Audience: producer("svc"), Labels: map[string]string{
				"service": "Svc", "component": "Kafka", "operation": "Op", "pipeline_name": "P", "pipeline_id": "P-1",
			}},
			series{"counter_produce_bytes", "svc", "kafka", "op", "P-1"},
		},
		{
			"Go: dropped payloads have no audience",
			&pb.Metric{Name: "counter_dropped_tail_messages"},
			series{name: "counter_dropped_tail_messages"},
		},
		{
			"Python: notify names its labels differently",
			&pb.Metric{Name: "counter_notify", Audience: consumer("svc"), Labels: map[string]string{
				"service": "svc", "component_name": "rabbit", "operation_name": "read", "pipeline_id": "p", "pipeline_name": "P",
			}},
			series{"counter_notify", "svc", "rabbit", "read", "p"},
		},
		{
			"Ruby: everything is consumed, whatever the audience does",
			&pb.Metric{Name: "counter_consume_errors", Audience: producer("svc"), Labels: map[string]string{
				"service": "svc", "component": "kafka", "operation": "op", "operation_type": "2",
			}},
			series{"counter_produce_errors", "svc", "kafka", "op", ""},
		},
		{
			"a consumer that says it produced",
			&pb.Metric{Name: "counter_produce_errors", Audience: consumer("svc")},
			series{"counter_consume_errors", "svc", "kafka", "op", ""},
		},
		{
			"no labels: the audience says the same",
			&pb.Metric{Name: "counter_consume_bytes", Audience: consumer("SVC")},
			series{"counter_consume_bytes", "svc", "kafka", "op", ""},
		},
		{
			"labels of any length and kind",
			&pb.Metric{Name: "counter_notify", Labels: map[string]string{"service": strings.Repeat("ä", 200), "color": "blue"}},
			series{name: "counter_notify", service: strings.Repeat("ä", 127)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := seriesOf(tt.m); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// One bad metric does not take the others of its batch with it (server.md 9.1.3, 9.2.23):
// not negative ones, which ended every node, nor NaN, which ended the keeping of counters.
func TestEachMetricIsJudgedAlone_9_1_3(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t), "a")
	good := processed("svc", 1)
	bad := []*pb.Metric{
		processed("svc", -1), processed("svc", math.NaN()), processed("svc", math.Inf(1)), processed("svc", math.Inf(-1)),
		processed("svc", 1e300),
		{Name: "counter_of_the_future", Value: 1},
		{Value: 1},
		{},
		nil,
		{Name: "counter_consume_bytes_rate", Value: 1},
		{Name: "counter_consume_bytes_rate", Value: 1, Audience: &pb.Audience{ServiceName: "svc"}},
		{Name: "counter_consume_bytes_rate", Value: math.NaN(), Audience: consumer("svc")},
	}
	var batch []*pb.Metric
	for _, m := range bad {
		batch = append(batch, m, good)
	}
	n.Add(batch)
	n.Add([]*pb.Metric{processed("svc", 0)}) // harmless
	byName, ignored := n.Counted()
	diff(t, "counted", map[string]float64{"counter_consume_processed": float64(len(bad))}, byName)
	if ignored != uint64(len(bad)) {
		t.Errorf("got %d ignored, want %d", ignored, len(bad))
	}
	want := map[reason]uint64{unknownName: 4, badValue: 6, noAudience: 2, tooMany: 0}
	diff(t, "reasons", want, n.tally.ignoredBy())
}

// Ids in names, on purpose or not, fill neither memory nor the store, and nothing that was
// counted is missing from the sum.
// Of docs/defects.md, 9.4.6.
func TestFloodOfLabels_9_6_7(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t), "a")
	total := 0.0
	send := func(service, operation, pipeline string) {
		m := processed(service, 1)
		m.Labels["operation"], m.Labels["pipeline_id"] = operation, pipeline
		n.Add([]*pb.Metric{m})
		total++
	}
	for i := range 5 * maxSeriesPerService {
		send("greedy", fmt.Sprint("op", i), "")
	}
	if got := len(n.tally.sums); got != maxSeriesPerService+1 {
		t.Errorf("got %d series of one service, want %d and one for the others", got, maxSeriesPerService)
	}
	for i := range 1_000 {
		send("modest", "op", fmt.Sprint("invented", i))
	}
	if got := n.tally.services["modest"]; got != 1 {
		t.Errorf("got %d series of pipelines that do not exist, want one", got)
	}
	for i := range 30 * maxServices {
		send(fmt.Sprint("svc", i%(3*maxServices)), fmt.Sprint("op", i), "")
	}
	if got, most := len(n.tally.sums), maxSeries+len(counterNames)*(maxServices+1); got > most {
		t.Errorf("got %d series, want at most %d", got, most)
	}
	if n.tally.overflowed == 0 {
		t.Error("got no count of what was added to other")
	}
	n.wantTotal("after a flood", total)
	n.store()
	next := newNode(t, n.cfg.Bus.(*doubtful), "a")
	next.wantTotal("from the store", total)
	for s := range next.totals().sums {
		if s.service == "modest" && s.pipeline != other {
			t.Errorf("got series %+v of a pipeline that does not exist", s)
		}
	}
	if got := len(n.Totals().GetMetrics()); got > maxShown || got == 0 {
		t.Errorf("got %d series shown, want at most %d", got, maxShown)
	}
}

func TestPipelinesOfSeries(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t), "a")
	set := func(name string) {
		_, err := n.cfg.Catalog.Update(t.Context(), func(tx *catalog.Tx) error {
			tx.PutPipeline(&pb.Pipeline{Id: "p", Name: name})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	send := func(id, name string) {
		m := processed("svc", 1)
		m.Labels["pipeline_id"], m.Labels["pipeline_name"] = id, name
		n.Add([]*pb.Metric{m})
	}
	set("first name")
	send("p", "first name")
	set("second name")
	send("p", "second name")
	send("0192", hiddenPipeline) // each audience has a hidden pipeline of its own
	send("0193", hiddenPipeline)
	want := map[string]float64{"p second name": 2, inference + " " + hiddenPipeline: 2}
	got := map[string]float64{}
	for _, m := range n.Totals().GetMetrics() {
		got[m.GetLabels()["pipeline_id"]+" "+m.GetLabels()["pipeline_name"]] += m.GetValue()
	}
	diff(t, "by pipeline", want, got)
}

func TestTotalsMessage_9_2_23(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t), "a")
	n.Add([]*pb.Metric{processed("b-c", 2), {Name: "counter_notify", Value: 1}})
	const key = "counter_consume_processed-component-kafka-operation-op-service-b-c"
	for range 3 { // the original shuffled the labels in the keys (9.2.23)
		got := n.Totals().GetMetrics()
		if m := got[key]; len(got) != 2 || m.GetValue() != 2 || m.GetName() != "counter_consume_processed" || len(m.GetLabels()) != 3 || m.GetAudience() != nil {
			t.Errorf("got %v", got)
		}
		if m := got["counter_notify"]; m.GetValue() != 1 || len(m.GetLabels()) != 0 {
			t.Errorf("got %v, want a series without labels", m)
		}
	}
	if first := n.Totals(); first != n.Totals() {
		t.Error("the same totals were made twice")
	}
}

func FuzzAdd(f *testing.F) {
	f.Add("counter_consume_bytes", "service", "Svc", 1.5, int32(1), "svc")
	f.Add("counter_consume_bytes_rate", "pipeline_id", "\xff\x00", math.Inf(1), int32(7), ":")
	cat, err := catalog.Open(f.Context(), newStore(f), zerolog.Nop())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, label, value string, v float64, op int32, service string) {
		m := New(Config{Catalog: cat, Log: zerolog.Nop()})
		m.Add([]*pb.Metric{{Name: name, Value: v, Labels: map[string]string{label: value}, Audience: &pb.Audience{
			ServiceName: service, OperationType: pb.OperationType(op), ComponentName: value, OperationName: label,
		}}})
		for s, sum := range m.tally.sums {
			if !isCounter[s.name] || !sane(sum) || len(s.service) > 2*maxLabelBytes {
				t.Errorf("got %+v: %v", s, sum)
			}
			if valid := utf8.ValidString(value) && utf8.ValidString(service) && utf8.ValidString(label); valid && !utf8.ValidString(s.service+s.operation+s.pipeline) {
				t.Errorf("got %+v, cut within a character", s)
			}
		}
	})
}
