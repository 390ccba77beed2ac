package wasmbuild

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// piiTypes are the types of piiDetectors in order.
func piiTypes() []steps.DetectiveType { return slices.Sorted(maps.Keys(piiDetectors)) }

// personalDocument is an object with a member for each of the values.
func personalDocument(values []string) []byte {
	var b strings.Builder
	for i, v := range values {
		b.WriteString([]string{`{"a":{"v":[`, `,{"k":`}[min(i, 1)] + v + []string{"", "}"}[min(i, 1)])
	}
	return []byte(b.String() + "]}}")
}

// TestPersonalDataTwins runs each detector natively and compiled, over whole
// payloads, by path, negated and on what is broken: all answers are the same.
func TestPersonalDataTwins(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	samples := readSamples(t)
	everyday, _ := everydayValues(t)
	c := newCorpus(t, 11)
	for _, typ := range piiTypes() {
		name := strings.TrimPrefix(typ.String(), "DETECTIVE_TYPE_")
		values := []string{"null", `"\u0041B\/s\/ \u00e9"`, `{"a":"b"}`}
		own := sheet{name: name}.validValues(t, samples[name])
		for range 6 {
			if len(own) > 0 {
				v := oneOf(c, own...)
				values = append(values, literal(v), literal(misspelt(c, v)), literal("\u00a0"+v+" "), escapeAll(v))
			}
			values = append(values, oneOf(c, everyday...))
		}
		whole := personalDocument(values)
		for _, d := range []*steps.DetectiveStep{
			{Type: typ}, {Type: typ, Negate: proto.Bool(true)}, {Type: typ, Path: proto.String("a.v")}, {Type: typ, Path: proto.String("a.v.#.k")},
		} {
			w := newTwin(t, b, engine, d)
			for _, payload := range [][]byte{whole, whole[:len(whole)/2], whole[:len(whole)-2], []byte(oneOf(c, values...))} {
				request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
				if err != nil {
					t.Fatal(err)
				}
				w.call(t, request)
			}
		}
	}
}

// TestPersonalDataSparse holds that scans which look for candidates find what scans of all values find.
func TestPersonalDataSparse(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	samples := readSamples(t)
	for _, typ := range piiTypes() {
		if piiDetectors[typ].sparse == "" {
			continue
		}
		name := strings.TrimPrefix(typ.String(), "DETECTIVE_TYPE_")
		scan := newTwin(t, b, engine, &steps.DetectiveStep{Type: typ})
		path := newTwin(t, b, engine, &steps.DetectiveStep{Type: typ, Path: proto.String("v")})
		own := sheet{name: name}.validValues(t, samples[name])
		for i := 0; i < len(own); i += 1 + len(own)/40 {
			for _, v := range []string{literal(own[i]), escapeAll(own[i])} {
				payload := `{"pad":"` + strings.Repeat("x", i%17) + `","v":` + v + `}`
				if got, want := len(matchesOf(scan.answerTo(t, payload))), len(matchesOf(path.answerTo(t, payload))); got != want {
					t.Errorf("%s: a scan finds %d in %s, a path %d", name, got, payload, want)
				}
			}
		}
	}
}

// escapeAll writes a string with an escape for every character.
func escapeAll(s string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, r := range s {
		if r > 0xffff {
			r = 0xfffd
		}
		b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(hex[r>>shift&15])
		}
	}
	return `"` + b.String() + `"`
}
