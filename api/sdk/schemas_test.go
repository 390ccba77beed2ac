package sdk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

func (w *world) sendSchema(a *pb.Audience, text string) {
	w.t.Helper()
	got, err := w.client.SendSchema(testContext(w.t), &pb.SendSchemaRequest{Audience: a, Schema: &pb.Schema{JsonSchema: []byte(text)}})
	if err != nil || got.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK || got.GetMessage() != "Schema received" {
		w.t.Fatalf("got %v (%v)", got, err)
	}
}

func property(name, kind string) string {
	return fmt.Sprintf(`{"properties":{%q:{"type":%q}},"required":[%q],"type":"object"}`, name, kind, name)
}

func TestSchemasAreMergedAndCounted_9_2_7(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("svc", "op")
	key := audience.KeyOf(a)
	w.attach(a)
	const draft = `{"$schema":"http://json-schema.org/draft-07/schema#",`
	for i, step := range []struct {
		send, want string
		version    int32
	}{
		{property("a", "string"), draft + property("a", "string")[1:], 1},
		{property("a", "string"), draft + property("a", "string")[1:], 1}, // every replica sends it
		{property("b", "integer"), draft + `"properties":{"a":{"type":"string"},"b":{"type":"integer"}},"type":"object"}`, 2},
		{property("a", "string"), draft + `"properties":{"a":{"type":"string"},"b":{"type":"integer"}},"type":"object"}`, 2},
	} {
		w.sendSchema(aud("Svc", "OP"), step.send)
		want := &pb.Schema{
			JsonSchema: []byte(step.want), XVersion: step.version,
			XMetadata: map[string]string{"last_updated": "2030-01-02T03:04:05Z"},
		}
		if diff := cmp.Diff(want, w.catalog.Snapshot().Schemas[key], protocmp.Transform()); diff != "" {
			t.Errorf("step %d (-want +got)\n%s", i, diff)
		}
	}
}

func TestConcurrentSchemasAreAllMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("svc", "op")
	w.attach(a)
	var wg sync.WaitGroup
	const n = 20
	for i := range n {
		wg.Go(func() { w.sendSchema(a, property(fmt.Sprint("p", i), "string")) })
	}
	wg.Wait()
	stored := w.catalog.Snapshot().Schemas[audience.KeyOf(a)]
	var got struct{ Properties map[string]any }
	if err := json.Unmarshal(stored.GetJsonSchema(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Properties) != n || stored.GetXVersion() != n {
		t.Errorf("got %d properties in version %d, want %d in version %d", len(got.Properties), stored.GetXVersion(), n, n)
	}
}

func TestSchemaOfAnUnknownAudienceIsForgotten_9_4_6(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sendSchema(aud("svc", "deleted"), property("a", "string"))
	if got := w.catalog.Snapshot().Schemas; len(got) != 0 {
		t.Errorf("stored %v", got)
	}
}

func TestHostileSchemasAreHarmless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("svc", "op")
	w.attach(a)
	deep := strings.Repeat(`{"type":"array","items":`, 9000) + `{}` + strings.Repeat(`}`, 9000)
	for name, text := range map[string]string{
		"deep": deep,
		"odd":  `{"type":7,"anyOf":{},"properties":[]}`,
		"huge": `{"title":"` + strings.Repeat("x", 2<<20) + `"}`,
	} {
		got, err := w.client.SendSchema(testContext(t), &pb.SendSchemaRequest{Audience: a, Schema: &pb.Schema{JsonSchema: []byte(text)}})
		if err != nil || got.GetCode() == pb.ResponseCode_RESPONSE_CODE_INTERNAL_SERVER_ERROR {
			t.Errorf("%s: got %v (%v)", name, got, err)
		}
	}
}

func TestHistoryOfASchemaIsKeptAndBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := aud("svc", "op")
	key := audience.KeyOf(a)
	w.attach(a)
	versions := func() (list []int32, size int) {
		for _, v := range w.catalog.Snapshot().Histories[key].GetVersions() {
			list = append(list, v.GetVersion())
			size += len(v.GetJsonSchema())
		}
		return list, size
	}
	for i := range 25 {
		w.sendSchema(a, property(fmt.Sprint("p", i), "string"))
		w.sendSchema(a, property(fmt.Sprint("p", i), "string")) // nothing new, no version
	}
	list, _ := versions()
	if len(list) != 20 || list[0] != 6 || list[19] != 25 {
		t.Errorf("got versions %v, want 6 to 25", list)
	}
	snap := w.catalog.Snapshot()
	newest := snap.Histories[key].GetVersions()[19]
	if diff := cmp.Diff(snap.Schemas[key].GetJsonSchema(), newest.GetJsonSchema()); diff != "" || newest.GetSinceUnixTsNs() == 0 {
		t.Errorf("the newest version is not the current schema (-want +got)\n%s", diff)
	}
	for i := range 10 { // ten of some 60 KB are more than is kept
		w.sendSchema(a, property(fmt.Sprint(strings.Repeat("wide", 1400), i), "string"))
	}
	list, size := versions()
	if size > 256<<10 || len(list) < 3 || list[len(list)-1] != 35 {
		t.Errorf("got versions %v of %d bytes together, want the newest ones in 256 KiB", list, size)
	}
}
