package wasmbuild

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// schemaTwin is a schema validation rule in both forms.
func schemaTwin(t testing.TB, b *Builder, engine *runner.Runtime, step *pb.PipelineStep) (*twin, error) {
	t.Helper()
	m, err := b.Step(t.Context(), step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
	if err != nil {
		return nil, err
	}
	i, err := engine.Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	r := newRule(vm.RuleBase)
	if err := planStep(r, step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON); err != nil {
		t.Fatal(err)
	}
	return &twin{nil, i, kernel.Native{Entry: r.entry, Bind: r.bind, Set: r.set, Data: r.data.Image()}}, nil
}

// oracle is another implementation of JSON Schema.
type oracle struct{ schema *jsonschema.Schema }

var oracleDrafts = map[steps.JSONSchemaDraft]*jsonschema.Draft{
	steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_04: jsonschema.Draft4,
	steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_06: jsonschema.Draft6,
	steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_07: jsonschema.Draft7,
}

func newOracle(text string, draft steps.JSONSchemaDraft) (*oracle, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(oracleDrafts[draft])
	if err := c.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	s, err := c.Compile("schema.json")
	return &oracle{s}, err
}

func (o *oracle) accepts(t testing.TB, payload []byte) bool {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
	if err != nil {
		t.Fatalf("payload %s: %v", payload, err)
	}
	return o.schema.Validate(value) == nil
}

// maker makes schemas and values of few names, numbers and texts, so that they
// often have to do with each other.
type maker struct {
	*rand.Rand
	draft steps.JSONSchemaDraft
}

func (m maker) one(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) name() string {
	return m.one(`"a"`, `"b"`, `"ab"`, `"\u0061c"`, `"é"`, `"a.b"`, `"x\"y"`)
}

func (m maker) number() string {
	return m.one("0", "1", "2", "3", "-1", "1.0", "1.5", "10", "1e1", "0.1e2", "-0", "0.01", "1e2", "12345678901234567890", "1E-2", "2.50")
}

func (m maker) value(depth int) string {
	space := m.one("", "", "", " ", "\n\t")
	kind := m.IntN(9)
	if depth == 0 {
		kind = m.IntN(6)
	}
	switch kind {
	case 0, 1:
		return m.number()
	case 2, 3:
		return m.one(m.name(), `""`, `"abc"`, `"1"`, `"a\nb"`, `"äöü"`, `"😀"`, `"\ud83d\ude00"`)
	case 4:
		return m.one("true", "false")
	case 5:
		return "null"
	case 6:
		return m.list("[", "]", m.IntN(4), func() string { return space + m.value(depth-1) + space })
	}
	return m.members(m.IntN(4), func() string { return space + m.value(depth-1) })
}

func (m maker) list(open, shut string, n int, item func() string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item()
	}
	return open + strings.Join(items, ",") + shut
}

// members makes an object whose keys differ.
func (m maker) members(n int, value func() string) string {
	seen := map[string]bool{}
	var items []string
	for range n {
		if name := m.name(); !seen[name] {
			seen[name] = true
			items = append(items, name+":"+value())
		}
	}
	return "{" + strings.Join(items, ",") + "}"
}

func (m maker) typeName() string {
	return m.one(`"null"`, `"boolean"`, `"integer"`, `"number"`, `"string"`, `"object"`, `"array"`)
}

func (m maker) schema(depth int) string {
	if depth == 0 || m.IntN(12) == 0 {
		return m.one("{}", `{"type":`+m.typeName()+`}`, `{"$ref":"#/definitions/d"}`, `{"enum":[`+m.value(1)+`]}`)
	}
	n := 1 + m.IntN(3)
	seen := map[string]bool{}
	var items []string
	for range n {
		keyword, value := m.keyword(depth - 1)
		if !seen[keyword] {
			seen[keyword] = true
			items = append(items, `"`+keyword+`":`+value)
		}
	}
	return "{" + strings.Join(items, ",") + "}"
}

