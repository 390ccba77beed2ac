package mux

import (
	"bytes"
	"io"
	"net"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// rawClient writes HTTP/2 frames by hand.
type rawClient struct {
	conn   net.Conn
	framer *http2.Framer
}

// newRawClient connects and sends the preface and SETTINGS.
func newRawClient(t *testing.T, addr string) *rawClient {
	t.Helper()
	c := dial(t, addr)
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	raw := &rawClient{conn: c, framer: http2.NewFramer(c, c)}
	raw.framer.ReadMetaHeaders = hpack.NewDecoder(4<<10, nil)
	if err := raw.framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return raw
}

func headerBlock(t testing.TB, nameValues ...string) []byte {
	t.Helper()
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for i := 0; i < len(nameValues); i += 2 {
		if err := e.WriteField(hpack.HeaderField{Name: nameValues[i], Value: nameValues[i+1]}); err != nil {
			t.Fatal(err)
		}
	}
	return block.Bytes()
}

func grpcHeader(path string) []string {
	return []string{":method", "POST", ":scheme", "http", ":authority", "x", ":path", path, "content-type", "application/grpc", "te", "trailers"}
}

func (c *rawClient) request(t *testing.T, stream uint32, nameValues ...string) {
	t.Helper()
	err := c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: headerBlock(t, nameValues...), EndHeaders: true})
	if err != nil {
		t.Fatal(err)
	}
}

// data sends the whole body.
func (c *rawClient) data(t *testing.T, stream uint32, body []byte) {
	t.Helper()
	if err := c.framer.WriteData(stream, true, body); err != nil {
		t.Fatal(err)
	}
}

func (c *rawClient) end(t *testing.T, stream uint32) { c.data(t, stream, nil) }

// answer reads until the stream ends and returns its header and trailer fields,
// or the reset under "reset".
func (c *rawClient) answer(t *testing.T, stream uint32) map[string]string {
	t.Helper()
	fields := make(map[string]string)
	for {
		f, err := c.framer.ReadFrame()
		if err != nil {
			t.Fatalf("read frame: %v", err)
		}
		c.acknowledge(t, f)
		if f.Header().StreamID != stream {
			continue
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			for _, h := range f.Fields {
				fields[h.Name] = h.Value
			}
			if f.StreamEnded() {
				return fields
			}
		case *http2.DataFrame:
			if f.StreamEnded() {
				return fields
			}
		case *http2.RSTStreamFrame:
			fields["reset"] = f.ErrCode.String()
			return fields
		}
	}
}

func (c *rawClient) acknowledge(t *testing.T, f http2.Frame) {
	t.Helper()
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if !f.IsAck() {
			if err := c.framer.WriteSettingsAck(); err != nil {
				t.Fatal(err)
			}
		}
	case *http2.GoAwayFrame:
		t.Fatalf("GOAWAY %v %q", f.ErrCode, f.DebugData())
	}
}

// ping wants its answer.
func (c *rawClient) ping(t *testing.T, n byte) {
	t.Helper()
	if err := c.framer.WritePing(false, [8]byte{n}); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := c.framer.ReadFrame()
		if err != nil {
			t.Fatalf("ping %d: %v", n, err)
		}
		c.acknowledge(t, f)
		if p, ok := f.(*http2.PingFrame); ok && p.IsAck() && p.Data[0] == n {
			return
		}
	}
}
