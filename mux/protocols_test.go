package mux

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
)

// grpc-go sends no request before it has seen SETTINGS.
func TestGoClientConnects(t *testing.T) {
	t.Parallel()
	f := start(t)
	wantUnary(t, grpcClient(t, f.addr), "native")
}

// Python's SDK sends "application/grpc+proto".
func TestContentTypeWithCodecIsNative(t *testing.T) {
	t.Parallel()
	f := start(t)
	wantUnary(t, grpcClient(t, f.addr), "native", grpc.CallContentSubtype("proto"))
}

func TestNativeStream(t *testing.T) {
	t.Parallel()
	f := start(t)
	s, err := grpcClient(t, f.addr).GetAllStream(t.Context(), &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Recv(); err != nil || got.GeneratedAtUnixTsNsUtc != 1 {
		t.Fatalf("Recv: %v, %v", got, err)
	}
}

// A prefix match would give gRPC-Web over HTTP/2 to the native server, which
// answers 415.
func TestGRPCWeb(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, h2c := range []bool{false, true} {
		for _, contentType := range []string{
			"application/grpc-web", "application/grpc-web+proto",
			"application/grpc-web-text", "application/grpc-web-text+proto",
		} {
			t.Run(fmt.Sprintf("h2c=%v/%s", h2c, contentType), func(t *testing.T) {
				t.Parallel()
				wantWebUnary(t, httpClient(t, h2c), f.addr, contentType)
			})
		}
	}
}

func TestGRPCWebErrorComesInTheHeader(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, h2c := range []bool{false, true} {
		answer := webPost(t, httpClient(t, h2c), f.addr, "/protos.External/GetPipelines", "application/grpc-web+proto", &pb.GetPipelinesRequest{})
		if got, want := answer.Header.Get("Grpc-Status"), fmt.Sprint(int(codes.Unimplemented)); got != want {
			t.Errorf("h2c=%v: grpc-status %q, want %q", h2c, got, want)
		}
	}
}

func TestGRPCWebStreamDeliversAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, h2c := range []bool{false, true} {
		answer := webPost(t, httpClient(t, h2c), f.addr, streamMethod, "application/grpc-web+proto", &pb.GetAllRequest{})
		if _, last := webFrame(t, answer.Body); last {
			t.Errorf("h2c=%v: got trailers, want a message of an open stream", h2c)
		}
	}
}

// Pages of other sites are refused; clients that are no browsers are not asked.
func TestOnlySameOrigin(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, c := range []struct {
		name   string
		header []string
		want   int
	}{
		{"no browser", nil, http.StatusOK},
		{"same origin", []string{"Origin", "http://" + f.addr}, http.StatusOK},
		{"other origin", []string{"Origin", "http://evil.example"}, http.StatusForbidden},
		{"other site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://evil.example"}, http.StatusForbidden},
		{"opaque origin", []string{"Origin", "null"}, http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for path, contentType := range map[string]string{testMethod: "application/grpc-web+proto", "/api/method": "application/json"} {
				answer := webPost(t, httpClient(t, false), f.addr, path, contentType, &pb.TestRequest{}, c.header...)
				if answer.StatusCode != c.want {
					t.Errorf("%s: %s, want %d", path, answer.Status, c.want)
				}
				if got := answer.Header.Get("Access-Control-Allow-Origin"); got != "" {
					t.Errorf("%s: allows origin %q", path, got)
				}
			}
		})
	}
}

func TestConsoleAndREST(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, h2c := range []bool{false, true} { // true is curl --http2-prior-knowledge
		c := httpClient(t, h2c)
		// Several requests: the connection must survive the SETTINGS ACK.
		for range 3 {
			if got := get(t, c, f.addr, "/"); !strings.Contains(got, "Console") {
				t.Fatalf("h2c=%v: GET / answered %q", h2c, got)
			}
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "x-own"} {
			r, err := http.NewRequest(method, "http://"+f.addr+"/api/method", nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := c.Do(r)
			if err != nil {
				t.Fatalf("h2c=%v: %s: %v", h2c, method, err)
			}
			_ = answer.Body.Close()
			if got := answer.Header.Get("Method"); got != method {
				t.Errorf("h2c=%v: method %q arrived as %q", h2c, method, got)
			}
		}
	}
}

// A big body needs flow control to work through the wrapper.
func TestH2CBigBody(t *testing.T) {
	t.Parallel()
	f := start(t)
	body := strings.Repeat("streamdal", 1<<18)
	answer, err := httpClient(t, true).Post("http://"+f.addr+"/api/echo", "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if got, err := io.ReadAll(answer.Body); err != nil || string(got) != body {
		t.Fatalf("echo of %d bytes gave %d, %v", len(body), len(got), err)
	}
}

// A proxy sends the requests of browsers and SDKs over one connection, which was
// matched by its first request.
func TestGRPCOnASharedConnection(t *testing.T) {
	t.Parallel()
	f := start(t)
	var dials int
	tr := httpClient(t, true)
	tr.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials++
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	get(t, tr, f.addr, "/")
	for _, contentType := range []string{"application/grpc", "application/grpc+proto", "application/grpc; charset=utf-8"} {
		answer := webPost(t, tr, f.addr, testMethod, contentType, &pb.TestRequest{Input: "hello"}, "TE", "trailers")
		payload, _ := webFrame(t, answer.Body)
		if !strings.Contains(string(payload), "http:hello") {
			t.Errorf("%s: message %q", contentType, payload)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		if got := answer.Trailer.Get("Grpc-Status"); got != "0" {
			t.Errorf("%s: grpc-status %q, want 0", contentType, got)
		}
	}
	if dials != 1 {
		t.Errorf("%d connections, want 1", dials)
	}
}

// A gRPC client may connect long before it has something to ask.
func TestEarlyConnectionIsKept(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.SniffTimeout = 100 * time.Millisecond })
	cc, err := grpc.NewClient("passthrough:///"+f.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cc.Close() }()
	cc.Connect()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for s := cc.GetState(); s != connectivity.Ready; s = cc.GetState() {
		if !cc.WaitForStateChange(ctx, s) {
			t.Fatal("no connection")
		}
	}
	quiet, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if cc.WaitForStateChange(quiet, connectivity.Ready) {
		t.Fatalf("connection became %v, want it kept", cc.GetState())
	}
	wantUnary(t, pb.NewExternalClient(cc), "http")
}

