package mux

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
)

// Live streams of every kind end with the text that SDKs look for, and nothing is
// cut.
func TestShutdownEndsStreams(t *testing.T) {
	t.Parallel()
	log := new(syncLog)
	f := start(t, withLog(log))
	native, err := grpcClient(t, f.addr).GetAllStream(t.Context(), &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := native.Recv(); err != nil {
		t.Fatal(err)
	}
	open := map[string]*http.Response{
		"web over HTTP/1": webPost(t, httpClient(t, false), f.addr, streamMethod, "application/grpc-web+proto", &pb.GetAllRequest{}),
		"web over h2c":    webPost(t, httpClient(t, true), f.addr, streamMethod, "application/grpc-web+proto", &pb.GetAllRequest{}),
	}
	for _, answer := range open {
		webFrame(t, answer.Body)
	}
	shared := httpClient(t, true)
	get(t, shared, f.addr, "/")
	fallback := webPost(t, shared, f.addr, streamMethod, "application/grpc", &pb.GetAllRequest{}, "TE", "trailers")
	webFrame(t, fallback.Body)

	f.cancel()
	_, err = native.Recv()
	if got := status.Convert(err); got.Code() != codes.Unavailable || got.Message() != "server shutting down" {
		t.Errorf("native: %v", err)
	}
	for name, answer := range open {
		trailer, last := webFrame(t, answer.Body)
		if !last || !strings.Contains(string(trailer), "grpc-status: 14") || !strings.Contains(string(trailer), "grpc-message: server shutting down") {
			t.Errorf("%s: trailer %q, last %v", name, trailer, last)
		}
	}
	if _, err := io.Copy(io.Discard, fallback.Body); err != nil {
		t.Errorf("fallback: %v", err)
	}
	if got := fallback.Trailer.Get("Grpc-Status"); got != "14" {
		t.Errorf("fallback: grpc-status %q, want 14", got)
	}
	if err := f.stop(t); err != nil {
		t.Error(err)
	}
	if got := log.String(); strings.Contains(got, "are cut") {
		t.Errorf("log says %s", got)
	}
}

// Nobody can connect any more when Drain begins, and what is open still works.
func TestDrainRunsAfterTheListenersClosed(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	f := start(t, func(c *Config) {
		drain := c.Drain
		c.Drain = func(ctx context.Context) {
			close(entered)
			<-leave
			drain(ctx)
		}
	})
	client, web := grpcClient(t, f.addr), httpClient(t, false)
	wantUnary(t, client, "native")
	get(t, web, f.addr, "/")
	f.cancel()
	<-entered
	if c, err := net.Dial("tcp", f.addr); err == nil {
		_ = c.Close()
		t.Error("still accepts while draining")
	}
	wantUnary(t, client, "native")
	get(t, web, f.addr, "/")
	close(leave)
	if err := f.stop(t); err != nil {
		t.Error(err)
	}
}

// Connections on which nothing was asked are closed before anything is waited for.
func TestShutdownClosesUnusedConnectionsFirst(t *testing.T) {
	t.Parallel()
	var unused []net.Conn
	stillOpen := make(chan string, len(hostile))
	f := start(t, func(c *Config) {
		c.SniffTimeout, c.Grace = 10*patience, 10*patience
		c.Drain = func(context.Context) {
			for _, conn := range unused {
				if errors.Is(readToEnd(conn), os.ErrDeadlineExceeded) {
					stillOpen <- conn.LocalAddr().String()
				}
			}
		}
	})
	for name, act := range hostile {
		if name != "open request" {
			conn := dial(t, f.addr)
			act(conn)
			unused = append(unused, conn)
		}
	}
	get(t, httpClient(t, false), f.addr, "/") // those above were accepted before
	if err := f.stop(t); err != nil {
		t.Error(err)
	}
	if n := len(stillOpen); n != 0 {
		t.Errorf("%d connections were still open while draining", n)
	}
}

// Requests under way are answered.
func TestShutdownWaitsForRequests(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	f := start(t, func(c *Config) {
		c.HTTP = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-leave
			_, _ = io.WriteString(w, "answer")
		})
		c.Drain = func(context.Context) { close(leave) }
	})
	got := make(chan string, 1)
	go func() {
		answer, err := httpClient(t, false).Get("http://" + f.addr + "/")
		if err != nil {
			got <- err.Error()
			return
		}
		defer func() { _ = answer.Body.Close() }()
		body, _ := io.ReadAll(answer.Body)
		got <- string(body)
	}()
	<-entered
	if err := f.stop(t); err != nil {
		t.Error(err)
	}
	if got := <-got; got != "answer" {
		t.Errorf("the request under way got %q", got)
	}
}

