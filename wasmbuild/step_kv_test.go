package wasmbuild

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

func kvAnswered(t testing.TB, status steps.KVStatus, message string) []byte {
	t.Helper()
	return marshal(t, &steps.KVStepResponse{Status: status, Message: message})
}

// TestKVKeys: the host gets the step with the key that the path leads to.
func TestKVKeys(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	const payload = `{"s":"u-7","n":-1.50,"t":true,"z":null,"o":{"k" : 1},"a":["x",{"k":"y"}],"e":"a\"\u00e9\ud83d\ude00\n","":"empty"}`
	for path, want := range map[string]string{
		"s": "u-7", "n": "-1.50", "t": "true", "z": "", "o": `{"k" : 1}`, "a": `["x",{"k":"y"}]`, "a.#": "2", "a.1.k": "y", "a.#.k": `["y"]`,
		"e": "a\"é😀\n", "*": "u-7", "@this.o.k": "1", `a.#(k="y").k`: "y", `{s,t}`: `{"s":"u-7","t":true}`,
	} {
		step := kv(steps.KVMode_KV_MODE_DYNAMIC, path)
		step.GetKv().Value = []byte("v")
		w := newHostTwin(t, b, step)
		w.host.answer = kvAnswered(t, steps.KVStatus_KV_STATUS_SUCCESS, "there")
		r := w.both(t, marshal(t, requestFor(step, []byte(payload))))
		if got, want := r.GetExitMsg(), `kv step response: "there"`; r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE || got != want {
			t.Errorf("%s: got %s %q, want %q", path, r.GetExitCode(), got, want)
		}
		got := &steps.KVStep{}
		if err := proto.Unmarshal(w.host.asked, got); err != nil {
			t.Fatal(err)
		}
		asked := &steps.KVStep{Action: shared.KVAction_KV_ACTION_EXISTS, Mode: steps.KVMode_KV_MODE_DYNAMIC, Key: want, Value: []byte("v")}
		if diff := cmp.Diff(asked, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// TestKVWithoutKey: no host is asked when there is no key.
func TestKVWithoutKey(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	const notFound = "unable to complete dynamic key lookup: error: path 'a.b' not found in data"
	w := newHostTwin(t, b, kv(steps.KVMode_KV_MODE_DYNAMIC, "a.b"))
	for payload, want := range map[string]string{
		"": notFound, "x": notFound, "{}": notFound, `{"a":{}}`: notFound, `{"a":{"b":"x`: notFound, `{"a":{"b":nil}}`: notFound,
		"{\"a\":{\"b\":\"\xff\"}}": "unable to complete dynamic key lookup: error: unable to convert bytes to string: invalid utf-8 sequence of 1 bytes from index 11",
	} {
		r := w.both(t, marshal(t, requestFor(kv(steps.KVMode_KV_MODE_DYNAMIC, "a.b"), []byte(payload))))
		if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_FALSE || r.GetExitMsg() != want {
			t.Errorf("%q: got %s %q, want %q", payload, r.GetExitCode(), r.GetExitMsg(), want)
		}
		if w.host.asked != nil {
			t.Errorf("%q: the host is asked %q", payload, w.host.asked)
		}
	}
}

// TestKVAnswers: whatever the host says, the module answers.
func TestKVAnswers(t *testing.T) {
	t.Parallel()
	const (
		bad     = "unable to parse kv step response: "
		noValue = "-"
	)
	w := newHostTwin(t, newBuilder(t), kv(steps.KVMode_KV_MODE_STATIC, "k"))
	request := marshal(t, requestFor(kv(steps.KVMode_KV_MODE_STATIC, "k"), []byte(`{"a":1}`)))
	for answer, want := range map[string]struct{ code, msg, value string }{
		"":          {"FALSE", "unable to validate kv step response: KV status must be set", noValue},
		"\x12\x01x": {"FALSE", "unable to validate kv step response: KV status must be set", noValue},
		"\x08\x04":  {"FALSE", "unable to validate kv step response: unable to get KV status", noValue},
		"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01": {"FALSE", "unable to validate kv step response: unable to get KV status", noValue},
		"\x08\x01":                           {"TRUE", `kv step response: ""`, noValue},
		"\x08\x02\x12\x02no":                 {"FALSE", `kv step response: "no"`, noValue},
		"\x08\x03\x12\x02no\x1a\x00":         {"ERROR", `kv step response: "no"`, ""},
		"\x1a\x01v\x12\x01m\x08\x01":         {"TRUE", `kv step response: "m"`, "v"},
		"\x08\x02\x08\x01\x12\x01x\x12\x01y": {"TRUE", `kv step response: "y"`, noValue},
		"\x08\x01\x22\x01u\x29\x01\x02\x03\x04\x05\x06\x07\x08\x35\x01\x02\x03\x04": {"TRUE", `kv step response: ""`, noValue},
		"\x08\x01\x12\x01\xff":          {"ERROR", bad + "Invalid UTF-8 sequence", noValue},
		"\x08\x01\x12\x02\xc3\xa9":      {"TRUE", `kv step response: "é"`, noValue},
		"\x08\x01\x12\x01\xc3":          {"ERROR", bad + "Invalid UTF-8 sequence", noValue},
		"\x08":                          {"ERROR", bad + "Unexpected EOF", noValue},
		"\x08\x01\x12":                  {"ERROR", bad + "Unexpected EOF", noValue},
		"\x08\x01\x12\x02x":             {"ERROR", bad + "Unexpected EOF", noValue},
		"\x08\x01\x12\xff\xff\xff\x7fx": {"ERROR", bad + "Unexpected EOF", noValue},
		"\x08\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x": {"ERROR", bad + "Unexpected EOF", noValue},
		"\x08\x01\x29\x01": {"ERROR", bad + "Unexpected EOF", noValue},
		"\x0a\x01x":        {"ERROR", bad + "Unexpected wire type", noValue},
		"\x10\x01":         {"ERROR", bad + "Unexpected wire type", noValue},
		"\x18\x01":         {"ERROR", bad + "Unexpected wire type", noValue},
		"\x23\x24":         {"ERROR", bad + "Unexpected wire type", noValue},
		"\x00":             {"ERROR", bad + "Incorrect tag", noValue},
		"\xff\xff\x01":     {"ERROR", bad + "Incorrect tag", noValue},
	} {
		w.host.answer = []byte(answer)
		r := w.both(t, request)
		value := noValue
		if r.OutputStep != nil {
			value = string(r.OutputStep)
		}
		code := strings.TrimPrefix(r.GetExitCode().String(), "WASM_EXIT_CODE_")
		if code != want.code || r.GetExitMsg() != want.msg || value != want.value {
			t.Errorf("%q: got %s %q %q, want %s %q %q", answer, code, r.GetExitMsg(), value, want.code, want.msg, want.value)
		}
	}
}

// TestKVQuotes prints messages as the original does.
func TestKVQuotes(t *testing.T) {
	t.Parallel()
	w := newHostTwin(t, newBuilder(t), kv(steps.KVMode_KV_MODE_STATIC, "k"))
	request := marshal(t, requestFor(kv(steps.KVMode_KV_MODE_STATIC, "k"), []byte(`{}`)))
	for message, want := range map[string]string{
		`it's "x" \`: `it's \"x\" \\`, "\x00\t\n\r": `\0\t\n\r`, "\a\b\f\v\x1b\x1f\x7f": `\u{7}\u{8}\u{c}\u{b}\u{1b}\u{1f}\u{7f}`,
		"é ж 日 😀 ~": "é ж 日 😀 ~", "\u0080\u00a0\u00ad\u200b\u2028\ufeff": `\u{80}\u{a0}\u{ad}\u{200b}\u{2028}\u{feff}`,
		"e\u0301\ufe0f": `e\u{301}\u{fe0f}`, "\ue000\uffff\U000e0001\U0010ffff": `\u{e000}\u{ffff}\u{e0001}\u{10ffff}`, "\u00a1\u0370\ufffd\U0001f600": "\u00a1\u0370\ufffd\U0001f600",
		strings.Repeat("\x01", 5000): strings.Repeat(`\u{1}`, 5000),
	} {
		w.host.answer = kvAnswered(t, steps.KVStatus_KV_STATUS_SUCCESS, message)
		if got, want := w.both(t, request).GetExitMsg(), `kv step response: "`+want+`"`; got != want {
			t.Errorf("%.100q: got %.300s, want %.300s", message, got, want)
		}
	}
}
