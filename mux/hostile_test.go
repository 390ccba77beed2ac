package mux

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/streamdal/streamdal-server/api/pb"
)

// hostile says what a client does instead of asking something.
var hostile = map[string]func(net.Conn){
	"silent":           func(net.Conn) {},
	"half a method":    func(c net.Conn) { _, _ = io.WriteString(c, "GE") },
	"half a request":   func(c net.Conn) { _, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n") },
	"half a preface":   func(c net.Conn) { _, _ = io.WriteString(c, http2.ClientPreface[:20]) },
	"preface and stop": func(c net.Conn) { _, _ = io.WriteString(c, http2.ClientPreface) },
	"settings and stop": func(c net.Conn) {
		_, _ = io.WriteString(c, http2.ClientPreface)
		_ = http2.NewFramer(c, nil).WriteSettings()
	},
	"half a frame": func(c net.Conn) {
		_, _ = io.WriteString(c, http2.ClientPreface)
		_ = http2.NewFramer(c, nil).WriteSettings()
		_, _ = c.Write([]byte{0, 0, 90, byte(http2.FrameHeaders), 4, 0, 0})
	},
	"header without end": func(c net.Conn) {
		_, _ = io.WriteString(c, http2.ClientPreface)
		fr := http2.NewFramer(c, nil)
		_ = fr.WriteSettings()
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x83}})
	},
	"garbage":         func(c net.Conn) { _, _ = c.Write(bytes.Repeat([]byte{0xff, 0, 0x16}, 1000)) },
	"TLS hello":       func(c net.Conn) { _, _ = c.Write([]byte{22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3}) },
	"garbled preface": func(c net.Conn) { _, _ = io.WriteString(c, "PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n") },
	"open request": func(c net.Conn) {
		_, _ = io.WriteString(c, "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
	},
}

// A client that says nothing, or nothing sensible, delays neither others nor the
// shutdown.
func TestHostileClientsDelayNobody(t *testing.T) {
	t.Parallel()
	for name, act := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, func(c *Config) { c.SniffTimeout, c.Grace = patience, 2*time.Minute })
			for range 3 {
				act(dial(t, f.addr))
			}
			wantUnary(t, grpcClient(t, f.addr), "native")
			get(t, httpClient(t, false), f.addr, "/")
			get(t, httpClient(t, true), f.addr, "/")
			if name == "open request" {
				return // its handler runs, and shutting down waits for handlers: see TestShutdownCutsWhatDoesNotEnd
			}
			began := time.Now()
			if err := f.stop(t); err != nil {
				t.Fatal(err)
			}
			// An idle HTTP/2 connection gets a second to take its GOAWAY.
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("shutdown took %v", took)
			}
		})
	}
}

// What is not one of our protocols is closed without waiting for the timeout.
func TestGarbageIsClosedAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.SniffTimeout = 10 * patience })
	for _, name := range []string{"garbage", "TLS hello", "garbled preface"} {
		c := dial(t, f.addr)
		hostile[name](c)
		if err := readToEnd(c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: still open", name)
		}
	}
}

func TestSilentConnectionIsClosedInTime(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.SniffTimeout = 50 * time.Millisecond })
	for _, name := range []string{"silent", "half a method", "half a preface", "preface and stop", "half a frame", "header without end"} {
		c := dial(t, f.addr)
		hostile[name](c)
		if err := readToEnd(c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: still open", name)
		}
	}
}

func readToEnd(c net.Conn) error {
	_, err := io.Copy(io.Discard, c)
	return err
}

// Each byte by itself: legal, and must not gain time.
func TestDribblingClient(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.SniffTimeout = 300 * time.Millisecond })
	c := dial(t, f.addr)
	hello := http2.ClientPreface + strings.Repeat("\x00\x00\x00\x04\x01\x00\x00\x00\x00", 100)
	began := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for i := range len(hello) {
		<-tick.C
		if _, err := io.WriteString(c, hello[i:i+1]); err != nil {
			break
		}
		wantUnary(t, grpcClient(t, f.addr), "native")
		if time.Since(began) > patience {
			t.Fatal("dribbled beyond every limit")
		}
	}
	if err := readToEnd(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("still open")
	}
}

// A slow but complete client is served whatever the sizes of its pieces.
func TestBytewiseClientIsServed(t *testing.T) {
	t.Parallel()
	f := start(t)
	for name, hello := range map[string]string{
		"HTTP/1.1": "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"HTTP/2": http2.ClientPreface + string(frames(func(fr *http2.Framer) {
			_ = fr.WriteSettings()
			_ = fr.WriteSettingsAck()
			_ = fr.WriteHeaders(http2.HeadersFrameParam{
				StreamID: 1, EndHeaders: true, EndStream: true,
				BlockFragment: headerBlock(t, ":method", "GET", ":scheme", "http", ":authority", "x", ":path", "/"),
			})
		})),
	} {
		c := dial(t, f.addr)
		for i := range len(hello) {
			if _, err := io.WriteString(c, hello[i:i+1]); err != nil {
				t.Fatal(err)
			}
		}
		var got bytes.Buffer
		for !strings.Contains(got.String(), "Console") {
			if _, err := io.CopyN(&got, c, 1); err != nil {
				t.Fatalf("%s: %v after %q", name, err, got.String())
			}
		}
	}
}

