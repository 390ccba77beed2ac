package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// People's ways through the Console, in a real browser, each against a demo server of its own.
func TestBrowser(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"editor",    // a pipeline by forms
		"first",     // log-in, map, pipelines, log-out
		"manage",    // the pages that manage things
		"operation", // the panel of one operation
		"tabs",      // many tabs of one browser
		"tokens",    // tokens that may do less
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, token := startDemo(t)
			journey(t, name, p.addr, p.waitFor(`Console +(\S+)`)[1], token)
		})
	}
}

// journey runs ui/test/NAME.mjs in a browser against the server at addr.
func journey(t *testing.T, name, addr, link, token string) {
	t.Helper()
	shots := t.TempDir()
	if dir := os.Getenv("SCREENSHOT_DIR"); dir != "" {
		shots = dir
	}
	cmd := exec.CommandContext(t.Context(), "node", "--test", filepath.Join("test", name+".mjs"))
	cmd.Dir = filepath.Join("..", "ui")
	cmd.Env = append(os.Environ(), "BASE_URL=http://"+addr, "LOGIN_URL="+link, "TOKEN="+token, "SCREENSHOT_DIR="+shots)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("journey: %v (run npm ci in ui, and install chromium, if it says so)\n%s", err, out)
	}
	t.Logf("%s", out)
}
