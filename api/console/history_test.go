package console

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func TestSchemaHistory(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := consumer("svc")
	key := audience.KeyOf(a)
	want := &console.SchemaHistory{Versions: []*console.SchemaVersion{
		{Version: 1, JsonSchema: []byte(`{}`), SinceUnixTsNs: 1}, {Version: 2, JsonSchema: []byte(`{"a":1}`), SinceUnixTsNs: 2},
	}}
	if _, err := h.catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		tx.PutAudience(a)
		tx.PutSchema(key, &pb.Schema{JsonSchema: []byte(`{"a":1}`), XVersion: 2})
		tx.PutHistory(key, want)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	schemas := NewSchemas(h.catalog)
	got, err := schemas.GetSchemaHistory(t.Context(), &console.GetSchemaHistoryRequest{Audience: "SVC:operation_type_consumer:op:kafka"})
	if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	for _, none := range []string{"", "svc", "a:b:c:d"} {
		if _, err := schemas.GetSchemaHistory(t.Context(), &console.GetSchemaHistoryRequest{Audience: none}); err == nil {
			t.Errorf("%q: got no error", none)
		} else if kind, _ := failure.Of(err); kind != failure.Invalid {
			t.Errorf("%q: got %v, want Invalid", none, err)
		}
	}
	reply, err := h.client.DeleteAudience(t.Context(), &pb.DeleteAudienceRequest{Audience: a})
	if err != nil || reply.GetCode() != ok {
		t.Fatalf("delete: %v, %v", reply, err)
	}
	if got, err := schemas.GetSchemaHistory(t.Context(), &console.GetSchemaHistoryRequest{Audience: string(key)}); err != nil || len(got.GetVersions()) != 0 {
		t.Errorf("the history outlives its audience: %v, %v", got, err)
	}
}
