package mux

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// starvedListener has no file descriptors for its first tries.
type starvedListener struct {
	net.Listener
	mu    sync.Mutex
	fails int
	tries []time.Time
}

func (l *starvedListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	l.tries = append(l.tries, time.Now())
	starved := len(l.tries) <= l.fails
	l.mu.Unlock()
	if starved {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func (l *starvedListener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.tries)
}

// Running out of file descriptors sleeps instead of spinning, and heals.
func TestNoFileDescriptors(t *testing.T) {
	t.Parallel()
	l := &starvedListener{Listener: listen(t), fails: 6}
	f := start(t, func(c *Config) { c.Listeners = []net.Listener{l} })
	get(t, httpClient(t, false), f.addr, "/")
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, want := 1, minBackOff; n < l.fails; n, want = n+1, 2*want {
		if got := l.tries[n].Sub(l.tries[n-1]); got < want {
			t.Errorf("try %d came %v after the one before, want at least %v", n, got, want)
		}
	}
}

func TestShutdownWhileStarved(t *testing.T) {
	t.Parallel()
	l := &starvedListener{Listener: listen(t), fails: 1 << 30}
	f := start(t, func(c *Config) { c.Listeners = []net.Listener{l} })
	if !eventually(func() bool { return l.count() > 3 }) {
		t.Fatal("never tried again")
	}
	if err := f.stop(t); err != nil {
		t.Error(err)
	}
}

func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	log := new(syncLog)
	f := start(t, func(c *Config) { c.MaxConns, c.SniffTimeout, c.Log = 2, 10*patience, zerolog.New(log) })
	first, second := dial(t, f.addr), dial(t, f.addr)
	third := dial(t, f.addr)
	if _, err := io.WriteString(third, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return strings.Contains(log.String(), "connection limit reached") }) {
		t.Fatal("the limit is not in the log")
	}
	_ = third.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	var b [1]byte
	if _, err := third.Read(b[:]); err == nil {
		t.Error("a connection above the limit was served")
	}
	_ = first.Close() // makes place
	_ = third.SetReadDeadline(time.Now().Add(patience))
	if _, err := third.Read(b[:]); err != nil {
		t.Errorf("not served when a place became free: %v", err)
	}
	_ = second.Close()
}

// Closed connections of every kind give their slot back.
func TestSlotsAreGivenBack(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.MaxConns, c.SniffTimeout = 3, 10*patience })
	for range 5 {
		for _, act := range hostile {
			c := dial(t, f.addr)
			act(c)
			_ = c.Close()
		}
		answer := dial(t, f.addr)
		_, _ = io.WriteString(answer, "GET / HTTP/1.0\r\n\r\n")
		if err := readToEnd(answer); err != nil {
			t.Fatal(err)
		}
		t.Run("client", func(t *testing.T) { wantUnary(t, grpcClient(t, f.addr), "native") }) // closes with it
	}
}

func TestAcceptAfterClose(t *testing.T) {
	t.Parallel()
	l := newListener(listen(t), make(chan struct{}, 1), newConnSet(), zerolog.Nop())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil { // both servers close it again
		t.Error(err)
	}
	for range 2 {
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: %v, want net.ErrClosed", err)
		}
	}
}

// syncLog is a log that tests may read while it is written.
type syncLog struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
