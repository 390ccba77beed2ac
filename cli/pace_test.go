package cli

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// How smoothly a large map moves in a real browser. Not parallel: it needs the processors.
func TestPace(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "node", "--test", filepath.Join("test", "pace.mjs"))
	cmd.Dir = filepath.Join("..", "ui")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("pace: %v (run npm ci in ui, and install chromium, if it says so)\n%s", err, out)
	}
	t.Logf("%s", out)
}
