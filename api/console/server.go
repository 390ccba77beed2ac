// Package console answers what people and their tools ask: service protos.External, and
// streamdal.console.v1.Console for what that lacks.
//
// It reads from the catalog and writes through it. What a change means for connected SDKs
// is not its business: the fleet follows the same catalog.
package console

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/request"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

const (
	// defaultKeepAlive keeps proxies from cutting an idle GetAllStream.
	defaultKeepAlive = 10 * time.Second
	// defaultDebounce gathers a burst of changes into one message.
	defaultDebounce = 100 * time.Millisecond
	// defaultStuckAfter is how long a viewer of a tail may take to read one message, as long as
	// an SDK may take for a command.
	defaultStuckAfter = 30 * time.Second
)

const (
	// maxTrials bounds how many pipelines are checked or tried at once.
	maxTrials = 2
	// defaultTrialLimit is how long one of them may take to build. A step takes a second at
	// the very most.
	defaultTrialLimit = 10 * time.Second
)

// Fleet knows which SDK sessions are connected.
type Fleet interface {
	// Live returns the sessions of all nodes. The messages are not changed afterwards.
	Live() []*pb.LiveInfo
	// Watch signals that Live may have changed, until ctx ends.
	Watch(ctx context.Context) <-chan struct{}
	// Sessions returns the sessions of all nodes and what they were sent. The messages are
	// not changed afterwards.
	Sessions() []*consolepb.Session
	// WatchSessions signals that Sessions may have changed, until ctx ends.
	WatchSessions(ctx context.Context) <-chan struct{}
	// Nodes returns the names of all nodes.
	Nodes() []string
}

// Builder makes the module of a pipeline step. A step that cannot be built gives a
// *wasmbuild.StepError.
type Builder interface {
	Step(ctx context.Context, step *pb.PipelineStep, format pb.PipelineDataFormat) (*wasmbuild.Module, error)
}

// Config is what New needs. Zero times take the defaults.
type Config struct {
	Catalog   *catalog.Catalog
	Fleet     Fleet
	Builder   Builder
	Metrics   Metrics
	Tails     *tail.Hub
	Uploads   Uploads
	Bench     Bench
	Node      string // its name
	Version   string
	Trouble   func() string    // says in a sentence what needs attention, "" for nothing
	Now       func() time.Time // default time.Now
	KeepAlive time.Duration    // of streams; default 10 s
	Tick      time.Duration    // of GetMetrics, GetAudienceRates and Watch; default 1 s
	Debounce  time.Duration    // of GetAllStream and Watch; default 100 ms
	// StuckAfter is when a Tail ends whose viewer does not read; default 30 s.
	StuckAfter time.Duration
	// TrialLimit is how long it may take to build a pipeline that is checked or tried; default
	// 10 s.
	TrialLimit time.Duration
	Log        zerolog.Logger
}

// Server implements pb.ExternalServer and consolepb.ConsoleServer. Its errors are of package failure, or become
// internal ones there; the interceptors of that package turn them into statuses.
type Server struct {
	pb.UnimplementedExternalServer
	consolepb.UnimplementedConsoleServer

	catalog   *catalog.Catalog
	fleet     Fleet
	builder   Builder
	metrics   Metrics
	tails     *tail.Hub
	uploads   Uploads
	bench     Bench
	node      string
	version   string
	trouble   func() string
	now       func() time.Time
	keepAlive time.Duration
	tick      time.Duration
	debounce  time.Duration
	stuck     time.Duration
	log       zerolog.Logger

	trialLimit time.Duration

	picture  atomic.Pointer[picture]
	board    *board
	trials   chan struct{} // places for those who check or try pipelines
	draining chan struct{}
	drain    sync.Once
}

// New returns a Server.
func New(c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.KeepAlive == 0 {
		c.KeepAlive = defaultKeepAlive
	}
	if c.Tick == 0 {
		c.Tick = defaultTick
	}
	if c.Debounce == 0 {
		c.Debounce = defaultDebounce
	}
	if c.StuckAfter == 0 {
		c.StuckAfter = defaultStuckAfter
	}
	if c.TrialLimit == 0 {
		c.TrialLimit = defaultTrialLimit
	}
	s := &Server{
		catalog: c.Catalog, fleet: c.Fleet, builder: c.Builder, metrics: c.Metrics, tails: c.Tails, uploads: c.Uploads, now: c.Now,
		keepAlive: c.KeepAlive, tick: c.Tick, debounce: c.Debounce, stuck: c.StuckAfter, trialLimit: c.TrialLimit, log: c.Log,
		bench: c.Bench, node: c.Node, version: c.Version, trouble: c.Trouble,
		draining: make(chan struct{}), trials: make(chan struct{}, maxTrials),
	}
	s.board = newBoard(s)
	return s
}

// Drain ends the streams with Unavailable "server shutting down", so that viewers
// reconnect. It does not wait for them. Calling it again is no error.
func (s *Server) Drain() {
	s.drain.Do(func() { close(s.draining) })
}

// Test echoes its input.
func (s *Server) Test(_ context.Context, req *pb.TestRequest) (*pb.TestResponse, error) {
	input := req.GetInput()
	if input == "" {
		input = "no input provided"
	}
	return &pb.TestResponse{Output: "Pong: " + input}, nil
}

// done is the answer of a mutation that worked.
func done(ctx context.Context, message string) *pb.StandardResponse {
	return &pb.StandardResponse{Id: request.ID(ctx), Code: pb.ResponseCode_RESPONSE_CODE_OK, Message: message}
}

// inBand is the answer of a method that reports failures in StandardResponse.code.
func (s *Server) inBand(ctx context.Context, method, message string, err error) (*pb.StandardResponse, error) {
	if err != nil {
		failure.Log(ctx, s.log, method, err)
		return failure.Response(request.ID(ctx), err), nil
	}
	return done(ctx, message), nil
}