func (m maker) keyword(depth int) (keyword, value string) {
	sub := func() string { return m.schema(depth) }
	few := fmt.Sprint(m.IntN(3))
	options := []func() (string, string){
		func() (string, string) { return "type", m.typeName() },
		func() (string, string) { return "type", "[" + m.typeName() + "]" },
		func() (string, string) { return "properties", m.members(3, sub) },
		func() (string, string) { return "properties", m.members(2, sub) },
		func() (string, string) { return "items", sub() },
		func() (string, string) { return "items", m.list("[", "]", 1+m.IntN(2), sub) },
		func() (string, string) { return "additionalItems", m.one("true", "false", sub()) },
		func() (string, string) { return "additionalProperties", m.one("true", "false", sub()) },
		func() (string, string) { return "required", "[" + m.name() + "]" },
		func() (string, string) { return m.one("minLength", "minItems", "minProperties"), few },
		func() (string, string) { return m.one("maxLength", "maxItems", "maxProperties"), few },
		func() (string, string) { return m.one("minimum", "maximum"), m.number() },
		func() (string, string) { return "multipleOf", m.one("1", "2", "0.01", "0.5", "1.5", "100", "1e-3") },
		func() (string, string) { return "pattern", m.one(`"^a"`, `"b$"`, `"[0-9]"`, `"^.{2}$"`, `"é"`) },
		func() (string, string) {
			return "patternProperties", `{` + m.one(`"^a"`, `"b"`) + `:` + sub() + `,"é$":` + sub() + `}`
		},
		func() (string, string) { return "uniqueItems", "true" },
		func() (string, string) { return "enum", "[" + m.value(2) + "]" },
		func() (string, string) { return m.one("allOf", "anyOf", "oneOf"), m.list("[", "]", 1+m.IntN(3), sub) },
		func() (string, string) { return "not", sub() },
		func() (string, string) { return "dependencies", `{"a":` + sub() + `,"b":["ab"]}` },
	}
	if m.draft >= steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_06 {
		options = append(options,
			func() (string, string) { return "const", m.value(2) },
			func() (string, string) { return "contains", sub() },
			func() (string, string) { return "propertyNames", sub() },
			func() (string, string) { return m.one("exclusiveMinimum", "exclusiveMaximum"), m.number() })
	}
	if m.draft >= steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_07 {
		options = append(options, func() (string, string) { return "if", sub() + `,"then":` + sub() + `,"else":` + sub() })
	}
	return options[m.IntN(len(options))]()
}

