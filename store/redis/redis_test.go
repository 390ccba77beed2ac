package redis

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
	"github.com/streamdal/streamdal-server/store/storetest"
)

// patience bounds every wait for something that must happen soon.
const patience = 60 * time.Second

func open(t *testing.T, opts Options) *DB {
	t.Helper()
	opts.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.InfoLevel)
	db, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

// pool hands out servers, each to one test at a time, emptied before.
type pool struct {
	free  chan string
	empty func(t *testing.T, url string)
}

func (p *pool) open(t *testing.T) store.Backend {
	url := <-p.free
	t.Cleanup(func() { p.free <- url })
	p.empty(t, url)
	return open(t, Options{URL: url, LogLength: 250, Node: "test"})
}

func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		const servers = 4
		p := &pool{free: make(chan string, servers)}
		byURL := map[string]*redistest.Server{}
		for range servers {
			s := redistest.Start(t, redistest.Options{})
			byURL[s.URL()] = s
			p.free <- s.URL()
		}
		p.empty = func(t *testing.T, url string) { byURL[url].Do(t, "flushall") }
		storetest.Run(t, p.open)
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.StartSentinel(t, redistest.Options{})
		p := &pool{free: make(chan string, 1)}
		p.free <- s.URL()
		p.empty = func(t *testing.T, _ string) { s.Master(t).Do(t, "flushall") }
		storetest.Run(t, p.open)
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.StartCluster(t, redistest.Options{})
		p := &pool{free: make(chan string, 1)}
		p.free <- c.URL()
		p.empty = func(t *testing.T, _ string) {
			for _, s := range c.Servers {
				s.Do(t, "flushall")
			}
		}
		storetest.Run(t, p.open)
	})
}

// eventually polls until check returns "" and fails with its last answer if that
// never happens.
func eventually(t *testing.T, check func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		complaint := check()
		if complaint == "" {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("after %v: %s", patience, complaint)
		}
	}
}

// TestWatchWhileHintsCome starts watches while hints go out: both use the hub.
func TestWatchWhileHintsCome(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: "127.0.0.1:1"}) // nobody answers, which hints do not need
	var hinting sync.WaitGroup
	for range 2 {
		hinting.Go(func() {
			for rev := range 20_000 {
				db.hint(store.Event{Revision: store.Revision(rev)})
			}
		})
	}
	done := make(chan struct{})
	go func() { hinting.Wait(); close(done) }()
	for last := store.Revision(0); ; {
		ctx, cancel := context.WithCancel(t.Context())
		e := <-db.Watch(ctx)
		cancel()
		if e.Revision < last {
			t.Fatalf("a watch began at revision %d, an earlier one at %d", e.Revision, last)
		}
		last = e.Revision
		select {
		case <-done:
			return
		default:
		}
	}
}
