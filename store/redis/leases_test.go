package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

type sessions = map[string][]byte

func putLive(t *testing.T, db *DB, node string, s sessions) {
	t.Helper()
	if err := db.PutLive(t.Context(), node, s, time.Minute); err != nil {
		t.Fatalf("PutLive: %v", err)
	}
}

func wantLive(t *testing.T, db *DB, want map[string]sessions) {
	t.Helper()
	got, err := db.Live(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Live: error %v (-want +got):\n%s", err, diff)
	}
}

func TestLeasesAcrossNodes(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	a, b := open(t, Options{URL: s.URL()}), open(t, Options{URL: s.URL()})
	waitListening(t, b)
	watch := b.Watch(t.Context())
	putLive(t, a, "a}{", sessions{"1": []byte("one"), "2": []byte("two"), "lease": []byte("not the lease")})
	putLive(t, b, "b", sessions{"3": []byte("three")})
	all := map[string]sessions{
		"a}{": {"1": []byte("one"), "2": []byte("two"), "lease": []byte("not the lease")},
		"b":   {"3": []byte("three")},
	}
	wantLive(t, a, all)
	wantLive(t, b, all)
	// Only differences travel; the others read them.
	drain(watch)
	putLive(t, a, "a}{", sessions{"2": []byte("zwei"), "4": []byte("four")})
	for e := range watch {
		if e.Live {
			break
		}
	}
	all["a}{"] = sessions{"2": []byte("zwei"), "4": []byte("four")}
	wantLive(t, b, all)
	wantLive(t, a, all)
	// What another process did to the announcement is repaired by the next renewal.
	s.Do(t, "del", liveKey("a}{"))
	delete(all, "a}{")
	wantLive(t, b, all)
	putLive(t, a, "a}{", sessions{"2": []byte("zwei"), "4": []byte("four")})
	all["a}{"] = sessions{"2": []byte("zwei"), "4": []byte("four")}
	wantLive(t, b, all)
}

// Two processes with one name: the second is told, and changes nothing.
func TestNodeNameTaken(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	a, b := open(t, Options{URL: s.URL()}), open(t, Options{URL: s.URL()})
	putLive(t, a, "node", sessions{"1": []byte("one")})
	for _, ttl := range []time.Duration{time.Minute, 0} {
		err := b.PutLive(t.Context(), "node", sessions{"2": nil}, ttl)
		if !errors.Is(err, store.ErrNodeTaken) || !strings.Contains(err.Error(), `"node"`) {
			t.Errorf("got error %v, want ErrNodeTaken with the name", err)
		}
	}
	wantLive(t, b, map[string]sessions{"node": {"1": []byte("one")}})
	putLive(t, a, "node", sessions{"1": []byte("one")})
	// The name is free when the first gives it up, or has not renewed it for its ttl.
	if err := a.PutLive(t.Context(), "node", nil, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if err := b.PutLive(t.Context(), "node", sessions{"2": []byte("two")}, time.Minute); err != nil {
			return err.Error()
		}
		return ""
	})
	if err := a.PutLive(t.Context(), "node", nil, time.Minute); !errors.Is(err, store.ErrNodeTaken) {
		t.Errorf("the first after the second: got error %v, want ErrNodeTaken", err)
	}
	wantLive(t, a, map[string]sessions{"node": {"2": []byte("two")}})
	// A lease that would never end is nobody's.
	s.Do(t, "persist", liveKey("node"))
	putLive(t, a, "node", sessions{"3": []byte("three")})
	wantLive(t, b, map[string]sessions{"node": {"3": []byte("three")}})
}

// Leases that end while somebody looks are missing from what is seen; nothing fails.
func TestLeasesThatEndWhileRead_9_4_4(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db, reader := open(t, Options{URL: s.URL()}), open(t, Options{URL: s.URL()})
	putLive(t, db, "stays", sessions{"1": []byte("one")})
	ctx, stop := context.WithCancel(t.Context())
	var churn sync.WaitGroup
	for worker := range 4 {
		churn.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				_ = db.PutLive(ctx, fmt.Sprint("short", worker, "-", i%5), sessions{"2": []byte("two")}, time.Millisecond)
			}
		})
	}
	for range 300 {
		got, err := reader.Live(t.Context())
		if err != nil || len(got["stays"]) != 1 {
			t.Fatalf("got %v, error %v, want the lease that has not ended", got, err)
		}
	}
	stop()
	churn.Wait()
}

// What a node with 1,000 idle sessions costs Redis does not depend on them.
// Of docs/defects.md, 9.6.5.
func TestCostOfIdleSessions_9_6_10(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db, other := open(t, Options{URL: s.URL()}), open(t, Options{URL: s.URL()})
	waitListening(t, db)
	waitListening(t, other)
	idle := sessions{}
	for i := range 1000 {
		idle[strconv.Itoa(i)] = []byte(strings.Repeat("x", 300))
	}
	putLive(t, db, "a", idle)
	putLive(t, other, "b", idle)
	mustLoad(t, db)
	rev := mustPut(t, db, "a", "1")
	if _, err := db.Live(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Do(t, "config", "resetstat")
	// As much as a node does in a second, and more: a lease is renewed, and the others
	// read, once in some seconds, and so is the revision compared.
	putLive(t, db, "a", idle)
	if _, err := db.Live(t.Context()); err != nil {
		t.Fatal(err)
	}
	if state, err := db.Since(t.Context(), rev); err != nil || len(state.Records) != 0 {
		t.Fatalf("Since: %v, error %v", state, err)
	}
	commands, bytes := cost(t, s)
	t.Logf("a renewal, a look at two nodes and a comparison of revisions cost %d commands and %d bytes", commands, bytes)
	if commands >= 20 {
		t.Errorf("got %d commands, want fewer than 20", commands)
	}
	if bytes > 10_000 {
		t.Errorf("got %d bytes, want what 1,000 sessions have no part in", bytes)
	}
}

// cost returns how many commands a server executed, those inside scripts included,
// and how many bytes it sent and received, since its counters were reset.
func cost(t *testing.T, s *redistest.Server) (commands, bytes int) {
	t.Helper()
	stats, _ := s.Do(t, "info", "stats", "commandstats").(string)
	for line := range strings.Lines(stats) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		var n int
		switch {
		case name == "cmdstat_info", name == "cmdstat_config|resetstat", strings.HasPrefix(name, "cmdstat_hello"):
		case strings.HasPrefix(name, "cmdstat_"):
			if _, err := fmt.Sscanf(rest, "calls=%d", &n); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			commands += n
		case name == "total_net_input_bytes", name == "total_net_output_bytes":
			n, _ = strconv.Atoi(rest)
			bytes += n
		}
	}
	return commands, bytes
}
