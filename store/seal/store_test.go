package seal

import (
	"bytes"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
)

// logged gathers log lines of several goroutines.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), words)
}

func newBolt(t *testing.T) *bolt.DB {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func put(t *testing.T, st store.Store, k store.Key, value string) {
	t.Helper()
	if _, err := st.Apply(t.Context(), store.Change{Ops: []store.Op{{Key: k, Value: []byte(value)}}}); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

// value returns what a store says a record holds.
func value(t *testing.T, st store.Store, k store.Key) string {
	t.Helper()
	state, err := st.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	for _, r := range state.Records {
		if r.Key == k {
			return string(r.Value)
		}
	}
	t.Fatalf("%s is not there", k)
	return ""
}

func TestStoreSealsWhatIsSecret_9_5_4(t *testing.T) {
	t.Parallel()
	inner := newBolt(t)
	s := NewStore(inner, ring(t, hexA, ""), zerolog.Nop())
	pipeline := store.Key{Kind: store.KindPipeline, ID: "p"}
	put(t, s, record, "secret")
	put(t, s, pipeline, "open")
	if got := value(t, inner, record); !Sealed([]byte(got)) || strings.Contains(got, "secret") {
		t.Errorf("the store holds %q, want it sealed", got)
	}
	if got := value(t, inner, pipeline); got != "open" {
		t.Errorf("the store holds %q for a pipeline, want it as it was", got)
	}
	if got := value(t, s, record); got != "secret" {
		t.Errorf("Load: got %q, want it opened", got)
	}
	before, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, record, "newer secret")
	state, err := s.Since(t.Context(), before.Revision)
	if err != nil || len(state.Records) != 1 || string(state.Records[0].Value) != "newer secret" {
		t.Errorf("Since: got %v, %v, want the record opened", state.Records, err)
	}
}

// A store that lost its data gets sealed records back, those that nobody can open included.
func TestRestoreSeals(t *testing.T) {
	t.Parallel()
	inner := newBolt(t)
	locked := store.Key{Kind: store.KindNotification, ID: "locked"}
	put(t, NewStore(inner, ring(t, hexB, ""), zerolog.Nop()), locked, "other secret")
	s := NewStore(inner, ring(t, hexA, ""), zerolog.Nop())
	put(t, s, record, "secret")
	before := value(t, inner, locked)
	state, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Restore(t.Context(), state, state.Revision); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if got := value(t, inner, record); !Sealed([]byte(got)) {
		t.Errorf("the store holds %q, want it sealed", got)
	}
	if got := value(t, inner, locked); got != before {
		t.Errorf("the locked record changed from %q to %q", before, got)
	}
	if got := value(t, s, record); got != "secret" {
		t.Errorf("got %q after restoring, want the secret", got)
	}
}

// Setting a key, and replacing one, takes effect on what is stored.
func TestReseal(t *testing.T) {
	t.Parallel()
	inner := newBolt(t)
	for _, step := range []struct {
		current, previous string
		written           int
	}{
		{"", "", 0},
		{hexA, "", 1},
		{hexA, "", 0},
		{hexB, hexA, 1},
		{hexB, "", 0},
	} {
		r := ring(t, step.current, step.previous)
		s := NewStore(inner, r, zerolog.Nop())
		if step.current == "" {
			put(t, s, record, "secret")
		}
		if got := value(t, s, record); got != "secret" {
			t.Fatalf("with %+v: got %q, want the secret", step, got)
		}
		n, err := s.Reseal(t.Context())
		if err != nil || n != step.written {
			t.Errorf("with %+v: Reseal wrote %d, %v, want %d", step, n, err, step.written)
		}
		if raw := []byte(value(t, inner, record)); !r.current(raw) {
			t.Errorf("with %+v: the stored value is not sealed with the current key", step)
		}
	}
}

// What somebody else wrote meanwhile stays.
func TestResealYields(t *testing.T) {
	t.Parallel()
	inner := newBolt(t)
	put(t, inner, record, "old")
	s := NewStore(inner, ring(t, hexA, ""), zerolog.Nop())
	value(t, s, record)
	put(t, inner, record, "new")
	if n, err := s.Reseal(t.Context()); n != 0 || err != nil {
		t.Errorf("Reseal wrote %d, %v, want nothing", n, err)
	}
	if got := value(t, s, record); got != "new" {
		t.Errorf("got %q, want what was written last", got)
	}
}

func TestStoreSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	inner, out := newBolt(t), &logged{}
	log := zerolog.New(out)
	put(t, NewStore(inner, ring(t, hexA, ""), log), record, "secret")
	if n := out.count("\n"); n != 0 {
		t.Errorf("%d log lines with a key, want none", n)
	}
	wrong := NewStore(inner, ring(t, hexB, ""), log)
	value(t, wrong, record)
	value(t, wrong, record)
	if n := out.count("cannot be opened"); n != 1 {
		t.Errorf("a locked record was logged %d times, want once", n)
	}
	plain := NewStore(inner, Ring{}, log)
	put(t, plain, store.Key{Kind: store.KindNotification, ID: "n-2"}, "secret")
	put(t, plain, store.Key{Kind: store.KindNotification, ID: "n-3"}, "secret")
	if n := out.count("in plain text"); n != 1 {
		t.Errorf("plain secrets were logged %d times, want once", n)
	}
	if out.count("secret\"") != 0 || out.count(hexA) != 0 {
		t.Error("the log shows a secret")
	}
}
