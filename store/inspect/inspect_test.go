package inspect

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/seal"
)

func newStore(t *testing.T) *bolt.DB {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "test.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, st store.Store, kind store.Kind, id string, value []byte) {
	t.Helper()
	op := store.Op{Key: store.Key{Kind: kind, ID: id}, Value: value}
	if _, err := st.Apply(t.Context(), store.Change{Ops: []store.Op{op}}); err != nil {
		t.Fatal(err)
	}
}

// filled returns a store with a pipeline, a module, a broken schema, a setting and a session.
func filled(t *testing.T) *bolt.DB {
	db := newStore(t)
	put(t, db, store.KindPipeline, "p", marshal(t, &pb.Pipeline{Id: "p", Name: "first"}))
	put(t, db, store.KindWasm, "m", marshal(t, &shared.WasmModule{Id: "m", Name: "custom", Bytes: []byte("abc")}))
	put(t, db, store.KindSchema, "broken", []byte{0xff})
	put(t, db, store.KindSetting, "hidden", []byte("key material"))
	put(t, db, store.KindSetting, "install_id", []byte("an id"))
	info := marshal(t, &pb.LiveInfo{Client: &pb.ClientInfo{Language: "go"}})
	if err := db.PutLive(t.Context(), "node", map[string][]byte{"s": info}, time.Hour); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestSummary(t *testing.T) {
	t.Parallel()
	s := New(filled(t), About{Layout: "embedded file", Source: "test.db", Node: "node", Version: "1", Notices: []string{"note"}})
	got, err := s.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range got.GetKinds() {
		k.Bytes = min(k.GetBytes(), 1)
	}
	filled := map[store.Kind]uint64{store.KindPipeline: 1, store.KindWasm: 1, store.KindSchema: 1, store.KindSetting: 2}
	var kinds []*console.KindSummary
	for _, k := range store.Kinds() {
		kinds = append(kinds, &console.KindSummary{Kind: string(k), Records: filled[k], Bytes: min(filled[k], 1)})
	}
	want := &console.StoreSummary{
		Layout: "embedded file", Source: "test.db", Node: "node", Version: "1", Notices: []string{"note"}, Revision: 5,
		Nodes: []*console.NodeSummary{{Name: "node", Sessions: 1}},
		Kinds: kinds,
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("Summary (-want +got):\n%s", diff)
	}
}

func TestSummaryOfATroubledStore(t *testing.T) {
	t.Parallel()
	var trouble error
	s := New(Picture{}, About{Notices: []string{"first"}, Trouble: func() error { return trouble }})
	for _, tt := range []struct {
		trouble error
		want    string
	}{{nil, "first"}, {errors.New("down"), "first|the store cannot be read, so this is what the server has in memory: down"}} {
		trouble = tt.trouble
		sum, err := s.Summary(t.Context())
		if err != nil || strings.Join(sum.GetNotices(), "|") != tt.want {
			t.Errorf("got %q, error %v; want %q", sum.GetNotices(), err, tt.want)
		}
	}
}

func keysOf(t *testing.T, s *Store, pattern string) []string {
	t.Helper()
	keys := []string{}
	err := s.Records(t.Context(), pattern, true, func(r *console.StoreRecord) error {
		keys = append(keys, r.GetKind()+"/"+r.GetId())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestRecords(t *testing.T) {
	t.Parallel()
	s := New(filled(t), About{})
	for pattern, want := range map[string]string{
		"":                "pipelines/p schemas/broken sessions/node/s settings/hidden settings/install_id wasm/m",
		"pipelines":       "pipelines/p",
		"*/*e*":           "schemas/broken sessions/node/s settings/hidden",
		"sessions/node/*": "sessions/node/s",
		"wasm/?":          "wasm/m",
		"nope":            "",
	} {
		if got := strings.Join(keysOf(t, s, pattern), " "); got != want {
			t.Errorf("%q: got %s, want %s", pattern, got, want)
		}
	}
	errStop := errors.New("stop")
	if err := s.Records(t.Context(), "", false, func(*console.StoreRecord) error { return errStop }); !errors.Is(err, errStop) {
		t.Errorf("got %v, want the error of yield", err)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	s := New(filled(t), About{})
	tests := []struct {
		key    store.Key
		module bool
		want   *console.StoreRecord
	}{
		{store.Key{Kind: store.KindWasm, ID: "m"}, false, &console.StoreRecord{
			Kind: "wasm", Id: "m", Revision: 2, Size: 16, Value: marshal(t, &shared.WasmModule{Id: "m", Name: "custom"}),
			Module: &console.ModuleSummary{Size: 3, Sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		}},
		{store.Key{Kind: store.KindWasm, ID: "m"}, true, &console.StoreRecord{
			Kind: "wasm", Id: "m", Revision: 2, Size: 16, Value: marshal(t, &shared.WasmModule{Id: "m", Name: "custom"}),
			Module: &console.ModuleSummary{Size: 3, Sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Bytes: []byte("abc")},
		}},
		{store.Key{Kind: store.KindSchema, ID: "broken"}, false, &console.StoreRecord{
			Kind: "schemas", Id: "broken", Revision: 3, Size: 1, Problem: "its value is not a Schema",
		}},
		{store.Key{Kind: store.KindSetting, ID: "hidden"}, false, &console.StoreRecord{Kind: "settings", Id: "hidden", Revision: 4, Size: 12}},
		{store.Key{Kind: store.KindSetting, ID: "install_id"}, false, &console.StoreRecord{
			Kind: "settings", Id: "install_id", Revision: 5, Size: 5, Value: []byte("an id"),
		}},
	}
	for _, tt := range tests {
		got, err := s.Record(t.Context(), tt.key, tt.module)
		if err != nil {
			t.Errorf("%s: %v", tt.key, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.key, diff)
		}
	}
	if _, err := s.Record(t.Context(), store.Key{Kind: store.KindKV, ID: "p"}, false); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestDamagedRecord(t *testing.T) {
	t.Parallel()
	key := store.Key{Kind: store.KindKV, ID: "k"}
	s := New(Picture{State: store.State{Damaged: []store.Damage{{Key: key, Reason: "a flipped bit"}}}}, About{})
	r, err := s.Record(t.Context(), key, false)
	if err != nil || r.GetProblem() != "a flipped bit" {
		t.Errorf("got %v, error %v", r, err)
	}
	if got := keysOf(t, s, "kv"); len(got) != 1 {
		t.Errorf("got keys %v", got)
	}
	sum, err := s.Summary(t.Context())
	if err != nil || sum.GetKinds()[slices.Index(store.Kinds(), key.Kind)].GetDamaged() != 1 {
		t.Errorf("got %v, error %v", sum, err)
	}
}

func TestSealedRecord(t *testing.T) {
	t.Parallel()
	ring, err := seal.New(strings.Repeat("ab", 32), "")
	if err != nil {
		t.Fatal(err)
	}
	db := newStore(t)
	key := store.Key{Kind: store.KindNotification, ID: "n"}
	plain := marshal(t, &pb.NotificationConfig{Id: proto.String("n"), Name: "alerts", Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: "secret"}}})
	put(t, db, key.Kind, key.ID, ring.Seal(key, plain))
	r, err := New(db, About{}).Record(t.Context(), key, false)
	if err != nil || r.GetValue() != nil || !strings.Contains(r.GetProblem(), "--aes-key") {
		t.Errorf("without the key: got %v, error %v; want a problem that names --aes-key", r, err)
	}
	r, err = New(db, About{Ring: ring}).Record(t.Context(), key, false)
	if err != nil || !strings.Contains(string(r.GetValue()), "alerts") || strings.Contains(string(r.GetValue()), "secret") {
		t.Errorf("with the key: got %v, error %v; want all but the secret", r, err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	db := newStore(t)
	put(t, db, store.KindKV, "before", nil)
	s := New(db, About{Topics: []string{"talk"}})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	events := make(chan *console.StoreEvent)
	ended := make(chan error, 1)
	go func() {
		ended <- s.Watch(ctx, func(e *console.StoreEvent) error {
			select {
			case events <- e:
			case <-ctx.Done():
			}
			return nil
		})
	}()
	want := func(what string, want *console.StoreEvent) {
		t.Helper()
		select {
		case got := <-events:
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		case <-ctx.Done():
			t.Fatalf("%s: no event", what)
		}
	}
	want("start", &console.StoreEvent{Revision: 1, Live: true})
	put(t, db, store.KindKV, "a", []byte("12"))
	want("a write", &console.StoreEvent{Revision: 2, Changes: []*console.StoreRecord{{Kind: "kv", Id: "a", Revision: 2, Size: 2}}})
	if _, err := db.Apply(ctx, store.Change{Ops: []store.Op{{Key: store.Key{Kind: store.KindKV, ID: "a"}, Delete: true}}}); err != nil {
		t.Fatal(err)
	}
	want("a deletion", &console.StoreEvent{Revision: 3, Changes: []*console.StoreRecord{{Kind: "kv", Id: "a", Revision: 3, Deleted: true}}})
	if err := db.PutLive(ctx, "n", map[string][]byte{"s": nil}, time.Hour); err != nil {
		t.Fatal(err)
	}
	want("a session", &console.StoreEvent{Revision: 3, Live: true, Nodes: []*console.NodeSummary{{Name: "n", Sessions: 1}}})
	if err := db.Publish(ctx, "talk", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	want("a message", &console.StoreEvent{Revision: 3, Topic: "talk", Bytes: 5})
	if _, err := db.Restore(ctx, store.State{Revision: 9}, 3); err != nil {
		t.Fatal(err)
	}
	want("a restore", &console.StoreEvent{Revision: 10, Gap: true})
	stop()
	if err := <-ended; err != nil {
		t.Errorf("got %v at the end, want no error", err)
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"*", "pipelines/*", "a?c*/x", "**a", "kv/Key/1 %", "*\n?"} {
		f.Add(s, "kv", "Key/1 %")
	}
	f.Fuzz(func(t *testing.T, pattern, kind, id string) {
		if len(pattern) > 50 || strings.ContainsAny(kind, "/*?") {
			return
		}
		key := store.Key{Kind: store.Kind(kind), ID: id}
		got := ParsePattern(pattern).Match(key)
		want := pattern == "" || pattern == kind || reference(pattern).MatchString(strings.ToValidUTF8(key.String(), "\uFFFD"))
		if strings.ToValidUTF8(pattern+key.String(), "") == pattern+key.String() && got != want {
			t.Errorf("%q on %q: got %t, want %t", pattern, key, got, want)
		}
	})
}

func reference(pattern string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(strings.ToValidUTF8(pattern, "\uFFFD"))
	quoted = strings.ReplaceAll(strings.ReplaceAll(quoted, `\*`, `.*`), `\?`, `.`)
	return regexp.MustCompile(`(?s)\A` + quoted + `\z`)
}
