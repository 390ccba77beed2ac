package kernel

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/api/pb"
)

// reference is what schema inference means, written without regard to speed:
// the types seen at a place.
type reference struct {
	scalars map[string]bool // null, boolean, integer, number, string
	format  string          // of strings
	object  *referenceObject
	element *reference // of arrays
}

type referenceObject struct {
	properties map[string]*reference
	required   map[string]bool
}

func (r *reference) merge(v any) {
	if r.scalars == nil {
		r.scalars = map[string]bool{}
	}
	switch v := v.(type) {
	case nil:
		r.scalars["null"] = true
	case bool:
		r.scalars["boolean"] = true
	case json.Number:
		kind := numberType(v)
		r.scalars[kind] = true
		if r.scalars["number"] {
			delete(r.scalars, "integer")
		}
	case string:
		format := stringFormat(v)
		if r.scalars["string"] && r.format != format {
			format = ""
		}
		r.scalars["string"], r.format = true, format
	case []any:
		if r.element == nil {
			r.element = &reference{}
		}
		for _, e := range v {
			r.element.merge(e)
		}
	case map[string]any:
		if r.object == nil {
			r.object = &referenceObject{map[string]*reference{}, map[string]bool{}}
			for key := range v {
				r.object.required[key] = true
			}
		}
		for key, member := range v {
			if r.object.properties[key] == nil {
				r.object.properties[key] = &reference{}
			}
			r.object.properties[key].merge(member)
		}
		for key := range r.object.required {
			if _, ok := v[key]; !ok {
				delete(r.object.required, key)
			}
		}
	}
}

// schema is the JSON form; alternatives are in any order.
func (r *reference) schema() any {
	var list []any
	for kind := range r.scalars {
		node := map[string]any{"type": kind}
		if kind == "string" && r.format != "" {
			node["format"] = r.format
		}
		list = append(list, node)
	}
	if r.object != nil {
		properties, required := map[string]any{}, []any{}
		for key, p := range r.object.properties {
			properties[key] = p.schema()
			if r.object.required[key] {
				required = append(required, key)
			}
		}
		node := map[string]any{"type": "object", "properties": properties, "required": required}
		if len(required) == 0 && len(properties) > 0 {
			delete(node, "required")
		}
		list = append(list, node)
	}
	if r.element != nil {
		list = append(list, map[string]any{"type": "array", "items": r.element.schema()})
	}
	switch len(list) {
	case 0:
		return map[string]any{"type": "object", "properties": map[string]any{}}
	case 1:
		return list[0]
	}
	return map[string]any{"anyOf": list}
}

// freshSchema is what the original infers from one payload.
func freshSchema(v any) map[string]any {
	switch v := v.(type) {
	case []any:
		var distinct []map[string]any
		for _, e := range v {
			if s := freshSchema(e); !slices.ContainsFunc(distinct, func(d map[string]any) bool { return canonical(d) == canonical(s) }) {
				distinct = append(distinct, s)
			}
		}
		objects := !slices.ContainsFunc(distinct, func(s map[string]any) bool { return s["type"] != "object" })
		switch {
		case len(distinct) == 1:
			return map[string]any{"type": "array", "items": distinct[0]}
		case objects:
			return map[string]any{"type": "array", "items": mergedObject(distinct)}
		}
		list := []any{}
		for _, d := range distinct {
			list = append(list, d)
		}
		return map[string]any{"type": "array", "items": map[string]any{"anyOf": list}}
	case map[string]any:
		properties, required := map[string]any{}, []any{}
		for key, member := range v {
			properties[key] = freshSchema(member)
			required = append(required, key)
		}
		return map[string]any{"type": "object", "properties": properties, "required": required}
	}
	r := &reference{}
	r.merge(v)
	return r.schema().(map[string]any)
}

func mergedObject(variants []map[string]any) map[string]any {
	seen := map[string][]any{}
	count := map[string]int{}
	for _, v := range variants {
		for key, p := range v["properties"].(map[string]any) {
			count[key]++
			if !slices.ContainsFunc(seen[key], func(q any) bool { return canonical(q) == canonical(p) }) {
				seen[key] = append(seen[key], p)
			}
		}
	}
	properties, required := map[string]any{}, []any{}
	for key, list := range seen {
		properties[key] = any(map[string]any{"anyOf": list})
		if len(list) == 1 {
			properties[key] = list[0]
		}
		if count[key] == len(variants) {
			required = append(required, key)
		}
	}
	merged := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		merged["required"] = required
	}
	return merged
}

func numberType(n json.Number) string {
	s := string(n)
	if s == "-0" {
		return "number"
	}
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return "integer"
	}
	if _, err := strconv.ParseUint(s, 10, 64); err == nil {
		return "integer"
	}
	return "number"
}

