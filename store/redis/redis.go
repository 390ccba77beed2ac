// Package redis is the backend for several nodes: one Redis, standalone, behind
// Sentinel, or a Cluster. Every change is one script, so that it is atomic on all
// three; messages are hints and the data is the truth. See docs/operations.md for
// what it promises and what a fail-over of Redis can lose.
package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/latest"
)

// DefaultLogLength is how many changes Since can look back. A change takes about
// 150 bytes there.
const DefaultLogLength = 4096

// Options say which Redis to use, and how.
type Options struct {
	// URL is the address in one of the forms that CheckURL accepts.
	URL string
	// Username and Password replace those of the URL when they are not empty.
	Username, Password string
	// Database replaces the number in the URL when it is not 0. A Cluster has
	// only database 0.
	Database int
	// TLS names files for connections by TLS. Naming any turns TLS on.
	TLS TLSFiles
	// Node is shown in Redis' list of clients.
	Node string
	// Wait is how many replicas must confirm a change before Apply returns.
	// With 0 a change is acknowledged by the master alone.
	Wait int
	// LogLength is how many changes Since can look back; 0 means DefaultLogLength.
	LogLength int
	// Log receives what the client library has to say (Debug) and when Redis
	// cannot be reached (Warn).
	Log zerolog.Logger
}

// DB is a store in Redis. It implements store.Backend.
//
// A change that Apply acknowledged was made by the Redis master and, when
// Options.Wait says so, confirmed by replicas. Redis itself may lose changes that
// were not confirmed when it fails over or restarts; a DB notices that, says so by
// State.Forked, and lets no change be based on what was lost.
type DB struct {
	client    redis.UniversalClient
	log       zerolog.Logger
	wait      int
	logLength int
	process   string // a random name of this process
	secure    bool   // by TLS

	history  history
	damaged  damaged
	hints    *latest.Hub[store.Event]
	hinting  sync.Mutex    // held by who changes newest, so that hints go out in its order
	newest   atomic.Uint64 // the highest revision that is known of
	listener *listener
	bus      bus
	leases   leases

	closing    chan struct{}
	mu         sync.Mutex // guards closed, and calls against Wait
	closed     bool
	calls      sync.WaitGroup
	background sync.WaitGroup
	stop       context.CancelFunc
	closeOnce  sync.Once
	closeErr   error
}

var _ store.Backend = (*DB)(nil)

// Open prepares the use of a Redis. It fails only when the options make no sense:
// a Redis that cannot be reached now may be reached later, and until then calls
// fail with store.ErrUnavailable. Open waits for Redis at most for greetTime, and
// only to say in the log whether it is there.
func Open(ctx context.Context, opts Options) (*DB, error) {
	if opts.Wait < 0 || opts.LogLength < 0 {
		return nil, fmt.Errorf("open Redis: the replicas to wait for (%d) and the length of the change log (%d) must not be negative", opts.Wait, opts.LogLength)
	}
	client, secure, err := connect(opts)
	if err != nil {
		return nil, fmt.Errorf("open Redis: %w", err)
	}
	db := &DB{
		client:    client,
		log:       opts.Log,
		wait:      opts.Wait,
		logLength: DefaultLogLength,
		process:   newTag(),
		secure:    secure,
		hints:     latest.NewHub(store.Event.Merge),
		closing:   make(chan struct{}),
	}
	if opts.LogLength > 0 {
		db.logLength = opts.LogLength
	}
	db.listener = newListener(client, opts.Log, db.heard, db.listening)
	db.bus.init()
	db.leases.init()

	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	db.stop = stop
	db.listener.want(hintChannel)
	db.background.Go(func() { db.listener.run(running) })
	db.background.Go(func() { db.transmit(running) })
	db.greet(ctx)
	return db, nil
}

// greetTime bounds how long Open waits for Redis.
const greetTime = 2 * time.Second

func (db *DB) greet(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, greetTime)
	defer cancel()
	err := db.client.Ping(ctx).Err()
	switch {
	case err == nil:
		return
	case db.secure && isTimeout(err):
		// A Redis without TLS waits for the end of what it takes for a command.
		err = errors.New("no answer by TLS; Redis hangs, or has no TLS: then write redis:// and name no files for TLS")
	default:
		err = explain(err)
	}
	db.log.Warn().Err(err).Msg("Redis cannot be used yet")
}

// Watch implements store.Store.
func (db *DB) Watch(ctx context.Context) <-chan store.Event {
	// The hub is locked here, and hint locks it while it holds hinting.
	return db.hints.Watch(ctx, func() store.Event { return store.Event{Revision: store.Revision(db.newest.Load())} })
}

// hint tells watchers what may have moved. A hint that was late on its way shows
// them no revision older than they have seen.
func (db *DB) hint(e store.Event) {
	db.hinting.Lock()
	defer db.hinting.Unlock()
	e.Revision = db.raise(e.Revision)
	db.hints.Publish(e)
}

// raise takes a revision over if it is the highest, and returns the highest. db.hinting is held.
func (db *DB) raise(rev store.Revision) store.Revision {
	rev = max(rev, store.Revision(db.newest.Load()))
	db.newest.Store(uint64(rev))
	return rev
}

// heard takes a hint that another node, or this one, has published.
func (db *DB) heard(channel, payload string) {
	if topic, ok := strings.CutPrefix(channel, busPrefix); ok {
		db.bus.receive(topic, payload, db.process)
		return
	}
	what, number, _ := strings.Cut(payload, " ")
	rev, _ := strconv.ParseUint(number, 10, 64)
	db.hint(store.Event{Revision: store.Revision(rev), Live: what == "live", Gap: what == "restored"})
}

// listening is called when Redis has confirmed a subscription. What was published
// before that, or since the last connection broke, has been missed: any hint makes
// whoever follows compare revisions.
func (db *DB) listening(channel string) {
	if channel == hintChannel {
		db.hint(store.Event{Live: true})
	}
}

// Close implements store.Store. Calls under way get the time they are bound to.
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		db.mu.Lock()
		db.closed = true
		close(db.closing)
		db.mu.Unlock()
		db.calls.Wait()
		db.stop()
		db.background.Wait()
		db.hints.Close()
		db.bus.close()
		if err := db.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
			db.closeErr = fmt.Errorf("close Redis: %w", err)
		}
	})
	return db.closeErr
}
