//go:build linux

package packaging

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

const (
	rootToken = "a-token-for-tests-only"
	// silence is longer than what proxies wait for by default.
	silence = 65 * time.Second
)

// The configurations in packaging/proxies pass through what SDKs, browsers and scripts do.
func TestProxies(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "streamdal-server")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := freeport.Addr(t)
			run(t, exec.Command(program, "serve", "--listen", server, "--data-dir", t.TempDir(), "--auth-token", rootToken))
			until(t, "the server serves", func() bool { return status("http://"+server+"/readyz", "") == "200 OK" })
			p := k.start(t, server)
			t.Run("SDK", func(t *testing.T) { t.Parallel(); p.checkSDK(t) })
			t.Run("silent streams", func(t *testing.T) { t.Parallel(); p.checkSilence(t) })
			t.Run("gRPC by TLS", func(t *testing.T) { t.Parallel(); p.checkTLS(t) })
			t.Run("REST", func(t *testing.T) { t.Parallel(); p.checkREST(t) })
			for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
				t.Run("browser "+version, func(t *testing.T) { t.Parallel(); p.checkBrowser(t, version) })
			}
		})
	}
}

func (p *proxy) api(t *testing.T) (pb.ExternalClient, consolepb.ConsoleClient, context.Context) {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+p.https, grpc.WithTransportCredentials(credentials.NewTLS(p.tls())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return pb.NewExternalClient(conn), consolepb.NewConsoleClient(conn), metadata.AppendToOutgoingContext(ctx, "auth-token", rootToken)
}

// checkSDK registers a session by clear text, which then gets a pipeline at once.
func (p *proxy) checkSDK(t *testing.T) {
	api, _, ctx := p.api(t)
	a := &pb.Audience{ServiceName: "svc", ComponentName: "kafka", OperationName: "op", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER}
	alive, lists := make(chan struct{}, 100), make(chan int, 100)
	sdk, err := client.New(ctx, client.Options{
		Addr: p.sdks, Token: rootToken, Service: "svc", Audiences: []*pb.Audience{a},
		OnCommand: func(c *pb.Command) {
			select {
			case alive <- struct{}{}:
			default: // nobody counts any more
			}
			if c.GetSetPipelines() != nil {
				lists <- len(c.GetSetPipelines().GetPipelines())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- sdk.Run(running) }()
	defer func() { stop(); <-ended }()
	for range 3 {
		hearFrom(t, alive)
	}
	created, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: &pb.Pipeline{Name: "p", Steps: []*pb.PipelineStep{{
		Name: "valid", Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.SetPipelines(ctx, &pb.SetPipelinesRequest{Audience: a, PipelineIds: []string{created.GetPipelineId()}}); err != nil {
		t.Fatal(err)
	}
	for hearFrom(t, lists) < 2 { // Infer Schema, and ours
	}
}

func hearFrom[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// checkSilence leaves a client's stream without a message in either direction.
func (p *proxy) checkSilence(t *testing.T) {
	conn, err := client.Go.Dial(p.sdks)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "auth-token", rootToken), 3*time.Minute)
	defer cancel()
	stream, err := pb.NewInternalClient(conn).SendTail(ctx)
	if err != nil {
		t.Fatal(err)
	}
	payload := &pb.TailResponse{Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_PAYLOAD, TailRequestId: "none", OriginalData: []byte("x")}
	if err := stream.Send(payload); err != nil {
		t.Fatal(err)
	}
	select {
	case <-time.After(silence):
	case <-stream.Context().Done():
		t.Fatalf("cut while silent: %v", stream.RecvMsg(new(pb.StandardResponse)))
	}
	if err := stream.Send(payload); err != nil {
		t.Fatalf("after %s: %v", silence, err)
	}
	if reply, err := stream.CloseAndRecv(); err != nil || reply.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
		t.Errorf("after %s: %v, %v", silence, reply, err)
	}
}

// checkTLS calls the site's own port with native gRPC, errors included.
func (p *proxy) checkTLS(t *testing.T) {
	api, _, ctx := p.api(t)
	if reply, err := api.Test(ctx, &pb.TestRequest{Input: "hello"}); err != nil || !strings.Contains(reply.GetOutput(), "hello") {
		t.Errorf("got %v, %v", reply, err)
	}
	_, err := api.GetPipeline(ctx, &pb.GetPipelineRequest{PipelineId: "none"})
	if err == nil || !strings.Contains(err.Error(), "NotFound") {
		t.Errorf("got %v, want NotFound, which comes in a trailer", err)
	}
}

// checkREST writes more than proxies take by default, and reads it back.
func (p *proxy) checkREST(t *testing.T) {
	var kvs []string
	for i := range 4 {
		kvs = append(kvs, fmt.Sprintf(`{"key":"k%d","value":%q}`, i, strings.Repeat("AAAA", 200_000)))
	}
	body := `{"kvs":[` + strings.Join(kvs, ",") + `],"overwrite":true}`
	do := func(method, path, body string) (int, int) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "https://"+site+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+rootToken)
		r.Header.Set("Content-Type", "application/json")
		reply, err := p.client(nil).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		b, err := io.ReadAll(reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply.StatusCode, len(b)
	}
	if status, _ := do(http.MethodPost, "/api/v1/kv", body); status != http.StatusOK {
		t.Errorf("POST of %d bytes: got %d", len(body), status)
	}
	if status, size := do(http.MethodGet, "/api/v1/kv", ""); status != http.StatusOK || size < len(body)/2 {
		t.Errorf("GET: got %d with %d bytes", status, size)
	}
}

// checkBrowser loads the page, logs in, and watches while something changes.
func (p *proxy) checkBrowser(t *testing.T, version string) {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(version == "HTTP/1.1")
	protocols.SetHTTP2(version != "HTTP/1.1")
	b := &browser{t: t, client: p.client(protocols), version: version}
	page := b.do(http.MethodGet, "/", "", nil)
	if text, _ := io.ReadAll(page.Body); !bytes.Contains(text, []byte("<title>")) {
		t.Errorf("got page %q", text)
	}
	in := b.do(http.MethodPost, "/api/v1/session", "application/json", strings.NewReader(`{"token":"`+rootToken+`"}`))
	if len(in.Cookies()) != 1 {
		t.Fatalf("log-in: got %s with cookies %v", in.Status, in.Cookies())
	}
	b.cookie = in.Cookies()[0]
	if !b.cookie.Secure {
		t.Error("the cookie may travel in clear text, although the page came by TLS")
	}
	b.unary(pb.External_Test_FullMethodName, &pb.TestRequest{Input: "hello"}, new(pb.TestResponse))
	// Like the Console, it opens a stream again that was cut: by HTTP/1.1, Caddy 2.6 cuts about one in 150 early.
	for range 3 {
		if b.watch() {
			return
		}
	}
	t.Error("each stream was cut before it told of a change")
}

// watch reports whether a stream told of a change that came after its beginning.
func (b *browser) watch() bool {
	b.t.Helper()
	events := b.call(consolepb.Console_Watch_FullMethodName, &consolepb.WatchRequest{})
	if !b.read(events, new(consolepb.WatchEvent)) {
		return false
	}
	saved := new(consolepb.SavePipelineResponse)
	b.unary(consolepb.Console_SavePipeline_FullMethodName, &consolepb.SavePipelineRequest{Pipeline: &pb.Pipeline{Name: "by " + b.version, Steps: []*pb.PipelineStep{{
		Name: "valid", Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}},
	}}}}, saved)
	for {
		event := new(consolepb.WatchEvent)
		if !b.read(events, event) {
			return false
		}
		if _, seen := event.GetPicture().GetPipelines()[saved.GetPipelineId()]; seen {
			return true
		}
	}
}

// browser speaks gRPC-Web with a session's cookie.
type browser struct {
	t       *testing.T
	client  *http.Client
	version string
	cookie  *http.Cookie
}

func (b *browser) do(method, path, contentType string, body io.Reader) *http.Response {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 2*patience)
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, "https://"+site+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Origin", "https://"+site)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Grpc-Web", "1")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	reply, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = reply.Body.Close() })
	if reply.StatusCode != http.StatusOK || reply.Proto != b.version {
		text, _ := io.ReadAll(reply.Body)
		b.t.Fatalf("%s: got %s by %s, want 200 by %s\n%s", path, reply.Status, reply.Proto, b.version, text)
	}
	return reply
}

func (b *browser) call(method string, m proto.Message) io.Reader {
	b.t.Helper()
	message, err := proto.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
	reply := b.do(http.MethodPost, method, "application/grpc-web+proto", bytes.NewReader(frame))
	if status := reply.Header.Get("grpc-status"); status != "" && status != "0" {
		b.t.Fatalf("%s: status %s %s", method, status, reply.Header.Get("grpc-message"))
	}
	return reply.Body
}

func (b *browser) unary(method string, m, into proto.Message) {
	b.t.Helper()
	body := b.call(method, m)
	if !b.read(body, into) {
		b.t.Fatalf("%s: cut", method)
	}
	trailer, err := io.ReadAll(body)
	if err != nil || !bytes.Contains(bytes.ToLower(trailer), []byte("grpc-status: 0")) && !bytes.Contains(bytes.ToLower(trailer), []byte("grpc-status:0")) {
		b.t.Fatalf("%s: trailer %q, %v", method, trailer, err)
	}
}

// read reads a message, and reports false where the stream was cut.
func (b *browser) read(body io.Reader, into proto.Message) bool {
	b.t.Helper()
	head := make([]byte, 5)
	if _, err := io.ReadFull(body, head); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		b.t.Logf("cut by %s: %v", b.version, err)
		return false
	} else if err != nil {
		b.t.Fatalf("read a frame: %v", err)
	}
	message := make([]byte, binary.BigEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(body, message); err != nil {
		b.t.Fatalf("read a frame: %v", err)
	}
	if head[0] != 0 {
		b.t.Fatalf("the call ended: %q", message)
	}
	if err := proto.Unmarshal(message, into); err != nil {
		b.t.Fatal(err)
	}
	return true
}
