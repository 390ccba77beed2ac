package holder

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestOfAddress(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0", ":0"} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().(*net.TCPAddr).AddrPort()
		p, ok := OfAddress(addr)
		if !ok || p.PID != os.Getpid() || p.Name == "" || p.User == "" {
			t.Errorf("%s: got %v, %v; want this process", addr, p, ok)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if p, ok := OfAddress(addr); ok && p.PID == os.Getpid() {
			t.Errorf("%s: still found after it was closed: %v", addr, p)
		}
	}
}

func TestCollide(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"127.0.0.1:80", "127.0.0.1:80", true},
		{"127.0.0.1:80", "127.0.0.1:81", false},
		{"127.0.0.1:80", "127.0.0.2:80", false},
		{"0.0.0.0:80", "127.0.0.2:80", true},
		{"[::]:80", "127.0.0.2:80", true},
		{"[::ffff:127.0.0.2]:80", "127.0.0.2:80", true},
	} {
		if got := collide(netip.MustParseAddrPort(tt.a), netip.MustParseAddrPort(tt.b)); got != tt.want {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}

func TestOfLock(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if p, ok := OfLock(file); ok {
		t.Errorf("got %v of a file that nobody has locked", p)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if p, ok := OfLock(file); !ok || p.PID != os.Getpid() {
		t.Errorf("got %v, %v; want this process", p, ok)
	}
	if p, ok := OfLock(file + "x"); ok {
		t.Errorf("got %v of a file that does not exist", p)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6", "/proc/locks"} {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b[:min(len(b), 1000)])
		}
	}
	f.Add([]byte("1: FLOCK ADVISORY WRITE 1 fe:00:2 0 EOF\n1: -> FLOCK ADVISORY WRITE 1 fe:00:2 0 EOF"))
	f.Add([]byte("0: 0100007F:4827 0:0 0A 0 0 0 0 0 1 1"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		parseSockets(b)
		parseLocks(b)
	})
}
