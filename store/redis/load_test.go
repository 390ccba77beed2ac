package redis

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// A big store is read page by page while it is written, and the result is still one
// moment: each change writes two records that must agree.
func TestLoadWhileWriting_9_4_4(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db := open(t, Options{URL: s.URL()})
	const records = 30_000
	state := store.State{Revision: 1}
	for i := range records {
		kind := store.KindSchema
		if i%2 == 0 {
			kind = store.KindAudience
		}
		state.Records = append(state.Records, store.Record{Key: store.Key{Kind: kind, ID: strconv.Itoa(i / 2)}, Value: fmt.Appendf(nil, "%*d", 100, 0)})
	}
	if _, err := db.Restore(t.Context(), state, 0); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var group sync.WaitGroup
	defer group.Wait()
	defer stop.Store(true)
	writer := open(t, Options{URL: s.URL()})
	group.Go(func() {
		for i := 1; !stop.Load(); i++ {
			id := strconv.Itoa(i * 7919 % (records / 2))
			ops := []store.Op{
				{Key: store.Key{Kind: store.KindSchema, ID: id}, Value: []byte(strconv.Itoa(i)), Delete: i%5 == 0},
				{Key: store.Key{Kind: store.KindAudience, ID: id}, Value: []byte(strconv.Itoa(i)), Delete: i%5 == 0},
			}
			if _, err := writer.Apply(t.Context(), store.Change{Ops: ops}); err != nil {
				t.Errorf("Apply: %v", err)
				return
			}
		}
	})
	last := store.Revision(0)
	for range 5 {
		state := mustLoad(t, db)
		if state.Revision < last || len(state.Damaged) > 0 {
			t.Errorf("revision %d after %d, damaged %v", state.Revision, last, state.Damaged)
		}
		last = state.Revision
		byKind := map[store.Kind]map[string]string{store.KindSchema: {}, store.KindAudience: {}}
		for _, r := range state.Records {
			byKind[r.Kind][r.ID] = fmt.Sprint(r.Revision, strings.TrimSpace(string(r.Value)))
		}
		if diff := cmp.Diff(byKind[store.KindSchema], byKind[store.KindAudience]); diff != "" {
			t.Fatalf("half of a change was read (-schema +audience):\n%s", diff)
		}
	}
}

// One flipped bit costs one record, which is named, and is healed by writing or
// deleting it again.
func TestDamagedValue(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	db := open(t, Options{URL: s.URL()})
	for _, id := range []string{"a", "b", "c", "d"} {
		mustPut(t, db, id, strings.Repeat(id, 100))
	}
	stored, _ := s.Do(t, "hget", kindKey(store.KindPipeline), "b").(string)
	flipped := []byte(stored)
	flipped[50] ^= 1
	s.Do(t, "hset", kindKey(store.KindPipeline), "b", string(flipped), "c", stored, "d", "x")
	for name, read := range map[string]func() (store.State, error){
		"Load":  func() (store.State, error) { return db.Load(t.Context()) },
		"Since": func() (store.State, error) { return db.Since(t.Context(), 0) },
	} {
		state, err := read()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		damaged := map[string]bool{}
		for _, d := range state.Damaged {
			damaged[d.ID] = strings.Contains(d.Reason, "checksum")
		}
		if diff := cmp.Diff(map[string]bool{"b": true, "c": true, "d": true}, damaged); diff != "" || len(state.Records) != 1 {
			t.Errorf("%s: records %v, damage (-want +got):\n%s", name, state.Records, diff)
		}
	}
	_, err := db.Apply(t.Context(), store.Change{
		Guards: []store.Guard{{Key: pipeline("b")}, {Key: pipeline("c")}, {Key: pipeline("d")}}, // absent, as Load shows them
		Ops:    []store.Op{{Key: pipeline("b"), Value: []byte("new")}, {Key: pipeline("c"), Delete: true}, {Key: pipeline("d"), Delete: true}},
	})
	if err != nil {
		t.Fatalf("Apply over damage: %v", err)
	}
	wantContent(t, db, 5, map[string]string{"a": strings.Repeat("a", 100), "b": "new"})
	// What is good counts as existing again.
	_, err = db.Apply(t.Context(), store.Change{Guards: []store.Guard{{Key: pipeline("b")}}})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("guard on a healed record: got error %v, want ErrConflict", err)
	}
}

func TestDamagedLogIsAGap(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string][]any{
		"missing entry": {"hdel", logKey, "2"},
		"garbage entry": {"hset", logKey, "2", "some garbage that is long enough to be parsed"},
		"short entry":   {"hset", logKey, "2", "x"},
		"wrong lengths": {"hset", logKey, "2", strings.Repeat("0", tagBytes) + checksum(strings.Repeat("0", tagBytes), "9:pipelines99:a") + "9:pipelines99:a"},
		"no log":        {"del", logKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, redistest.Options{})
			db := open(t, Options{URL: s.URL(), LogLength: 2})
			for _, id := range []string{"a", "b", "c"} {
				mustPut(t, db, id, "1")
			}
			s.Do(t, damage...)
			if _, err := db.Since(t.Context(), 1); !errors.Is(err, store.ErrGap) {
				t.Errorf("Since(1): got error %v, want ErrGap", err)
			}
			// The log recovers as it moves on.
			mustPut(t, db, "a", "1")
			mustPut(t, db, "a", "2")
			if state, err := db.Since(t.Context(), 4); err != nil || len(state.Records) != 1 {
				t.Errorf("Since(4): got %v, error %v, want one record", state, err)
			}
			wantContent(t, db, 5, map[string]string{"a": "2", "b": "1", "c": "1"})
		})
	}
}

// What other programs did to the keys gives an error that says so, and no half change.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		damage []any
		part   string
	}{
		"kind is a text":      {[]any{"set", kindKey(store.KindSchema), "x"}, "another program"},
		"log is a list":       {[]any{"rpush", logKey, "x"}, "another program"},
		"revision is a text":  {[]any{"set", revisionKey, "x"}, "another program"},
		"revision is garbage": {[]any{"hset", revisionKey, "revision", "x"}, "restore a backup"},
		"newer format":        {[]any{"hset", revisionKey, "format", "2"}, "newer streamdal-server"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, redistest.Options{})
			db := open(t, Options{URL: s.URL()})
			mustPut(t, db, "a", "1")
			s.Do(t, "del", tt.damage[1])
			if name == "newer format" {
				mustPut(t, open(t, Options{URL: s.URL()}), "a", "1")
			}
			s.Do(t, tt.damage...)
			before, _ := s.Do(t, "hgetall", kindKey(store.KindPipeline)).([]any)
			_, err := db.Apply(t.Context(), change("b", "1"))
			if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), tt.part) {
				t.Errorf("Apply: got error %v, want ErrUnavailable that mentions %q", err, tt.part)
			}
			if after, _ := s.Do(t, "hgetall", kindKey(store.KindPipeline)).([]any); cmp.Diff(before, after) != "" {
				t.Error("the refused change is there")
			}
			if name == "revision is garbage" {
				if _, err := db.Since(t.Context(), 1); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), tt.part) {
					t.Errorf("Since: got error %v, want ErrUnavailable that mentions %q", err, tt.part)
				}
			}
			if _, err := db.Load(t.Context()); name != "log is a list" && !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("Load: got error %v, want ErrUnavailable", err)
			}
		})
	}
}
