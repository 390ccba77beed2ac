package console

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func TestCreateAudience(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := consumer("Svc")
	a.XCreatedBy = proto.String("me")
	for _, author := range []string{"me", "somebody else"} { // the second changes nothing
		a.XCreatedBy = proto.String(author)
		reply, err := h.client.CreateAudience(t.Context(), &pb.CreateAudienceRequest{Audience: a})
		wantReply(t, reply, err, ok, "Audience created")
	}
	got := h.all(t).GetAudiences()
	if len(got) != 1 || got[0].GetServiceName() != "svc" || got[0].GetXCreatedBy() != "me" {
		t.Errorf("got %v, want one, in lower case, by its first author", got)
	}
	h.create(t, "p1")
	h.attach(t, consumer("SVC"), "p1")
	if got := h.all(t).GetAudiences()[0].GetXCreatedBy(); got != "me" {
		t.Errorf("got author %q after SetPipelines, want it kept", got)
	}
}

func TestCreateAudienceRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	author := consumer("svc")
	author.XCreatedBy = proto.String("a\x00")
	for _, tt := range []struct {
		name string
		a    *pb.Audience
		text string
	}{
		{"nil", nil, "audience cannot be nil"},
		{"empty", &pb.Audience{}, "invalid create audience request: field 'Audience.ServiceName' cannot be empty"},
		{"colon", consumer("a:b"), "invalid create audience request: field 'audience.ServiceName' contains invalid characters"},
		{"glob", consumer("*"), "invalid create audience request: field 'audience.ServiceName' contains invalid characters"},
		{"long", consumer(strings.Repeat("x", 256)), "invalid create audience request: field 'Audience.ServiceName' cannot be longer than 255 bytes"},
		{"author", author, "invalid create audience request: field 'Audience.CreatedBy' contains invalid characters"},
	} {
		_, err := h.client.CreateAudience(t.Context(), &pb.CreateAudienceRequest{Audience: tt.a})
		wantStatus(t, err, codes.InvalidArgument, tt.text)
	}
}

// putSchema stores what an SDK would have reported.
func (h *house) putSchema(t *testing.T, a *pb.Audience) {
	t.Helper()
	_, err := h.catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		tx.PutSchema(audience.KeyOf(a), &pb.Schema{JsonSchema: []byte(`{"type":"object"}`), XVersion: 3})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeleteAudience_9_2_7(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1", "p2")
	h.attach(t, consumer("svc"), "p1", "p2")
	h.attach(t, consumer("other"), "p1")
	h.putSchema(t, consumer("svc"))
	reply, err := h.client.DeleteAudience(t.Context(), &pb.DeleteAudienceRequest{Audience: consumer("svc")})
	wantReply(t, reply, err, bad, "audience '"+svcKey+"' has '2' attached pipelines, specify force to remove")
	reply, err = h.client.DeleteAudience(t.Context(), &pb.DeleteAudienceRequest{Audience: consumer("Svc"), Force: proto.Bool(true)})
	wantReply(t, reply, err, ok, "Audience deleted (force status 'true')")
	snap := h.catalog.Snapshot()
	if len(snap.Audiences) != 1 || len(snap.Assignments) != 1 || len(snap.Schemas) != 0 || len(snap.Pipelines) != 2 {
		t.Errorf("got audiences %v, assignments %v, schemas %v, want only the other's, and no stale schema",
			snap.Audiences, snap.Assignments, snap.Schemas)
	}
	reply, err = h.client.DeleteAudience(t.Context(), &pb.DeleteAudienceRequest{Audience: consumer("svc")})
	wantReply(t, reply, err, ok, "Audience deleted (force status 'false')")
}

func TestDeleteAudienceRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nameless := consumer("svc")
	nameless.OperationName = ""
	for text, a := range map[string]*pb.Audience{
		"field 'Audience' cannot be nil":                 nil,
		"field 'Audience.ServiceName' cannot be empty":   {},
		"field 'Audience.OperationName' cannot be empty": nameless,
	} {
		reply, err := h.client.DeleteAudience(t.Context(), &pb.DeleteAudienceRequest{Audience: a})
		wantReply(t, reply, err, bad, text)
	}
}

