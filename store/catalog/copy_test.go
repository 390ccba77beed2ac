package catalog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
)

// sampleState has every kind, a large record and an empty one.
func sampleState() store.State {
	state := store.State{Revision: 7}
	for i, kind := range store.Kinds() {
		state.Records = append(state.Records, store.Record{
			Key: store.Key{Kind: kind, ID: fmt.Sprint("id ", i)}, Value: bytes.Repeat([]byte{byte(i)}, i*i*i*100), Revision: store.Revision(i),
		})
	}
	return state
}

func written(t testing.TB, state store.State, origin string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := writeCopy(&out, state, time.Unix(1_700_000_000, 0), origin); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestCopyRoundTrip(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]store.State{"sample": sampleState(), "empty": {}} {
		got, made, origin, err := parseCopy(written(t, state, "redis.example:6379/3"))
		if err != nil || made.Unix() != 1_700_000_000 || origin != "redis.example:6379/3" {
			t.Errorf("%s: made %v of %q, error %v", name, made, origin, err)
		}
		if diff := cmp.Diff(state, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestHasCopy(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "copy")
	if HasCopy(file, "here") {
		t.Error("there is no file")
	}
	if err := os.WriteFile(file, written(t, sampleState(), "here"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !HasCopy(file, "here") || HasCopy(file, "elsewhere") {
		t.Errorf("got %t and %t, want a copy of this store only", HasCopy(file, "here"), HasCopy(file, "elsewhere"))
	}
}

// A file that is cut off anywhere, or has one other bit anywhere, is not a copy.
func TestCopyDamage(t *testing.T) {
	t.Parallel()
	state := sampleState()
	for i := range state.Records {
		state.Records[i].Value = []byte("value")
	}
	whole := written(t, state, "origin")
	for n := range whole {
		if _, _, _, err := parseCopy(whole[:n]); !errors.Is(err, errNoCopy) {
			t.Errorf("cut off after %d of %d bytes: got error %v", n, len(whole), err)
		}
		bad := bytes.Clone(whole)
		bad[n] ^= 4
		if _, _, _, err := parseCopy(bad); !errors.Is(err, errNoCopy) {
			t.Errorf("byte %d of %d differs: got error %v", n, len(whole), err)
		}
	}
}

// Whatever a file holds, even with the right checksum, reading it does not panic,
// and what it accepts could be restored.
func FuzzCopy(f *testing.F) {
	body := func(content []byte) []byte { return content[len(copyMagic) : len(content)-sha256.Size] }
	f.Add(body(written(f, sampleState(), "origin")))
	f.Add(body(written(f, store.State{}, "")))
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, body []byte) {
		content := append([]byte(copyMagic), body...)
		sum := sha256.Sum256(content)
		state, _, _, err := parseCopy(append(content, sum[:]...))
		if err == nil && state.CheckRestore() != nil {
			t.Errorf("accepted %v", state)
		}
		newSnapshot().with(state)
	})
}

func FuzzMark(f *testing.F) {
	f.Add([]byte("id epoch - -"))
	f.Add([]byte("id epoch over a=7,b=8"))
	f.Add([]byte("id epoch over a=,=8"))
	f.Add([]byte("%s %d"))
	f.Fuzz(func(t *testing.T, value []byte) {
		m := parseMark(store.Record{Key: markKey, Value: value, Revision: 3})
		if m.id == "" {
			return
		}
		again := m.record()
		again.Revision = 3
		if got := parseMark(again); !reflect.DeepEqual(got, m) {
			t.Errorf("%q gives %+v, which gives %+v", value, m, got)
		}
	})
}

// A node that starts while the store is away shows what it knew, and follows the
// store as soon as that is there.
func TestStartWithoutStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, out := newLosing(t), new(log)
		shared := Shared{Reseed: true, Copy: filepath.Join(t.TempDir(), "catalog.pb"), Origin: "here"}
		c := openShared(t, &view{losing: st}, out, shared)
		stop := run(t, c)
		update(t, c, everything)
		want := contents(t, putPipelines(t, c, "q"))
		stop() // writes what is not yet on disk

		st.fail(store.Unavailable("dial", errors.New("connection refused")))
		c = openShared(t, &view{losing: st}, out, shared)
		<-c.Ready()
		delete(want, "setting/"+markKey.ID)
		got := contents(t, c.Snapshot())
		delete(got, "setting/"+markKey.ID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("served from the copy (-want +got):\n%s", diff)
		}
		stats := c.Stats()
		if stats.Err == nil || !stats.Copy.Serving || stats.Copy.Made.IsZero() || out.count("serving the copy of the rules on disk") != 1 {
			t.Errorf("got %+v and log:\n%s", stats, out.buf.String())
		}
		_, err := c.Update(t.Context(), func(tx *Tx) error { tx.DeletePipeline("q"); return nil })
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Update: got error %v, want ErrUnavailable", err)
		}

		run(t, c)
		<-time.After(time.Minute)
		st.repair()
		st.record()
		putRaw(t, st, store.KindPipeline, "z", "\x0a\x01z")
		start := time.Now()
		waitFor(t, c, "the change", func(s *Snapshot) bool { return s.Pipelines["z"] != nil })
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		waitUntil(t, time.Second, func() bool { s := c.Stats(); return s.Err == nil && !s.Copy.Serving })
	})
}

