package tail_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/console"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/metrics"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/request"
	"github.com/streamdal/streamdal-server/api/sdk"
	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

const patience = 30 * time.Second

type builder struct{}

func (builder) InferSchema(_ context.Context, key string) (*wasmbuild.Module, error) {
	return &wasmbuild.Module{ID: "infer-" + key, Function: "f", Bytes: []byte(key)}, nil
}

func (builder) Step(_ context.Context, step *pb.PipelineStep, _ pb.PipelineDataFormat) (*wasmbuild.Module, error) {
	return &wasmbuild.Module{ID: "module-" + step.GetName(), Function: "f", Bytes: []byte(step.GetName())}, nil
}

func newStore(t testing.TB) store.Backend {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// node is one server on the loopback interface.
type node struct {
	t       testing.TB
	tails   *tail.Hub
	fleet   *fleet.Fleet
	console *console.Server
	sdk     *sdk.Server
	address string
	conn    *grpc.ClientConn
	api     pb.ExternalClient
	sdks    pb.InternalClient
}

func newNode(t testing.TB, name string, backend store.Backend) *node {
	t.Helper()
	cat, err := catalog.Open(t.Context(), backend, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, fleet: fleet.New(fleet.Config{Node: name, Catalog: cat, Leases: backend, Builder: builder{}, Log: zerolog.Nop()})}
	n.tails = tail.New(tail.Config{Node: name, Fleet: n.fleet, Bus: backend, Log: zerolog.Nop(), Announce: 20 * time.Millisecond})
	n.console = console.New(console.Config{Catalog: cat, Fleet: n.fleet, Builder: builder{}, Tails: n.tails, Log: zerolog.Nop()})
	counts := metrics.New(metrics.Config{Node: name, Catalog: cat, Log: zerolog.Nop()})
	n.sdk = sdk.New(sdk.Config{Fleet: n.fleet, Catalog: cat, Metrics: counts, Tails: n.tails, Log: zerolog.Nop()})
	server := grpc.NewServer(grpc.ForceServerCodecV2(frame.Codec{}), grpc.MaxRecvMsgSize(16<<20),
		grpc.ChainUnaryInterceptor(request.Unary(), failure.Unary(zerolog.Nop())),
		grpc.ChainStreamInterceptor(request.Stream(), failure.Stream(zerolog.Nop())))
	pb.RegisterExternalServer(server, n.console)
	pb.RegisterInternalServer(server, n.sdk)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = cat.Run(ctx) })
	wg.Go(func() { _ = n.fleet.Run(ctx) })
	wg.Go(func() { _ = n.tails.Run(ctx) })
	wg.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		n.drain()
		server.Stop()
		cancel()
		wg.Wait()
	})
	n.conn, err = grpc.NewClient(n.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.conn.Close() })
	n.api, n.sdks = pb.NewExternalClient(n.conn), pb.NewInternalClient(n.conn)
	return n
}

// drain is what a server does when it stops.
func (n *node) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	n.console.Drain()
	n.fleet.Drain(ctx)
	n.sdk.Drain()
}

func aud(service, operation string) *pb.Audience {
	return &pb.Audience{ServiceName: service, OperationName: operation, ComponentName: "kafka", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER}
}

// service is an SDK that processes numbered payloads until the test ends.
type service struct {
	*client.Client
	stop func()
	mu   sync.Mutex
	told []string
}

