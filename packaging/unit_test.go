// Package packaging holds what packages install beside the binary. Its tests are its only code.
package packaging

import (
	"os/exec"
	"runtime"
	"testing"
)

// exposure is what systemd-analyze may find at most, in tenths.
const exposure = "19"

func TestUnitIsHardened(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // no systemd
	}
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold="+exposure, "systemd/streamdal-server.service").CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze (installed by .ci/setup): %v\n%s", err, out)
	}
}