// Names with a colon must not spell the key of another audience.
func TestDeleteAudienceWithColons(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	h.attach(t, consumer("svc"), "p1")
	tricky := consumer("svc:operation_type_consumer:op")
	tricky.OperationName = "x"
	reply, err := h.client.DeleteAudience(t.Context(), &pb.DeleteAudienceRequest{Audience: tricky, Force: proto.Bool(true)})
	wantReply(t, reply, err, ok, "Audience deleted (force status 'true')")
	if got := h.all(t); len(got.GetAudiences()) != 1 || len(got.GetConfigs()) != 1 {
		t.Errorf("got %v, want the other audience untouched", got)
	}
}

func producer(service, operation string) *pb.Audience {
	return &pb.Audience{
		ServiceName: service, ComponentName: "postgres", OperationName: operation,
		OperationType: pb.OperationType_OPERATION_TYPE_PRODUCER,
	}
}

// All or nothing (9.2.29), by the exact name in any case (9.2.11), never by a pattern (9.4).
// Of docs/defects.md, 9.4.5.
func TestDeleteService_9_2_29(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	for _, a := range []*pb.Audience{producer("Billing", "a"), producer("Billing", "b"), producer("billing2", "a")} {
		reply, err := h.client.CreateAudience(t.Context(), &pb.CreateAudienceRequest{Audience: a})
		wantReply(t, reply, err, ok, "Audience created")
	}
	h.attach(t, producer("billing", "b"), "p1")
	h.putSchema(t, producer("billing", "a"))
	remove := func(name string, force bool) (*pb.StandardResponse, error) {
		return h.client.DeleteService(t.Context(), &pb.DeleteServiceRequest{ServiceName: name, Force: proto.Bool(force)})
	}
	const attached = "audience 'billing:operation_type_producer:b:postgres' has '1' attached pipelines, specify force to remove"
	for _, tt := range []struct {
		name    string
		force   bool
		code    pb.ResponseCode
		message string
		left    int
	}{
		{"", true, bad, "field 'ServiceName' cannot be empty", 3},
		{"*", true, ok, "Service '*' deleted (has no audiences)", 3},
		{"bill", true, ok, "Service 'bill' deleted (has no audiences)", 3},
		{"billing:operation_type_producer", true, ok, "Service 'billing:operation_type_producer' deleted (has no audiences)", 3},
		{"BILLING", false, bad, attached, 3},
		{"BILLING", true, ok, "Service and '2' audiences deleted (force 'true')", 1},
		{"billing2", false, ok, "Service and '1' audiences deleted (force 'false')", 0},
	} {
		reply, err := remove(tt.name, tt.force)
		wantReply(t, reply, err, tt.code, tt.message)
		if got := len(h.all(t).GetAudiences()); got != tt.left {
			t.Errorf("%q: got %d audiences, want %d", tt.name, got, tt.left)
		}
	}
	if snap := h.catalog.Snapshot(); len(snap.Assignments) != 0 || len(snap.Schemas) != 0 {
		t.Errorf("got assignments %v, schemas %v, want none left", snap.Assignments, snap.Schemas)
	}
}

func TestGetSchema(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got, err := h.client.GetSchema(t.Context(), &pb.GetSchemaRequest{Audience: consumer("svc")})
	const want = `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{},"required":[],"type":"object"}`
	if err != nil || string(got.GetSchema().GetJsonSchema()) != want || got.GetSchema().GetXVersion() != 0 {
		t.Errorf("unknown audience: got %v, %v", got, err)
	}
	h.putSchema(t, consumer("svc"))
	got, err = h.client.GetSchema(t.Context(), &pb.GetSchemaRequest{Audience: consumer("SVC")})
	if err != nil || string(got.GetSchema().GetJsonSchema()) != `{"type":"object"}` || got.GetSchema().GetXVersion() != 3 {
		t.Errorf("known audience: got %v, %v", got, err)
	}
	_, err = h.client.GetSchema(t.Context(), &pb.GetSchemaRequest{Audience: &pb.Audience{}})
	wantStatus(t, err, codes.InvalidArgument, "invalid get schema request: field 'Audience.ServiceName' cannot be empty")
}
