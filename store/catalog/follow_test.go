package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
)

// log is a log that a test reads while the catalog writes.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.buf.String(), text)
}

func TestRunFollowsOtherWriters(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c, other := open(t, st), open(t, st)
	run(t, c)
	for i := range 20 {
		id := fmt.Sprint(i)
		update(t, other, func(tx *Tx) { tx.PutPipeline(pipelineNamed(id)) })
		waitFor(t, c, "pipeline "+id, func(s *Snapshot) bool { return s.Pipelines[id] != nil })
	}
	if got := st.loadCount(); got != 2 {
		t.Errorf("got %d full reads, want the one of each Open", got)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	c := open(t, newStore(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watch := c.Watch(ctx)
	for range 10 {
		update(t, c, everything)
	}
	if s := <-watch; s.Revision != 10 {
		t.Errorf("got revision %d first, want the newest", s.Revision)
	}
	select {
	case s := <-watch:
		t.Errorf("got revision %d, want nothing until the next change", s.Revision)
	default:
	}
	cancel()
	for range watch {
		t.Error("got a picture after the context ended")
	}
}

func TestRunEnds(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c := open(t, st)
	run(t, c)() // nil when its context ends
	ended := make(chan error, 1)
	go func() { ended <- c.Run(t.Context()) }()
	if err := st.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := <-ended; !errors.Is(err, store.ErrClosed) {
		t.Errorf("Run of a closed store: got %v, want ErrClosed", err)
	}
	if err := c.Run(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Run after the store was closed: got %v, want ErrClosed", err)
	}
}

func TestGapMeansLoad_9_3_2(t *testing.T) {
	t.Parallel()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "test.db"), bolt.Options{LogLength: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	st := &flaky{Store: db}
	c, other := open(t, st), open(t, st)
	update(t, c, everything)
	update(t, other, func(tx *Tx) { tx.DeleteKV("K") })
	for i := range 5 {
		update(t, other, func(tx *Tx) { tx.PutPipeline(pipelineNamed(fmt.Sprint(i))) })
	}
	loads := st.loadCount()
	s := update(t, c, func(*Tx) {})
	if s.Revision != 7 || s.KV["K"] != nil || len(s.Pipelines) != 6 {
		t.Errorf("got revision %d with %d pipelines and KV %v, want 7, 6 and none", s.Revision, len(s.Pipelines), s.KV)
	}
	if got := st.loadCount() - loads; got != 1 {
		t.Errorf("got %d full reads, want one", got)
	}
	update(t, c, everything)
	if st.loadCount() != loads+1 {
		t.Error("the catalog goes on with full reads after a gap")
	}
}

// A hint that says Gap makes the catalog read everything, even at the same revision.
func TestGapHintMeansLoad(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	hints := make(chan store.Event)
	st.watch = func(context.Context) <-chan store.Event { return hints }
	c := open(t, st)
	run(t, c)
	hints <- store.Event{Revision: 0, Gap: true}
	hints <- store.Event{} // taken only once the first is done with
	if got := st.loadCount(); got != 2 {
		t.Errorf("got %d full reads, want one for Open and one for the hint", got)
	}
}

// Hints may get lost; the catalog looks by itself now and then.
func TestRunPolls_9_3_1(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := newStore(t)
		st.watch = func(context.Context) <-chan store.Event { return make(chan store.Event) }
		c, other := open(t, st), open(t, st)
		stop := run(t, c)
		update(t, other, everything)
		start := time.Now()
		waitFor(t, c, "the change", func(s *Snapshot) bool { return s.Revision == 1 })
		if took := time.Since(start); took > pollEvery {
			t.Errorf("took %v, want at most %v", took, pollEvery)
		}
		stop()
	})
}

// While the store is away the last picture is served; within seconds of its
// return the catalog is current. Both are logged once.
func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, out := newStore(t), new(log)
		c, other := openLogged(t, st, out), open(t, st)
		update(t, c, everything)
		stop := run(t, c)
		st.fail(store.Unavailable("ping", errors.New("connection refused")))
		waitUntil(t, 10*pollEvery, func() bool { return c.Stats().Err != nil })
		<-time.After(time.Hour)
		wantEverything(t, c.Snapshot())

		st.repair()
		update(t, other, func(tx *Tx) { tx.PutPipeline(pipelineNamed("q")) })
		start := time.Now()
		waitFor(t, c, "the change", func(s *Snapshot) bool { return s.Pipelines["q"] != nil })
		if took := time.Since(start); took > longestBackoff {
			t.Errorf("took %v after the store's return, want at most %v", took, longestBackoff)
		}
		waitUntil(t, time.Second, func() bool { return out.count("answers again") == 1 })
		if c.Stats().Err != nil || out.count("cannot read the store") != 1 {
			t.Errorf("after the outage: %+v, log:\n%s", c.Stats(), out.buf.String())
		}
		stop()
	})
}

