package wasmbuild

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// Sizes that modules keep to.
const (
	maxSize      = 8 << 10
	maxInferSize = 32 << 10
	maxAbout     = 200 // of the section that says what a module is
)

// larger has the modules that do not fit into maxSize yet, and what they must keep to.
var larger = map[string]int{
	"url-scan":        10_750,
	"email-scan":      8_500,
	"email":           8_250,
	"obfuscate":       8_350,
	"kv-dynamic":      8_500,
	"mask-dynamic":    12_250,
	"delete-dynamic":  11_950,
	"extract":         11_200,
	"extract-places":  12_400,
	"extract-dynamic": 16_000,
}

// TestModuleInterface decodes what SDKs get: exactly what they call, nothing
// they must provide, small, and told apart by a section that is small too.
func TestModuleInterface(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, s := range sampleSteps() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			m := build(t, b, s.step)
			limit, listed := larger[s.name]
			switch {
			case listed && len(m.Bytes) <= maxSize:
				t.Errorf("module fits into %d bytes: strike it from the list", maxSize)
			case s.step.GetInferSchema() != nil:
				limit = maxInferSize
			case !listed:
				limit = maxSize
			}
			if len(m.Bytes) > limit {
				t.Errorf("module has %d bytes, more than %d; mark what seldom runs //wasm:small", len(m.Bytes), limit)
			}
			t.Logf("%d bytes", len(m.Bytes))
			d, err := link.Decode(m.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			var imports []string
			for _, i := range d.Imports {
				imports = append(imports, i.Module+"."+i.Name)
			}
			if got, want := strings.Join(imports, " "), asksFor(s.step); got != want {
				t.Errorf("module imports %q, want %q", got, want)
			}
			var exports []string
			for _, e := range d.Exports {
				exports = append(exports, e.Name)
			}
			slices.Sort(exports)
			if got, want := strings.Join(exports, " "), "alloc dealloc f memory"; got != want {
				t.Errorf("exports %s, want %s", got, want)
			}
			if len(d.Customs) != 1 || d.Customs[0].Name != ruleSection || len(d.Customs[0].Bytes) > maxAbout {
				t.Errorf("custom sections %q", d.Customs)
			}
		})
	}
}

// largerTypes has the detectives that do not fit into maxSize, by path or over
// the whole payload, and what they must keep to.
var largerTypes = map[steps.DetectiveType]int{
	steps.DetectiveType_DETECTIVE_TYPE_URL:                10_750,
	steps.DetectiveType_DETECTIVE_TYPE_PII_CRYPTO_ADDRESS: 10_700,
	steps.DetectiveType_DETECTIVE_TYPE_PII_EDUCATION:      10_550,
	steps.DetectiveType_DETECTIVE_TYPE_PII_TAXPAYER_ID:    10_450,
	steps.DetectiveType_DETECTIVE_TYPE_PII_JWT:            9_000,
	steps.DetectiveType_DETECTIVE_TYPE_PII_FINANCIAL:      8_700,
	steps.DetectiveType_DETECTIVE_TYPE_PII_RELIGION:       8_600,
	steps.DetectiveType_DETECTIVE_TYPE_PII_LOGIN:          8_600,
	steps.DetectiveType_DETECTIVE_TYPE_PII_GEOLOCATION:    8_600,
	steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL:          8_500,
	steps.DetectiveType_DETECTIVE_TYPE_PII_IBAN:           8_500,
	steps.DetectiveType_DETECTIVE_TYPE_PII_DRIVER_LICENSE: 8_450,
	steps.DetectiveType_DETECTIVE_TYPE_PII_HEALTH:         8_400,
	steps.DetectiveType_DETECTIVE_TYPE_PII_PASSPORT_ID:    8_250,
	steps.DetectiveType_DETECTIVE_TYPE_PII_KEYWORD:        25_000,
	steps.DetectiveType_DETECTIVE_TYPE_PII_ANY:            32_000,
	steps.DetectiveType_DETECTIVE_TYPE_PII_PLAINTEXT_ANY:  36_500,
}