func TestManySilentConnections(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.SniffTimeout = 10 * patience })
	for range 500 {
		dial(t, f.addr)
	}
	wantUnary(t, grpcClient(t, f.addr), "native")
	wantWebUnary(t, httpClient(t, false), f.addr, "application/grpc-web+proto")
	if err := f.stop(t); err != nil {
		t.Fatal(err)
	}
}

// A header above the limit is answered; one far above it ends the connection.
func TestHugeHeaderIsRefused(t *testing.T) {
	t.Parallel()
	f := start(t)
	c := newRawClient(t, f.addr)
	c.bigRequest(t, maxHeaderBytes+1<<10)
	if got := c.answer(t, 1)[":status"]; got != "431" {
		t.Errorf("status %q, want 431", got)
	}
	c = newRawClient(t, f.addr)
	c.bigRequest(t, 4*maxSniffBytes)
	if err := readToEnd(c.conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("still open")
	}
}

// bigRequest asks for / with size bytes of header, in as many frames as that takes.
func (c *rawClient) bigRequest(t *testing.T, size int) {
	t.Helper()
	header := []string{":method", "GET", ":scheme", "http", ":authority", "x", ":path", "/"}
	for n := range size >> 10 {
		header = append(header, fmt.Sprintf("x-%d", n), strings.Repeat("|~", 1<<9)) // does not shrink in HPACK
	}
	block := headerBlock(t, header...)
	const piece = 16 << 10
	err := c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndStream: true, BlockFragment: block[:piece]})
	for block = block[piece:]; len(block) > 0 && err == nil; {
		n := min(piece, len(block))
		err = c.framer.WriteContinuation(1, n == len(block), block[:n])
		block = block[n:]
	}
	if err != nil {
		t.Log("the server closed before it had read all:", err)
	}
}

// Rubbish behind a good start is answered as HTTP/2 demands, and hurts nobody.
func TestRubbishAfterThePreface(t *testing.T) {
	t.Parallel()
	f := start(t)
	for name, rubbish := range map[string][]byte{
		"no settings": frames(func(fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{}) }),
		"bad hpack": frames(func(fr *http2.Framer) {
			_ = fr.WriteSettings()
			writeBlock(fr, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
		}),
		"frame too big": frames(func(fr *http2.Framer) { _ = fr.WriteSettings(); _ = fr.WriteRawFrame(0x44, 0, 0, make([]byte, 2<<20)) }),
		"continuation":  frames(func(fr *http2.Framer) { _ = fr.WriteSettings(); _ = fr.WriteContinuation(1, true, nil) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, f.addr)
			_, _ = io.WriteString(c, http2.ClientPreface)
			_, _ = c.Write(rubbish)
			if err := readToEnd(c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("still open")
			}
			wantUnary(t, grpcClient(t, f.addr), "native")
		})
	}
}

func writeBlock(fr *http2.Framer, block []byte) {
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndHeaders: true})
}

// frames returns what write writes.
func frames(write func(*http2.Framer)) []byte {
	var b bytes.Buffer
	fr := http2.NewFramer(&b, nil)
	fr.AllowIllegalWrites = true
	write(fr)
	return b.Bytes()
}

// gRPC over HTTP/1.1 cannot work; it must be refused, not crash.
func TestGRPCOverHTTP1IsRefused(t *testing.T) {
	t.Parallel()
	f := start(t)
	answer := webPost(t, httpClient(t, false), f.addr, testMethod, "application/grpc", &pb.TestRequest{})
	if answer.StatusCode != http.StatusHTTPVersionNotSupported {
		t.Errorf("answered %s, want 505", answer.Status)
	}
}

// Bad gRPC-Web bodies end in an error of their own request.
func TestBadWebBodies(t *testing.T) {
	t.Parallel()
	f := start(t)
	c := httpClient(t, false)
	for _, contentType := range []string{"application/grpc-web+proto", "application/grpc-web-text", "application/grpc-webx"} {
		for _, body := range []string{"", "\x00", "\x00\xff\xff\xff\xff", "!!!!", "AAAA", "\x01\x00\x00\x00\x01a"} {
			answer, err := c.Post("http://"+f.addr+testMethod, contentType, strings.NewReader(body))
			if err != nil {
				t.Fatalf("%s %q: %v", contentType, body, err)
			}
			all, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK && answer.Header.Get("Grpc-Status") == "0" || strings.Contains(string(all), "grpc-status: 0") {
				t.Errorf("%s %q: answered OK", contentType, body)
			}
		}
	}
	if n := f.external.called(); n != 0 {
		t.Errorf("handler ran %d times", n)
	}
}
