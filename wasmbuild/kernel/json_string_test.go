package kernel

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// checkString compares scanning and unescaping of the string that text starts with.
func checkString(t *testing.T, content string) {
	t.Helper()
	text := `"` + content + `"`
	load(t, []byte(text))
	q, _ := strEnd(pay + 1)
	var want string
	if !utf8.ValidString(content) || json.Unmarshal([]byte(text), &want) != nil {
		return
	}
	if q != end-1 {
		t.Fatalf("%q: string ends at %d, want %d", text, q-pay, len(text)-1)
	}
	p, e := unescaped(pay+1, end-1)
	if got := string(vm.Mem[p:e]); got != want {
		t.Errorf("%q: got %q, want %q", text, got, want)
	}
	w, we := place(t, []byte(want))
	esc := strings.Contains(content, `\`)
	if !equalString(pay+1, end-1, esc, w, we-w) {
		t.Errorf("%q does not equal its unescaped form", text)
	}
	if want != "" && equalString(pay+1, end-1, esc, w, we-w-1) {
		t.Errorf("%q equals a prefix of itself", text)
	}
}

func FuzzString(f *testing.F) {
	for _, seed := range []string{
		"", "abc", `\"`, `\\`, `a\\\"b`, `\u00e9\n\t\r\b\f\/`, `\ud83d\ude00`, `\ud83d`, `\ud83dx`, `\ud83d\ud83d\ude00`, `\ude00`, `\u0000`, `\uABCD`,
		"0123456789abcde\\n0123456789abcdef\\u0041", `0123456789abcdef\`, `\u12`,
	} {
		f.Add(seed)
	}
	f.Fuzz(checkString)
}

// TestUnescapeBroken checks what JSON does not define: nothing is lost but the backslash.
func TestUnescapeBroken(t *testing.T) {
	for content, want := range map[string]string{
		`\x`:          "x",
		`a\u12`:       "a\ufffd",
		`\uzzzz.`:     "\ufffd.",
		"\\u00e9\x01": "é\x01",
		`\ud83d\n`:    "\ufffd\n",
	} {
		load(t, []byte(`"`+content+`"`))
		p, e := unescaped(pay+1, end-1)
		if got := string(vm.Mem[p:e]); got != want {
			t.Errorf("%q: got %q, want %q", content, got, want)
		}
	}
}
