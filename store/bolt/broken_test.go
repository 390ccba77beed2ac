package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/store"
)

// goodFile returns the bytes of a store that uses every kind of page: branches,
// leaves, overflow pages, inline buckets and a free list.
func goodFile(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "good.db")
	db, err := Open(path, Options{LogLength: 100})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	for round := range 3 {
		var c store.Change
		for i := range 200 {
			id := fmt.Sprint(i)
			c.Ops = append(c.Ops, store.Op{Key: pipeline(id), Value: []byte(valueOf(id)), Delete: (i+round)%3 == 0})
		}
		if _, err := db.Apply(t.Context(), c); err != nil {
			t.Fatalf("Apply: %v", err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return good
}

// valueOf is what a record of goodFile holds; some need more than a page.
func valueOf(id string) string { return strings.Repeat(id+".", 20+500*(len(id)%3/2)) }

// use opens a broken file, reads it and perhaps writes to it. Errors are fine;
// panics, endless loops and values that were never written are not.
func use(t *testing.T, broken []byte, write bool) {
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	if state, err := Read(t.Context(), path); err == nil {
		wantWritten(t, "Read", state)
	}
	db, err := Open(path, Options{})
	if err != nil {
		return
	}
	state, err := db.Load(t.Context())
	if err != nil && !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Load: got error %v, want one that is ErrUnavailable", err)
	}
	wantWritten(t, "Load", state)
	if write {
		_, err := db.Apply(t.Context(), change("1", valueOf("1")))
		if err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Apply: got error %v, want one that is ErrUnavailable", err)
		}
	}
	_ = db.Close() // may well fail
}

func wantWritten(t *testing.T, call string, state store.State) {
	t.Helper()
	for _, r := range state.Records {
		if string(r.Value) != valueOf(r.ID) {
			t.Errorf("%s gave a value of %s that was never written", call, r.Key)
		}
	}
}

const testPage = 4096

// damages are ways in which disks, copies and people break files.
var damages = map[string]func(r *rand.Rand, b []byte) []byte{
	"cut off":  func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },
	"scribble": func(r *rand.Rand, b []byte) []byte { copy(b[r.IntN(len(b)-16):], "sixteen garbage."); return b },
	"zeroed page": func(r *rand.Rand, b []byte) []byte {
		clear(b[r.IntN(len(b)/testPage)*testPage:][:testPage])
		return b
	},
	"page in the wrong place": func(r *rand.Rand, b []byte) []byte {
		pages := len(b) / testPage
		copy(b[r.IntN(pages)*testPage:][:testPage], b[r.IntN(pages)*testPage:][:testPage])
		return b
	},
	"flipped bit in a header": func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b)/testPage)*testPage+r.IntN(128)] ^= 1 << r.IntN(8)
		return b
	},
	"other number": func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b)/testPage)*testPage + r.IntN(256)/8*8
		binary.NativeEndian.PutUint64(b[at:], r.Uint64()>>r.IntN(64))
		return b
	},
}

func TestBrokenFile(t *testing.T) {
	t.Parallel()
	good := goodFile(t)
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(60) {
				broken := damage(rand.New(rand.NewPCG(1, seed)), bytes.Clone(good))
				use(t, broken, seed%10 == 0) // writing waits for the disk
				if t.Failed() {
					t.Fatalf("with seed %d", seed)
				}
			}
		})
	}
}

// The walk over a file's pages accepts every good file and survives every bad one.
func FuzzBrokenFile(f *testing.F) {
	good := goodFile(f)
	f.Add(uint32(0), []byte{}, uint32(0))
	f.Add(uint32(3*testPage+10), []byte{0xff, 0xff}, uint32(0))
	f.Add(uint32(testPage), []byte("scribble"), uint32(3*testPage))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut uint32) {
		broken := bytes.Clone(good)
		copy(broken[int(at)%len(broken):], patch)
		use(t, broken[:len(broken)-int(cut)%len(broken)], false)
	})
}
