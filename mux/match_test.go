package mux

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/net/http2"
)

// start of an HTTP/2 connection: preface, SETTINGS and what write writes.
func hello(write func(*http2.Framer)) []byte {
	return append([]byte(http2.ClientPreface), frames(func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
		write(fr)
	})...)
}

func withContentType(t testing.TB, contentType string) []byte {
	return hello(func(fr *http2.Framer) {
		writeBlock(fr, headerBlock(t, ":method", "POST", ":path", "/a", ":scheme", "http", "content-type", contentType))
	})
}

func TestSniff(t *testing.T) {
	t.Parallel()
	block := headerBlock(t, ":method", "POST", ":path", "/a", ":scheme", "http", "x-long", strings.Repeat("a", 300), "content-type", "application/grpc")
	native := func(p http2.HeadersFrameParam) []byte {
		return hello(func(fr *http2.Framer) {
			p.StreamID, p.BlockFragment, p.EndHeaders = 1, block, true
			_ = fr.WriteHeaders(p)
		})
	}
	cases := []struct {
		name string
		in   []byte
		want protocol
	}{
		{"grpc", withContentType(t, "application/grpc"), protocolGRPC},
		{"grpc with codec", withContentType(t, "application/grpc+proto"), protocolGRPC},
		{"grpc with parameter", withContentType(t, "application/grpc; charset=utf-8"), protocolGRPC},
		{"grpc in capitals", withContentType(t, "Application/GRPC+proto"), protocolGRPC},
		{"grpc-web", withContentType(t, "application/grpc-web"), protocolHTTP2},
		{"grpc-web with codec", withContentType(t, "application/grpc-web+proto"), protocolHTTP2},
		{"grpc-web-text", withContentType(t, "application/grpc-web-text+proto"), protocolHTTP2},
		{"grpcx", withContentType(t, "application/grpcx"), protocolHTTP2},
		{"json", withContentType(t, "application/json"), protocolHTTP2},
		{"no content type", hello(func(fr *http2.Framer) {
			writeBlock(fr, headerBlock(t, ":method", "GET", ":path", "/", ":scheme", "http"))
		}), protocolHTTP2},
		{"padded", native(http2.HeadersFrameParam{PadLength: 200}), protocolGRPC},
		{"priority", native(http2.HeadersFrameParam{Priority: http2.PriorityParam{StreamDep: 3, Weight: 9, Exclusive: true}}), protocolGRPC},
		{"padded and priority", native(http2.HeadersFrameParam{PadLength: 1, Priority: http2.PriorityParam{Weight: 1}}), protocolGRPC},
		{"continuation", hello(func(fr *http2.Framer) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block[:1]})
			_ = fr.WriteContinuation(1, false, block[1:200])
			_ = fr.WriteContinuation(1, false, nil)
			_ = fr.WriteContinuation(1, true, block[200:])
		}), protocolGRPC},
		{"frames before the header", hello(func(fr *http2.Framer) {
			_ = fr.WriteWindowUpdate(0, 1<<20)
			_ = fr.WriteSettingsAck()
			_ = fr.WritePing(false, [8]byte{1})
			_ = fr.WritePriority(3, http2.PriorityParam{Weight: 200})
			_ = fr.WriteRawFrame(0xee, 0, 0, []byte("unknown"))
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 5, BlockFragment: block, EndHeaders: true})
		}), protocolGRPC},
		{"only other frames", hello(func(fr *http2.Framer) {
			for range 100 {
				_ = fr.WritePing(false, [8]byte{1})
			}
		}), protocolHTTP2},
		{"malformed header", hello(func(fr *http2.Framer) {
			writeBlock(fr, headerBlock(t, ":method", "POST", "Upper", "x", "content-type", "application/grpc"))
		}), protocolHTTP2},
		{"bad hpack", hello(func(fr *http2.Framer) { writeBlock(fr, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) }), protocolHTTP2},
		{"header above the limit", hello(func(fr *http2.Framer) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: bytes.Repeat([]byte{0x82}, 16<<10)})
			_ = fr.WriteContinuation(1, true, bytes.Repeat([]byte{0x82}, 16<<10))
		}), protocolHTTP2},
		{"frame above the limit", hello(func(fr *http2.Framer) { _ = fr.WriteRawFrame(0xee, 0, 0, make([]byte, 1<<20)) }), protocolHTTP2},
		{"no settings", append([]byte(http2.ClientPreface), frames(func(fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{}) })...), protocolHTTP2},
		{"preface only", []byte(http2.ClientPreface), protocolNone},
		{"closed after settings", hello(func(*http2.Framer) {}), protocolNone},
		{"closed within a frame", withContentType(t, "application/grpc")[:60], protocolNone},
		{"HTTP/1", []byte("GET / HTTP/1.1\r\n"), protocolHTTP1},
		{"HTTP/1 PATCH", []byte("PATCH /a HTTP/1.1\r\n"), protocolHTTP1},
		{"HTTP/1 own method", []byte("a-b /a HTTP/1.1\r\n"), protocolHTTP1},
		{"nothing", nil, protocolNone},
		{"no method", []byte(" / HTTP/1.1\r\n"), protocolNone},
		{"endless method", bytes.Repeat([]byte("A"), 1<<20), protocolNone},
		{"half a method", []byte("GET"), protocolNone},
		{"TLS", []byte{22, 3, 1, 2, 0, 1, 0}, protocolTLS},
		{"nearly TLS", []byte{22, 2, 1, 2, 0, 1, 0}, protocolNone},
		{"other preface", []byte("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"), protocolNone},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := sniff(io.Discard, bytes.NewReader(c.in)); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if got := sniff(io.Discard, iotest.OneByteReader(bytes.NewReader(c.in))); got != c.want {
				t.Errorf("byte by byte: got %v, want %v", got, c.want)
			}
		})
	}
}

