package inspect

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store"
	look "github.com/streamdal/streamdal-server/store/inspect"
)

// serve runs a service on loopback and returns a client of it.
func serve(t *testing.T, service console.InspectServer) *Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := zerolog.Nop()
	server := grpc.NewServer(grpc.UnaryInterceptor(failure.Unary(log)), grpc.StreamInterceptor(failure.Stream(log)))
	console.RegisterInspectServer(server, service)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) })
	client, err := Dial(l.Addr().String(), "token", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(); server.Stop(); serving.Wait() })
	return client
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func sample() *Server {
	state := store.State{Revision: 4, Records: []store.Record{
		{Key: store.Key{Kind: store.KindSetting, ID: "install_id"}, Value: []byte("an id"), Revision: 4},
		{Key: store.Key{Kind: store.KindSetting, ID: "other"}, Value: []byte("hidden"), Revision: 3},
	}}
	return New(look.New(look.Picture{State: state}, look.About{Layout: "test"}))
}

func TestClientSeesWhatTheStoreShows(t *testing.T) {
	t.Parallel()
	client := serve(t, sample())
	ctx := within(t)
	sum, err := client.Summary(ctx)
	if err != nil || sum.GetRevision() != 4 || sum.GetLayout() != "test" {
		t.Errorf("summary: got %v, error %v", sum, err)
	}
	var keys []string
	err = client.Records(ctx, "settings/*", true, func(r *console.StoreRecord) error {
		keys = append(keys, r.GetId()+"="+string(r.GetValue()))
		return nil
	})
	if got := strings.Join(keys, " "); err != nil || got != "install_id=an id other=" {
		t.Errorf("records: got %q, error %v", got, err)
	}
	errStop := errors.New("stop")
	if err := client.Records(ctx, "", false, func(*console.StoreRecord) error { return errStop }); !errors.Is(err, errStop) {
		t.Errorf("records: got %v, want the error of yield", err)
	}
	r, err := client.Record(ctx, store.Key{Kind: store.KindSetting, ID: "install_id"}, false)
	if err != nil || string(r.GetValue()) != "an id" {
		t.Errorf("record: got %v, error %v", r, err)
	}
	_, err = client.Record(ctx, store.Key{Kind: store.KindKV, ID: "x"}, false)
	if !errors.Is(err, look.ErrNotFound) || err.Error() != "kv/x: there is no such record" {
		t.Errorf("record: got %v, want ErrNotFound", err)
	}
}

func TestWatchEnds(t *testing.T) {
	t.Parallel()
	server := sample()
	client := serve(t, server)
	events := 0
	err := client.Watch(within(t), func(e *console.StoreEvent) error {
		events++
		server.Drain()
		return nil
	})
	if events != 1 || err == nil || !strings.Contains(err.Error(), "server shutting down") {
		t.Errorf("got %d events and %v, want one and the reason", events, err)
	}
	server.Drain() // again is no error

	ctx, cancel := context.WithCancel(within(t))
	err = serve(t, sample()).Watch(ctx, func(*console.StoreEvent) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's own end", err)
	}
}

// refusing answers everything with one status.
type refusing struct {
	console.UnimplementedInspectServer
	code codes.Code
}

func (r refusing) Summary(context.Context, *console.StoreSummaryRequest) (*console.StoreSummary, error) {
	return nil, status.Error(r.code, "the server's words")
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for code, want := range map[codes.Code]string{
		codes.Unauthenticated:  "--auth-token",
		codes.PermissionDenied: "role admin",
		codes.Unimplemented:    "older than this program",
		codes.Unavailable:      "the server's words",
		codes.Internal:         "the server's words",
	} {
		client := serve(t, refusing{code: code})
		_, err := client.Summary(within(t))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", code, err, want)
		}
	}
}