// TestDetectiveSizes builds all types of detectives that need no arguments.
func TestDetectiveSizes(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	built := 0
	for n := range steps.DetectiveType_name {
		typ := steps.DetectiveType(n)
		limit, listed := largerTypes[typ]
		largest := 0
		for _, path := range []string{"", "customer.contact.email"} {
			m, err := b.Step(t.Context(), detective(typ, path), pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
			if err != nil { // it needs arguments
				continue
			}
			built++
			largest = max(largest, len(m.Bytes))
		}
		switch {
		case !listed && largest > maxSize:
			t.Errorf("%s: %d bytes, more than %d", typ, largest, maxSize)
		case listed && largest > limit:
			t.Errorf("%s: %d bytes, more than %d", typ, largest, limit)
		case listed && largest <= maxSize:
			t.Errorf("%s: fits into %d bytes: strike it from the list", typ, maxSize)
		}
	}
	if built < 100 {
		t.Errorf("%d modules were built: most types need no arguments", built)
	}
}

// asksFor is the one function of its host that a step's module imports.
func asksFor(step *pb.PipelineStep) string {
	switch step.GetStep().(type) {
	case *pb.PipelineStep_Kv:
		return "env.kvExists"
	case *pb.PipelineStep_HttpRequest:
		return "env.httpRequest"
	}
	return ""
}

func TestSameStepSameModule(t *testing.T) {
	t.Parallel()
	a, b := newBuilder(t), newBuilder(t)
	ids := map[string]string{}
	for _, s := range sampleSteps() {
		x, y := build(t, a, s.step), build(t, b, s.step)
		if x.ID != y.ID || !bytes.Equal(x.Bytes, y.Bytes) {
			t.Errorf("%s: two builders make modules %s and %s", s.name, x.ID, y.ID)
		}
		if other, ok := ids[x.ID]; ok {
			t.Errorf("%s and %s have one id", s.name, other)
		}
		ids[x.ID] = s.name
	}
}

// TestFlatMemory calls as each SDK does, 100,000 times: what they free or do not
// free must make no difference.
func TestFlatMemory(t *testing.T) {
	t.Parallel()
	const calls = 100_000
	b := newBuilder(t)
	samples := sampleSteps()
	requests := make([][][]byte, len(samples))
	for i, s := range samples {
		requests[i] = [][]byte{marshal(t, requestFor(s.step, order(300))), marshal(t, requestFor(s.step, order(3000)))}
	}
	for name, sequence := range map[string]runner.Sequence{"go": runner.Go, "node": runner.Node, "python": runner.Python, "ruby": runner.Ruby} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine := newRunner(t, runner.Options{Sequence: sequence})
			for k, s := range samples {
				i, err := engine.Load(t.Context(), build(t, b, s.step).Bytes, entryName)
				if err != nil {
					t.Fatal(err)
				}
				var settled uint32
				for n := range calls / len(samples) {
					if _, err := i.CallRaw(t.Context(), requests[k][n%2]); err != nil {
						t.Fatal(err)
					}
					if n == 10 {
						settled = i.MemorySize()
					}
				}
				if got := i.MemorySize(); got != settled {
					t.Errorf("%s: memory grew from %d to %d bytes", s.name, settled, got)
				}
			}
		})
	}
}

// TestHardPayloads holds that nothing in a payload makes a module trap, and that
// what is not changed comes back as it was.
func TestHardPayloads(t *testing.T) {
	t.Parallel()
	const levels, mebibyte = 100_000, 1 << 20
	payloads := map[string][]byte{
		"arrays":            []byte(strings.Repeat("[", levels) + strings.Repeat("]", levels)),
		"objects":           []byte(strings.Repeat(`{"customer":`, levels) + `"mina@example.com"` + strings.Repeat("}", levels)),
		"open":              []byte(strings.Repeat(`[{"a":`, levels)),
		"closed":            bytes.Repeat([]byte("]}"), levels),
		"large":             order(mebibyte),
		"string":            []byte(`{"customer":"` + strings.Repeat("x", mebibyte) + `"}`),
		"number":            []byte(`{"total":` + strings.Repeat("9", mebibyte) + `}`),
		"quotes":            bytes.Repeat([]byte(`"`), mebibyte),
		"backslashes":       append([]byte(`{"customer":"`), bytes.Repeat([]byte(`\`), mebibyte)...),
		"zeros":             make([]byte, mebibyte),
		"not UTF-8":         bytes.Repeat([]byte{0xff}, mebibyte),
		"one byte":          []byte("{"),
		"spaces":            bytes.Repeat([]byte(" "), mebibyte),
		"keys":              []byte("{" + strings.Repeat(`"customer":1,`, 50_000) + `"z":0}`),
		"distinct keys":     distinctKeys(50_000),
		"escaped key":       []byte(`{"\u0063ustomer":{"contact":{"email":"mina@example.com"}}}`),
		"addresses":         []byte(`["` + strings.Repeat(`mina@example.com","`, 50_000) + `"]`),
		"almost an address": []byte(`["` + strings.Repeat("a@", mebibyte/2) + `"]`),
	}
	b := newBuilder(t)
	engine := newRunner(t, runner.Options{})
	for _, s := range everyKind(t) {
		m := build(t, b, s.step)
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			i, err := engine.Load(t.Context(), m.Bytes, m.Function)
			if err != nil {
				t.Fatal(err)
			}
			for name, payload := range payloads {
				got, err := i.Call(t.Context(), requestFor(s.step, payload))
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				changes := s.step.GetTransform() != nil && got.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE
				if !changes && !bytes.Equal(got.GetOutputPayload(), payload) {
					t.Errorf("%s: the payload comes back changed: %d bytes for %d, %s %q", name, len(got.GetOutputPayload()), len(payload), got.GetExitCode(), got.GetExitMsg())
				}
			}
		})
	}
}

func distinctKeys(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"first":0`)
	for i := range n {
		b.WriteString(`,"k`)
		b.WriteString(strings.Repeat("z", i%7))
		b.WriteString(string(rune('a' + i%26)))
		for v := i; v > 0; v /= 10 {
			b.WriteByte(byte('0' + v%10))
		}
		b.WriteString(`":1`)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// TestBrokenRequests cuts requests off at every byte and damages each byte.
func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	engine := newRunner(t, runner.Options{})
	for _, s := range everyKind(t) {
		m := build(t, b, s.step)
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			i, err := engine.Load(t.Context(), m.Bytes, m.Function)
			if err != nil {
				t.Fatal(err)
			}
			whole := marshal(t, requestFor(s.step, order(300)))
			check := func(request []byte) {
				t.Helper()
				answer, err := i.CallRaw(t.Context(), request)
				if err != nil {
					t.Fatalf("%x: %v", request, err)
				}
				r := &pb.WASMResponse{}
				if err := proto.Unmarshal(answer, r); err != nil || r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_UNSET {
					t.Fatalf("%x: answer %x, %v", request, answer, err)
				}
			}
			for n := range whole {
				check(whole[:n])
			}
			for n := range whole {
				for _, flip := range []byte{0x01, 0x80, 0xff} {
					damaged := bytes.Clone(whole)
					damaged[n] ^= flip
					check(damaged)
				}
			}
		})
	}
}
