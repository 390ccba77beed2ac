package wasmbuild

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/streamdal/streamdal-server/api/pb"
)

// benchSteps have one step of each kind and what is told apart by speed, in the
// order in which they are printed.
func benchSteps(b testing.TB) []sampleStep {
	b.Helper()
	var list []sampleStep
	add := func(name, format string, a ...any) {
		s := &pb.PipelineStep{}
		if err := protojson.Unmarshal(fmt.Appendf(nil, format, a...), s); err != nil {
			b.Fatalf("%s: %v", name, err)
		}
		list = append(list, sampleStep{name, s})
	}
	for _, d := range benchDetectives {
		add("detective/"+d.name, `{"detective":{"type":"DETECTIVE_TYPE_%s","path":%q,"args":%s}}`, d.typ, d.path, inJSON(b, d.args))
	}
	for _, mode := range []string{"performance", "accuracy"} {
		add("keyword/"+mode, `{"detective":{"type":"DETECTIVE_TYPE_PII_KEYWORD","pii_keyword_mode":"DETECTIVE_TYPE_PII_KEYWORD_MODE_%s"}}`, strings.ToUpper(mode))
	}
	for _, r := range benchPatterns {
		add("regex/"+r.name, `{"detective":{"type":"DETECTIVE_TYPE_REGEX","args":[%s]}}`, inJSON(b, r.pattern))
	}
	for _, t := range benchTransforms {
		add("transform/"+t.name, `{"transform":%s}`, t.json)
	}
	add("infer_schema", `{"infer_schema":{}}`)
	add("schema_validation", `{"schema_validation":{"type":"SCHEMA_VALIDATION_TYPE_JSONSCHEMA","condition":"SCHEMA_VALIDATION_CONDITION_MATCH",`+
		`"json_schema":{"json_schema":%s,"draft":"JSONSCHEMA_DRAFT_07"}}}`, inJSON(b, []byte(benchSchema)))
	add("valid_json", `{"valid_json":{}}`)
	add("kv/static", `{"kv":{"action":"KV_ACTION_EXISTS","mode":"KV_MODE_STATIC","key":"u-7"}}`)
	add("kv/dynamic", `{"kv":{"action":"KV_ACTION_EXISTS","mode":"KV_MODE_DYNAMIC","key":"last.name"}}`)
	add("http_request", `{"http_request":{"request":{"method":"HTTP_REQUEST_METHOD_POST","url":"http://hooks.example/found","body":"e30="}}}`)
	return list
}

func inJSON(b testing.TB, v any) []byte {
	b.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	return text
}

var benchDetectives = []struct {
	name, typ, path string
	args            []string
}{
	{"equal-first", "STRING_EQUAL", "first.name", []string{"here"}},
	{"equal-last", "STRING_EQUAL", "last.name", []string{"there"}},
	{"equal-none", "STRING_EQUAL", "last.none", []string{"there"}},
	{"equal-query", "STRING_EQUAL", "records.#(id==1).name.first", []string{"Mira"}},
	{"has-field", "HAS_FIELD", "last.name", []string{}},
	{"equal-whole", "STRING_EQUAL", "", []string{"there"}},
	{"contains-whole", "STRING_CONTAINS_ANY", "", []string{"nowhere"}},
	{"number-whole", "NUMERIC_EQUAL_TO", "", []string{"100"}},
	{"ipv4-whole", "IPV4_ADDRESS", "", []string{}},
	{"ipv6-whole", "IPV6_ADDRESS", "", []string{}},
	{"mac-whole", "MAC_ADDRESS", "", []string{}},
	{"hostname-whole", "HOSTNAME", "", []string{}},
	{"unix-whole", "TIMESTAMP_UNIX", "", []string{}},
	{"semver-whole", "SEMVER", "", []string{}},
	{"uuid-whole", "UUID", "", []string{}},
	{"url-whole", "URL", "", []string{}},
	{"rfc3339-whole", "TIMESTAMP_RFC3339", "", []string{}},
	{"email-whole", "PII_EMAIL", "", []string{}},
	{"card-whole", "PII_CREDIT_CARD", "", []string{}},
	{"ssn-whole", "PII_SSN", "", []string{}},
	{"phone-whole", "PII_PHONE", "", []string{}},
	{"pii-any-whole", "PII_ANY", "", []string{}},
	{"pii-any-text", "PII_PLAINTEXT_ANY", "", []string{}},
}