// The default policy of grpc-go would answer these pings with GOAWAY: the Go SDK
// pings every 10 s, the Node SDK every 2 s, and grpc-go allows no client less
// than 10 s, so frames are written by hand here.
func TestFrequentPingsAreTolerated(t *testing.T) {
	t.Parallel()
	f := start(t)
	c := newRawClient(t, f.addr)
	c.request(t, 1, grpcHeader(streamMethod)...)
	c.data(t, 1, frame(t, &pb.GetAllRequest{}))
	tick := time.NewTicker(1050 * time.Millisecond)
	defer tick.Stop()
	for n := range 4 { // the third strike ends the connection
		c.ping(t, byte(n))
		<-tick.C
	}
}

// The policy also has to allow grpc-go's own fastest pings.
func TestGoClientWithKeepAlive(t *testing.T) {
	t.Parallel()
	f := start(t)
	wantUnary(t, grpcClient(t, f.addr, grpc.WithKeepaliveParams(keepalive.ClientParameters{
		Time: 10 * time.Second, Timeout: time.Second, PermitWithoutStream: true,
	})), "native")
}

// GHSA-p77j-4mvh-x3m3: a path without its leading slash slips past rules that are
// written with one. It must reach no handler whatever server gets it.
func TestPathWithoutSlashReachesNoHandler(t *testing.T) {
	t.Parallel()
	const path = "protos.External/Test"
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		f := start(t)
		c := newRawClient(t, f.addr)
		c.request(t, 1, grpcHeader(path)...)
		c.data(t, 1, frame(t, &pb.TestRequest{}))
		if got := c.answer(t, 1)["grpc-status"]; got != fmt.Sprint(int(codes.Unimplemented)) {
			t.Errorf("grpc-status %q, want Unimplemented", got)
		}
		if n := f.external.called(); n != 0 {
			t.Errorf("handler ran %d times", n)
		}
	})
	for _, contentType := range []string{"application/grpc-web+proto", "application/grpc"} {
		t.Run("shared "+contentType, func(t *testing.T) {
			t.Parallel()
			f := start(t)
			c := newRawClient(t, f.addr)
			c.request(t, 1, ":method", "POST", ":scheme", "http", ":authority", "x", ":path", "/api/method")
			c.end(t, 1)
			c.answer(t, 1)
			c.request(t, 3, ":method", "POST", ":scheme", "http", ":authority", "x", ":path", path, "content-type", contentType)
			c.data(t, 3, frame(t, &pb.TestRequest{}))
			if got := c.answer(t, 3); got[":status"] == "200" || got["grpc-status"] == "0" {
				t.Errorf("answered %v", got)
			}
			if n := f.external.called(); n != 0 {
				t.Errorf("handler ran %d times", n)
			}
		})
	}
	t.Run("HTTP/1", func(t *testing.T) {
		t.Parallel()
		f := start(t)
		c := dial(t, f.addr)
		body := frame(t, &pb.TestRequest{})
		_, _ = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
		line, err := bufio.NewReader(c).ReadString('\n')
		if err != nil || !strings.Contains(line, " 400 ") {
			t.Errorf("answered %q, %v, want 400", line, err)
		}
		if n := f.external.called(); n != 0 {
			t.Errorf("handler ran %d times", n)
		}
	})
}

func TestSeveralListenersServeEverything(t *testing.T) {
	t.Parallel()
	listeners := []net.Listener{listen(t), listen(t), listen(t)}
	f := start(t, func(c *Config) { c.Listeners = listeners })
	for _, l := range listeners {
		addr := l.Addr().String()
		wantUnary(t, grpcClient(t, addr), "native")
		wantWebUnary(t, httpClient(t, true), addr, "application/grpc-web+proto")
		get(t, httpClient(t, false), addr, "/")
	}
	if err := f.stop(t); err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners {
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			_ = c.Close()
			t.Errorf("%s still accepts", l.Addr())
		}
	}
}

func TestBrokenListenerEndsServe(t *testing.T) {
	t.Parallel()
	broken := listen(t)
	f := start(t, func(c *Config) { c.Listeners = []net.Listener{listen(t), broken} })
	get(t, httpClient(t, false), f.addr, "/")
	_ = broken.Close()
	select {
	case <-f.done:
	case <-time.After(patience):
		t.Fatal("Serve did not return")
	}
	if f.err == nil {
		t.Error("Serve returned nil, want the listener's error")
	}
	f.err = nil // seen
}

func TestServeNeedsListenerAndServer(t *testing.T) {
	t.Parallel()
	if err := Serve(t.Context(), Config{}); err == nil {
		t.Error("Serve of nothing returned nil")
	}
}

func TestNativeErrorKeepsItsCode(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, err := grpcClient(t, f.addr).GetPipelines(t.Context(), &pb.GetPipelinesRequest{})
	if got := status.Code(err); got != codes.Unimplemented {
		t.Errorf("code %v, want Unimplemented", got)
	}
}
