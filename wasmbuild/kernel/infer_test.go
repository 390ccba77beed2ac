package kernel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

const dollarSchema = `{"$schema":"http://json-schema.org/draft-07/schema#",`

// inferrer is a native instance of schema inference. There is one at a time.
type inferrer struct{ random *rand.Rand }

func newInferrer(t testing.TB) *inferrer {
	t.Helper()
	heap := Heap
	State = 4 * vm.PageSize
	StateEnd = State + StateSize
	Heap = (StateEnd + 63) &^ 63
	known, busy = false, false
	t.Cleanup(func() { Heap, known, busy = heap, false, false })
	return &inferrer{rand.New(rand.NewPCG(1, 2))}
}

// call runs one request. Memory beyond the request is full of what earlier calls left.
func (i *inferrer) call(t testing.TB, payload, current []byte) *pb.WASMResponse {
	t.Helper()
	raw, err := proto.Marshal(&pb.WASMRequest{
		Step:         &pb.PipelineStep{Name: "Infer Schema", Step: &pb.PipelineStep_InferSchema{InferSchema: &steps.InferSchemaStep{CurrentSchema: current}}},
		InputPayload: payload,
	})
	if err != nil {
		t.Fatal(err)
	}
	return i.raw(t, raw)
}

func (i *inferrer) raw(t testing.TB, raw []byte) *pb.WASMResponse {
	t.Helper()
	p := alloc(uint32(len(raw)))
	dirt := vm.Mem[p:]
	for k := range dirt[:min(len(dirt), len(raw)+8192)] {
		dirt[k] = `"{}[],:\0 a`[i.random.IntN(11)]
	}
	copy(dirt, raw)
	answer := inferSchema(p, uint32(len(raw)))
	from, n := answer>>32, answer&0xffffffff
	response := &pb.WASMResponse{}
	if err := proto.Unmarshal(bytes.Clone(vm.Mem[from:from+n]), response); err != nil {
		t.Fatalf("payload %.200q: decode response: %v", raw, err)
	}
	return response
}

