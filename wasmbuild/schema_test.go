package wasmbuild

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

const draft7 = steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_07

// TestSchemaMessages checks that a message names the place, what was expected
// and what is there instead.
func TestSchemaMessages(t *testing.T) {
	t.Parallel()
	const matches, prefix = "payload matches schema", "payload does not match schema, invalid fields: "
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, tt := range []struct{ name, schema, payload, want string }{
		{
			"places by name and index", `{"properties":{"b":{"type":"null"},"a":{"items":{"type":"string"}}}}`, `{"b":1,"a":["x",2,3]}`,
			`a.1: expected type=string; got value=2,a.2: expected type=string; got value=3,b: expected type=null; got value=1`,
		},
		{
			"indexes in order of their value", `{"items":{"enum":[0]}}`, `[0,0,1,0,0,0,0,0,0,0,2]`,
			`2: expected enum=[0]; got value=1,10: expected enum=[0]; got value=2`,
		},
		{
			"paths can be used in other steps", `{"additionalProperties":{"type":"null"}}`, `{"a.b":1,"\u0063*":2}`,
			`a\.b: expected type=null; got value=1,c\*: expected type=null; got value=2`,
		},
		{
			"values are compact, with sorted members", `{"type":"string"}`, ` { "b" : [ 1.50 , "\u00e9\u0022" ] , "a" : { } } `,
			`: expected type=string; got value={"a":{},"b":[1.50,"é\""]}`,
		},
		{
			"all that is required and absent", `{"required":["a","b","c"]}`, `{"b":1}`,
			`: expected required="a"; got value={"b":1},: expected required="c"; got value={"b":1}`,
		},
		{
			"several keywords", `{"minLength":3,"pattern":"^z","enum":["zzz"]}`, `"ab"`,
			`: expected minLength=3; got value="ab",: expected pattern="^z"; got value="ab",: expected enum=["zzz"]; got value="ab"`,
		},
		{
			"a member too many", `{"properties":{"a":{}},"additionalProperties":false}`, `{"a":1,"b":2,"c":3}`,
			`b: expected additionalProperties=false; got value=2,c: expected additionalProperties=false; got value=3`,
		},
		{
			"a member too many in a typed object, as the original says it", `{"type":"object","additionalProperties":false}`, `{"b":2,"c":3}`,
			`: expected type=object; got value={"b":2,"c":3}`,
		},
		{"an element too many", `{"items":[{}],"additionalItems":false}`, `[1,2]`, `1: expected additionalItems=false; got value=2`},
		{"a key", `{"propertyNames":{"maxLength":1}}`, `{"a":1,"bc":2}`, `: expected propertyNames={"maxLength":1}; got value="bc"`},
		{"failures in alternatives are not told", `{"anyOf":[{"type":"string"},{"minimum":5}]}`, `4`, `: expected anyOf=[{"type":"string"},{"minimum":5}]; got value=4`},
		{
			"failures in what holds besides are", `{"allOf":[{"type":"string"},{"minimum":5}]}`, `4`,
			`: expected type=string; got value=4,: expected minimum=5; got value=4`,
		},
		{"a branch", `{"if":{"type":"integer"},"then":{"maximum":1},"else":false}`, `2`, `: expected maximum=1; got value=2`},
		{"too many alternatives", `{"oneOf":[{"minimum":1},{"minimum":2}]}`, `3`, `: expected oneOf=[{"minimum":1},{"minimum":2}]; got value=3`},
		{"a fitting payload", `{"type":"object"}`, `{}`, matches},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, err := schemaTwin(t, b, engine, schemaStep(tt.schema, draft7))
			if err != nil {
				t.Fatal(err)
			}
			if _, got := w.verdict(t, []byte(tt.payload)); strings.TrimPrefix(got, prefix) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestSchemaRefused checks that what cannot mean anything is refused with place and reason.
func TestSchemaRefused(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, tt := range []struct{ schema, want string }{
		{`{"type":`, "at line 1 column 8, the schema is not JSON"},
		{"{\n \"a\" 1}", "at line 2 column 6, the schema is not JSON"},
		{`{} {}`, "the schema goes on after its end"},
		{`[]`, "at the schema's root, a schema is an object"},
		{`{"properties":{"a/b":5}}`, "at #/properties/a~1b, 5 is no schema"},
		{`{"items":{"$ref":"#/definitions/x"}}`, `at #/items, $ref "#/definitions/x" points to nothing in the schema`},
		{`{"$ref":"#"}`, `$ref "#" leads back to itself`},
		{`{"allOf":[{"not":{"$ref":"#"}}]}`, "the schema refers to itself for the same value"},
		{`{"$ref":"http://example.com/x.json"}`, "other documents are not fetched"},
		{`{"$id":"http://a b/"}`, `$id "http://a b/" is not a URI`},
		{`{"pattern":"("}`, `pattern "(" cannot be used: `},
		{`{"patternProperties":{"(?=a)":{}}}`, `patternProperties "(?=a)" cannot be used: `},
		{`{"minLength":-1}`, "minLength must be a whole number from 0 on"},
		{`{"multipleOf":0}`, "multipleOf must be above 0"},
		{"{\"a\":\"\xff\"}", "the schema is not UTF-8 text"},
		{strings.Repeat(`{"not":`, 600) + "{}" + strings.Repeat("}", 600), "the schema nests deeper than 512 levels"},
	} {
		_, err := b.Step(t.Context(), schemaStep(tt.schema, draft7), 0)
		var refused *StepError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reason, tt.want) {
			t.Errorf("%.60s: got %v, want %q", tt.schema, err, tt.want)
		}
	}
}

// TestSchemaNesting checks how deep payloads may nest, and that deeper ones get an answer.
func TestSchemaNesting(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, schema := range []string{
		`{}`, `{"type":["array","object"],"items":{"$ref":"#"},"additionalProperties":{"$ref":"#"}}`,
		`{"allOf":[{"items":{"$ref":"#"}},{"additionalProperties":{"$ref":"#"}}]}`,
	} {
		w, err := schemaTwin(t, b, engine, schemaStep(schema, draft7))
		if err != nil {
			t.Fatal(err)
		}
		for _, pair := range []string{"[]", `{"k":}`} {
			nested := func(n int) []byte {
				inner := map[string]string{"[]": "[]", `{"k":}`: "{}"}[pair]
				return []byte(strings.Repeat(pair[:len(pair)-1], n-1) + inner + strings.Repeat(pair[len(pair)-1:], n-1))
			}
			if strings.Contains(schema, "allOf") { // each level doubles the work
				if ok, message := w.verdict(t, nested(12)); !ok {
					t.Errorf("%s: 12 levels of %s: %q", schema, pair, message)
				}
				continue
			}
			for _, n := range []int{1, 1024, 2048} {
				if ok, message := w.verdict(t, nested(n)); !ok {
					t.Errorf("%s: %d levels of %s: %q", schema, n, pair, message)
				}
			}
			for _, n := range []int{2049, 100_000} {
				if _, message := w.verdict(t, nested(n)); !strings.Contains(message, "recursion limit exceeded") {
					t.Errorf("%s: %d levels of %s: %q", schema, n, pair, message)
				}
			}
		}
	}
}

// TestSchemaBoundedWork checks that schemas which look at values again and again give up.
func TestSchemaBoundedWork(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	const again = `{"anyOf":[{"items":{"$ref":"#"},"maxItems":0},{"items":{"$ref":"#"},"minItems":2},{"items":{"$ref":"#"}}]}`
	for name, tt := range map[string]struct{ schema, payload string }{
		"alternatives": {again, strings.Repeat("[", 40) + strings.Repeat("]", 40)},
		"members":      {`{"uniqueItems":true}`, `[{` + strings.TrimSuffix(strings.Repeat(`"k":1,`, 20_000), ",") + `},{"a":1}]`},
		"deep values":  {`{"enum":[{}]}`, strings.Repeat(`{"a":`, 1000) + `[1,2]` + strings.Repeat(`}`, 1000)},
	} {
		m, err := b.Step(t.Context(), schemaStep(tt.schema, draft7), 0)
		if err != nil {
			t.Fatal(err)
		}
		i, err := engine.Load(t.Context(), m.Bytes, m.Function)
		if err != nil {
			t.Fatal(err)
		}
		r, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: []byte(tt.payload)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == "alternatives" && r.GetExitMsg() != "error: schema validation gave up after 16777216 steps; make the schema simpler" {
			t.Errorf("%s: got %q", name, r.GetExitMsg())
		}
		if string(r.GetOutputPayload()) != tt.payload {
			t.Errorf("%s: the payload does not come back", name)
		}
	}
}

// TestSchemaLongMessages checks that neither many failures nor long values make a long message.
func TestSchemaLongMessages(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	w, err := schemaTwin(t, b, engine, schemaStep(`{"items":{"type":"null"}}`, draft7))
	if err != nil {
		t.Fatal(err)
	}
	_, message := w.verdict(t, []byte("["+strings.TrimSuffix(strings.Repeat("1,", 1000), ",")+"]"))
	if !strings.HasSuffix(message, "63: expected type=null; got value=1,and 936 more") {
		t.Errorf("many failures: got %.300s ... %s", message, message[max(0, len(message)-100):])
	}
	_, message = w.verdict(t, []byte(`["`+strings.Repeat("é", 100_000)+`",[`+strings.Repeat(`{"a":[`, 400)+strings.Repeat(`]}`, 400)+`]]`))
	if len(message) > 2500 || strings.Count(message, "...") != 2 || strings.ContainsRune(message, '\uFFFD') {
		t.Errorf("long values: got %d bytes: %.100s ... %s", len(message), message, message[len(message)-100:])
	}
	keys := strings.Repeat(`k`, 5000)
	_, message = w.verdict(t, []byte(`[`+strings.TrimSuffix(strings.Repeat(`{"`+keys+`":1},`, 30), ",")+`]`))
	if len(message) > 40<<10 || !strings.Contains(message, " more") {
		t.Errorf("long keys: got %d bytes", len(message))
	}
}

// TestSchemaNegated checks that NOT_MATCH turns the exit code around, but not for what is no JSON.
func TestSchemaNegated(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	step := schemaStep(`{"type":"string"}`, draft7)
	step.GetSchemaValidation().Condition = steps.SchemaValidationCondition_SCHEMA_VALIDATION_CONDITION_NOT_MATCH
	m := build(t, b, step)
	i, err := engine.Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	for payload, want := range map[string]pb.WASMExitCode{
		`"x"`: pb.WASMExitCode_WASM_EXIT_CODE_FALSE, `1`: pb.WASMExitCode_WASM_EXIT_CODE_TRUE, `{`: pb.WASMExitCode_WASM_EXIT_CODE_FALSE,
	} {
		r, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: []byte(payload)})
		if err != nil || r.GetExitCode() != want {
			t.Errorf("%s: got %v %v, want %v", payload, r, err, want)
		}
	}
}

