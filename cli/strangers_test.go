//go:build unix

package cli

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

// Who has no token cannot make the server keep what it sends, also where gRPC comes by the
// http.Server.
func TestStrangersAreNotListenedTo(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	serve(t, addr, t.TempDir(), "--auth-token", testToken)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	if code, _ := fetch(t, client, "http://"+addr+"/healthz"); code != http.StatusOK { // the http.Server has the connection now
		t.Fatalf("healthz: %d", code)
	}
	for method, want := range map[string]string{
		pb.External_CreatePipeline_FullMethodName: "missing auth token",
		healthpb.Health_Check_FullMethodName:      "", // open to all, and small
	} {
		body, more := io.Pipe()
		defer more.Close()
		go func() {
			_, _ = more.Write([]byte{0, 0, 0xff, 0xff, 0xff})      // a message of 16 MiB
			_, _ = io.Copy(more, io.LimitReader(forever{}, 5<<10)) // whose beginning is all that comes
		}()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+method, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/grpc")
		r.Header.Set("TE", "trailers")
		reply, err := client.Do(r)
		if err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		_, _ = io.Copy(io.Discard, reply.Body)
		_ = reply.Body.Close()
		code, text := reply.Header.Get("Grpc-Status")+reply.Trailer.Get("Grpc-Status"), reply.Header.Get("Grpc-Message")
		if code == "" || code == "0" || !strings.Contains(text, want) {
			t.Errorf("%s: got status %q %q, want a refusal", method, code, text)
		}
	}
}

type forever struct{}

func (forever) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Viewers that do not read, watchers of health and idle ones of reflection delay no shutdown.
func TestShutdownWithStreamsThatDoNotListen(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	p := serve(t, addr, t.TempDir(), "--auth-token", testToken, "--shutdown-grace", "5m")
	api, ctx := external(t, addr, testToken)
	conn := dial(t, addr)
	large := hasField(strings.Repeat("long ", 100_000), "a") // more than what a connection buffers
	if _, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: large}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		stream, err := api.GetAllStream(ctx, &pb.GetAllRequest{})
		if err == nil {
			_, err = stream.Header() // so it has begun; and nothing more is read
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	watch, err := healthpb.NewHealthClient(conn).Watch(ctx, &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal(err)
	}
	look, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := look.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := look.Recv(); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(time.Minute):
		t.Error("still runs after a minute")
	}
	for _, cut := range []string{"outlived", "did not end in time"} {
		if strings.Contains(p.output(), cut) {
			t.Errorf("streams were cut: %s", p.output())
		}
	}
}
