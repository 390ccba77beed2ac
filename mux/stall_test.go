package mux

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
)

const testStall = 200 * time.Millisecond

// serveStall serves h as web does, with a stall limit for tests.
func serveStall(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	l := listen(t)
	s := &http.Server{Handler: newWeb(newCalls(grpc.NewServer(), nil), h, testStall), Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return l.Addr().String()
}

func waitFor(t *testing.T, what string, c <-chan error) error {
	t.Helper()
	select {
	case err := <-c:
		return err
	case <-time.After(patience):
		t.Fatalf("%s: the handler still waits", what)
		return nil
	}
}

// A client that stops reading does not hold its handler.
func TestClientThatStopsReading(t *testing.T) {
	t.Parallel()
	for _, h2c := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2c=%v", h2c), func(t *testing.T) {
			t.Parallel()
			wrote := make(chan error, 1)
			addr := serveStall(t, func(w http.ResponseWriter, _ *http.Request) {
				var err error
				for piece := make([]byte, 1<<20); err == nil; {
					_, err = w.Write(piece)
				}
				wrote <- err
			})
			answer, err := httpClient(t, h2c).Get("http://" + addr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }() // and never read
			if waitFor(t, "write", wrote) == nil {
				t.Error("write of everything worked")
			}
		})
	}
}

// A client that stops sending its body does not hold its handler.
func TestClientThatStopsSending_9_5_9(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	addr := serveStall(t, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		read <- err
	})
	t.Run("HTTP/1", func(t *testing.T) {
		hostile["open request"](dial(t, addr))
		if err := waitFor(t, "read", read); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v, want a deadline", err)
		}
	})
	t.Run("h2c", func(t *testing.T) {
		c := newRawClient(t, addr)
		c.request(t, 1, ":method", "POST", ":scheme", "http", ":authority", "x", ":path", "/")
		if err := waitFor(t, "read", read); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v, want a deadline", err)
		}
	})
}

// A body that its handler leaves unread holds nothing either.
func TestUnreadBody(t *testing.T) {
	t.Parallel()
	addr := serveStall(t, func(http.ResponseWriter, *http.Request) {})
	c := dial(t, addr)
	hostile["open request"](c)
	if err := readToEnd(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("still open")
	}
}

// A stream may be silent for longer than the limit, in both directions, and the
// connection serves the next request.
func TestQuietStreamIsNotCut(t *testing.T) {
	t.Parallel()
	for _, h2c := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2c=%v", h2c), func(t *testing.T) {
			t.Parallel()
			addr := serveStall(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				for range 3 {
					_, _ = io.WriteString(w, "tick ")
					w.(http.Flusher).Flush()
					select {
					case <-time.After(2 * testStall):
					case <-r.Context().Done():
						return
					}
				}
			})
			c := httpClient(t, h2c)
			var dialed []net.Conn
			c.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				dialed = append(dialed, conn)
				return conn, err
			}
			for range 2 {
				answer, err := c.Post("http://"+addr, "text/plain", strings.NewReader("body"))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				if err != nil || string(got) != "tick tick tick " {
					t.Errorf("got %q, %v", got, err)
				}
			}
			if len(dialed) != 1 {
				t.Errorf("%d connections, want 1", len(dialed))
			}
		})
	}
}