// waitUntil polls in a bubble's time.
func waitUntil(t *testing.T, bound time.Duration, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(bound); !ok(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nothing happened for %v", bound)
		}
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	st.fail(store.Unavailable("ping", errors.New("connection refused")))
	if _, err := Open(t.Context(), st, zerolog.Nop()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got error %v, want ErrUnavailable", err)
	}
}

// One record that cannot be read costs that record only. It is logged once,
// counted, and can be replaced.
func TestPoisonRecords_9_4_1(t *testing.T) {
	t.Parallel()
	st, out := newStore(t), new(log)
	putRaw(t, st, store.KindPipeline, "garbage", "\xff\xff\xff")
	putRaw(t, st, store.KindPipeline, "misplaced", "\x0a\x05other")
	putRaw(t, st, store.KindAssignment, "not:an:audience", "")
	putRaw(t, st, store.KindAudience, "a:b:c:d:e", "")
	putRaw(t, st, store.KindSchema, "nor:this", "")
	c := openLogged(t, st, out)
	run(t, c)
	s := update(t, c, everything)
	wantEverything(t, s)
	const poison = 5
	if got := c.Stats().LeftOut; got != poison || out.count("left out") != poison {
		t.Errorf("got %d left out, want %d, each logged once:\n%s", got, poison, out.buf.String())
	}
	// Reading everything again is no news.
	c.distrust(t.Context())
	if update(t, c, func(*Tx) {}); c.Stats().LeftOut != poison || out.count("left out") != poison {
		t.Errorf("after a full read: got %d left out, want %d, logged no second time:\n%s", c.Stats().LeftOut, poison, out.buf.String())
	}
	// A good record that turns bad disappears; bad ones can be replaced and deleted.
	putRaw(t, st, store.KindKV, "K", "\xff")
	s = update(t, c, func(tx *Tx) {
		tx.PutPipeline(pipelineNamed("garbage"))
		tx.DeletePipeline("misplaced")
	})
	if s.KV["K"] != nil || s.Pipelines["garbage"] == nil {
		t.Errorf("got KV %v and pipelines %v, want the bad one gone and the replaced one there", s.KV, s.Pipelines)
	}
	if got, want := c.Stats().LeftOut, poison+1-2; got != want || out.count("left out") != poison+1 {
		t.Errorf("got %d left out, want %d", got, want)
	}
}

// A value that rotted on disk is left out and can be written again.
func TestDamagedRecords(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	update(t, open(t, db), everything)
	if _, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second}); err == nil {
		t.Fatal("the store's file is not locked")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	rot := func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(store.KindPipeline))
		value := bytes.Clone(bucket.Get([]byte("p")))
		value[len(value)-1] ^= 1
		return bucket.Put([]byte("p"), value)
	}
	if err := errors.Join(file.Update(rot), file.Close()); err != nil {
		t.Fatal(err)
	}
	if db, err = bolt.Open(path, bolt.Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := new(log)
	c := openLogged(t, db, out)
	if s := c.Snapshot(); s.Pipelines["p"] != nil || s.KV["K"] == nil || c.Stats().LeftOut != 1 {
		t.Errorf("got pipelines %v, KV %v, %+v, want only the damaged one left out", s.Pipelines, s.KV, c.Stats())
	}
	if out.count("checksum") != 1 {
		t.Errorf("got log %s, want the damage named", out.buf.String())
	}
	if s := update(t, c, func(tx *Tx) { tx.PutPipeline(pipelineNamed("p")) }); s.Pipelines["p"] == nil || c.Stats().LeftOut != 0 {
		t.Errorf("after writing it again: %v, %+v", s.Pipelines, c.Stats())
	}
}

// Whatever bytes a store holds, decoding them neither panics nor invents ids.
func FuzzRecords(f *testing.F) {
	f.Add("p", []byte("\x0a\x01p"))
	f.Add(string(keyA), []byte("\x0a\x03svc\x12\x05kafka\x18\x01\x22\x01a"))
	f.Add("x", []byte("\xff\xff"))
	f.Fuzz(func(t *testing.T, id string, value []byte) {
		var state store.State
		for _, kind := range store.Kinds() {
			state.Records = append(state.Records, store.Record{Key: store.Key{Kind: kind, ID: id}, Value: value, Revision: 1})
		}
		s, problems := newSnapshot().with(state)
		if got, want := len(contents(t, s))+len(problems), len(columns); got != want {
			t.Errorf("%d records are shown or left out, want %d", got, want)
		}
		for _, a := range s.AudiencesOf(strings.SplitN(id, ":", 2)[0]) {
			if !strings.EqualFold(id, keyOf(a)) {
				t.Errorf("audience %v is stored under %q", a, id)
			}
		}
	})
}

func keyOf(a *pb.Audience) string {
	return strings.Join([]string{a.GetServiceName(), a.GetOperationType().String(), a.GetOperationName(), a.GetComponentName()}, ":")
}
