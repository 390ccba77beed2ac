package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// redisNode runs a catalog with a connection to Redis of its own.
func redisNode(t *testing.T, url string) *Catalog {
	t.Helper()
	db, err := redis.Open(t.Context(), redis.Options{URL: url, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := openShared(t, db, new(log), Shared{Reseed: true})
	run(t, c)
	waitFor(t, c, "the mark", func(s *Snapshot) bool { return s.Settings[markKey.ID] != nil })
	return c
}

// Redis loses everything again and again while three nodes write, and a fourth,
// which knows nothing, comes in between. Every change that was acknowledged is there
// afterwards, on all of them. The next loss comes when the last one has been mended: of
// two at once, what only one node knew may not survive.
func TestAcknowledgedSurvivesFlushes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	nodes := []*Catalog{redisNode(t, server.URL()), redisNode(t, server.URL()), redisNode(t, server.URL())}
	var mu sync.Mutex
	acked := map[string]bool{}
	write := func(c *Catalog, id string) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		for {
			_, err := c.Update(ctx, func(tx *Tx) error { tx.PutPipeline(pipelineNamed(id)); return nil })
			switch {
			case err == nil:
				mu.Lock()
				acked[id] = true
				mu.Unlock()
				return
			case !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrConflict):
				t.Errorf("update: %v", err)
				return
			}
			if sleep(ctx, 10*time.Millisecond) != nil {
				t.Errorf("update: %v for all of %v", err, patience)
				return
			}
		}
	}
	for round := range 6 {
		var writers sync.WaitGroup
		for n, c := range nodes {
			writers.Go(func() {
				for i := range 8 {
					if i == 4 && n == 0 {
						server.Do(t, "flushall")
					}
					write(c, fmt.Sprintf("%d-%d-%d", round, n, i))
				}
			})
		}
		writers.Wait()
		wantShown(t, nodes, slices.Sorted(maps.Keys(acked)))
		if round == 2 {
			server.Do(t, "flushall")
			nodes = append(nodes, redisNode(t, server.URL()))
			wantShown(t, nodes, slices.Sorted(maps.Keys(acked)))
		}
	}
}

// wantShown waits until all nodes show the pipelines.
func wantShown(t *testing.T, nodes []*Catalog, want []string) {
	t.Helper()
	for i, c := range nodes {
		missing := want
		deadline := time.Now().Add(patience)
		for ; len(missing) > 0 && time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
			missing = slices.DeleteFunc(slices.Clone(want), func(id string) bool { return c.Snapshot().Pipelines[id] != nil })
		}
		if len(missing) > 0 {
			t.Fatalf("node %d does not show %v of %d acknowledged changes; %+v", i, missing, len(want), c.Stats())
		}
	}
}
