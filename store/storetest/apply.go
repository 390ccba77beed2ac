package storetest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
)

func testEmpty(t *testing.T, b store.Backend) {
	wantState(t, "Load", load(t, b), 0)
	wantState(t, "Since(0)", since(t, b, 0), 0)
}

func testRoundTrip(t *testing.T, b store.Backend) {
	values := map[string]string{
		"plain":                     "value",
		"empty value":               "",
		"svc:operation_type_x:a:b":  "colons",
		"*?[a]%x":                   "glob characters",
		"Ünïcode \u2028":            "\xff\x00\xfe binary",
		"upper":                     "lower",
		"UPPER":                     "ids keep their case",
		"nul\x00byte":               "nul",
		strings.Repeat("l", 4<<10):  "longest id",
		"big":                       strings.Repeat("0123456789abcdef", 1<<16),
		"streamdal_{config}:secret": "looks like a Redis key",
	}
	want := map[store.Key]string{}
	for _, kind := range store.Kinds() {
		var change store.Change
		for id, value := range values {
			k := store.Key{Kind: kind, ID: id}
			want[k] = value
			change.Ops = append(change.Ops, put(k, value))
		}
		apply(t, b, change)
	}
	got := map[store.Key]string{}
	for _, r := range load(t, b).Records {
		got[r.Key] = string(r.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
	got = map[store.Key]string{}
	for _, r := range since(t, b, 0).Records {
		got[r.Key] = string(r.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Since(0) (-want +got):\n%s", diff)
	}
}

func testRevisions(t *testing.T, b store.Backend) {
	for want := store.Revision(1); want <= 5; want++ {
		if got := apply(t, b, ops(put(key("a"), "x"))); got != want {
			t.Errorf("Apply: got revision %d, want %d", got, want)
		}
	}
	// Writing the same value again and deleting what is not there are changes too.
	if got := apply(t, b, ops(put(key("b"), "1"), put(key("c"), "1"))); got != 6 {
		t.Errorf("two ops: got revision %d, want 6", got)
	}
	if got := apply(t, b, ops(remove(key("absent")))); got != 7 {
		t.Errorf("delete of an absent record: got revision %d, want 7", got)
	}
	wantState(t, "Load", load(t, b), 7, "pipelines/a@5=x", "pipelines/b@6=1", "pipelines/c@6=1")
}

func testOpsInOrder(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1"), remove(key("a")), put(key("b"), "1"), put(key("b"), "2")))
	apply(t, b, ops(remove(key("b")), put(key("b"), "3")))
	wantState(t, "Load", load(t, b), 2, "pipelines/b@2=3")
}

func testGuards(t *testing.T, b store.Backend) {
	there, gone, never := key("there"), key("gone"), key("never")
	apply(t, b, ops(put(there, "1"), put(gone, "1")))
	apply(t, b, ops(put(there, "2"), remove(gone)))
	sameID := store.Key{Kind: store.KindSchema, ID: "there"}

	tests := []struct {
		name   string
		guards []store.Guard
		ok     bool
	}{
		{"at its revision", []store.Guard{at(there, 2)}, true},
		{"at an older revision", []store.Guard{at(there, 1)}, false},
		{"at a revision to come", []store.Guard{at(there, 1000)}, false},
		{"must not exist but does", []store.Guard{at(there, 0)}, false},
		{"must exist but was deleted", []store.Guard{at(gone, 1)}, false},
		{"revision of the delete", []store.Guard{at(gone, 2)}, false},
		{"must not exist and was deleted", []store.Guard{at(gone, 0)}, true},
		{"must not exist and never did", []store.Guard{at(never, 0)}, true},
		{"must exist but never did", []store.Guard{at(never, 1)}, false},
		{"same id in another kind", []store.Guard{at(sameID, 2)}, false},
		{"all hold", []store.Guard{at(there, 2), at(gone, 0), at(never, 0)}, true},
		{"the last fails", []store.Guard{at(there, 2), at(gone, 0), at(never, 7)}, false},
	}
	for _, tt := range tests {
		rev := load(t, b).Revision
		got, err := b.Apply(t.Context(), store.Change{Guards: tt.guards, Ops: []store.Op{put(key("written"), tt.name)}})
		if tt.ok && (err != nil || got != rev+1) {
			t.Errorf("%s: got revision %d and error %v, want %d", tt.name, got, err, rev+1)
		}
		if !tt.ok {
			wantErr(t, tt.name, err, store.ErrConflict)
		}
	}
}

func testFailedGuard(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1"), put(key("b"), "1")))
	_, err := b.Apply(t.Context(), store.Change{
		Guards: []store.Guard{at(key("a"), 1), at(key("b"), 9)},
		Ops:    []store.Op{put(key("a"), "2"), remove(key("b")), put(key("c"), "1")},
	})
	wantErr(t, "Apply", err, store.ErrConflict)
	wantState(t, "Load", load(t, b), 1, "pipelines/a@1=1", "pipelines/b@1=1")
	wantState(t, "Since(1)", since(t, b, 1), 1)
}

func testGuardsOnly(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1")))
	if got := apply(t, b, store.Change{Guards: []store.Guard{at(key("a"), 1)}}); got != 1 {
		t.Errorf("guards that hold: got revision %d, want 1", got)
	}
	if got := apply(t, b, store.Change{}); got != 1 {
		t.Errorf("nothing at all: got revision %d, want 1", got)
	}
	_, err := b.Apply(t.Context(), store.Change{Guards: []store.Guard{at(key("a"), 2)}})
	wantErr(t, "guard that fails", err, store.ErrConflict)
	wantState(t, "Load", load(t, b), 1, "pipelines/a@1=1")
}

func testInvalid(t *testing.T, b store.Backend) {
	apply(t, b, ops(put(key("a"), "1")))
	bad := map[string]store.Key{
		"unknown kind":   {Kind: "meta", ID: "x"},
		"no kind":        {ID: "x"},
		"no id":          {Kind: store.KindPipeline},
		"id is too long": key(strings.Repeat("x", store.MaxIDBytes+1)),
	}
	for name, k := range bad {
		for what, change := range map[string]store.Change{
			"put":    ops(put(key("b"), "1"), put(k, "1")),
			"delete": ops(put(key("b"), "1"), remove(k)),
			"guard":  {Guards: []store.Guard{{Key: k}}, Ops: []store.Op{put(key("b"), "1")}},
		} {
			_, err := b.Apply(t.Context(), change)
			wantErr(t, name+", "+what, err, store.ErrInvalid)
		}
	}
	_, err := b.Apply(t.Context(), ops(store.Op{Key: key("b"), Value: make([]byte, store.MaxValueBytes+1)}))
	wantErr(t, "value is too big", err, store.ErrInvalid)
	wantState(t, "Load", load(t, b), 1, "pipelines/a@1=1")
}
