//go:build unix

package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// A start that cannot be says in one line what is in its way and what to do.
func TestAddressTakenSaysByWhom(t *testing.T) {
	t.Parallel()
	p := serve(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken)
	_, port, _ := net.SplitHostPort(p.addr)
	who := "another program (lsof -nP -iTCP:" + port
	if runtime.GOOS == "linux" {
		who = fmt.Sprintf("process %d (", p.cmd.Process.Pid)
	}
	for _, addr := range []string{p.addr, "localhost:" + port, "0.0.0.0:" + port} {
		code, _, stderr := run("serve", "--listen", addr, "--data-dir", t.TempDir(), "--auth-token", testToken)
		if want := addr + " is taken by " + who; code != 1 || !strings.Contains(stderr, want) || !strings.Contains(stderr, "--listen") {
			t.Errorf("got %d, %q; want 1, %q", code, stderr, want)
		}
	}
}

func TestAddressTwice(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	code, _, stderr := run("serve", "--listen", addr, "--listen", addr, "--data-dir", t.TempDir(), "--auth-token", testToken)
	if code != 1 || !strings.Contains(stderr, addr+" is taken by") || runtime.GOOS == "linux" && !strings.Contains(stderr, "another --listen of this command") {
		t.Errorf("got %d, %q", code, stderr)
	}
}

func TestAddressOfAnotherMachine(t *testing.T) {
	t.Parallel()
	code, _, stderr := run("serve", "--listen", "192.0.2.1:0", "--data-dir", t.TempDir(), "--auth-token", testToken)
	if code != 1 || !strings.Contains(stderr, "this machine has no address 192.0.2.1") {
		t.Errorf("got %d, %q", code, stderr)
	}
}

func TestDataDirLockedSaysByWhom(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeport.Addr(t)
	p := serve(t, addr, dir, "--auth-token", testToken)
	code, _, stderr := run("serve", "--listen", freeport.Addr(t), "--data-dir", dir, "--auth-token", testToken)
	want := "lsof"
	if runtime.GOOS == "linux" {
		want = fmt.Sprintf("it is process %d (", p.cmd.Process.Pid)
	}
	if code != 1 || !strings.Contains(stderr, want) || !strings.Contains(stderr, "choose another --data-dir") {
		t.Errorf("got %d, %q; want 1, %q", code, stderr, want)
	}
	if runtime.GOOS == "linux" && !strings.Contains(stderr, "which serves "+addr) {
		t.Errorf("got %q, want the address %s", stderr, addr)
	}
}

func TestDataDirThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		code, _, stderr := run("serve", "--listen", freeport.Addr(t), "--data-dir", dir)
		if code != 1 || !strings.Contains(stderr, "data directory "+dir+": it, or a part of its path, is a file") {
			t.Errorf("got %d, %q", code, stderr)
		}
	}
}

func TestDataDirOfAnotherUser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	for _, below := range []string{"", "new"} {
		p := prepare(t, "serve", "--listen", freeport.Addr(t), "--data-dir", filepath.Join(dir, below))
		user := os.Getuid()
		if user == 0 { // who may write everywhere
			user = 65534
			p.cmd.Path = "/proc/self/exe" // which needs no right to the directories above it
			p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}}
			for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
				if err := os.Chmod(d, 0o555); err != nil {
					t.Fatal(err)
				}
			}
		}
		p.start()
		<-p.done
		out := p.output()
		if p.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(out, fmt.Sprintf("(%d) may not write there (%s is of user ", user, dir)) ||
			!strings.Contains(out, "--data-dir") {
			t.Errorf("got %d, %q", p.cmd.ProcessState.ExitCode(), out)
		}
	}
}

// What this test cannot bring about is explained all the same.
func TestExplanationsOfAStart(t *testing.T) {
	t.Parallel()
	failed := func(errno syscall.Errno) error { return &os.PathError{Op: "open", Path: "/data", Err: errno} }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{explainListen(":80", failed(syscall.EACCES)), "may not use port 80: choose one above 1023"},
		{explainListen("nobody.invalid:80", errors.New("lookup nobody.invalid: no such host")), "no such host"},
		{explainDir("/data", failed(syscall.EROFS)), "data directory /data: it is mounted read-only"},
		{explainDir("/data", failed(syscall.ENOSPC)), "data directory /data: its disk is full"},
		{explainDir("/data", failed(syscall.EIO)), "input/output error: mend that, or choose another with --data-dir"},
	} {
		if !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("got %q, want %q", tt.err, tt.want)
		}
	}
}