// TestSchemaModules checks that modules hold no more than their schema needs.
func TestSchemaModules(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, tt := range []struct {
		name, schema string
		limit        int
	}{
		{"plain", `{"type":"object","required":["a"],"properties":{"a":{"type":"string","maxLength":9},"b":{"type":"integer","minimum":0}}}`, 24 << 10},
		{"everything", `{"format":"uri","pattern":"^[a-z]+$","uniqueItems":true,"enum":[1],"not":{"type":"null"}}`, 28 << 10},
	} {
		m := build(t, b, schemaStep(tt.schema, draft7))
		t.Logf("%s: %d bytes", tt.name, len(m.Bytes))
		if len(m.Bytes) > tt.limit {
			t.Errorf("%s: module has %d bytes, more than %d", tt.name, len(m.Bytes), tt.limit)
		}
		if again := build(t, newBuilder(t), proto.CloneOf(schemaStep(tt.schema, draft7))); again.ID != m.ID {
			t.Errorf("%s: two builders make modules %s and %s", tt.name, m.ID, again.ID)
		}
	}
}

// BenchmarkSchema is one payload held against a schema that says something of every part of it.
func BenchmarkSchema(b *testing.B) {
	const line = `{"type":"object","required":["sku","qty","price"],"properties":{"sku":{"type":"string","minLength":1},"title":{"type":"string"},` +
		`"qty":{"type":"integer","minimum":1},"price":{"type":"number","minimum":0},"gift":{"type":"boolean"},"note":{"type":["string","null"]}}}`
	const schema = `{"type":"object","required":["id","lines","customer"],"properties":{"id":{"type":"string","maxLength":40},"placed":{"type":"string"},` +
		`"lines":{"type":"array","items":` + line + `},"total":{"type":"number"},"customer":{"type":"object","required":["id","name"],` +
		`"properties":{"id":{"type":"integer"},"name":{"type":"string"},"contact":{"type":"object"}}}}}`
	builder, engine := newBuilder(b), newRunner(b, runner.Options{})
	step := schemaStep(schema, draft7)
	m := build(b, builder, step)
	for _, size := range []int{700, 9_000, 87_000} {
		payload := order(size)
		b.Run(fmt.Sprint(len(payload)), func(b *testing.B) {
			i, err := engine.Load(b.Context(), m.Bytes, m.Function)
			if err != nil {
				b.Fatal(err)
			}
			request := marshal(b, requestFor(step, payload))
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				if _, err := i.CallRaw(b.Context(), request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