// Streams that Drain does not end are cut, of every kind, within Grace.
func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	const grace = 2 * time.Second
	log := new(syncLog)
	reading := make(chan struct{})
	f := start(t, withLog(log), func(c *Config) {
		c.Grace, c.Drain = grace, nil
		c.HTTP = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(reading)
			_, _ = io.Copy(io.Discard, r.Body)
		})
	})
	native, err := grpcClient(t, f.addr).GetAllStream(t.Context(), &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := native.Recv(); err != nil {
		t.Fatal(err)
	}
	for _, h2c := range []bool{false, true} {
		webFrame(t, webPost(t, httpClient(t, h2c), f.addr, streamMethod, "application/grpc-web+proto", &pb.GetAllRequest{}).Body)
	}
	hostile["open request"](dial(t, f.addr))
	<-reading
	began := time.Now()
	if err := f.stop(t); err != nil {
		t.Errorf("Serve: %v, want nil: handlers noticed", err)
	}
	if took := time.Since(began); took > grace+5*time.Second {
		t.Errorf("took %v of %v", took, grace)
	}
	if n := f.external.live(); n != 0 {
		t.Errorf("%d streams are left", n)
	}
	if _, err := native.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("native stream ended with %v, want Unavailable", err)
	}
	for _, want := range []string{"web requests outlived", "gRPC streams outlived"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log lacks %q", want)
		}
	}
}

// A Drain, a web handler and a gRPC handler that ignore everything do not hold
// Serve beyond Grace; it says so.
func TestShutdownIsBounded(t *testing.T) {
	t.Parallel()
	for _, stuck := range []string{"drain", "web", "gRPC"} {
		t.Run(stuck, func(t *testing.T) {
			t.Parallel()
			const grace = time.Second
			entered, leave := make(chan struct{}), make(chan struct{})
			t.Cleanup(func() { close(leave) })
			block := func(which string) {
				if which == stuck {
					close(entered)
					<-leave
				}
			}
			f := start(t, func(c *Config) {
				c.Grace = grace
				c.Drain = func(context.Context) { block("drain") }
				c.HTTP = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { block("web") })
				c.GRPC = grpc.NewServer(grpc.WaitForHandlers(true), grpc.UnaryInterceptor(
					func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
						block("gRPC")
						return nil, errors.New("left")
					}))
				pb.RegisterExternalServer(c.GRPC, pb.UnimplementedExternalServer{})
			})
			switch stuck {
			case "web":
				_, _ = io.WriteString(dial(t, f.addr), "GET / HTTP/1.0\r\n\r\n")
				<-entered
			case "gRPC":
				c := newRawClient(t, f.addr)
				c.request(t, 1, grpcHeader(testMethod)...)
				c.data(t, 1, frame(t, &pb.TestRequest{}))
				<-entered
			}
			began := time.Now()
			err := f.stop(t)
			if took := time.Since(began); took > grace+5*time.Second {
				t.Errorf("took %v of %v", took, grace)
			}
			if want := stuck != "drain"; (err != nil) != want {
				t.Errorf("Serve: %v, want an error: %v", err, want)
			}
			f.err = nil // seen
		})
	}
}

// Idle clients of every protocol are said good-bye to, not waited for.
func TestIdleClientsDoNotDelayShutdown(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.Grace = 4 * patience })
	wantUnary(t, grpcClient(t, f.addr), "native")
	for _, h2c := range []bool{false, true} {
		get(t, httpClient(t, h2c), f.addr, "/")
		wantWebUnary(t, httpClient(t, h2c), f.addr, "application/grpc-web+proto")
	}
	began := time.Now()
	if err := f.stop(t); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestShutdownBeforeAnything(t *testing.T) {
	t.Parallel()
	for range 20 { // servers may not have reached their Accept yet
		f := start(t)
		if err := f.stop(t); err != nil {
			t.Fatal(err)
		}
	}
}

// A handler's panic is for operators; what clients do wrong is not.
func TestErrorLog(t *testing.T) {
	t.Parallel()
	log := new(syncLog)
	f := start(t, withLog(log), func(c *Config) {
		c.HTTP = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })
	})
	c := dial(t, f.addr)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	_ = readToEnd(c)
	if !eventually(func() bool { return strings.Contains(log.String(), `"level":"error","message":"http: panic serving`) }) {
		t.Errorf("log: %s", log.String())
	}
	hostile["garbage"](dial(t, f.addr))
	if !eventually(func() bool { return bytes.Contains([]byte(log.String()), []byte(`"level":"debug"`)) }) {
		t.Errorf("log: %s", log.String())
	}
}