func TestInferMergesPayloads(t *testing.T) {
	const fresh, changed, same = "inferred fresh schema", "schema has changed", "schema has not changed"
	type message struct{ payload, message, schema string }
	for _, tt := range []struct {
		name     string
		messages []message
	}{
		{"an unchanged shape", []message{
			{`{"a":1,"b":"x"}`, fresh, `"properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a","b"],"type":"object"}`},
			{`{"a":22,"b":""}`, same, `"properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a","b"],"type":"object"}`},
			{" {\n\t\"b\" : \"y\",\r \"a\": 3 } ", same, `"properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a","b"],"type":"object"}`},
		}},
		{"a field that is there sometimes is optional", []message{
			{`{"a":1,"b":2}`, fresh, `"properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"],"type":"object"}`},
			{`{"a":1}`, changed, `"properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a"],"type":"object"}`},
			{`{"a":1,"b":2}`, same, `"properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a"],"type":"object"}`},
			{`{"c":null,"a":1}`, changed, `"properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"null"}},"required":["a"],"type":"object"}`},
			{`{}`, changed, `"properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"null"}},"type":"object"}`},
		}},
		{"two types are a union", []message{
			{`{"a":1}`, fresh, `"properties":{"a":{"type":"integer"}},"required":["a"],"type":"object"}`},
			{`{"a":null}`, changed, `"properties":{"a":{"anyOf":[{"type":"integer"},{"type":"null"}]}},"required":["a"],"type":"object"}`},
			{`{"a":1}`, same, `"properties":{"a":{"anyOf":[{"type":"integer"},{"type":"null"}]}},"required":["a"],"type":"object"}`},
			{`{"a":1.5}`, changed, `"properties":{"a":{"anyOf":[{"type":"null"},{"type":"number"}]}},"required":["a"],"type":"object"}`},
			{`{"a":7}`, same, `"properties":{"a":{"anyOf":[{"type":"null"},{"type":"number"}]}},"required":["a"],"type":"object"}`},
		}},
		{"formats stay as long as they are stable", []message{
			{`["2030-01-02"]`, fresh, `"items":{"format":"date","type":"string"},"type":"array"}`},
			{`["2031-12-31","2000-02-29"]`, same, `"items":{"format":"date","type":"string"},"type":"array"}`},
			{`["2031-12-32"]`, changed, `"items":{"type":"string"},"type":"array"}`},
			{`["2031-12-31"]`, same, `"items":{"type":"string"},"type":"array"}`},
		}},
		{"elements merge", []message{
			{`[]`, fresh, `"items":{"properties":{},"type":"object"},"type":"array"}`},
			{`[1]`, changed, `"items":{"type":"integer"},"type":"array"}`},
			{`[[1],["a"]]`, changed, `"items":{"anyOf":[{"type":"integer"},{"items":{"anyOf":[{"type":"string"},{"type":"integer"}]},"type":"array"}]},"type":"array"}`},
			{`[]`, same, `"items":{"anyOf":[{"type":"integer"},{"items":{"anyOf":[{"type":"string"},{"type":"integer"}]},"type":"array"}]},"type":"array"}`},
		}},
		{"alternatives of one payload stay apart until something changes", []message{
			{`[[1],["a"]]`, fresh, `"items":{"anyOf":[{"items":{"type":"integer"},"type":"array"},{"items":{"type":"string"},"type":"array"}]},"type":"array"}`},
			{`[["b"],[2]]`, same, `"items":{"anyOf":[{"items":{"type":"integer"},"type":"array"},{"items":{"type":"string"},"type":"array"}]},"type":"array"}`},
			{`[[true]]`, changed, `"items":{"items":{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"boolean"}]},"type":"array"},"type":"array"}`},
		}},
		{"repeated keys", []message{
			{`{"a":1,"b":2,"a":3,"c":4}`, fresh, `"properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"integer"}},"required":["a","b","c"],"type":"object"}`},
			{`{"a":1,"c":4}`, changed, `"properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"integer"}},"required":["a","c"],"type":"object"}`},
		}},
		{"escaped keys", []message{
			{`{"\u0061":1,"q\"\u00e9":2}`, fresh, `"properties":{"a":{"type":"integer"},"q\"é":{"type":"integer"}},"required":["a","q\"é"],"type":"object"}`},
			{`{"a":1,"q\"é":2}`, same, `"properties":{"a":{"type":"integer"},"q\"é":{"type":"integer"}},"required":["a","q\"é"],"type":"object"}`},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := newInferrer(t)
			for _, m := range tt.messages {
				r := i.call(t, []byte(m.payload), nil)
				want := &pb.WASMResponse{ExitCode: pb.WASMExitCode_WASM_EXIT_CODE_TRUE, ExitMsg: m.message, OutputPayload: []byte(m.payload), OutputStep: []byte(dollarSchema + m.schema)}
				if diff := cmp.Diff(answerText(want), answerText(r)); diff != "" {
					t.Fatalf("%s: answer (-want +got):\n%s", m.payload, diff)
				}
			}
		})
	}
}

func answerText(r *pb.WASMResponse) string {
	return fmt.Sprintf("%s %q\npayload %q\nstep %q", r.GetExitCode(), r.GetExitMsg(), r.GetOutputPayload(), r.GetOutputStep())
}