// runService makes an application; told keeps what it is told about tails.
func runService(t testing.TB, n *node, library client.Library, session string, a *pb.Audience) *service {
	t.Helper()
	s := &service{}
	ctx, cancel := context.WithCancel(context.Background())
	c, err := client.New(ctx, client.Options{
		Addr: n.address, Service: a.GetServiceName(), Session: session, Library: library, Audiences: []*pb.Audience{a},
		Heartbeat: 50 * time.Millisecond, Reconnect: 20 * time.Millisecond,
		OnCommand: func(c *pb.Command) {
			if r := c.GetTail().GetRequest(); r != nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.told = append(s.told, strings.TrimPrefix(r.GetType().String(), "TAIL_REQUEST_TYPE_")+" "+r.GetId())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Client = c
	var wg sync.WaitGroup
	wg.Go(func() { _ = c.Run(ctx) })
	wg.Go(func() {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for i := 0; ctx.Err() == nil; i++ {
			_, _ = c.Process(ctx, a, fmt.Appendf(nil, "%s %06d", c.Session(), i))
			select {
			case <-ticker.C:
			case <-ctx.Done():
			}
		}
	})
	s.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(s.stop)
	return s
}

func (s *service) heard(t testing.TB, want ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("session %s is told %v", s.Session(), want), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.Equal(s.told, want)
	})
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// view opens a tail and waits until it is active.
func (n *node) view(ctx context.Context, id string, a *pb.Audience) grpc.ServerStreamingClient[pb.TailResponse] {
	n.t.Helper()
	stream, err := n.api.Tail(ctx, &pb.TailRequest{Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: id, Audience: a})
	if err == nil {
		_, err = stream.Header()
	}
	if err != nil {
		n.t.Fatal(err)
	}
	return stream
}

// take returns the next n payloads of a session, which must come in order.
func take(t testing.TB, stream grpc.ServerStreamingClient[pb.TailResponse], n int, session string) (list []*pb.TailResponse) {
	t.Helper()
	last := ""
	for len(list) < n {
		r, err := stream.Recv()
		if err != nil {
			t.Fatalf("after %d payloads: %v", len(list), err)
		}
		if r.GetXKeepalive() || r.GetSessionId() != session {
			continue
		}
		if data := string(r.GetOriginalData()); data <= last {
			t.Errorf("%q came after %q", data, last)
		} else {
			last = data
		}
		list = append(list, r)
	}
	return list
}

// A viewer on one node sees what SDKs on the other one process, as they spell it, and SDKs
// stop when the viewer leaves.
func TestTailThroughTwoNodes(t *testing.T) {
	t.Parallel()
	for _, library := range []client.Library{client.Go, client.Node, client.Python, client.Ruby} {
		t.Run(library.Name, func(t *testing.T) {
			t.Parallel()
			backend := newStore(t)
			a, b := newNode(t, "a", backend), newNode(t, "b", backend)
			s := runService(t, b, library, "session", aud("Billing", "Op"))
			ctx, leave := context.WithCancel(within(t))
			stream := a.view(ctx, "T-1", aud("billing", "op"))
			for _, r := range take(t, stream, 20, "session") {
				if r.GetTailRequestId() != "T-1" || r.GetAudience().GetServiceName() != "Billing" || r.GetTimestampNs() == 0 {
					t.Fatalf("got %v", r)
				}
			}
			leave()
			s.heard(t, "START T-1", "STOP T-1")
		})
	}
}

// An SDK that comes back, on whichever node, is asked again.
func TestTailGoesOnWhenAnSDKReconnects(t *testing.T) {
	t.Parallel()
	backend := newStore(t)
	a, b := newNode(t, "a", backend), newNode(t, "b", backend)
	first := runService(t, a, client.Go, "one", aud("svc", "op"))
	stream := a.view(within(t), "t", aud("svc", "op"))
	take(t, stream, 5, "one")
	first.stop()
	second := runService(t, b, client.Go, "two", aud("svc", "op"))
	take(t, stream, 5, "two")
	second.heard(t, "START t")
}

func TestPauseThroughTheOtherNode(t *testing.T) {
	t.Parallel()
	backend := newStore(t)
	a, b := newNode(t, "a", backend), newNode(t, "b", backend)
	s := runService(t, b, client.Go, "session", aud("svc", "op"))
	stream := a.view(within(t), "t", aud("svc", "op"))
	take(t, stream, 5, "session")
	reply, err := b.api.PauseTail(within(t), &pb.PauseTailRequest{TailId: "t"})
	if err != nil || reply.GetMessage() != "tail paused" {
		t.Fatalf("got %v (%v)", reply, err)
	}
	eventually(t, "the viewer's node knows", func() bool {
		reply, err = a.api.ResumeTail(within(t), &pb.ResumeTailRequest{TailId: "t"})
		return err == nil && reply.GetMessage() == "tail resumed"
	})
	s.heard(t, "START t")
	before := b.tails.Stats().Relayed
	eventually(t, "payloads flow again", func() bool { return b.tails.Stats().Relayed > before })
	take(t, stream, 1, "session")
}

// A stopping server makes SDKs stop their tails before it ends any stream of theirs.
func TestStoppingServerEndsTails_10_10(t *testing.T) {
	t.Parallel()
	n := newNode(t, "a", newStore(t))
	s := runService(t, n, client.Go, "session", aud("svc", "op"))
	stream := n.view(within(t), "t", aud("svc", "op"))
	take(t, stream, 5, "session")
	idle, err := n.sdks.SendTail(within(t)) // as the Node SDK: never closed
	if err != nil {
		t.Fatal(err)
	}
	if err := idle.Send(&pb.TailResponse{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stream is open", func() bool { return n.tails.Stats().Invalid > 0 })
	n.drain()
	for err == nil {
		_, err = stream.Recv()
	}
	ended := func(what string, err error) {
		if st := status.Convert(err); st.Code() != codes.Unavailable || st.Message() != "server shutting down" {
			t.Errorf("%s ended with %v", what, err)
		}
	}
	ended("Tail", err)
	_, err = idle.CloseAndRecv()
	ended("SendTail", err)
	s.heard(t, "START t", "STOP t")
}
