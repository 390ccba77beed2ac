package metrics

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// notifyCounter is the one counter of a pipeline that does not tell the direction.
const notifyCounter = "counter_notify"

// counterNames are what SDKs count and this server adds up, in the order in which they are
// shown, with what they say.
var counterNames = []struct{ name, help string }{
	{"counter_consume_bytes", "Bytes that passed through the pipelines of consumers."},
	{"counter_consume_processed", "Payloads that the pipelines of consumers processed."},
	{"counter_consume_errors", "Errors in the pipelines of consumers."},
	{"counter_produce_bytes", "Bytes that passed through the pipelines of producers."},
	{"counter_produce_processed", "Payloads that the pipelines of producers processed."},
	{"counter_produce_errors", "Errors in the pipelines of producers."},
	{notifyCounter, "Notifications that pipelines asked for."},
	{"counter_dropped_tail_messages", "Payloads that SDKs could not send to a tail."},
}

var isCounter = func() map[string]bool {
	known := make(map[string]bool, len(counterNames))
	for _, c := range counterNames {
		known[c.name] = true
	}
	return known
}()

// rateNames are what SDKs report for the rates of an audience: bytes or payloads.
var rateNames = map[string]unit{
	"counter_consume_bytes_rate":     bytesUnit,
	"counter_produce_bytes_rate":     bytesUnit,
	"counter_consume_processed_rate": processedUnit,
	"counter_produce_processed_rate": processedUnit,
}

type unit uint8

const (
	bytesUnit unit = iota
	processedUnit
	errorsUnit
	units
)

const (
	// other stands for whatever has no series of its own.
	other = "other"
	// inference stands for the hidden pipelines, which differ from audience to audience.
	inference = "infer_schema"

	// maxLabelBytes bounds a label, as names of audiences are.
	maxLabelBytes = audience.MaxNameBytes
	// maxIncrement bounds one increment. A second of the fastest network is a millionth of it.
	maxIncrement = 1e15
)

// series identifies a counter. A pipeline goes by its id; names can change.
type series struct {
	name, service, component, operation, pipeline string
}

// sane says whether a value can be an increment.
func sane(v float64) bool { return v >= 0 && v <= maxIncrement && !math.IsNaN(v) }

// seriesOf says what a metric of an SDK counts. SDKs name labels in several ways and leave
// them out where the audience says the same. Ruby reports everything as consumed, so the
// audience decides about the direction.
func seriesOf(m *pb.Metric) series {
	a := m.GetAudience()
	labels := m.GetLabels()
	return series{
		name:      directed(m.GetName(), a.GetOperationType()),
		service:   name(a.GetServiceName(), labels["service"], labels["service_name"]),
		component: name(a.GetComponentName(), labels["component"], labels["component_name"]),
		operation: name(a.GetOperationName(), labels["operation"], labels["operation_name"]),
		pipeline:  bounded(labels["pipeline_id"]),
	}
}

func directed(name string, t pb.OperationType) string {
	switch t {
	case pb.OperationType_OPERATION_TYPE_CONSUMER:
		return strings.Replace(name, "_produce_", "_consume_", 1)
	case pb.OperationType_OPERATION_TYPE_PRODUCER:
		return strings.Replace(name, "_consume_", "_produce_", 1)
	default:
		return name
	}
}

// name returns the first label that is set, spelled as audiences are stored.
func name(otherwise string, labels ...string) string {
	for _, l := range labels {
		if l != "" {
			return strings.ToLower(bounded(l))
		}
	}
	return strings.ToLower(bounded(otherwise))
}

// bounded cuts a text at a character.
func bounded(s string) string {
	if len(s) <= maxLabelBytes {
		return s
	}
	s = s[:maxLabelBytes]
	for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) {
		s = s[:len(s)-1]
	}
	return s
}
