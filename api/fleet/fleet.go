// Package fleet knows every SDK session of this node, what each of them runs and what each
// of them should run, and sends the difference.
//
// A session is an open Register stream or fresh heartbeats. For each session and audience
// the fleet keeps a hash of what the stream was sent; whenever that differs from the hash of
// what the catalog says, the audience is put into the stream's mailbox, which holds each
// audience at most once. The stream's writer takes the newest state at the moment it sends.
package fleet

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// Defaults of Config.
const (
	// DefaultKeepAlive is the original's; the Node SDK and proxies rely on some data flowing.
	DefaultKeepAlive = time.Second
	// DefaultSessionTTL is five heartbeats of any SDK.
	DefaultSessionTTL = 5 * time.Second
	// DefaultStuckAfter is long enough for a garbage collection or a slow link, and short
	// enough that a dead client does not hold buffers for long.
	DefaultStuckAfter = 30 * time.Second
	// DefaultMaxAudiencesPerService protects the store from services that put ids into names.
	DefaultMaxAudiencesPerService = 5_000
	// DefaultMaxAudiences bounds what all services together may make SDKs create.
	DefaultMaxAudiences = 100_000
	// DefaultMaxSessions is ten times what one node is sized for.
	DefaultMaxSessions = 100_000
)

// Builder makes the hidden module that infers the schema of an audience. The same key gives
// the same module; it should be cached, because it is asked for with every new frame.
type Builder interface {
	InferSchema(ctx context.Context, audienceKey string) (*wasmbuild.Module, error)
}

// Config says what a Fleet works with. Node, Catalog and Builder are required.
type Config struct {
	Node    string
	Catalog *catalog.Catalog
	// Leases tells other nodes about this node's sessions; nil keeps them to itself.
	Leases  store.Leases
	Builder Builder
	Log     zerolog.Logger
	// Now is the clock, time.Now by default.
	Now func() time.Time
	// Pushed is told, for each session that a change of the rules was sent to, how long that
	// took from when this node learned of it; nil when nobody wants to know.
	Pushed func(time.Duration)
	// The zero value of each of the following means its default.
	KeepAlive              time.Duration
	SessionTTL             time.Duration
	StuckAfter             time.Duration
	MaxAudiencesPerService int
	MaxAudiences           int
	MaxSessions            int
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	setDefault(&c.KeepAlive, DefaultKeepAlive)
	setDefault(&c.SessionTTL, DefaultSessionTTL)
	setDefault(&c.StuckAfter, DefaultStuckAfter)
	setDefault(&c.MaxAudiencesPerService, DefaultMaxAudiencesPerService)
	setDefault(&c.MaxAudiences, DefaultMaxAudiences)
	setDefault(&c.MaxSessions, DefaultMaxSessions)
	return c
}

func setDefault[T int | time.Duration](value *T, otherwise T) {
	if *value <= 0 {
		*value = otherwise
	}
}

// What ends a Register stream or refuses a session. Their texts reach SDKs.
var (
	// ErrReplaced ends a stream whose session registered again.
	ErrReplaced = failure.New(failure.Conflict, "the session registered again on another stream")
	// ErrStuck ends a stream whose client does not read.
	ErrStuck = failure.New(failure.Unavailable, "the session did not read its commands; register again")
	// ErrTooManySessions refuses a session beyond Config.MaxSessions.
	ErrTooManySessions = failure.New(failure.Throttled, "this node has as many sessions as it can take; try another node or try again later")
)