// TestSchemaOracle compares random schemas and payloads with another
// implementation, and the native kernel with the compiled one.
func TestSchemaOracle(t *testing.T) {
	t.Parallel()
	const schemas, payloads = 600, 10
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	compared, accepted := 0, 0
	for n := range schemas {
		draft := steps.JSONSchemaDraft(1 + n%3)
		m := maker{rand.New(rand.NewPCG(7, uint64(n))), draft}
		text := strings.TrimSuffix(m.schema(3), "}") + `,"definitions":{"d":` + m.schema(1) + `}}`
		text = strings.Replace(text, "{,", "{", 1)
		o, err := newOracle(text, draft)
		if err != nil {
			continue // nothing to compare with
		}
		w, err := schemaTwin(t, b, engine, schemaStep(text, draft))
		if err != nil && refersToItself(err) {
			continue // the other implementation notices that later
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for range payloads {
			payload := []byte(m.value(3))
			got, message := w.verdict(t, payload)
			want := o.accepts(t, payload)
			if got != want {
				t.Errorf("draft %d %s\npayload %s\ngot %v %q, want %v", draft, text, payload, got, message, want)
			}
			compared++
			if want {
				accepted++
			}
		}
		if err := w.compiled.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d payloads compared, %d of them accepted", compared, accepted)
	if compared < schemas*payloads*3/4 || accepted < compared/5 || accepted > compared*4/5 {
		t.Errorf("%d payloads were compared and %d accepted: that says little", compared, accepted)
	}
}

func refersToItself(err error) bool {
	return strings.Contains(err.Error(), "refers to itself") || strings.Contains(err.Error(), "leads back to itself")
}

// FuzzSchema holds any schema that can be compiled against any payload.
func FuzzSchema(f *testing.F) {
	for _, schema := range []string{
		`{"type":"object","properties":{"a":{"type":"string","maxLength":2}},"required":["a"],"additionalProperties":false}`,
		`{"items":{"anyOf":[{"enum":[1,"x",{"a":[]}]},{"not":{"type":"array"}}]},"uniqueItems":true,"contains":{"const":null}}`,
		`{"$ref":"#/definitions/d","definitions":{"d":{"type":"object","additionalProperties":{"$ref":"#"}}}}`,
		`{"patternProperties":{"^a":{"multipleOf":0.01},"b$":{"minimum":-3}},"propertyNames":{"pattern":"[a-c]"}}`,
		`{"if":{"format":"date-time"},"then":{"format":"uri"},"else":{"dependencies":{"a":["b"],"b":{"minProperties":3}}}}`,
	} {
		for _, payload := range []string{
			`{"a":"xyz","b":[1,1.0,"x",{"a":[]}]}`, `[null,{"a":1,"a":2},"\ud83d\ude00",1e-7]`, `{"ab":1.001,"b":{}`, `"2020-01-01T00:00:00Z"`, "[[[\xff]]]",
		} {
			f.Add([]byte(schema), []byte(payload), uint8(7))
		}
	}
	b, engine := newBuilder(f), newRunner(f, runner.Options{Interpreter: true})
	f.Fuzz(func(t *testing.T, text, payload []byte, n uint8) {
		draft := steps.JSONSchemaDraft(1 + n%3)
		w, err := schemaTwin(t, b, engine, schemaStep(string(text), draft))
		if err != nil || len(payload) == 0 {
			return
		}
		defer w.compiled.Close(t.Context())
		got, message := w.verdict(t, payload)
		if strings.HasPrefix(message, "invalid payload json: ") || strings.HasPrefix(message, "error: ") || beyondOracle(text, payload) {
			return
		}
		o, err := newOracle(string(text), draft)
		if err != nil {
			return
		}
		if want := o.accepts(t, payload); got != want {
			t.Errorf("draft %v %s\npayload %s\ngot %v %q, want %v", draft, text, payload, got, message, want)
		}
	})
}

// beyondOracle says whether the two may differ: in formats and patterns, which
// are not the same, in what repeated keys mean, and in huge exponents.
func beyondOracle(text, payload []byte) bool {
	for _, word := range []string{"format", "attern", "content", "id", "$schema", "e+", "E", "e"} {
		if bytes.Contains(payload, []byte(word)) && len(word) < 3 || bytes.Contains(text, []byte(word)) && len(word) > 1 {
			return true
		}
	}
	return bytes.ContainsRune(payload, '\\') || bytes.ContainsRune(text, '\\') || repeatsKeys(payload) || repeatsKeys(text)
}

// repeatsKeys says whether an object of a JSON text has a key twice.
func repeatsKeys(text []byte) bool {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return true
	}
	again, err := json.Marshal(v)
	return err != nil || bytes.Count(again, []byte(":")) != bytes.Count(text, []byte(":"))
}

// verdict runs both forms on a payload that is JSON and checks what holds for every answer.
func (w *twin) verdict(t testing.TB, payload []byte) (matches bool, message string) {
	t.Helper()
	request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(w.call(t, request), r); err != nil {
		t.Fatal(err)
	}
	message = r.GetExitMsg()
	matches = r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE
	switch {
	case string(r.GetOutputPayload()) != string(payload):
		t.Fatalf("payload %q comes back as %q", payload, r.GetOutputPayload())
	case !json.Valid(payload) && !strings.HasPrefix(message, "invalid payload json: "):
		t.Fatalf("payload %q is not JSON, but the answer is %q", payload, message)
	case matches != (message == "payload matches schema"):
		t.Fatalf("payload %q: exit code %v with message %q", payload, r.GetExitCode(), message)
	}
	return matches, message
}
