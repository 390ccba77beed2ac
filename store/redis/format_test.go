package redis

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	key := store.Key{Kind: store.KindPipeline, ID: "a"}
	stored := func(rev store.Revision, content string) string { return revisionText(rev) + seal(key, []byte(content)) }
	good := stored(7, "content")
	if rev, content, ok := unseal(key, good, 7); !ok || rev != 7 || string(content) != "content" {
		t.Errorf("got %d %q %v, want what was sealed", rev, content, ok)
	}
	other := store.Key{Kind: store.KindPipeline, ID: "b"}
	for name, ok := range map[string]bool{
		"another key":       unsealed(other, good, 7),
		"a later revision":  unsealed(key, good, 6),
		"no revision":       unsealed(key, stored(0, "content"), 7),
		"a bit":             unsealed(key, strings.Replace(good, "content", "contenu", 1), 7),
		"cut off":           unsealed(key, good[:len(good)-1], 7),
		"header only":       unsealed(key, good[:sealBytes-1], 7),
		"nothing":           unsealed(key, "", 7),
		"garbage revision":  unsealed(key, "+"+good[1:], 7),
		"another revision?": unsealed(key, "x"+good[1:], 7),
	} {
		if ok {
			t.Errorf("%s passes", name)
		}
	}
}

func unsealed(key store.Key, sealed string, now store.Revision) bool {
	_, _, ok := unseal(key, sealed, now)
	return ok
}

func FuzzLogEntry(f *testing.F) {
	f.Add("", "")
	f.Add("pipelines", "a:b")
	f.Add("9:x", "\x00\xff")
	f.Fuzz(func(t *testing.T, kind, id string) {
		keys := []store.Key{{Kind: store.Kind(kind), ID: id}, {Kind: store.Kind(id), ID: kind}}
		var ops []store.Op
		for _, k := range keys {
			ops = append(ops, store.Op{Key: k})
		}
		tag := newTag()
		gotTag, got, ok := parseLogEntry(logEntry(tag, ops))
		if diff := cmp.Diff(keys, got); !ok || gotTag != tag || diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
		// Garbage behind a good sum must not break anything either.
		_, _, _ = parseLogEntry(tag + checksum(tag, kind) + kind)
		if _, _, ok := parseLogEntry(kind + id); ok {
			t.Errorf("%q passes without a checksum", kind+id)
		}
	})
}

func FuzzDelta(f *testing.F) {
	f.Add("3", "ok", "entry", "pipelines", "a", "value")
	f.Fuzz(func(_ *testing.T, number, status, entry, kind, id, value string) {
		items := []any{number, "tag", "incarnation", number, status, entry, entry, []any{entry, logEntry(newTag(), nil)}, []any{kind, id, value}, []any{int64(1), value}}
		for i := range items {
			_, _ = parseDelta(items[:i], 1)
		}
		_, _ = parseDelta(items, 1)
	})
}
