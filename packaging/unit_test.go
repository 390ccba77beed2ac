// Package packaging holds what packages install beside the binary. Its tests are its only code.
package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// exposure is what systemd-analyze may find at most, in tenths.
const exposure = "19"

// The unit, and each addition to it that the documents tell people to paste, is understood by systemd to
// the last word, and hardened.
func TestUnit(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return // no systemd
	}
	unit, err := os.ReadFile("systemd/streamdal-server.service")
	if err != nil {
		t.Fatal(err)
	}
	additions := []string{""}
	for _, page := range []string{"../docs/install.md", "../docs/operations.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```ini\n(.*?)```").FindAllSubmatch(text, -1) {
			additions = append(additions, string(block[1]))
		}
	}
	if len(additions) < 4 {
		t.Errorf("got %d additions from the documents, want those for low ports, TLS and Redis' socket", len(additions)-1)
	}
	for _, addition := range additions {
		// Neither program nor manual page is installed here.
		text := regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAllString(string(unit)+"\n"+addition, "")
		text = strings.ReplaceAll(text, "ExecStart=/usr/bin/streamdal-server ", "ExecStart=/bin/true ")
		file := filepath.Join(t.TempDir(), "streamdal-server.service")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", file).CombinedOutput()
		if err != nil || strings.Contains(string(out), "streamdal-server.service") {
			t.Errorf("with %q: %v\n%s", addition, err, out)
		}
		out, err = exec.Command("systemd-analyze", "security", "--offline=true", "--threshold="+exposure, file).CombinedOutput()
		if err != nil {
			t.Errorf("with %q: systemd-analyze (installed by .ci/setup): %v\n%s", addition, err, out)
		}
	}
}

// What the server reads outside of its own process: with this setting of systemd's list it would listen with a
// backlog of 128, and have no process_start_time_seconds, by which an alert knows of restarts.
func TestUnitLeavesProcReadable(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("systemd/streamdal-server.service")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^ProcSubset=pid`).Match(unit) {
		t.Error("ProcSubset=pid hides /proc/sys/net/core/somaxconn, /proc/stat and /proc/locks")
	}
}
