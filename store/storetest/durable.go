package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
)

// RunDurable checks that a store which is closed and opened again is the same
// store. open opens it; called again with the same dir, it opens it again.
func RunDurable(t *testing.T, open func(t *testing.T, dir string) store.Backend) {
	t.Run("reopen", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		var want store.State
		for round := range 3 {
			b := open(t, dir)
			if diff := cmp.Diff(texts(want), texts(load(t, b))); diff != "" {
				t.Errorf("round %d, after opening (-want +got):\n%s", round, diff)
			}
			for i := range 20 {
				apply(t, b, ops(put(key(fmt.Sprint(i)), fmt.Sprint(round)), put(key(fmt.Sprint(round, "-", i)), strings.Repeat("x", i*100))))
			}
			apply(t, b, ops(remove(key("3"))))
			want = load(t, b)
			if err := b.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
		}
		b := open(t, dir)
		defer b.Close()
		if got := load(t, b).Revision; got != want.Revision {
			t.Errorf("got revision %d after opening, want %d", got, want.Revision)
		}
		// Guards and the change log go on where they stopped.
		_, err := b.Apply(t.Context(), store.Change{Guards: []store.Guard{at(key("0"), 1)}, Ops: []store.Op{put(key("0"), "x")}})
		wantErr(t, "guard at a revision of an earlier life", err, store.ErrConflict)
		wantState(t, "Since", since(t, b, want.Revision), want.Revision)
		if got := apply(t, b, ops(put(key("0"), "x"))); got != want.Revision+1 {
			t.Errorf("Apply: got revision %d, want %d", got, want.Revision+1)
		}
		wantState(t, "Since", since(t, b, want.Revision), want.Revision+1, fmt.Sprintf("pipelines/0@%d=x", want.Revision+1))
	})
}
