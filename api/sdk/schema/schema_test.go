package schema_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/api/sdk/schema"
)

const draft = `{"$schema":"http://json-schema.org/draft-07/schema#",`

func parse(t testing.TB, text string) schema.Schema {
	t.Helper()
	s, err := schema.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// TestTextOfTheInferenceStepIsKept has what the step writes, byte by byte.
func TestTextOfTheInferenceStepIsKept(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{
		`"type":"null"}`,
		`"format":"date-time","type":"string"}`,
		`"properties":{},"required":[],"type":"object"}`,
		`"properties":{"":{"type":"integer"},"a\"b":{"type":"boolean"},"é<&>":{"type":"number"}},"required":["","é<&>"],"type":"object"}`,
		`"properties":{"a":{"type":"string"}},"type":"object"}`,
		`"items":{"properties":{},"type":"object"},"type":"array"}`,
		`"items":{"properties":{},"required":[],"type":"object"},"type":"array"}`,
		`"anyOf":[{"type":"null"},{"type":"integer"},{"items":{"type":"string"},"type":"array"}]}`,
		`"additionalProperties":{"type":"integer"},"properties":{},"type":"object"}`,
		`"additionalProperties":{"type":"integer"},"properties":{"fixed":{"type":"string"}},"required":["fixed"],"type":"object"}`,
	} {
		if got := string(parse(t, draft+rest).Bytes()); got != draft+rest {
			t.Errorf("got  %s\nwant %s", got, draft+rest)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, a, b, want string }{
		{"same", `{"type":"string"}`, `{"type":"string"}`, `"type":"string"}`},
		{"types", `{"type":"string"}`, `{"type":"null"}`, `"anyOf":[{"type":"null"},{"type":"string"}]}`},
		{"list of types", `{"type":["string","null"]}`, `{"type":"boolean"}`, `"anyOf":[{"type":"null"},{"type":"boolean"},{"type":"string"}]}`},
		{"number takes integer", `{"type":"integer"}`, `{"type":"number"}`, `"type":"number"}`},
		{"formats differ", `{"type":"string","format":"date"}`, `{"type":"string","format":"integer"}`, `"type":"string"}`},
		{"one has no format", `{"type":"string","format":"date"}`, `{"type":"string"}`, `"type":"string"}`},
		{"format beside another type", `{"type":"string","format":"date"}`, `{"type":"null"}`, `"anyOf":[{"type":"null"},{"format":"date","type":"string"}]}`},
		{
			"missing properties are optional",
			`{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"required":["a","b"]}`,
			`{"type":"object","properties":{"b":{"type":"string"},"c":{"type":"null"}},"required":["b","c"]}`,
			`"properties":{"a":{"type":"null"},"b":{"anyOf":[{"type":"null"},{"type":"string"}]},"c":{"type":"null"}},"required":["b"],"type":"object"}`,
		},
		{
			"an object beside another type keeps what is required",
			`{"type":"object","properties":{"a":{"type":"null"}},"required":["a"]}`, `{"type":"null"}`,
			`"anyOf":[{"type":"null"},{"properties":{"a":{"type":"null"}},"required":["a"],"type":"object"}]}`,
		},
		{
			"elements", `{"type":"array","items":{"type":"null"}}`, `{"type":"array","items":{"type":"string"}}`,
			`"items":{"anyOf":[{"type":"null"},{"type":"string"}]},"type":"array"}`,
		},
		{
			"elements of an empty array", `{"type":"array","items":{"type":"object","properties":{}}}`, `{"type":"array","items":{"type":"null"}}`,
			`"items":{"type":"null"},"type":"array"}`,
		},
		{
			"keys that are data", `{"type":"object","additionalProperties":{"type":"null"},"properties":{"x":{"type":"null"}},"required":["x"]}`,
			`{"type":"object","properties":{"k":{"type":"string"},"x":{"type":"null"}},"required":["k","x"]}`,
			`"additionalProperties":{"anyOf":[{"type":"null"},{"type":"string"}]},"properties":{"x":{"type":"null"}},"required":["x"],"type":"object"}`,
		},
		{"everything", `{"properties":true}`, `{"type":"null"}`, `}`},
		{"unknown keywords", `{"title":"t","type":"null"}`, `{"type":"null","$ref":"#"}`, `"type":"null"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Replace(draft+tt.want, ",}", "}", 1)
			a, b := parse(t, tt.a), parse(t, tt.b)
			for _, merged := range []schema.Schema{schema.Merge(a, b), schema.Merge(b, a)} {
				if got := string(merged.Bytes()); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
}

func TestObjectWithTooManyPropertiesIsAMap(t *testing.T) {
	t.Parallel()
	merged := parse(t, `{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}`)
	for i := range 300 {
		one := fmt.Sprintf(`{"type":"object","properties":{"id":{"type":"string"},"k%d":{"type":"integer"}},"required":["id","k%d"]}`, i, i)
		merged = schema.Merge(merged, parse(t, one))
	}
	want := draft + `"additionalProperties":{"type":"integer"},"properties":{"id":{"type":"string"}},"required":["id"],"type":"object"}`
	if got := string(merged.Bytes()); got != want {
		t.Errorf("got  %.300s\nwant %s", got, want)
	}
}

func TestWhatIsNotASchemaIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "null", "{", `{"a":1}}`, `{"title":"` + strings.Repeat("x", 1<<20) + `"}`} {
		if _, err := schema.Parse([]byte(text)); err == nil {
			t.Errorf("%.20s was accepted", text)
		}
	}
}

// random returns a schema text of the step's vocabulary.
func random(r *rand.Rand, depth int) any {
	names := []string{"null", "boolean", "integer", "number", "string", "object", "array"}
	if depth == 0 {
		names = names[:5]
	}
	m := map[string]any{"type": names[r.IntN(len(names))]}
	switch m["type"] {
	case "string":
		if r.IntN(2) == 0 {
			m["format"] = []string{"date", "integer"}[r.IntN(2)]
		}
	case "array":
		m["items"] = random(r, depth-1)
	case "object":
		properties, required := map[string]any{}, []string{}
		for range r.IntN(4) {
			key := string(rune('a' + r.IntN(4)))
			properties[key] = random(r, depth-1)
			if r.IntN(2) == 0 {
				required = append(required, key)
			}
		}
		m["properties"], m["required"] = properties, required
		if r.IntN(5) == 0 {
			m["additionalProperties"] = random(r, depth-1)
		}
	}
	return m
}

// TestMergingSettles is why replicas that send their schemas again and again do not make the
// stored version grow: whatever was merged adds nothing a second time.
func TestMergingSettles(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var parts []schema.Schema
		var merged schema.Schema
		for range 1 + r.IntN(4) {
			text, _ := json.Marshal(random(r, 3))
			parts = append(parts, parse(t, string(text)))
			merged = schema.Merge(merged, parts[len(parts)-1])
		}
		for _, p := range parts { // a map may take in named properties once more
			merged = schema.Merge(merged, p)
		}
		before := string(merged.Bytes())
		for _, p := range append(parts, merged) {
			if got := string(schema.Merge(merged, p).Bytes()); got != before {
				t.Fatalf("%s\nadded to %s\ngave     %s", p.Bytes(), before, got)
			}
		}
		if got := string(parse(t, before).Bytes()); got != before {
			t.Fatalf("read back: got %s\nwant %s", got, before)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(draft + `"properties":{"a":{"anyOf":[{"type":"null"},{"items":{},"type":"array"}]}},"required":["a"],"type":"object"}`))
	f.Add([]byte(`{"type":["object",1],"properties":[],"additionalProperties":true}`))
	f.Add([]byte(`{"anyOf":[{"type":"integer"},{"type":"number"},7]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := schema.Parse(text)
		if err != nil {
			return
		}
		canonical := s.Bytes()
		again, err := schema.Parse(canonical)
		if err != nil {
			t.Fatalf("cannot read own text %s: %v", canonical, err)
		}
		if got := schema.Merge(s, again).Bytes(); string(got) != string(again.Bytes()) {
			t.Fatalf("%s merged with itself gives %s", canonical, got)
		}
	})
}