// The store lost everything while no node ran: the copy gives it back. A store
// that was set up anew meanwhile, or another one, is left alone.
func TestCopyAgainstTheStore(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		happens func(t *testing.T, st *losing, s *Shared)
		want    string
		log     string
	}{
		{"nothing", func(*testing.T, *losing, *Shared) {}, "a b", ""},
		{"wiped", func(t *testing.T, st *losing, _ *Shared) { st.lose(t, 0) }, "a b", "wrote the last known rules back"},
		{"older", func(t *testing.T, st *losing, _ *Shared) { st.lose(t, 2) }, "a b", "wrote the last known rules back"},
		{"wiped and used by a node without rules", func(t *testing.T, st *losing, _ *Shared) {
			st.lose(t, 0)
			fresh := node(t, st, new(log))
			update(t, fresh, func(tx *Tx) { tx.PutAssignment(keyA, attached("x")) })
		}, "a b", "wrote the last known rules back"},
		{"newer", func(t *testing.T, st *losing, _ *Shared) { putPipelines(t, node(t, st, new(log)), "c") }, "a b c", ""},
		{"set up anew", func(t *testing.T, st *losing, _ *Shared) {
			st.lose(t, 0)
			putPipelines(t, node(t, st, new(log)), "new")
		}, "new", "set up anew"},
		{"another store", func(t *testing.T, st *losing, s *Shared) { st.lose(t, 0); s.Origin = "there" }, "", "another store, here"},
		{"taken as it is", func(t *testing.T, st *losing, s *Shared) { st.lose(t, 2); s.Reseed = false }, "a", "taking its content as it is"},
		{"truncated", func(t *testing.T, st *losing, s *Shared) {
			st.lose(t, 2)
			if err := os.Truncate(s.Copy, 100); err != nil {
				t.Fatal(err)
			}
		}, "a", "cannot be used"},
		{"no file but a directory", func(t *testing.T, st *losing, s *Shared) { s.Copy = t.TempDir() }, "a b", "cannot be used"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st, out := newLosing(t), new(log)
			shared := Shared{Reseed: true, Copy: filepath.Join(t.TempDir(), "catalog.pb"), Origin: "here"}
			c := openShared(t, &view{losing: st}, new(log), shared)
			stop := run(t, c)
			waitFor(t, c, "the mark", func(s *Snapshot) bool { return s.Settings[markKey.ID] != nil })
			putPipelines(t, c, "a", "b")
			stop()
			tt.happens(t, st, &shared)
			c = openShared(t, &view{losing: st}, out, shared)
			wantPipelines(t, tt.want, c)
			if tt.log != "" && out.count(tt.log) != 1 || tt.log == "" && out.count(`"level":"error"`)+out.count(`"level":"warn"`) > 0 {
				t.Errorf("want %q in the log:\n%s", tt.log, out.buf.String())
			}
		})
	}
}

// Without store and copy there is no picture; nobody mistakes that for no rules.
func TestStartWithNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, out := newLosing(t), new(log)
		putRaw(t, st, store.KindPipeline, "a", "\x0a\x01a")
		st.fail(store.Unavailable("dial", errors.New("connection refused")))
		c := openShared(t, &view{losing: st}, out, Shared{Copy: filepath.Join(t.TempDir(), "catalog.pb")})
		run(t, c)
		<-time.After(time.Hour)
		select {
		case <-c.Ready():
			t.Error("ready without a picture")
		default:
		}
		st.repair()
		start := time.Now()
		<-c.Ready()
		if took := time.Since(start); took > 5*time.Second || c.Snapshot().Pipelines["a"] == nil {
			t.Errorf("got %v after %v", c.Snapshot().Pipelines, took)
		}
		if out.count("not ready") != 1 || out.count("serving the last known") != 0 {
			t.Errorf("got log:\n%s", out.buf.String())
		}
	})
}

