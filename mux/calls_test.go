package mux

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
)

// message is one as gRPC sends it.
func message(size int) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(size)), bytes.Repeat([]byte{'m'}, size)...)
}

// pieces reads a body as gRPC's transport does.
func pieces(body io.Reader, many bool) (list [][]byte, err error) {
	m := &messages{ReadCloser: io.NopCloser(body), many: many}
	for {
		piece := make([]byte, 16<<10)
		n, err := m.Read(piece)
		if n > 0 {
			list = append(list, piece[:n])
		}
		if err != nil {
			return list, err
		}
	}
}

// A client that sends byte by byte must not make the transport keep 16 KiB for each.
func TestMessagesComeInLongPieces(t *testing.T) {
	t.Parallel()
	two := append(message(40_000), message(3)...)
	for _, tt := range []struct {
		name   string
		body   []byte
		many   bool
		pieces int
		taken  int
		err    error
	}{
		{"nothing", nil, false, 0, 0, io.EOF},
		{"empty", message(0), false, 1, 5, io.EOF},
		{"small", message(10), false, 1, 15, io.EOF},
		{"large", message(40_000), false, 3, 40_005, io.EOF},
		{"cut off", message(40_000)[:20_000], false, 2, 20_000, io.EOF},
		{"head cut off", []byte{0, 0, 0}, false, 1, 3, io.EOF},
		{"two", two, true, 4, len(two), io.EOF},
		{"two for one", two, false, 3, 40_005, errOneMessage},
		{"rubbish behind", append(message(3), 1), false, 1, 8, errOneMessage},
	} {
		for way, body := range map[string]io.Reader{"whole": bytes.NewReader(tt.body), "byte by byte": iotest.OneByteReader(bytes.NewReader(tt.body))} {
			got, err := pieces(body, tt.many)
			if all := bytes.Join(got, nil); len(got) != tt.pieces || !bytes.Equal(all, tt.body[:tt.taken]) || !errors.Is(err, tt.err) {
				t.Errorf("%s, %s: %d bytes in %d pieces (%v), want %d in %d (%v)", tt.name, way, len(all), len(got), err, tt.taken, tt.pieces, tt.err)
			}
		}
	}
	if _, err := pieces(iotest.ErrReader(io.ErrClosedPipe), false); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want the body's own error", err)
	}
}

func FuzzMessages(f *testing.F) {
	f.Add(append(message(3), message(0)...))
	f.Add([]byte{0, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := pieces(iotest.HalfReader(bytes.NewReader(body)), true)
		if !bytes.Equal(bytes.Join(got, nil), body) || !errors.Is(err, io.EOF) {
			t.Errorf("%x became %x (%v)", body, got, err)
		}
	})
}

// What strangers send is not kept, however they send it.
func TestStrangersAreRefusedBeforeTheirMessage(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) {
		c.Admit = func(r *http.Request) (int64, error) {
			switch r.Header.Get("Auth-Token") {
			case "good":
				return 0, nil
			case "little":
				return 8, nil
			default:
				return 0, status.Error(codes.Unauthenticated, "who is “that”? 100%")
			}
		}
	})
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	for kind, client := range map[string]*http.Client{
		"application/grpc":           {Transport: &http.Transport{Protocols: protocols}},
		"application/grpc-web+proto": {Transport: &http.Transport{}},
		"application/grpc-web-text":  {Transport: &http.Transport{}},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(client.CloseIdleConnections)
			// A first request that is no native gRPC, so that the http.Server has the connection.
			if reply, err := client.Get("http://" + f.addr + "/"); err != nil {
				t.Fatal(err)
			} else {
				_, _ = io.Copy(io.Discard, reply.Body)
				_ = reply.Body.Close()
			}
			body, more := io.Pipe()
			defer more.Close()
			go func() { _, _ = more.Write(message(0)[:4]) }() // and then no more
			reply := call(t, client, f.addr, kind, "", body)
			if reply.Header.Get("Grpc-Status") != "16" || reply.Header.Get("Grpc-Message") != "who is %E2%80%9Cthat%E2%80%9D? 100%25" {
				t.Errorf("got %d %v", reply.StatusCode, reply.Header)
			}
			if kind == "application/grpc-web-text" {
				return // the others are the same but for their base64
			}
			if got := finish(t, call(t, client, f.addr, kind, "good", bytes.NewReader(message(0)))); !strings.Contains(got, "http:") {
				t.Errorf("a good one: got %q", got)
			}
			if got := finish(t, call(t, client, f.addr, kind, "little", bytes.NewReader(message(100)))); strings.Contains(got, "http:") {
				t.Errorf("more than the limit: got %q", got)
			}
		})
	}
}

func call(t *testing.T, client *http.Client, addr, kind, token string, body io.Reader) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+pb.External_Test_FullMethodName, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Auth-Token", token)
	r.Header.Set("TE", "trailers")
	reply, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reply.Body.Close() })
	return reply
}

// finish returns the body of a reply.
func finish(t *testing.T, reply *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
