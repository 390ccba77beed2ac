package settings

import (
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func flags(t testing.TB) []*kong.Flag {
	t.Helper()
	var c struct {
		Listen []string
		TTL    time.Duration `name:"session-ttl"`
		Demo   bool
		Reseed string `enum:"auto,never" default:"auto"`
	}
	k, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	return k.Model.Flags
}

func TestParse(t *testing.T) {
	t.Parallel()
	known := flags(t)
	for _, tt := range []struct{ name, text, key, want, err string }{
		{name: "empty"},
		{name: "comments", text: "# nothing\n"},
		{name: "text", text: "session-ttl: 7s", key: "session-ttl", want: "7s"},
		{name: "list", text: "listen: [':1', ':2']", key: "listen", want: ":1,:2"},
		{name: "one of a list", text: "listen: ':1'", key: "listen", want: ":1"},
		{name: "boolean", text: "demo: yes", key: "demo", want: "yes"},
		{name: "unknown", text: "demo: true\nport: 1", err: `c.yaml:2:1: unknown key "port"; keys are the flags`},
		{name: "other spelling", text: "STREAMDAL_SERVER_SESSION_TTL: 7s", err: "c.yaml:1:1: unknown key \"STREAMDAL_SERVER_SESSION_TTL\"; write session-ttl"},
		{name: "twice", text: "demo: true\ndemo: false", err: "c.yaml:2:1: demo is set twice, first in line 1"},
		{name: "wrong type", text: "session-ttl: soon", err: "c.yaml:1:14: session-ttl: expected duration"},
		{name: "wrong choice", text: "reseed: maybe", err: "c.yaml:1:9: reseed: must be one of auto, never"},
		{name: "no value", text: "demo:", err: "c.yaml:1:6: demo: has no value"},
		{name: "mapping", text: "demo: {a: b}", err: "must be one value"},
		{name: "list for one", text: "demo: [true]", err: "must be one value"},
		{name: "not a mapping", text: "- demo", err: "c.yaml:1:1: write one"},
		{name: "two documents", text: "demo: true\n---\ndemo: true", err: "one YAML document"},
		{name: "no YAML", text: "a: b: c", err: "c.yaml: yaml:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := parse("c.yaml", []byte(tt.text), known)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tt.key != "" && f.values[tt.key].text != tt.want {
				t.Errorf("got %q, want %q", f.values[tt.key].text, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	known := flags(f)
	for _, s := range []string{"", "demo: true", "listen: [a, b]", "a: &x [*x]", "? {a: b}\n: c", "demo: *x", "---\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parse("c.yaml", b, known) })
}
