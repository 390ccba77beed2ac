package api

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/pb"
)

// dial opens an HTTP/2 connection to speak by frames.
func dial(t *testing.T, address string) *http2.Framer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return framer
}

// rawCall sends the headers of a call, frame by frame, and returns the grpc-status of the
// answer. No message follows: the answer must not wait for one.
func rawCall(t *testing.T, address string, headers ...hpack.HeaderField) string {
	t.Helper()
	framer := dial(t, address)
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range headers {
		if err := encoder.WriteField(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true}); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := framer.ReadFrame()
		if err != nil {
			t.Fatalf("waiting for the answer: %v", err)
		}
		meta, isHeaders := f.(*http2.MetaHeadersFrame)
		if !isHeaders {
			continue
		}
		for _, field := range meta.Fields {
			if field.Name == "grpc-status" {
				return field.Value
			}
		}
	}
}

func callHeaders(path, token string) []hpack.HeaderField {
	list := []hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "http"},
		{Name: ":path", Value: path},
		{Name: ":authority", Value: "localhost"},
		{Name: "content-type", Value: "application/grpc"},
		{Name: "te", Value: "trailers"},
	}
	if token != "" {
		list = append(list, hpack.HeaderField{Name: auth.TokenKey, Value: token})
	}
	return list
}

// A path without its slash once slipped past rules that compare paths: GHSA-p77j-4mvh-x3m3.
func TestRawPaths(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const unimplemented, unauthenticated = "12", "16"
	for _, tt := range []struct{ path, token, want string }{
		{"/protos.External/GetAll", "", unauthenticated},
		{"protos.External/GetAll", "", unauthenticated},
		{"protos.External/GetAll", rootToken, unimplemented},
		{"protos.External/GetAll", "x", unauthenticated},
		{"//protos.External/GetAll", "", unauthenticated},
		{"/protos.External/getall", "", unauthenticated},
		{"/protos.External/NoSuchMethod", rootToken, unimplemented},
		{"/grpc.health.v1.Health/Check/", "", unauthenticated},
	} {
		t.Run(tt.path+" "+tt.token, func(t *testing.T) {
			t.Parallel()
			if got := rawCall(t, h.listener.Addr().String(), callHeaders(tt.path, tt.token)...); got != tt.want {
				t.Errorf("got grpc-status %s, want %s", got, tt.want)
			}
		})
	}
}

// Who has no token is refused before the message is read, so that strangers cannot make the
// server hold messages of megabytes.
func TestStrangersAreRefusedBeforeTheirMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for method, desc := range map[string]*grpc.StreamDesc{
		pb.External_Test_FullMethodName:     {},
		pb.Internal_SendTail_FullMethodName: {ClientStreams: true},
	} {
		stream, err := h.conn.NewStream(within(t), desc, method)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, stream.RecvMsg(&pb.TestResponse{}), codes.Unauthenticated, "missing auth token")
	}
}

// Node's SDK pings every 2 s, with and without streams. The library's default policy ends
// a connection at the fourth such ping.
func TestFrequentPingsAreWelcome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	framer := dial(t, h.listener.Addr().String())
	pause := time.NewTicker(minPing + 100*time.Millisecond)
	defer pause.Stop()
	for n := byte(1); n <= 4; n++ {
		<-pause.C
		if err := framer.WritePing(false, [8]byte{n}); err != nil {
			t.Fatal(err)
		}
		for answered := false; !answered; {
			f, err := framer.ReadFrame()
			if err != nil {
				t.Fatalf("ping %d: %v", n, err)
			}
			switch f := f.(type) {
			case *http2.GoAwayFrame:
				t.Fatalf("ping %d: got GOAWAY %v %s", n, f.ErrCode, f.DebugData())
			case *http2.PingFrame:
				answered = f.IsAck() && f.Data[0] == n
			}
		}
	}
}
