// Package demo runs sample services against a server: what a newcomer sees first.
//
// The services are clients like any other. Nothing in the server knows of them.
package demo

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/sdk/client"
)

const (
	// pace is slow enough to read along and fast enough to look alive.
	pace = 500 * time.Millisecond
	// settle is how long the first calls may take on a machine that is busy
	// compiling.
	settle = 30 * time.Second
)

// Config says where the server is.
type Config struct {
	Address string    // host:port
	Token   string    // may change pipelines
	Out     io.Writer // gets the first message that each rule changed
	Log     zerolog.Logger
}

// operation is something a sample service does with messages.
type operation struct {
	kind      pb.OperationType
	name      string
	component string
	message   func(*rand.Rand) any
	rule      string // attached at the first start; empty leaves it to the viewer
}

// service is a sample service. It runs as many times as it has sessions.
type service struct {
	name       string
	library    client.Library
	sessions   int
	operations []operation
}

func services() []service {
	const consumer, producer = pb.OperationType_OPERATION_TYPE_CONSUMER, pb.OperationType_OPERATION_TYPE_PRODUCER
	return []service{
		{"signup", client.Go, 2, []operation{{producer, "user-signed-up", "kafka", signup, maskEmails}}},
		{"billing", client.Node, 1, []operation{
			{producer, "charge-card", "payments-api", charge, dropCards},
			{consumer, "order-placed", "kafka", order, ""},
		}},
		{"orders", client.Go, 1, []operation{{producer, "order-placed", "kafka", order, checkOrder}}},
		{"support", client.Python, 1, []operation{{consumer, "inbound-mail", "mail-queue", supportMail, maskEmails}}},
	}
}

func (s service) audience(o operation) *pb.Audience {
	return &pb.Audience{ServiceName: s.name, OperationType: o.kind, OperationName: o.name, ComponentName: o.component}
}

// Run seeds the sample rules and plays the services until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	list := services()
	if err := prepare(ctx, cfg, list); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	engine, err := client.NewWazero(ctx)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { _ = engine.Close(context.WithoutCancel(ctx)) }() // the process ends with it
	show := newShow(cfg.Out)
	players, ctx := errgroup.WithContext(ctx)
	for _, s := range list {
		for range s.sessions {
			players.Go(func() error {
				if err := play(ctx, cfg, s, engine, show); err != nil && ctx.Err() == nil {
					return fmt.Errorf("demo service %s: %w", s.name, err)
				}
				return nil
			})
		}
	}
	return players.Wait()
}

func prepare(ctx context.Context, cfg Config, list []service) error {
	conn, err := grpc.NewClient(cfg.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(ctx, "auth-token", cfg.Token), settle)
	defer cancel()
	return seed(ctx, pb.NewExternalClient(conn), list)
}

// play is one session: it connects, stays connected, and processes a message of
// each operation at every tick.
func play(ctx context.Context, cfg Config, s service, engine *client.Wazero, show *show) error {
	first, cancel := context.WithTimeout(ctx, settle)
	c, err := client.New(first, client.Options{
		Addr: cfg.Address, Token: cfg.Token, Service: s.name, Library: s.library, Engine: engine,
		Log: cfg.Log.With().Str("demo_service", s.name).Logger(),
	})
	cancel()
	if err != nil {
		return err
	}
	session, ctx := errgroup.WithContext(ctx)
	session.Go(func() error { return c.Run(ctx) })
	session.Go(func() error {
		tick := time.NewTicker(pace)
		defer tick.Stop()
		random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
		for {
			for _, o := range s.operations {
				payload := encode(o.message(random))
				r, err := c.Process(ctx, s.audience(o), payload)
				if err != nil {
					return err
				}
				show.processed(s.name, o.name, payload, r.GetData())
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
	return session.Wait()
}

// show prints, once for each operation, a message that a rule changed.
type show struct {
	mu   sync.Mutex
	out  io.Writer
	done map[string]bool
}

func newShow(out io.Writer) *show { return &show{out: out, done: map[string]bool{}} }

func (s *show) processed(service, operation string, before, after []byte) {
	if string(before) == string(after) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := service + " / " + operation
	if s.done[key] {
		return
	}
	s.done[key] = true
	fmt.Fprintf(s.out, "  %s\n    before  %s\n    after   %s\n", key, before, after)
}
