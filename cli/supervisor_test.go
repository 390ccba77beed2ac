//go:build unix

package cli

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// A service manager hears when the server is ready, that it lives, and that it stops.
func TestServiceManager(t *testing.T) {
	dir, err := os.MkdirTemp("", "sd") // short: a socket's path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "200000")
	p := launch(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken)
	hear := func(want string) {
		t.Helper()
		if err := conn.SetReadDeadline(time.Now().Add(60 * time.Second)); err != nil {
			t.Fatal(err)
		}
		for b := make([]byte, 1024); ; {
			n, err := conn.Read(b)
			if err != nil {
				t.Fatalf("waiting for %s: %v", want, err)
			}
			if strings.Contains(string(b[:n]), want) {
				return
			}
		}
	}
	hear("READY=1")
	for range 3 {
		hear("WATCHDOG=1")
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		hear("RELOADING=1\nMONOTONIC_USEC=")
	}
	hear("READY=1")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	hear("STOPPING=1")
	<-p.done
	if p.err != nil {
		t.Errorf("exit: %v, want 0", p.err)
	}
}
