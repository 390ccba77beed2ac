package mux

import (
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
)

// patience is how long a test waits for what must happen: long, because it only
// passes when something is broken or the machine is overloaded.
const patience = 30 * time.Second

// TestMain proves for the whole package that no goroutine outlives its server.
func TestMain(m *testing.M) {
	// These tests wait, mostly for HTTP/2's second of grace after GOAWAY.
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	code := m.Run()
	if left := goroutinesLeft(); code == 0 && left != "" {
		_, _ = io.WriteString(os.Stderr, "goroutines outlived the tests:\n"+left)
		code = 1
	}
	os.Exit(code)
}

// goroutinesLeft returns the stacks of our goroutines that do not end.
func goroutinesLeft() string {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	var left []string
	eventually(func() bool {
		buf := make([]byte, 4<<20)
		buf = buf[:runtime.Stack(buf, true)]
		left = nil
		for _, stack := range strings.Split(string(buf), "\n\n") {
			for _, mark := range []string{"/mux.", "cmux", "net/http.(*", "grpc.(*Server)", "transport.(*http2Server)"} {
				if strings.Contains(stack, mark) && !strings.Contains(stack, "goroutinesLeft") {
					left = append(left, stack)
					break
				}
			}
		}
		return len(left) == 0
	})
	return strings.Join(left, "\n\n")
}

// eventually polls until ok holds, and reports whether it ever did.
func eventually(ok func() bool) bool {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(patience)
	defer end.Stop()
	for !ok() {
		select {
		case <-end.C:
			return false
		case <-tick.C:
		}
	}
	return true
}

// external answers Test, and streams GetAllStream until it is drained.
type external struct {
	pb.UnimplementedExternalServer
	draining chan struct{} // closed by drain
	once     sync.Once
	mu       sync.Mutex
	streams  int
	calls    int
}

func (e *external) Test(ctx context.Context, r *pb.TestRequest) (*pb.TestResponse, error) {
	e.mu.Lock()
	e.calls++
	e.mu.Unlock()
	via := "http"
	if p, ok := peer.FromContext(ctx); ok {
		if _, tcp := p.Addr.(*net.TCPAddr); tcp { // ServeHTTP has an address type of its own
			via = "native"
		}
	}
	return &pb.TestResponse{Output: via + ":" + r.Input}, nil
}

func (e *external) GetAllStream(_ *pb.GetAllRequest, s grpc.ServerStreamingServer[pb.GetAllResponse]) error {
	e.add(1)
	defer e.add(-1)
	if err := s.Send(&pb.GetAllResponse{GeneratedAtUnixTsNsUtc: 1}); err != nil {
		return err
	}
	select {
	case <-e.draining:
		return status.Error(codes.Unavailable, "server shutting down")
	case <-s.Context().Done():
		return s.Context().Err()
	}
}

func (e *external) add(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.streams += n
}

func (e *external) live() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.streams
}

func (e *external) called() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls
}

func (e *external) drain(ctx context.Context) {
	e.once.Do(func() { close(e.draining) })
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for e.live() > 0 && ctx.Err() == nil {
		<-tick.C
	}
}

// fixture is a running Serve.
type fixture struct {
	addr     string // of the first listener
	external *external
	cancel   context.CancelFunc
	done     chan struct{}
	err      error // after done
}

// start serves on a loopback port, with the gRPC policy of the product, until the
// test ends. It then expects a clean shutdown.
func start(t *testing.T, change ...func(*Config)) *fixture {
	t.Helper()
	f := &fixture{external: &external{draining: make(chan struct{})}, done: make(chan struct{})}
	server := grpc.NewServer(
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		grpc.WaitForHandlers(true),
	)
	pb.RegisterExternalServer(server, f.external)
	cfg := Config{
		GRPC:  server,
		HTTP:  console(),
		Drain: f.external.drain,
		Log:   zerolog.Nop(),
	}
	for _, c := range change {
		c(&cfg)
	}
	if cfg.Listeners == nil {
		cfg.Listeners = []net.Listener{listen(t)}
	}
	f.addr = cfg.Listeners[0].Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel = cancel
	go func() {
		defer close(f.done)
		f.err = Serve(ctx, cfg)
	}()
	t.Cleanup(func() {
		if err := f.stop(t); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return f
}

// stop shuts down and returns what Serve returned.
func (f *fixture) stop(t *testing.T) error {
	t.Helper()
	f.cancel()
	select {
	case <-f.done:
		return f.err
	case <-time.After(patience):
		t.Fatal("Serve did not return")
		return nil
	}
}

// console stands for the Console, REST and whatever else speaks HTTP.
func console() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<title>Console</title>") })
	m.HandleFunc("/api/method", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Method", r.Method) })
	m.HandleFunc("/api/echo", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	return m
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// dial opens a bare connection that is closed with the test.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// grpcClient is a grpc-go client, as the Go SDK is.
func grpcClient(t *testing.T, addr string, options ...grpc.DialOption) pb.ExternalClient {
	t.Helper()
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	c, err := grpc.NewClient("passthrough:///"+addr, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return pb.NewExternalClient(c)
}

// wantUnary calls Test and wants it answered by way of want: "native" or "http".
func wantUnary(t *testing.T, c pb.ExternalClient, want string, options ...grpc.CallOption) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got, err := c.Test(ctx, &pb.TestRequest{Input: "hello"}, options...)
	if err != nil {
		t.Fatalf("Test: %v", err)
	}
	if want := want + ":hello"; got.Output != want {
		t.Fatalf("Test answered %q, want %q", got.Output, want)
	}
}

// httpClient speaks HTTP/1.1, or with h2c clear-text HTTP/2.
func httpClient(t *testing.T, h2c bool) *http.Client {
	t.Helper()
	p := new(http.Protocols)
	p.SetHTTP1(!h2c)
	p.SetUnencryptedHTTP2(h2c)
	tr := &http.Transport{Protocols: p}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience}
}

// get fetches a path and returns the body of a 200.
func get(t *testing.T, c *http.Client, addr, path string) string {
	t.Helper()
	r, err := c.Get("http://" + addr + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", path, r.Status, err)
	}
	return string(body)
}

func withLog(log io.Writer) func(*Config) {
	return func(c *Config) { c.Log = zerolog.New(log) }
}
