package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Flags go before variables, those before the file, that before defaults.
func TestConfigSources(t *testing.T) {
	file := writeFile(t, "log-level: warn\nsession-ttl: 9s\nshutdown-grace: 3s\nlisten: [127.0.0.1:1, 127.0.0.1:2]\nauth-token-file: /nowhere\n")
	t.Setenv("STREAMDAL_SERVER_SESSION_TTL", "8s")
	t.Setenv("STREAMDAL_SERVER_LOG_LEVEL", "error")
	t.Setenv("STREAMDAL_SERVER_REDIS_DATABASE", "") // as if it were not set
	t.Setenv("STREAMDAL_SERVER_AUTH_TOKEN", "hunter2-hunter2-hunter2")
	code, out, errs := run("config", "--config", file, "--log-level", "debug")
	if code != 0 || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if strings.Contains(out, "hunter2") {
		t.Errorf("the token is shown:\n%s", out)
	}
	for _, want := range []string{
		`log-level: "debug"  # flag --log-level`,
		`session-ttl: 8s  # variable STREAMDAL_SERVER_SESSION_TTL`,
		`shutdown-grace: 3s  # ` + file + ` line 3`,
		`listen: ["127.0.0.1:1", "127.0.0.1:2"]  # ` + file + ` line 4`,
		`reseed: "auto"  # default`,
		`# auth-token: hidden  # variable STREAMDAL_SERVER_AUTH_TOKEN`,
		`# auth-token-file: not set`,
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("missing %q in:\n%s", want, out)
		}
	}
	again := writeFile(t, out)
	code, out, errs = run("config", "--config", again)
	if code != 0 || !strings.Contains(out, `log-level: "error"  # variable`) || !strings.Contains(out, "shutdown-grace: 3s  # "+again) {
		t.Errorf("its own output as the file: exit %d, %s%s", code, errs, out)
	}
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"unknown key": {"listne: ':1'", "config.yaml:1:1: unknown key"},
		"range":       {"session-ttl: 5m", "between 1s and 1m"},
		"type":        {"redis-database: zero", "config.yaml:1:17: redis-database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := run("serve", "--config", writeFile(t, tt.text))
			if code != exitMisuse || !strings.Contains(errs, tt.want) {
				t.Errorf("got exit %d, %q; want %d, %q", code, errs, exitMisuse, tt.want)
			}
		})
	}
	code, _, errs := run("serve", "--config", filepath.Join(t.TempDir(), "none"))
	if code != exitMisuse || !strings.Contains(errs, "read the configuration") {
		t.Errorf("missing file: got exit %d, %q", code, errs)
	}
}

func TestConfigHidesThePasswordOfRedis(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"redis://u:hunter2@localhost:1/2", "redis://:hunter2@localhost"} {
		code, out, errs := run("config", "--redis-url", url)
		if code != 0 || strings.Contains(out+errs, "hunter2") || !strings.Contains(out, "# redis-url: redis://localhost") {
			t.Errorf("%s: exit %d, %s%s", url, code, out, errs)
		}
	}
}