// TestInferBrokenPayload: what is not JSON is told so, and widens nothing.
func TestInferBrokenPayload(t *testing.T) {
	i := newInferrer(t)
	first := i.call(t, []byte(`{"a":{"b":[1,"x"]}}`), nil)
	for _, payload := range []string{
		`{"a":{"b":[1,"x"]}`, `{"a":{"b":[1,"x"`, `{"new":1,"a":{"b":[1,"x"]}`, `{"a":null}}`, `{"a":{"b":[1,"x",]}}`, `{"a":{"b":[1.]}}`,
		`{"a":{"b":[01]}}`, `{"a":{"b":["\ud800"]}}`, "{\"a\":{\"b\":[\"\x01\"]}}", `{"a":{"b":[1e999]}}`, `{"a":{"b":[tru]}}`, `"`, `{"a`, `{"a":`, `[`, `-`,
		"{\"a\":{\x00\"b\":[1]}}", `{"a":{"b":[1,"x"]},}`, `{,"a":{"b":[1,"x"]}}`, `{"a" {"b":[1,"x"]}}`, "{\"a\":{\"b\":[\"\xff\"]}}", strings.Repeat("[", 100_000),
	} {
		r := i.call(t, []byte(payload), nil)
		if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_FALSE || !strings.HasPrefix(r.GetExitMsg(), "invalid payload json: ") || string(r.GetOutputPayload()) != payload {
			t.Errorf("%.80q: got %.300s", payload, answerText(r))
		}
	}
	again := i.call(t, []byte(`{"a":{"b":[2,"y"]}}`), nil)
	if again.GetExitMsg() != "schema has not changed" || !bytes.Equal(again.GetOutputStep(), first.GetOutputStep()) {
		t.Errorf("broken payloads changed the schema: %s", answerText(again))
	}
}

