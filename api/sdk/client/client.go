// Package client plays the SDK side of service protos.Internal: for the demo, for tests and
// for load. It pulls, registers, sends heartbeats, runs the modules it is sent on payloads,
// and reports metrics and schemas, the way the public SDKs do.
package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// Defaults of Options: what all SDKs do.
const (
	DefaultHeartbeat = time.Second
	DefaultReconnect = 5 * time.Second
	DefaultReport    = time.Second

	// callTimeout bounds every unary call but the first.
	callTimeout = 5 * time.Second
)

// Options say how to connect and whom to play. Service and either Addr or Conn are required.
type Options struct {
	Addr string
	// Conn is used instead of a connection to Addr, and not closed.
	Conn    grpc.ClientConnInterface
	Token   string
	Service string
	// Session is the session's id, a new UUID by default.
	Session string
	// Library is whom to play, Go by default.
	Library Library
	// Audiences are announced with Register.
	Audiences []*pb.Audience
	// Engine runs modules; it may be shared. Without one the client is light: it keeps what
	// it is sent, without modules, and Process only counts.
	Engine Engine
	// DryRun makes Process return payloads as they came.
	DryRun bool
	// OnCommand is called with each command before it takes effect. It must not block.
	OnCommand func(*pb.Command)

	Heartbeat time.Duration // between heartbeats
	Reconnect time.Duration // before registering again
	Report    time.Duration // between reports of metrics and schemas
	Log       zerolog.Logger
}

// Client is one session. Its methods are safe for concurrent use.
type Client struct {
	opts   Options
	conn   grpc.ClientConnInterface
	closer func() error
	api    pb.InternalClient
	report report
	tails  *tails

	mu    sync.RWMutex // held for reading while payloads are processed
	known map[audience.Key]*pb.Audience
	lists map[audience.Key][]*pb.Pipeline
	code  map[string]Instance // by module id
}

// New connects and pulls what the service should run. It fails when the server cannot be
// reached before ctx ends, or refuses. The caller must call Run, or Close if it does not.
func New(ctx context.Context, opts Options) (*Client, error) {
	if opts.Service == "" {
		return nil, errors.New("create client: no service name")
	}
	if opts.Session == "" {
		opts.Session = uuid.NewString()
	}
	if opts.Library == (Library{}) {
		opts.Library = Go
	}
	setDefault(&opts.Heartbeat, DefaultHeartbeat)
	setDefault(&opts.Reconnect, DefaultReconnect)
	setDefault(&opts.Report, DefaultReport)
	c := &Client{
		opts: opts, conn: opts.Conn, closer: func() error { return nil }, tails: newTails(),
		known: make(map[audience.Key]*pb.Audience),
		lists: make(map[audience.Key][]*pb.Pipeline),
		code:  make(map[string]Instance),
	}
	if c.conn == nil {
		conn, err := opts.Library.Dial(opts.Addr)
		if err != nil {
			return nil, err
		}
		c.conn, c.closer = conn, conn.Close
	}
	c.api = pb.NewInternalClient(c.conn)
	for _, a := range opts.Audiences {
		c.known[audience.KeyOf(a)] = a
	}
	if err := c.pull(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func setDefault(d *time.Duration, otherwise time.Duration) {
	if *d <= 0 {
		*d = otherwise
	}
}

// Session returns the session's id.
func (c *Client) Session() string { return c.opts.Session }

// Close releases the connection and all modules.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.closer()
	for id, instance := range c.code {
		err = errors.Join(err, instance.Close(context.Background()))
		delete(c.code, id)
	}
	return err
}

func (c *Client) pull(ctx context.Context) error {
	reply, err := c.api.GetSetPipelinesCommandsByService(c.outgoing(ctx),
		&pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: c.opts.Service}, grpc.WaitForReady(true))
	if err != nil {
		return fmt.Errorf("pull pipelines: %w", err)
	}
	for _, command := range reply.GetSetPipelineCommands() {
		if command.GetSetPipelines() == nil {
			return fmt.Errorf("pull pipelines: the server sent %T", command.GetCommand())
		}
		command.GetSetPipelines().WasmModules = reply.GetWasmModules()
		c.handle(ctx, command)
	}
	return nil
}

// outgoing adds the token to the calls of ctx.
func (c *Client) outgoing(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "auth-token", c.opts.Token)
}

// Run keeps the session registered, sends heartbeats and reports until ctx ends, and closes
// the client. It returns what Close returns.
func (c *Client) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { c.stayRegistered(ctx) })
	wg.Go(func() { every(ctx, c.opts.Heartbeat, c.heartbeat) })
	wg.Go(func() { every(ctx, c.opts.Report, c.flush) })
	wg.Go(func() { c.sendTails(ctx) })
	wg.Wait()
	return c.Close()
}

// every calls f at once and then again and again until ctx ends.
func every(ctx context.Context, interval time.Duration, f func(context.Context)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		f(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (c *Client) stayRegistered(ctx context.Context) {
	for {
		err := c.register(ctx)
		if ctx.Err() != nil {
			return
		}
		c.opts.Log.Debug().Err(err).Str("service", c.opts.Service).Msg("registration ended; registering again")
		timer := time.NewTimer(c.opts.Reconnect)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

func (c *Client) register(ctx context.Context) error {
	stream, err := c.api.Register(c.outgoing(ctx), &pb.RegisterRequest{
		ServiceName: c.opts.Service,
		SessionId:   c.opts.Session,
		ClientInfo:  c.opts.Library.info(),
		Audiences:   c.audiences(),
		DryRun:      c.opts.DryRun,
	})
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	defer c.tails.stop()
	for {
		command, err := stream.Recv()
		if err != nil {
			return fmt.Errorf("receive commands: %w", err)
		}
		c.handle(ctx, command)
	}
}

func (c *Client) heartbeat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(c.outgoing(ctx), callTimeout)
	defer cancel()
	_, err := c.api.Heartbeat(ctx, &pb.HeartbeatRequest{
		SessionId: c.opts.Session, ServiceName: c.opts.Service,
		Audiences: c.audiences(), ClientInfo: c.opts.Library.info(),
	})
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		c.opts.Log.Debug().Err(err).Str("service", c.opts.Service).Msg("heartbeat lost")
	}
}

func (c *Client) audiences() []*pb.Audience {
	c.mu.RLock()
	defer c.mu.RUnlock()
	audiences := make([]*pb.Audience, 0, len(c.known))
	for _, a := range c.known {
		audiences = append(audiences, a)
	}
	return audiences
}

// Announce tells the server that the session uses an audience. Only the first call for an
// audience does anything; when it fails, heartbeats make up for it.
func (c *Client) Announce(ctx context.Context, a *pb.Audience) error {
	key := audience.KeyOf(a)
	c.mu.Lock()
	_, known := c.known[key]
	if !known {
		c.known[key] = proto.CloneOf(a)
	}
	c.mu.Unlock()
	if known {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.outgoing(ctx), callTimeout)
	defer cancel()
	reply, err := c.api.NewAudience(ctx, &pb.NewAudienceRequest{SessionId: c.opts.Session, Audience: a})
	if err != nil {
		return fmt.Errorf("announce %s: %w", key, err)
	}
	if reply.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
		return fmt.Errorf("announce %s: %s", key, reply.GetMessage())
	}
	return nil
}

// Pipelines returns what the session runs for an audience, the hidden pipeline first. The
// messages are shared and must not be changed.
func (c *Client) Pipelines(a *pb.Audience) []*pb.Pipeline {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.lists[audience.KeyOf(a)]
}
