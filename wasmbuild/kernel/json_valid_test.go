package kernel

import (
	"encoding/json"
	"strings"
	"testing"
)

var validitySeeds = []string{
	"", " ", "{}", "[]", `""`, "0", "-0", "-", "01", "1.", ".1", "1.0e+5", "1e", "1e99999", "true", "tru", "truex", "nul", "null", "false", "False", "NaN",
	`{"a":1}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1 "b":2}`, `[1,]`, `[,1]`, `[1 2]`, `[`, `{`, `]`, `[}`, `{]`, "[1]x", "[1] ", "\ufeff1",
	`"\u12"`, `"\u00zz"`, `"\ud800"`, `"\x"`, `"\"`, `"\/\b\f\n\r\t"`, "\"\x01\"", "\"\x7f\"", "\"\n\"", "\v1", "[1\x00]", `{"a":{"b":[{},[],[[]]]}}`, `{"a":1}{`, "1 2",
}

func checkValid(t *testing.T, text []byte) {
	t.Helper()
	load(t, text)
	if len(text) == 0 {
		return
	}
	if strings.Count(string(text), "[")+strings.Count(string(text), "{") > 9000 {
		return // encoding/json stops there
	}
	if got, want := validJSON(pay, end), json.Valid(text); got != want {
		t.Errorf("validJSON(%q) = %v, want %v", text, got, want)
	}
}

func TestValidJSON(t *testing.T) {
	for _, text := range validitySeeds {
		checkValid(t, []byte(text))
	}
}

func TestValidJSONNestsToAnyDepth(t *testing.T) {
	const n = 300_000
	for text, want := range map[string]bool{
		strings.Repeat("[", n) + strings.Repeat("]", n):                      true,
		strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n):            true,
		strings.Repeat(`[{"a":`, n) + "1" + strings.Repeat("}]", n):          true,
		strings.Repeat(`[{"a":`, n) + "1" + strings.Repeat("}]", n-1) + "]}": false,
		strings.Repeat("[", n): false,
	} {
		load(t, []byte(text))
		if got := validJSON(pay, end); got != want {
			t.Errorf("%.20s...: got %v, want %v", text, got, want)
		}
	}
}

func FuzzValidJSON(f *testing.F) {
	for _, seed := range validitySeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkValid)
}