// Every variable of the original is read, refused or answered with a line.
func TestEachVariableOfTheOriginal(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		code        int
		want        string // of what config prints
	}{
		{"DEBUG", "true", 0, "debug: true  # variable"},
		{"NODE_NAME", "node-1", 0, `node-name: "node-1"  # variable`},
		{"AUTH_TOKEN", "1234", 0, "# auth-token: hidden  # variable"},
		{"HTTPAPI_LISTEN_ADDRESS", "127.0.0.1:8081", 0, `httpapi-listen-address: "127.0.0.1:8081"`},
		{"GRPCAPI_LISTEN_ADDRESS", "127.0.0.1:8082", 0, `grpcapi-listen-address: "127.0.0.1:8082"`},
		{"REDIS_URL", "localhost:6379", 0, `redis-url: "localhost:6379"`},
		{"REDIS_DATABASE", "0", 0, "redis-database: 0"},
		{"REDIS_PASSWORD", "", 0, "# redis-password: not set"},
		{"HEALTH_FREQ_SEC", "60", 0, "health-freq-sec: 60"},
		{"SESSION_TTL", "5s", 0, "session-ttl: 5s  # variable"},
		{"SESSION_TTL", "500ms", exitMisuse, "between 1s and 1m"},
		{"WASM_DIR", "./assets/wasm", 0, "wasm-dir"},
		{"NUM_TAIL_WORKERS", "4", 0, "num-tail-workers: 4"},
		{"NUM_BROADCAST_WORKERS", "4", 0, "num-broadcast-workers: 4"},
		{"DEMO_MODE", "true", exitMisuse, "--demo runs sample services"},
		{"DEMO_MODE", "false", 0, "demo-mode: false"},
		{"TELEMETRY_DISABLE", "true", 0, "telemetry-disable: true"},
		{"TELEMETRY_ADDRESS", "telemetry.example.com:8125", 0, "telemetry-address"},
		{"LOG_LEVEL", "FATAL", 0, `log-level: "FATAL"`},
		{"AES_KEY", originalKey, 0, "# aes-key: hidden"},
	} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			t.Setenv(envPrefix+"_"+tt.name, tt.value)
			code, out, errs := run("config")
			if code != tt.code || !strings.Contains(out+errs, tt.want) {
				t.Errorf("got exit %d, %s%s; want %d, %q", code, out, errs, tt.code, tt.want)
			}
		})
	}
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte("STREAMDAL_SERVER_AUTH_TOKEN=x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := strangers([]string{
		"DD_ENV=prod", "STREAMDAL_SERVER_HTTP_API_LISTEN_ADDRESS=:1", "STREAMDAL_SERVER_TTL=5s", "STREAMDAL_SERVER_SESSION_TTL=5s",
		"STREAMDAL_SERVER_SERVICE_HOST=10.0.0.1", "STREAMDAL_SERVER_PORT_8082_TCP=tcp://10.0.0.1:8082", "STREAMDAL_SERVER_PORT=tcp://10.0.0.1:8082",
		"STREAMDAL_SERVER_DEMO_MODE=false", "HOME=/",
	}, file)
	want := []string{
		file + " in the working directory is not read: put its lines into a --config file, or load it with: set -a; . ./.env",
		"DD_ENV is set: this server has no Datadog tracer; /metrics is for Prometheus and the Datadog agent",
		"STREAMDAL_SERVER_HTTP_API_LISTEN_ADDRESS is not read, as it never was: write STREAMDAL_SERVER_HTTPAPI_LISTEN_ADDRESS",
		"STREAMDAL_SERVER_TTL means nothing to this server: correct or remove it",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCompletions(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		code, script, errs := run("completion", shell)
		if code != 0 || errs != "" || !strings.Contains(script, "redis-url") || strings.Contains(script, "telemetry-disable") {
			t.Fatalf("%s: exit %d, %s%s", shell, code, script, errs)
		}
		program, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("no %s here to read the script", shell)
			continue
		}
		if out, err := exec.Command(program, "-n", writeFile(t, script)).CombinedOutput(); err != nil {
			t.Errorf("%s -n: %v: %s", shell, err, out)
		}
	}
	if runtime.GOOS != "linux" {
		return // whose bash is recent
	}
	_, script, _ := run("completion", "bash")
	for line, want := range map[string]string{
		"streamdal-server ins": "inspect", "streamdal-server serve --reseed n": "never",
		"streamdal-server inspect w": "watch wasm", "streamdal-server completion f": "fish",
	} {
		words := strings.Fields(line)
		cmd := exec.Command("bash", "-c", script+`
COMP_WORDS=("$@") COMP_CWORD=$(($#-1))
_streamdal_server
echo "${COMPREPLY[*]}"`, "bash")
		cmd.Args = append(cmd.Args, words...)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s<tab>: got %q, %v; want %q", line, got, err, want)
		}
	}
}

func TestManualPage(t *testing.T) {
	t.Parallel()
	code, page, errs := run("man")
	if code != 0 || errs != "" || !strings.Contains(page, `\-\-redis\-url=URL`) {
		t.Fatalf("exit %d, %s%s", code, page, errs)
	}
	program, err := exec.LookPath("mandoc")
	if err != nil {
		t.Log("no mandoc here to check the page")
		return
	}
	if out, err := exec.Command(program, "-T", "lint", "-W", "error", writeFile(t, page)).CombinedOutput(); err != nil {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
}

func TestExampleConfigIsAccepted(t *testing.T) {
	t.Parallel()
	code, out, errs := run("config", "--config", "../packaging/config.yaml")
	if code != 0 || !strings.Contains(out, `listen: [":8082"]`) {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}