var (
	datePattern     = regexp.MustCompile(`^[\s]*([+-]?)(\d+)-[\s]*(\d{1,2})-[\s]*(\d{1,2})$`)
	dateTimePattern = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+−-]([01]\d|2[0-3]):[0-5]\d)$`)
)

func stringFormat(s string) string {
	if _, err := strconv.ParseInt(s, 10, 32); err == nil {
		return "integer"
	}
	if m := datePattern.FindStringSubmatch(s); m != nil && (m[1] != "" || len(m[2]) <= 4) && len(m[2]) <= 6 {
		year, _ := strconv.Atoi(m[2])
		month, _ := strconv.Atoi(m[3])
		day, _ := strconv.Atoi(m[4])
		if year <= 262143 && realDay(year, month, day) {
			return "date"
		}
	}
	if m := dateTimePattern.FindStringSubmatch(s); m != nil {
		if year, err := strconv.Atoi(m[1][:4]); err == nil {
			month, _ := strconv.Atoi(m[1][5:7])
			day, _ := strconv.Atoi(m[1][8:])
			if realDay(year, month, day) {
				return "date-time"
			}
		}
	}
	return ""
}

func realDay(year, month, day int) bool {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return month >= 1 && month <= 12 && day >= 1 && d.Day() == day && int(d.Month()) == month
}

// canonical is a JSON text that is equal for schemas which differ in the order
// of alternatives and required names only.
func canonical(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var members []string
		for key, m := range v {
			members = append(members, strconv.Quote(key)+":"+canonical(m))
		}
		slices.Sort(members)
		return "{" + strings.Join(members, ",") + "}"
	case []any:
		var list []string
		for _, e := range v {
			list = append(list, canonical(e))
		}
		slices.Sort(list)
		return "[" + strings.Join(list, ",") + "]"
	}
	text, _ := json.Marshal(v)
	return string(text)
}

func decodeJSON(t testing.TB, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// checkInfer sends payloads to one instance and compares each answer with the reference.
func checkInfer(t *testing.T, payloads [][]byte) {
	t.Helper()
	i := newInferrer(t)
	merged := &reference{}
	last := ""
	for n, payload := range payloads {
		r := i.call(t, payload, nil)
		if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE || !bytes.Equal(r.GetOutputPayload(), payload) {
			t.Fatalf("%s: got %s", payload, answerText(r))
		}
		got := decodeJSON(t, r.GetOutputStep()).(map[string]any)
		delete(got, "$schema")
		v := decodeJSON(t, payload)
		before := canonical(merged.schema())
		merged.merge(v)
		want := any(merged.schema())
		switch {
		case n == 0:
			want = freshSchema(v)
		case canonical(want) == before:
			if r.GetExitMsg() != "schema has not changed" || string(r.GetOutputStep()) != last {
				t.Fatalf("%s: %q, schema %s\nbefore %s", payload, r.GetExitMsg(), r.GetOutputStep(), last)
			}
			continue
		case r.GetExitMsg() != "schema has changed":
			t.Fatalf("%s: %q\nschema %s", payload, r.GetExitMsg(), r.GetOutputStep())
		}
		last = string(r.GetOutputStep())
		if diff := cmp.Diff(canonical(want), canonical(got)); diff != "" {
			t.Fatalf("payloads %q: schema (-want +got):\n%s", payloads[:n+1], diff)
		}
	}
}

func TestInferAgainstReference(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 1500 {
		var payloads [][]byte
		value := randomValue(random, 5)
		for range 1 + random.IntN(6) {
			if random.IntN(3) > 0 {
				value = mutate(random, value)
			}
			if random.IntN(10) == 0 {
				value = randomValue(random, 3)
			}
			payloads = append(payloads, randomText(random, value))
		}
		checkInfer(t, payloads)
	}
}

func randomValue(random *rand.Rand, depth int) any {
	scalars := []any{
		nil, true, false, json.Number("0"), json.Number("-17"), json.Number("12.50"), json.Number("1e3"), json.Number("18446744073709551615"),
		json.Number("18446744073709551616"), json.Number("-9223372036854775809"), json.Number("-0"), "", "text", "12", "+007", "2147483648", "2030-02-28", "2030-02-30",
		" 1999-1-2", "2030-02-28T10:11:12.5+02:00", "2030-02-28 10:11:60z", "2030-02-28T24:00:00Z", "q\"\\\n\u0001é日😀", strings.Repeat("long ", 20),
	}
	switch k := random.IntN(10); {
	case depth == 0 || k < 5:
		return scalars[random.IntN(len(scalars))]
	case k < 7:
		list := []any{}
		for range random.IntN(5) {
			list = append(list, randomValue(random, depth-1))
		}
		return list
	}
	m := map[string]any{}
	for range random.IntN(7) {
		m[randomKey(random)] = randomValue(random, depth-1)
	}
	return m
}

func randomKey(random *rand.Rand) string {
	keys := []string{"a", "b", "c", "", "a key of more than sixteen bytes", "k\"q\\\n", "é", "日本", "$schema", "type", "properties", "aa"}
	return keys[random.IntN(len(keys))]
}

// mutate changes a little of a value.
func mutate(random *rand.Rand, v any) any {
	if random.IntN(12) == 0 {
		return randomValue(random, 2)
	}
	switch v := v.(type) {
	case []any:
		list := slices.Clone(v)
		for i := range list {
			if random.IntN(3) == 0 {
				list[i] = mutate(random, list[i])
			}
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for key, member := range v {
			if random.IntN(8) > 0 {
				m[key] = mutate(random, member)
			}
		}
		if random.IntN(6) == 0 {
			m[randomKey(random)] = randomValue(random, 1)
		}
		return m
	}
	return v
}

// randomText writes a value as JSON in one of the ways that there are.
func randomText(random *rand.Rand, v any) []byte {
	blank := func() string {
		return []string{"", "", "", " ", "\n\t  ", "\r\n                          "}[random.IntN(6)]
	}
	if random.IntN(2) == 0 {
		blank = func() string { return "" }
	}
	var b strings.Builder
	var write func(v any)
	write = func(v any) {
		b.WriteString(blank())
		defer func() { b.WriteString(blank()) }()
		switch v := v.(type) {
		case []any:
			b.WriteByte('[')
			for i, e := range v {
				if i > 0 {
					b.WriteByte(',')
				}
				write(e)
			}
			b.WriteByte(']')
		case map[string]any:
			b.WriteByte('{')
			first := true
			for key, m := range v { // in any order
				if !first {
					b.WriteByte(',')
				}
				first = false
				write(key)
				b.WriteByte(':')
				write(m)
			}
			b.WriteByte('}')
		case string:
			text, _ := json.Marshal(v)
			if random.IntN(4) == 0 {
				text = []byte(strconv.QuoteToASCII(v))
				if !json.Valid(text) {
					text, _ = json.Marshal(v)
				}
			}
			b.Write(text)
		default:
			text, _ := json.Marshal(v)
			b.Write(text)
		}
	}
	write(v)
	return []byte(b.String())
}

// FuzzInfer: any two payloads are answered; JSON gives valid JSON, other text a reason.
func FuzzInfer(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `[{"a":"2030-01-02"},{}]`, `{"a":{"b":[1,null,"x"]},"a":2}`, `{"\u0061\ud83d\ude00":-0.5e-7}`, `[[],[1],["\n"]]`, "{", `"\`, "[1,", "nul", "\xff", `{"a" : tru`, ` 1 `} {
		f.Add([]byte(s), []byte(`{"a":[1]}`))
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		i := newInferrer(t)
		for _, payload := range [][]byte{one, two, one} {
			r := i.call(t, payload, nil)
			accepted := r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE
			switch {
			case !bytes.Equal(r.GetOutputPayload(), payload):
				t.Fatalf("%q: payload %q", payload, r.GetOutputPayload())
			case accepted && !json.Valid(payload):
				t.Fatalf("%q: accepted", payload)
			case accepted && (!json.Valid(r.GetOutputStep()) || !utf8.Valid(r.GetOutputStep())):
				t.Fatalf("%q: schema %q", payload, r.GetOutputStep())
			case !accepted && len(payload) > 0 && json.Valid(payload) && utf8.Valid(payload) && !strings.Contains(r.GetExitMsg(), "surrogate") &&
				!strings.Contains(r.GetExitMsg(), "hex escape") && !strings.Contains(r.GetExitMsg(), "out of range") && !strings.Contains(r.GetExitMsg(), "recursion"):
				t.Fatalf("%q: %s", payload, r.GetExitMsg())
			}
		}
	})
}

// FuzzInferSeed: any current_schema is taken or refused.
func FuzzInferSeed(f *testing.F) {
	for _, s := range []string{`{"type":"object","properties":{"a":{"type":["null","string"]}},"required":["a"]}`, `{"anyOf":[{"type":"array","items":{"type":"integer"}},{}]}`, "{", `{"type":`, `{"properties":[]}`, `{"type":{},"items":1,"anyOf":{},"required":[1]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		r := newInferrer(t).call(t, []byte(`{"a":[1]}`), seed)
		if accepted := r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE; accepted && !json.Valid(r.GetOutputStep()) || !accepted && r.GetExitMsg() == "" {
			t.Fatalf("%q: %s", seed, answerText(r))
		}
	})
}

// FuzzInferRequest: any bytes are answered.
func FuzzInferRequest(f *testing.F) {
	f.Add([]byte{0x12, 2, '{', '}'})
	f.Add([]byte{0x0a, 5, 0xfa, 0x3e, 2, 0x0a, 0, 0x12, 1, '1'})
	f.Fuzz(func(t *testing.T, raw []byte) { newInferrer(t).raw(t, raw) })
}
