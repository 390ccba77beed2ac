package api

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/improbable-eng/grpc-web/go/grpcweb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

// site is the server as a browser meets it: grpc-web over HTTP/1.1.
type site struct {
	url    string
	cookie *http.Cookie
}

func newSite(t *testing.T, h *house) *site { return newSiteOf(t, h, rootToken) }

// newSiteOf is newSite with the session of some token.
func newSiteOf(t *testing.T, h *house, token string) *site {
	t.Helper()
	server := httptest.NewServer(grpcweb.WrapServer(h.server, grpcweb.WithWebsockets(false)))
	t.Cleanup(server.Close)
	cookie, _, err := h.auth.LogIn(httptest.NewRequest(http.MethodPost, server.URL, nil), token, "")
	if err != nil {
		t.Fatal(err)
	}
	return &site{url: server.URL, cookie: cookie}
}

// request returns a grpc-web call with the session's cookie and the headers given.
func (s *site) request(t *testing.T, method string, m proto.Message, headers map[string]string) *http.Request {
	t.Helper()
	message, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	body := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	r, err := http.NewRequestWithContext(within(t), http.MethodPost, s.url+method, bytes.NewReader(append(body, message...)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/grpc-web+proto")
	r.AddCookie(s.cookie)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	return r
}

// call makes a grpc-web call and returns everything that says how it went.
func (s *site) call(t *testing.T, method string, m proto.Message, headers map[string]string) string {
	t.Helper()
	reply, err := http.DefaultClient.Do(s.request(t, method, m, headers))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	return outcome(t, reply)
}

// outcome reads a reply to its end and returns everything that says how the call went.
func outcome(t *testing.T, reply *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ToLower("grpc-status:" + reply.Header.Get("grpc-status") + " " + reply.Header.Get("grpc-message") + string(body))
}

func TestBrowserSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := newSite(t, h)
	for _, tt := range []struct {
		name    string
		headers map[string]string
		want    string
	}{
		{"own page", map[string]string{"X-Grpc-Web": "1", "Origin": s.url}, "pong"},
		{"page of another site", map[string]string{"X-Grpc-Web": "1", "Origin": "http://evil.example"}, "grpc-status:7"},
		{"no header", map[string]string{"Origin": s.url}, "grpc-status:7"},
		{"no origin", map[string]string{"X-Grpc-Web": "1"}, "grpc-status:7"},
		{"no session", map[string]string{"X-Grpc-Web": "1", "Origin": s.url, "Cookie": "a=b"}, "grpc-status:16 missing auth token"},
		{"forged session", map[string]string{"X-Grpc-Web": "1", "Origin": s.url, "Cookie": s.cookie.Name + "=x"}, "grpc-status:16 the browser session has ended"},
		{"token instead", map[string]string{"Cookie": "a=b", "Auth-Token": rootToken}, "pong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := s.call(t, pb.External_Test_FullMethodName, &pb.TestRequest{Input: "pong"}, tt.headers)
			if !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestLogOutEndsStreams(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.external.stream = func(stream grpc.ServerStreamingServer[pb.GetAllResponse]) error {
		if err := stream.Send(&pb.GetAllResponse{GeneratedAtUnixTsNsUtc: 1}); err != nil {
			return err
		}
		<-stream.Context().Done()
		return context.Cause(stream.Context())
	}
	s := newSite(t, h)
	own := map[string]string{"X-Grpc-Web": "1", "Origin": s.url}
	reply, err := http.DefaultClient.Do(s.request(t, pb.External_GetAllStream_FullMethodName, &pb.GetAllRequest{}, own))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	if _, err := io.ReadFull(reply.Body, make([]byte, 5)); err != nil { // the first message is here
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodDelete, s.url, nil)
	r.AddCookie(s.cookie)
	if _, err := h.auth.LogOut(r); err != nil {
		t.Fatal(err)
	}
	const want = "the browser session has ended"
	if got := outcome(t, reply); !strings.Contains(got, "grpc-status: 16") && !strings.Contains(got, "grpc-status:16") || !strings.Contains(got, want) {
		t.Errorf("got %q, want the stream to end with Unauthenticated %q", got, want)
	}
	if got := s.call(t, pb.External_Test_FullMethodName, &pb.TestRequest{}, own); !strings.Contains(got, "grpc-status:16") {
		t.Errorf("after log-out: got %q, want Unauthenticated", got)
	}
}