// A disk without room costs the copy, is said once and counted, and is tried again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, out := newLosing(t), new(log)
		path := filepath.Join(t.TempDir(), "catalog.pb")
		c := openShared(t, &view{losing: st}, out, Shared{Copy: path})
		full := true // read and written in one bubble, where only one goroutine runs at a time
		gate := make(chan struct{}, 1)
		c.save = func(path string, state store.State, made time.Time, origin string) error {
			gate <- struct{}{}
			defer func() { <-gate }()
			if full {
				return fmt.Errorf("write %s: %w", path, syscall.ENOSPC)
			}
			return saveCopy(path, state, made, origin)
		}
		stop := run(t, c)
		for i := range 5 {
			putPipelines(t, c, fmt.Sprint("p", i))
			<-time.After(3 * time.Second)
		}
		if got := c.Stats().Copy; got.Errors < 2 || !errors.Is(got.Err, syscall.ENOSPC) || out.count("cannot keep a copy") != 1 {
			t.Errorf("got %+v and log:\n%s", got, out.buf.String())
		}
		gate <- struct{}{}
		full = false
		<-gate
		<-time.After(time.Minute) // without news
		state, _, err := readCopy(path, "")
		if err != nil || len(state.Records) != 6 || c.Stats().Copy.Err != nil || out.count("on disk again") != 1 {
			t.Errorf("got %d records and %v, %+v", len(state.Records), err, c.Stats().Copy)
		}
		stop()
	})
}

// Copies are for the owner only, whole at any time, and leave nothing else behind.
func TestSaveCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "catalog.pb")
	leftover := path + ".123"
	if err := os.WriteFile(leftover, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	st := newLosing(t)
	c := openShared(t, &view{losing: st}, new(log), Shared{Copy: path})
	stop := run(t, c)
	for i := range 20 {
		putPipelines(t, c, fmt.Sprint(i))
		if _, _, err := readCopy(path, ""); err != nil {
			t.Errorf("after change %d: %v", i, err)
		}
	}
	stop()
	state, made, err := readCopy(path, "")
	if err != nil || state.Revision != c.Snapshot().Revision || time.Since(made) > time.Hour {
		t.Errorf("at the end: revision %d made %v, error %v, want revision %d", state.Revision, made, err, c.Snapshot().Revision)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, error %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v in the directory, error %v", entries, err)
	}
	if err := saveCopy(filepath.Join(path, "sub", "catalog.pb"), state, made, ""); err == nil || !strings.Contains(err.Error(), "catalog.pb") {
		t.Errorf("below a file: got error %v", err)
	}
}

// hiding is a store that keeps secrets.
type hiding struct{ *view }

func (hiding) turn(state store.State, old, new string) store.State {
	records := slices.Clone(state.Records)
	for i := range records {
		records[i].Value = bytes.ReplaceAll(records[i].Value, []byte(old), []byte(new))
	}
	state.Records = records
	return state
}

func (h hiding) SealState(state store.State) store.State { return h.turn(state, "hush", "....") }

func (h hiding) OpenState(state store.State) store.State { return h.turn(state, "....", "hush") }

// What a store seals is sealed on disk.
func TestCopyKeepsSecrets(t *testing.T) {
	t.Parallel()
	st := newLosing(t)
	shared := Shared{Copy: filepath.Join(t.TempDir(), "catalog.pb")}
	c := openShared(t, hiding{&view{losing: st}}, new(log), shared)
	stop := run(t, c)
	update(t, c, func(tx *Tx) { tx.PutKV(&pb.KVObject{Key: "k", Value: []byte("hush")}) })
	stop()
	content, err := os.ReadFile(shared.Copy)
	if err != nil || bytes.Contains(content, []byte("hush")) || !bytes.Contains(content, []byte("....")) {
		t.Errorf("got %q, error %v, want the secret sealed", content, err)
	}
	st.fail(store.Unavailable("dial", errors.New("connection refused")))
	c = openShared(t, hiding{&view{losing: st}}, new(log), shared)
	if got := string(c.Snapshot().KV["k"].GetValue()); got != "hush" {
		t.Errorf("got %q, want the secret", got)
	}
}
