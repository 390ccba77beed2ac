package notify

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/pb"
)

func rule(kind pb.PipelineStepNotification_PayloadType, paths ...string) *pb.PipelineStepNotification {
	return &pb.PipelineStepNotification{PayloadType: kind, Paths: paths}
}

const (
	exclude = pb.PipelineStepNotification_PAYLOAD_TYPE_EXCLUDE
	full    = pb.PipelineStepNotification_PAYLOAD_TYPE_FULL_PAYLOAD
	chosen  = pb.PipelineStepNotification_PAYLOAD_TYPE_SELECT_PATHS
)

func TestExcerpt_9_1_8(t *testing.T) {
	t.Parallel()
	const order = `{"id":7,"user":{"mail":"a@b.c","tags":["x","y"],"a.b":1},"l":[1],"n":null,"big":123456789012345678901234567890}`
	for _, tt := range []struct {
		name    string
		rule    *pb.PipelineStepNotification
		payload string
		want    string
	}{
		{"excluded", rule(exclude), order, ""},
		{"unset", rule(0), order, ""},
		{"unknown", rule(9), order, ""},
		{"no rule", nil, order, ""},
		{"excluded, none sent", rule(exclude), "", ""},
		{"full", rule(full), `{"a":[1,{"b":"<&>"}]}`, "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"<&>\"\n    }\n  ]\n}"},
		{"full, no object", rule(full), `[1, 2]`, `[1, 2]`},
		{"full, text", rule(full), "plain \xff text", "plain \uFFFD text"},
		{"full, none sent", rule(full), "", noPayload},
		{"one path", rule(chosen, "id"), order, "{\n  \"id\": 7\n}"},
		{"nested", rule(chosen, "user.mail", "user.tags.1"), order, "{\n  \"user\": {\n    \"mail\": \"a@b.c\",\n    \"tags\": {\n      \"1\": \"y\"\n    }\n  }\n}"},
		// 9.1.8 of the original: these two crashed it.
		{"whole, then part", rule(chosen, "l", "l.0"), order, "{\n  \"l\": [\n    1\n  ]\n}"},
		{"part, then whole", rule(chosen, "l.0", "l"), order, "{\n  \"l\": [\n    1\n  ]\n}"},
		{"escaped dot", rule(chosen, `user.a\.b`), order, "{\n  \"user\": {\n    \"a.b\": 1\n  }\n}"},
		{"null is a value", rule(chosen, "n"), order, "{\n  \"n\": null\n}"},
		{"digits stay", rule(chosen, "big"), order, "{\n  \"big\": 123456789012345678901234567890\n}"},
		{"missing ones are skipped", rule(chosen, "nope", "id", ""), order, "{\n  \"id\": 7\n}"},
		{"none there", rule(chosen, "nope"), order, noneExists},
		{"no paths", rule(chosen), order, noPaths},
		{"paths in text", rule(chosen, "id"), "plain", notJSON},
		{"paths in half an object", rule(chosen, "id"), `{"id":7`, notJSON},
		{"paths, none sent", rule(chosen, "id"), "", noPayload},
		{"modifiers do nothing", rule(chosen, "@this", "id|@pretty", "#(@this==1)", "{id}", "[id]", `!"x"`, "user.{mail}"), order, noneExists},
		{"a key that looks like one", rule(chosen, "@timestamp", "a.@id"), `{"@timestamp":1,"a":{"@id":2}}`, "{\n  \"@timestamp\": 1,\n  \"a\": {\n    \"@id\": 2\n  }\n}"},
	} {
		if got := excerpt(tt.rule, []byte(tt.payload)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// However large or deep a payload is, what a message shows of it is small and made quickly.
func TestExcerptIsBounded(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000)
	for name, payload := range map[string]string{
		"long text":   strings.Repeat("ä", 1<<20),
		"long object": `{"a":"` + strings.Repeat("x", 1<<20) + `"}`,
		"deep object": deep,
		"too deep":    strings.Repeat(`{"a":`, 1<<20),
		"brackets":    strings.Repeat("[", 1<<20),
		"many values": `{"a":[` + strings.Repeat("1,", 1<<19) + `1]}`,
	} {
		for _, r := range []*pb.PipelineStepNotification{rule(full), rule(chosen, "a", "a.0", "a.a.a")} {
			got := excerpt(r, []byte(payload))
			if len(got) == 0 || len(got) > maxExcerpt+100 || !utf8.ValidString(got) {
				t.Errorf("%s, %v: got %d bytes, valid %t", name, r.GetPayloadType(), len(got), utf8.ValidString(got))
			}
		}
	}
	if got := excerpt(rule(full), []byte(strings.Repeat("x", maxExcerpt+1))); !strings.HasSuffix(got, "(cut off; the payload has 32769 bytes)") {
		t.Errorf("a payload that is cut off does not say so: ...%q", got[len(got)-60:])
	}
}

func FuzzPick(f *testing.F) {
	f.Add("l\nl.0", `{"l":[1]}`)
	f.Add("a.b\na\na.b.c", `{"a":{"b":{"c":1}}}`)
	f.Add(`a\.b`+"\n..\n#\n#.a\n*", `{"a.b":1,"":{"":2}}`)
	f.Add("#(a>1)#.b\n@this\n!\"x\"\n{a,b}\n[a]", `[{"a":2,"b":1}]`)
	f.Fuzz(func(t *testing.T, paths, payload string) {
		got := excerpt(rule(chosen, strings.Split(paths, "\n")...), []byte(payload))
		if !utf8.ValidString(got) || len(got) > maxExcerpt+100 {
			t.Errorf("got %d bytes, valid %t", len(got), utf8.ValidString(got))
		}
		if strings.HasPrefix(got, "{") && len(got) < maxExcerpt && !json.Valid([]byte(got)) {
			t.Errorf("got %q, which is no JSON", got)
		}
	})
}
