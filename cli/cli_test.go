package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func run(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Main(args, App{Build: Build{Version: "1.2.3", Commit: "abc"}, Stdout: &out, Stderr: &errs, Getenv: env()})
	return code, out.String(), errs.String()
}

func TestArguments(t *testing.T) {
	levelFile := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(levelFile, []byte("listen: \":8082\"\nlog-level: loud\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string
	}{
		{name: "version flag", args: []string{"--version"}, stdout: "streamdal-server 1.2.3 (abc)"},
		{name: "version flag of the original", args: []string{"-v"}, stdout: "1.2.3"},
		{name: "version command", args: []string{"version"}, stdout: "1.2.3"},
		{name: "unknown flag", args: []string{"serve", "--port", "1"}, code: exitMisuse, stderr: "Try: streamdal-server --help"},
		{name: "unknown command", args: []string{"server"}, code: exitMisuse, stderr: "unexpected argument server"},
		{name: "two tokens", args: []string{"serve", "--auth-token", "a", "--auth-token-file", "b"}, code: exitMisuse, stderr: "exclude each other"},
		{name: "session ttl too long", args: []string{"serve", "--session-ttl", "2m"}, code: exitMisuse, stderr: "between 1s and 1m"},
		{name: "log level", args: []string{"serve", "--log-level", "loud"}, code: exitMisuse, stderr: "choose trace, debug, info, warn or error"},
		{name: "log level in a file", args: []string{"serve", "--config", levelFile}, code: exitMisuse, stderr: "(--log-level is set by " + levelFile + " line 2)"},
		{name: "listen without port", args: []string{"serve", "--listen", "localhost"}, code: exitMisuse, stderr: "write HOST:PORT or :PORT"},
		{name: "node name", args: []string{"serve", "--node-name", "a b"}, code: exitMisuse, stderr: "colons and spaces are not allowed"},
		{name: "aes key", args: []string{"serve", "--aes-key", "00"}, code: exitMisuse, stderr: "--aes-key, --aes-key-previous: "},
		{name: "redis url", args: []string{"serve", "--redis-url", "http://user:secret@localhost"}, code: exitMisuse, stderr: "--redis-url: "},
		{name: "redis flags without redis", args: []string{"serve", "--redis-password", "x"}, code: exitMisuse, stderr: "needs --redis-url"},
		{name: "redis database", args: []string{"serve", "--redis-url", "localhost", "--redis-database=-1"}, code: exitMisuse, stderr: "must not be negative"},
		{name: "redis replicas", args: []string{"serve", "--redis-url", "localhost", "--redis-wait=-1"}, code: exitMisuse, stderr: "must not be negative"},
		{name: "redis key without certificate", args: []string{"serve", "--redis-url", "localhost", "--redis-tls-key", "k"}, code: exitMisuse, stderr: "give both"},
		{name: "redis and demo", args: []string{"serve", "--redis-url", "localhost", "--demo"}, code: exitMisuse, stderr: "exclude each other"},
		{name: "reseed", args: []string{"serve", "--reseed", "sometimes"}, code: exitMisuse, stderr: `must be one of "auto","never"`},
		{name: "read-only mode is refused, not ignored", args: []string{"--demo-mode"}, code: exitMisuse, stderr: "--demo runs sample services"},
		{name: "public without a token", args: []string{"serve", "--listen", ":0", "--data-dir", t.TempDir()}, code: 1, stderr: "needs a token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := run(tt.args...)
			if strings.Contains(stderr, "secret") {
				t.Errorf("a password is shown: %q", stderr)
			}
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("got %d, stdout %q, stderr %q; want %d, %q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

func TestHelpText(t *testing.T) {
	for _, args := range [][]string{{}, {"serve"}, {"token"}, {"token", "new"}, {"token", "list"}, {"token", "revoke"}, {"version"}, {"inspect"}, {"inspect", "keys"}, {"inspect", "wasm"}, {"inspect", "summary"}, {"inspect", "get"}, {"inspect", "sessions"}, {"inspect", "pipelines"}, {"inspect", "audiences"}, {"inspect", "watch"}, {"config"}, {"health"}, {"completion"}, {"man"}} {
		name := strings.Join(append([]string{"help"}, args...), "-")
		t.Run(name, func(t *testing.T) {
			code, got, stderr := run(append(args, "--help")...)
			if code != 0 || stderr != "" {
				t.Fatalf("exit %d, stderr %q", code, stderr)
			}
			golden(t, name, got)
		})
	}
}

// The original's files have upper-case levels, and its variable names.
func TestVariablesOfTheOriginal(t *testing.T) {
	for name, value := range map[string]string{
		"STREAMDAL_SERVER_LOG_LEVEL": "INFO", "STREAMDAL_SERVER_AUTH_TOKEN": "1234", "STREAMDAL_SERVER_NODE_NAME": "node-1",
		"STREAMDAL_SERVER_HTTPAPI_LISTEN_ADDRESS": "127.0.0.1:0", "STREAMDAL_SERVER_GRPCAPI_LISTEN_ADDRESS": "nonsense",
		"STREAMDAL_SERVER_WASM_DIR": "/assets", "STREAMDAL_SERVER_NUM_TAIL_WORKERS": "4", "STREAMDAL_SERVER_TELEMETRY_DISABLE": "true",
	} {
		t.Setenv(name, value)
	}
	code, _, stderr := run("serve", "--data-dir", t.TempDir())
	if code != exitMisuse || !strings.Contains(stderr, "nonsense") {
		t.Errorf("got %d, %q; want every variable read and the address refused", code, stderr)
	}
}

// A copy of the rules belongs to one Redis and database, however it is logged into.
func TestOrigin(t *testing.T) {
	for _, tt := range []struct {
		url      string
		database int
		want     string
	}{
		{"localhost:6379", 0, "redis://localhost:6379#0"},
		{"redis://user:p@ss@localhost:6379/3?protocol=2", 0, "redis://localhost:6379/3#0"},
		{"REDIS+Sentinel://:secret@a:1,b:2/main", 5, "redis+sentinel://a:1,b:2/main#5"},
		{"unix://:secret@/run/redis.sock?db=2", 0, "unix:///run/redis.sock?db=2#0"},
	} {
		if got := (redisAccess{RedisURL: tt.url, RedisDatabase: tt.database}).origin(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.url, got, tt.want)
		}
	}
}