func TestInferSeed(t *testing.T) {
	const object = dollarSchema + `"properties":{"a":{"type":"integer"}},"required":["a"],"type":"object"}`
	for _, tt := range []struct{ name, seed, payload, message, schema string }{
		{"same", object, `{"a":5}`, "schema has not changed", object},
		{
			"wider payload", object, `{"a":5,"b":null}`, "schema has changed",
			dollarSchema + `"properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["a"],"type":"object"}`,
		},
		{
			"wider seed", dollarSchema + `"properties":{"a":{"anyOf":[{"type":"integer"},{"type":"null"}]},"z":{"items":{"format":"date","type":"string"},"type":"array"}},"type":"object"}`, `{"a":5}`, "schema has not changed",
			dollarSchema + `"properties":{"a":{"anyOf":[{"type":"integer"},{"type":"null"}]},"z":{"items":{"format":"date","type":"string"},"type":"array"}},"type":"object"}`,
		},
		{
			"a map", dollarSchema + `"additionalProperties":{"type":"integer"},"properties":{},"type":"object"}`, `{"k1":1,"k2":2}`, "schema has not changed",
			dollarSchema + `"additionalProperties":{"type":"integer"},"properties":{},"type":"object"}`,
		},
		{
			"strange constructs", `{"type":["object","null"],"title":"t","allOf":[{}],"properties":{"a":true,"b":{"$ref":"#"},"c":{"type":"array","items":[{"type":"null"}]}},"required":"a"}`, `{"b":1}`, "schema has changed",
			dollarSchema + `"anyOf":[{"type":"null"},{"properties":{"a":{"properties":{},"type":"object"},"b":{"type":"integer"},"c":{"items":{"properties":{},"type":"object"},"type":"array"}},"type":"object"}]}`,
		},
		{"not an object", `[1,{"a":[]}]`, `1`, "schema has changed", dollarSchema + `"type":"integer"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newInferrer(t).call(t, []byte(tt.payload), []byte(tt.seed))
			if r.GetExitMsg() != tt.message || string(r.GetOutputStep()) != tt.schema {
				t.Errorf("got  %s\nwant %q %s", answerText(r), tt.message, tt.schema)
			}
		})
	}
}

// TestInferSeedIsStable: an instance started from a merged schema says the same schema.
func TestInferSeedIsStable(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		i := newInferrer(t)
		var schema, payload []byte
		for range 1 + random.IntN(5) {
			payload, _ = json.Marshal(randomValue(random, 4))
			schema = i.call(t, payload, nil).GetOutputStep()
		}
		payload = []byte(`{"zzz":[{"q":[1,null,"x"]}]}`)
		schema = i.call(t, payload, nil).GetOutputStep()
		r := newInferrer(t).call(t, payload, schema)
		if r.GetExitMsg() != "schema has not changed" || !bytes.Equal(r.GetOutputStep(), schema) {
			t.Fatalf("seed %s\ngot %s", schema, answerText(r))
		}
	}
}

func TestInferLimits(t *testing.T) {
	t.Run("a map of unbounded keys", func(t *testing.T) {
		i := newInferrer(t)
		var schema []byte
		for n := range 50 {
			var b strings.Builder
			for k := range 200 {
				fmt.Fprintf(&b, `,"key-%d-%d":{"n":%d}`, n, k, k)
			}
			r := i.call(t, []byte(`{"fixed":[],"map":{`+b.String()[1:]+`}}`), nil)
			schema = r.GetOutputStep()
		}
		want := dollarSchema + `"properties":{"fixed":{"items":{"properties":{},"type":"object"},"type":"array"},` +
			`"map":{"additionalProperties":{"properties":{"n":{"type":"integer"}},"required":["n"],"type":"object"},"properties":{},"type":"object"}},"required":["fixed","map"],"type":"object"}`
		if string(schema) != want {
			t.Errorf("got  %.500s\nwant %s", schema, want)
		}
	})
	t.Run("a map with fixed keys", func(t *testing.T) {
		i := newInferrer(t)
		var schema []byte
		for n := range 400 {
			schema = i.call(t, fmt.Appendf(nil, `{"id":"x","key-%d":%d,"at":null}`, n, n), nil).GetOutputStep()
		}
		want := dollarSchema + `"additionalProperties":{"type":"integer"},"properties":{"at":{"type":"null"},"id":{"type":"string"}},"required":["at","id"],"type":"object"}`
		if string(schema) != want {
			t.Errorf("got  %.500s\nwant %s", schema, want)
		}
		schema = i.call(t, []byte(`{"id":"x","key-0":1,"key-1":"s"}`), nil).GetOutputStep()
		want = dollarSchema + `"additionalProperties":{"anyOf":[{"type":"string"},{"type":"integer"}]},"properties":{"at":{"type":"null"},"id":{"type":"string"}},"required":["id"],"type":"object"}`
		if string(schema) != want {
			t.Errorf("got  %.500s\nwant %s", schema, want)
		}
		if r := newInferrer(t).call(t, []byte(`{"id":"y","key-7":"s"}`), schema); string(r.GetOutputStep()) != want || r.GetExitMsg() != "schema has not changed" {
			t.Errorf("after a restart: %s", answerText(r))
		}
	})
	t.Run("endless novelty", func(t *testing.T) {
		i := newInferrer(t)
		random := rand.New(rand.NewPCG(5, 6))
		for n := range 100 {
			payload, err := json.Marshal(map[string]any{fmt.Sprintf("k%d", n): novelty(random, 3), "x": novelty(random, 1)})
			if err != nil {
				t.Fatal(err)
			}
			r := i.call(t, payload, nil)
			if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE || len(r.GetOutputStep()) > maxSchema || !json.Valid(r.GetOutputStep()) {
				t.Fatalf("message %d: %.300s", n, answerText(r))
			}
		}
		if knownTop > StateEnd {
			t.Errorf("state ends at %d, its memory at %d", knownTop, StateEnd)
		}
	})
	t.Run("nesting", func(t *testing.T) {
		for _, pair := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
			for _, depth := range []int{1024, maxDepth} {
				inner := "1"
				payload := []byte(strings.Repeat(pair[0], depth) + inner + strings.Repeat(pair[1], depth))
				i := newInferrer(t)
				for range 2 {
					r := i.call(t, payload, nil)
					if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE || !json.Valid(r.GetOutputStep()) {
						t.Errorf("%d %s: %.200s", depth, pair[0], answerText(r))
					}
				}
			}
			payload := []byte(strings.Repeat(pair[0], 100_000) + "1" + strings.Repeat(pair[1], 100_000))
			if r := newInferrer(t).call(t, payload, nil); !strings.HasPrefix(r.GetExitMsg(), "invalid payload json: recursion limit exceeded at line 1 column ") {
				t.Errorf("100,000 %s: %.200s", pair[0], answerText(r))
			}
		}
	})
}

func novelty(random *rand.Rand, depth int) any {
	if depth == 0 {
		return random.IntN(3)
	}
	m := map[string]any{}
	for range 1 + random.IntN(10) {
		m[fmt.Sprintf("n%d", random.IntN(1_000_000))] = novelty(random, depth-1)
	}
	return []any{m, m}
}

// TestInferReasons: what is wrong with a payload, and where, in the original's words.
func TestInferReasons(t *testing.T) {
	for _, tt := range []struct{ payload, reason string }{
		{`{`, "EOF while parsing an object at line 1 column 1"},
		{`{"a"`, "EOF while parsing an object at line 1 column 4"},
		{`{"a":`, "EOF while parsing a value at line 1 column 5"},
		{`{"a":1`, "EOF while parsing an object at line 1 column 6"},
		{`{"a":1,`, "EOF while parsing a value at line 1 column 7"},
		{`[`, "EOF while parsing a list at line 1 column 1"},
		{`[1`, "EOF while parsing a list at line 1 column 2"},
		{`[1,`, "EOF while parsing a value at line 1 column 3"},
		{`"ab`, "EOF while parsing a string at line 1 column 3"},
		{`"\u00`, "EOF while parsing a string at line 1 column 5"},
		{`tru`, "EOF while parsing a value at line 1 column 3"},
		{`-`, "EOF while parsing a value at line 1 column 1"},
		{`1.`, "EOF while parsing a value at line 1 column 2"},
		{`1e+`, "EOF while parsing a value at line 1 column 3"},
		{` `, "EOF while parsing a value at line 1 column 1"},
		{`trux`, "expected ident at line 1 column 4"},
		{`-x`, "invalid number at line 1 column 2"},
		{`1.x`, "invalid number at line 1 column 3"},
		{`1ex`, "invalid number at line 1 column 3"},
		{`-01`, "invalid number at line 1 column 3"},
		{`[1 2]`, "expected `,` or `]` at line 1 column 4"},
		{`{"a":1 "b"}`, "expected `,` or `}` at line 1 column 8"},
		{`{"a" 1}`, "expected `:` at line 1 column 6"},
		{`{1:2}`, "key must be a string at line 1 column 2"},
		{`{,}`, "key must be a string at line 1 column 2"},
		{`{"a":1,]`, "key must be a string at line 1 column 8"},
		{`[1,]`, "trailing comma at line 1 column 4"},
		{`[1,}`, "expected value at line 1 column 4"},
		{`[}`, "expected value at line 1 column 2"},
		{`{]`, "key must be a string at line 1 column 2"},
		{"[1,\n 2] 3", "trailing characters at line 2 column 5"},
		{"{\n\n\"a\":x}", "expected value at line 3 column 5"},
		{`"\q"`, "invalid escape at line 1 column 3"},
		{`"\u12x4"`, "invalid escape at line 1 column 6"},
		{`"\udc00"`, "lone leading surrogate in hex escape at line 1 column 7"},
		{`"\ud800\u0041"`, "lone leading surrogate in hex escape at line 1 column 13"},
		{`"\ud800x"`, "unexpected end of hex escape at line 1 column 8"},
		{"\"a\nb\"", "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"},
		{`[-1e309]`, "number out of range at line 1 column 7"},
		{strings.Repeat("9", 310), "number out of range at line 1 column 310"},
	} {
		r := newInferrer(t).call(t, []byte(tt.payload), nil)
		if got, want := r.GetExitMsg(), "invalid payload json: "+tt.reason; got != want || r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_FALSE {
			t.Errorf("%.40q: got %v %q, want %q", tt.payload, r.GetExitCode(), got, want)
		}
	}
	for _, payload := range []string{`1e308`, `0.0001e312`, strings.Repeat("9", 308), `0e999999999999`, `1e-999999999999`, `17976931348623157e292`} {
		if r := newInferrer(t).call(t, []byte(payload), nil); r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE {
			t.Errorf("%.40q: got %q", payload, r.GetExitMsg())
		}
	}
}
