package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A person's way through the Console's pages that manage things, in a real browser.
func TestBrowserManages(t *testing.T) {
	t.Parallel()
	p, _ := startDemo(t)
	link := p.waitFor(`Console +(\S+)`)[1]
	shots := t.TempDir()
	if dir := os.Getenv("SCREENSHOT_DIR"); dir != "" {
		shots = dir
	}
	cmd := exec.CommandContext(t.Context(), "node", "--test", "test/manage.mjs")
	cmd.Dir = filepath.Join("..", "ui")
	cmd.Env = append(os.Environ(), "BASE_URL=http://"+p.addr, "LOGIN_URL="+link, "SCREENSHOT_DIR="+shots)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("journey: %v (run npm ci in ui, and install chromium, if it says so)\n%s", err, out)
	}
	t.Logf("%s", out)
}
