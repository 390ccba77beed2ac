package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestTokenSources(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, content string) string {
		t.Helper()
		f := filepath.Join(t.TempDir(), tokenFile)
		if err := os.WriteFile(f, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return f
	}
	file, empty := write(t, "from-file\n"), write(t, " \n")
	tests := []struct {
		name      string
		cmd       serveCmd
		getenv    func(string) string
		want      string
		generated bool
		err       string
	}{
		{name: "flag", cmd: serveCmd{AuthToken: "given"}, want: "given"},
		{name: "file", cmd: serveCmd{AuthTokenFile: file}, want: "from-file"},
		{name: "systemd credential", getenv: env("CREDENTIALS_DIRECTORY", filepath.Dir(file)), want: "from-file"},
		{name: "flag beats credential", cmd: serveCmd{AuthToken: "given"}, getenv: env("CREDENTIALS_DIRECTORY", filepath.Dir(file)), want: "given"},
		{name: "credential directory without ours", getenv: env("CREDENTIALS_DIRECTORY", t.TempDir()), generated: true},
		{name: "empty file", cmd: serveCmd{AuthTokenFile: empty}, err: "is empty"},
		{name: "missing file", cmd: serveCmd{AuthTokenFile: filepath.Join(t.TempDir(), "none")}, err: "read the auth token"},
		{name: "loopback makes one", cmd: serveCmd{Listen: []string{"127.0.0.1:0", "[::1]:0", "localhost:1"}}, generated: true},
		{name: "public refuses", cmd: serveCmd{Listen: []string{"127.0.0.1:0", ":9000"}}, err: ":9000 can be reached from other machines"},
		{name: "public by the original's flag refuses", cmd: serveCmd{Legacy: legacyFlags{GRPCAPIListenAddress: "0.0.0.0:8082"}}, err: "needs a token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.getenv == nil {
				tt.getenv = env()
			}
			dir := t.TempDir()
			got, err := tt.cmd.token(tt.getenv, dir)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.generated != tt.generated || (!tt.generated && got.value != tt.want) {
				t.Errorf("got %+v, want value %q, generated %t", got, tt.want, tt.generated)
			}
			if !tt.generated {
				return
			}
			again, err := tt.cmd.token(tt.getenv, dir)
			if err != nil || again != got {
				t.Errorf("second start: got %+v, %v; want the kept token", again, err)
			}
			if info, err := os.Stat(filepath.Join(dir, tokenFile)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("kept token: %v, %v; want mode 0600", info.Mode(), err)
			}
		})
	}
}

func TestNewTokensDiffer(t *testing.T) {
	t.Parallel()
	a, b := newToken(), newToken()
	if a == b || len(a) < 43 {
		t.Errorf("got %q and %q, want two different tokens of 256 bits", a, b)
	}
}

func TestDataDir(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	tests := []struct {
		name   string
		cmd    serveCmd
		getenv func(string) string
		want   string
	}{
		{"flag", serveCmd{DataDir: filepath.Join(base, "x")}, env("STATE_DIRECTORY", base), filepath.Join(base, "x")},
		{"systemd", serveCmd{}, env("STATE_DIRECTORY", base+"/s:/other"), base + "/s"},
		{"user", serveCmd{}, env("XDG_DATA_HOME", base), filepath.Join(base, "streamdal-server")},
		{"demo keeps apart", serveCmd{Demo: true}, env("XDG_DATA_HOME", base), filepath.Join(base, "streamdal-server", "demo")},
		{"demo in a given place", serveCmd{Demo: true, DataDir: filepath.Join(base, "y")}, env(), filepath.Join(base, "y")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.cmd.dataDir(tt.getenv)
			if err != nil || got != tt.want {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
			if info, err := os.Stat(got); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("directory: %v, %v; want mode 0700", info, err)
			}
		})
	}
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := serveCmd{DataDir: filepath.Join(file, "below")}
	if _, err := c.dataDir(env()); err == nil || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("below a file: error %v, want one that names --data-dir", err)
	}
}

func TestNodeName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := serveCmd{}
	first, err := c.nodeName(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.nodeName(dir)
	if err != nil || first != second {
		t.Errorf("got %q then %q (%v), want one name per data directory", first, second, err)
	}
	c.NodeName = "node-7"
	if got, err := c.nodeName(dir); err != nil || got != "node-7" {
		t.Errorf("given name: got %q, %v", got, err)
	}
}

func TestShortTokensAreGuessableWhereOthersConnect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		token  string
		listen []string
		want   bool
	}{
		{"short, public by default", "1234", nil, true},
		{"short, public among others", "1234", []string{"127.0.0.1:1", "0.0.0.0:2"}, true},
		{"short, this machine only", "1234", []string{"127.0.0.1:1", "localhost:2"}, false},
		{"long, public", newToken(), nil, false},
	}
	for _, tt := range tests {
		c := serveCmd{Listen: tt.listen}
		if got := c.guessable(rootToken{value: tt.token}); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
	}
}