var benchPatterns = []struct{ name, pattern string }{
	{"literal", `EXAMPLE`},
	{"prefix", `ORD-\d+`},
	{"byte", `^\w+@\w+\.\w+$`},
	{"hyphen", `\b\d{3}-\d{2}-\d{4}\b`},
	{"words", `(?i)\b(?:password|secret|token)\b`},
	{"class", `[A-Z]{3}\d{5}`},
	{"simulated", `[ab]*a[ab]{20}c`},
	{"simulated-large", `(?:\w{1,40}_){1,40}$`},
}

var benchTransforms = []struct{ name, json string }{
	{"replace", `{"type":"TRANSFORM_TYPE_REPLACE_VALUE","replace_value_options":{"path":"last.name","value":"\"REDACTED\""}}`},
	{"mask", `{"type":"TRANSFORM_TYPE_MASK_VALUE","mask_options":{"path":"last.name","mask":"*"}}`},
	{"obfuscate", `{"type":"TRANSFORM_TYPE_OBFUSCATE_VALUE","obfuscate_options":{"path":"last.name"}}`},
	{"delete", `{"type":"TRANSFORM_TYPE_DELETE_FIELD","delete_field_options":{"paths":["last.name"]}}`},
	{"truncate", `{"type":"TRANSFORM_TYPE_TRUNCATE_VALUE","truncate_options":{"type":"TRANSFORM_TRUNCATE_TYPE_LENGTH","path":"last.name","value":3}}`},
	{"extract", `{"type":"TRANSFORM_TYPE_EXTRACT","extract_options":{"paths":["first.name","last.name"]}}`},
}

// benchSchema is a schema of benchPayload.
const benchSchema = `{
	"$schema": "http://json-schema.org/draft-07/schema#",
	"definitions": {"named": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
	"type": "object",
	"required": ["first", "records", "last"],
	"properties": {
		"first": {"$ref": "#/definitions/named"},
		"last": {"$ref": "#/definitions/named"},
		"records": {"type": "array", "items": {
			"type": "object",
			"required": ["id", "guid", "name", "contact"],
			"properties": {
				"id": {"type": "integer", "minimum": 0},
				"guid": {"type": "string", "minLength": 36, "maxLength": 36},
				"active": {"type": "boolean"},
				"balance": {"type": "number"},
				"name": {"type": "object", "properties": {"first": {"type": "string"}, "last": {"type": "string"}}},
				"contact": {"type": "string"},
				"phone": {"type": "string"},
				"about": {"type": "string", "maxLength": 1000},
				"tags": {"type": "array", "items": {"type": "string"}},
				"rating": {"type": ["number", "null"]}
			}
		}}
	}
}`

// benchPayload is a JSON document of about size bytes: records of the usual
// kinds of values, one in 640 bytes, each with an e-mail address.
func benchPayload(size int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"first":{"name":"here"},"records":[`)
	for i := 0; ; i++ {
		record := fmt.Sprintf(`{"id":%d,"guid":"7c1b4a1e-%04x-4d5e-9b1a-0f2f3c4d5e6f","active":true,"balance":%d.75,`+
			`"name":{"first":"Mira","last":"Kovac"},"company":"EXAMPLE CORP","contact":"user%d@mail.example.com","phone":"+1 (941) 555-%04d",`+
			`"about":"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore. `+
			`Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat. `+
			`Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur.",`+
			`"tags":["alpha","beta","gamma"],"friends":[{"id":0,"name":"A. Friend"},{"id":1,"name":"B. Friend"}],"rating":null}`,
			i, i, i*7, i, i%10000)
		if b.Len()+len(record) > size && i > 0 {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(record)
	}
	b.WriteString(`],"last":{"name":"there"}}`)
	return b.Bytes()
}