// Fleet is the set of sessions of this node. All methods are safe for concurrent use. One
// mutex guards the registry: it is held for memory work only, never while something is
// encoded, built, stored or sent.
type Fleet struct {
	cfg    Config
	stats  counters
	frames frameCache

	mu       sync.Mutex
	snap     *catalog.Snapshot         // what the registry below reflects
	services map[string]*service       // by lower-case name
	sessions map[string]*session       // by id
	ring     ring                      // every open stream
	rules    uint64                    // counts changes of pipelines, assignments and modules
	judged   map[*pb.Pipeline]judgment // of the pipelines in snap, as they are needed
	kv       *kvPicture
	pulls    map[string]*pull                 // by lower-case service name
	tails    map[audience.Key]map[string]Tail // that are wanted, by id

	wanted     map[audience.Key]*creation
	wantedWake chan struct{}

	moved    chan struct{} // of one: sessions of this node or another changed
	watchers map[chan struct{}]interest
	remote   map[string]map[string]remoteSession

	draining bool
	open     int           // Register calls and writers that have not ended
	idle     chan struct{} // closed when draining and open is 0
}

// New returns a fleet that knows the catalog's current picture. Run must be called for
// anything to be pushed, kept alive or created.
func New(cfg Config) *Fleet {
	f := &Fleet{
		cfg:        cfg.withDefaults(),
		frames:     frameCache{entries: make(map[frameKey]*cachedFrame)},
		services:   make(map[string]*service),
		sessions:   make(map[string]*session),
		judged:     make(map[*pb.Pipeline]judgment),
		pulls:      make(map[string]*pull),
		wanted:     make(map[audience.Key]*creation),
		wantedWake: make(chan struct{}, 1),
		moved:      make(chan struct{}, 1),
		watchers:   make(map[chan struct{}]interest),
		remote:     make(map[string]map[string]remoteSession),
		idle:       make(chan struct{}),
	}
	f.mu.Lock()
	f.catchUp()
	f.mu.Unlock()
	return f
}

// Run follows the catalog, keeps streams alive, expires sessions, creates announced
// audiences and renews this node's lease until ctx ends. It always returns nil.
func (f *Fleet) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { f.follow(ctx) })
	wg.Go(func() { f.tick(ctx) })
	wg.Go(func() { f.create(ctx) })
	if f.cfg.Leases != nil {
		wg.Go(func() { f.lease(ctx) })
	}
	wg.Wait()
	return nil
}

func (f *Fleet) follow(ctx context.Context) {
	for range f.cfg.Catalog.Watch(ctx) {
		f.mu.Lock()
		f.catchUp()
		f.mu.Unlock()
	}
}

// Drain refuses new streams, makes sessions stop their tails, ends every Register stream with
// failure.ErrShuttingDown, and waits until all of them and their writers are gone or ctx ends.
func (f *Fleet) Drain(ctx context.Context) {
	f.mu.Lock()
	f.draining = true
	f.mu.Unlock()
	f.stopTails(ctx)
	f.mu.Lock()
	f.endAll(failure.ErrShuttingDown)
	f.closeIfIdle()
	f.mu.Unlock()
	select {
	case <-f.idle:
	case <-ctx.Done():
	}
}

// endAll ends every stream. f.mu is held.
func (f *Fleet) endAll(err error) {
	for _, s := range f.sessions {
		if s.stream != nil {
			s.stream.end(err)
		}
	}
}

// enter counts a Register call or a writer.
func (f *Fleet) enter() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
}

// leave ends what enter began.
func (f *Fleet) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open--
	f.closeIfIdle()
}

// closeIfIdle tells Drain that nothing is left. f.mu is held.
func (f *Fleet) closeIfIdle() {
	if f.draining && f.open == 0 {
		select {
		case <-f.idle:
		default:
			close(f.idle)
		}
	}
}

// Hello is what a session says about itself when it registers or sends a heartbeat.
type Hello struct {
	Service string // as the session spells it
	Session string
	Client  *pb.ClientInfo
	// Audiences that the session uses, as it spells them. Invalid ones are left out.
	Audiences []*pb.Audience
	Quirks    Quirks
	// DryRun says that the session processes payloads without using the results. Only
	// Register takes it.
	DryRun bool
}

// Send writes one frame to the client. It may block for as long as the client does not
// read; it must return when the stream's context ends.
type Send func(frame.Frame) error
