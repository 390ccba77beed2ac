package mux

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

const (
	testMethod   = "/protos.External/Test"
	streamMethod = "/protos.External/GetAllStream"
)

// frame is one length-prefixed gRPC or gRPC-Web frame.
func frame(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(b))), b...)
}

// webPost posts one gRPC-Web (or gRPC) message and returns the open answer.
func webPost(t *testing.T, c *http.Client, addr, method, contentType string, m proto.Message, header ...string) *http.Response {
	t.Helper()
	body := frame(t, m)
	if strings.HasPrefix(contentType, "application/grpc-web-text") {
		body = []byte(base64.StdEncoding.EncodeToString(body))
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+method, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Grpc-Web", "1")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatalf("POST %s: %v", method, err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// webFrame reads one frame of a binary or text answer; last is true for trailers.
func webFrame(t *testing.T, body io.Reader) (payload []byte, last bool) {
	t.Helper()
	var head [5]byte
	if _, err := io.ReadFull(body, head[:]); err != nil {
		t.Fatalf("read frame header: %v", err)
	}
	payload = make([]byte, binary.BigEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(body, payload); err != nil {
		t.Fatalf("read frame: %v", err)
	}
	return payload, head[0]&0x80 != 0
}

// textBody decodes gRPC-Web text, which is base64 in padded pieces.
func textBody(t *testing.T, r io.Reader) io.Reader {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for len(text) >= 4 { // every group of four stands for itself
		b, err := base64.StdEncoding.DecodeString(string(text[:4]))
		if err != nil {
			t.Fatalf("decode %q: %v", text[:4], err)
		}
		out, text = append(out, b...), text[4:]
	}
	return bytes.NewReader(out)
}

// wantWebUnary makes a whole gRPC-Web call of Test.
func wantWebUnary(t *testing.T, c *http.Client, addr, contentType string) {
	t.Helper()
	answer := webPost(t, c, addr, testMethod, contentType, &pb.TestRequest{Input: "hello"})
	kind, _, _ := strings.Cut(contentType, "+")
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || !strings.HasPrefix(got, kind) {
		t.Fatalf("answer %s, content type %q, want 200 %q", answer.Status, got, kind)
	}
	body := io.Reader(answer.Body)
	if kind == "application/grpc-web-text" {
		body = textBody(t, body)
	}
	payload, last := webFrame(t, body)
	var got pb.TestResponse
	if err := proto.Unmarshal(payload, &got); err != nil || last || got.Output != "http:hello" {
		t.Fatalf("message %q, last %v, %v", got.Output, last, err)
	}
	trailer, last := webFrame(t, body)
	if !last || !strings.Contains(string(trailer), "grpc-status: 0") {
		t.Fatalf("trailer %q, last %v, want grpc-status 0", trailer, last)
	}
}
