package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

func receive(t *testing.T, ch <-chan []byte) string {
	t.Helper()
	select {
	case m := <-ch:
		return string(m)
	case <-time.After(patience):
		t.Fatal("no message came")
		return ""
	}
}

// testBusBetween checks that messages travel between nodes, whole, each publisher's
// in order, and to the topic they are for.
func testBusBetween(t *testing.T, url string) {
	nodes := []*DB{open(t, Options{URL: url}), open(t, Options{URL: url}), open(t, Options{URL: url})}
	for _, db := range nodes {
		waitListening(t, db)
	}
	const sent = 200
	var group sync.WaitGroup
	for _, db := range nodes {
		ch, other := db.Subscribe(t.Context(), "x"), db.Subscribe(t.Context(), "y")
		next := make([]int, len(nodes))
		group.Go(func() {
			for range sent * len(nodes) {
				var from, n int
				message := receive(t, ch)
				if _, err := fmt.Sscanf(message, "%d %d \x00\xff", &from, &n); err != nil || next[from] != n {
					t.Errorf("got %q, want number %d (%v)", message, next[from], err)
				}
				next[from] = n + 1
			}
			if len(other) > 0 {
				t.Error("a message came to another topic")
			}
		})
	}
	for n := range sent {
		for from, db := range nodes {
			if err := db.Publish(t.Context(), "x", fmt.Appendf(nil, "%d %d \x00\xff", from, n)); err != nil {
				t.Errorf("Publish: %v", err)
			}
		}
		// Not more at once than there is room for.
		if n%20 == 19 {
			eventually(t, func() string {
				for _, db := range nodes {
					if db.bus.waiting.Load() > 0 {
						return "messages wait"
					}
				}
				return ""
			})
		}
	}
	group.Wait()
	for i, db := range nodes {
		if n := db.Dropped(); n > 0 {
			t.Errorf("node %d dropped %d messages", i, n)
		}
	}
}

func TestBusBetweenNodes(t *testing.T) {
	t.Parallel()
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		testBusBetween(t, redistest.Start(t, redistest.Options{}).URL())
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		testBusBetween(t, redistest.StartCluster(t, redistest.Options{}).URL())
	})
}

// However many topics come and go, a node has one connection for all of them, and
// leaves none subscribed.
func TestTopicsShareAConnection(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db, other := open(t, Options{URL: s.URL(), Node: "A B"}), open(t, Options{URL: s.URL()})
	waitListening(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	for i := range 50 {
		ch := db.Subscribe(ctx, fmt.Sprint(i))
		_ = db.Subscribe(ctx, fmt.Sprint(i)) // two of one topic are one for Redis
		if err := other.Publish(t.Context(), fmt.Sprint(i), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, ch); got != "hello" {
			t.Errorf("got %q", got)
		}
	}
	subscriptions := func() (connections []string) {
		list, _ := s.Do(t, "client", "list", "type", "pubsub").(string)
		for line := range strings.Lines(list) {
			if strings.Contains(line, "name=streamdal-server:A_B ") {
				_, rest, _ := strings.Cut(line, " sub=")
				n, _, _ := strings.Cut(rest, " ")
				connections = append(connections, n)
			}
		}
		return connections
	}
	if got := subscriptions(); len(got) != 1 || got[0] != "51" {
		t.Errorf("got connections with %v subscriptions, want one with 51", got)
	}
	// A topic that is left and entered again at once still works.
	for range 20 {
		once, leave := context.WithCancel(t.Context())
		ch := db.Subscribe(once, "again")
		if err := other.Publish(t.Context(), "again", []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, ch); got != "hello" {
			t.Errorf("got %q", got)
		}
		leave()
	}
	cancel()
	eventually(t, func() string {
		if got := subscriptions(); len(got) != 1 || got[0] != "1" {
			return fmt.Sprintf("connections have %v subscriptions, want one with the hints only", got)
		}
		return ""
	})
}

// While Redis is away, publishing says so and still reaches this process.
func TestPublishWithoutRedis(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db := open(t, Options{URL: s.URL()})
	waitListening(t, db)
	ch := db.Subscribe(t.Context(), "x")
	s.Kill(t)
	eventually(t, func() string {
		err := db.Publish(t.Context(), "x", []byte("m"))
		if got := receive(t, ch); got != "m" {
			t.Errorf("got %q", got)
		}
		if !errors.Is(err, store.ErrUnavailable) {
			return fmt.Sprintf("Publish gave %v", err)
		}
		return ""
	})
	if db.Dropped() == 0 {
		t.Error("no lost message is counted")
	}
	s.Restart(t)
	eventually(t, func() string {
		if err := db.Publish(t.Context(), "x", []byte("m")); err != nil {
			return err.Error()
		}
		return ""
	})
}
