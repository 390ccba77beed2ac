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
	for _, journey := range []string{
		"first",     // log-in, map, pipelines, log-out
		"manage",    // the pages that manage things
		"operation", // the panel of one operation
		"tabs",      // many tabs of one browser
	} {
		t.Run(journey, func(t *testing.T) {
			t.Parallel()
			p, _ := startDemo(t)
			link := p.waitFor(`Console +(\S+)`)[1]
			shots := t.TempDir()
			if dir := os.Getenv("SCREENSHOT_DIR"); dir != "" {
				shots = dir
			}
			cmd := exec.CommandContext(t.Context(), "node", "--test", filepath.Join("test", journey+".mjs"))
			cmd.Dir = filepath.Join("..", "ui")
			cmd.Env = append(os.Environ(), "BASE_URL=http://"+p.addr, "LOGIN_URL="+link, "SCREENSHOT_DIR="+shots)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("journey: %v (run npm ci in ui, and install chromium, if it says so)\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
