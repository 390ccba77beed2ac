package cli

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// When the terminal is closed on which a person started it, the server stops instead of
// staying behind; with the terminal open, SIGHUP is a request to reload.
func TestTerminalIsClosed(t *testing.T) {
	t.Parallel()
	master, slave := openTerminal(t)
	p := prepare(t, "serve", "--listen", freeport.Addr(t), "--data-dir", t.TempDir())
	p.cmd.Stdin = slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.start()
	p.waitFor(`"message":"ready"`)
	p.hup(`"message":"reloaded"`)
	if err := slave.Close(); err != nil {
		t.Fatal(err)
	}
	if err := master.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		t.Fatal("still runs")
	}
	if p.err != nil || !strings.Contains(p.output(), "the terminal was closed") {
		t.Errorf("exit: %v, want 0", p.err)
	}
}

// openTerminal makes a terminal without a screen.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}