// A client that falls silent is kept only between frames, behind its SETTINGS.
func TestSniffTimeout(t *testing.T) {
	t.Parallel()
	all := withContentType(t, "application/grpc")
	settings := len(hello(func(*http2.Framer) {}))
	for n := range all {
		want := protocolNone
		if n == settings {
			want = protocolHTTP2
		}
		r := io.MultiReader(bytes.NewReader(all[:n]), iotest.ErrReader(os.ErrDeadlineExceeded))
		if got := sniff(io.Discard, r); got != want {
			t.Errorf("silent after %d of %d bytes: got %v, want %v", n, len(all), got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(withContentType(f, "application/grpc"))
	f.Add(withContentType(f, "application/grpc-web+proto"))
	f.Add(hello(func(fr *http2.Framer) {
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, PadLength: 3, BlockFragment: []byte{0x83}})
		_ = fr.WriteContinuation(1, true, []byte{0x84, 0x86})
	}))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Add([]byte{22, 3, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		whole := &counter{r: bytes.NewReader(in)}
		var wrote bytes.Buffer
		got := sniff(&wrote, whole)
		if whole.n > maxSniffBytes {
			t.Errorf("read %d bytes, want at most %d", whole.n, maxSniffBytes)
		}
		isHTTP2 := bytes.HasPrefix(in, []byte(http2.ClientPreface))
		if want := "\x00\x00\x00\x04\x00\x00\x00\x00\x00"; isHTTP2 && wrote.String() != want || !isHTTP2 && wrote.Len() > 0 {
			t.Errorf("wrote %q", wrote.String())
		}
		if got == protocolHTTP1 && isHTTP2 || (got == protocolGRPC || got == protocolHTTP2) && !isHTTP2 {
			t.Errorf("took %q for %v", in, got)
		}
		if again := sniff(io.Discard, iotest.OneByteReader(bytes.NewReader(in))); again != got {
			t.Errorf("byte by byte: got %v, at once %v", again, got)
		}
	})
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}
