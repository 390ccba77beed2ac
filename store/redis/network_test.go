package redis

import (
	"fmt"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// behindProxy returns a server, a proxy before it, and a store that goes through it.
func behindProxy(t *testing.T) (*redistest.Server, *redistest.Proxy, *DB) {
	t.Helper()
	s := redistest.Start(t, redistest.Options{})
	p := redistest.NewProxy(t, s.Addr())
	db := open(t, Options{URL: p.Addr()})
	waitListening(t, db)
	return s, p, db
}

func waitListening(t *testing.T, db *DB) {
	t.Helper()
	eventually(t, func() string {
		if !db.listener.works() {
			return "the store does not listen"
		}
		return ""
	})
}

// drain takes the hints that are there.
func drain(watch <-chan store.Event) {
	for len(watch) > 0 {
		<-watch
	}
}

// Cutting only the connection that hears about changes costs hints, which come
// again by themselves, and a hint says so.
func TestSubscriptionCut(t *testing.T) {
	t.Parallel()
	s, p, db := behindProxy(t)
	writer := open(t, Options{URL: s.URL()})
	watch := db.Watch(t.Context())
	for i := range 3 {
		before := p.Connections()
		drain(watch)
		p.Cut(true)
		missed := mustPut(t, writer, "a", fmt.Sprint("missed ", i))
		eventually(t, func() string {
			if p.Connections() == before || p.Subscribers() != 1 {
				return "the store does not listen again"
			}
			return ""
		})
		waitListening(t, db)
		// Any hint makes a follower look.
		select {
		case <-watch:
		case <-time.After(patience):
			t.Fatal("no hint after the connection broke")
		}
		if state := mustLoad(t, db); state.Revision != missed || state.Forked {
			t.Errorf("got %+v, want revision %d", state, missed)
		}
		waitHint(t, watch, mustPut(t, writer, "a", "heard"))
	}
}

// A connection that is open but dead is noticed and replaced.
func TestSubscriptionStalled(t *testing.T) {
	t.Parallel()
	s, p, db := behindProxy(t)
	writer := open(t, Options{URL: s.URL()})
	watch := db.Watch(t.Context())
	before := p.Connections()
	p.Stall(true, true)
	eventually(t, func() string {
		if db.listener.works() {
			return "the dead connection is not noticed"
		}
		return ""
	})
	p.Stall(true, false)
	waitListening(t, db)
	if p.Connections() == before {
		t.Error("the dead connection is still in use")
	}
	waitHint(t, watch, mustPut(t, writer, "a", "1"))
}

// A cut between this node and Redis stops nothing but its calls, and passes.
func TestNodeCutOff(t *testing.T) {
	t.Parallel()
	s, p, db := behindProxy(t)
	writer := open(t, Options{URL: s.URL()})
	mustPut(t, db, "a", "1")
	mustLoad(t, db)
	p.Refuse(true)
	p.Cut(true)
	p.Cut(false)
	wantUnavailable(t, allCalls(db), "")
	rev := mustPut(t, writer, "a", "2")
	p.Refuse(false)
	state, err := db.Since(t.Context(), 1)
	for deadline := time.Now().Add(patience); err != nil && time.Now().Before(deadline); {
		state, err = db.Since(t.Context(), 1)
	}
	if err != nil || state.Revision != rev || len(state.Records) != 1 {
		t.Errorf("after the cut: got %v, error %v, want one record at revision %d", state, err, rev)
	}
}

// A change whose answer is lost on the way is not made twice, and a guard on what
// it replaced does not fail because of itself.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	_, p, db := behindProxy(t)
	mustPut(t, db, "a", "1")
	for i := range 5 {
		p.LoseReplies(1)
		want := store.Revision(i + 2)
		got, err := db.Apply(t.Context(), store.Change{
			Guards: []store.Guard{{Key: pipeline("a"), Revision: want - 1}},
			Ops:    []store.Op{{Key: pipeline("a"), Value: []byte(fmt.Sprint(i))}},
		})
		if err != nil || got != want {
			t.Errorf("Apply: got revision %d, error %v, want %d", got, err, want)
		}
	}
	p.LoseReplies(1)
	state := mustLoad(t, db)
	if state.Revision != 6 {
		t.Errorf("got revision %d, want 6", state.Revision)
	}
	// Of a restore, each answer is lost once.
	for n := range 6 {
		found := mustLoad(t, db).Revision
		p.LoseReplies(n)
		rev, err := db.Restore(t.Context(), state, found)
		p.LoseReplies(0)
		if err != nil || rev != found+1 {
			t.Errorf("Restore with %d answers lost: got revision %d, error %v, want %d", n, rev, err, found+1)
		}
		wantContent(t, db, found+1, map[string]string{"a": "4"})
	}
}
