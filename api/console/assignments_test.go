package console

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

const svcKey = "svc:operation_type_consumer:op:kafka"

func TestSetPipelines(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1", "p2", "p3")
	for _, tt := range []struct {
		name string
		ids  []string
		n    int
		want []string
	}{
		{"first", []string{"p1", "p2"}, 2, []string{"p1", "p2"}},
		{"another order", []string{"p2", "p3", "p1"}, 3, []string{"p2", "p3", "p1"}},
		{"duplicates count once", []string{"p3", "p1", "p3", "p1"}, 2, []string{"p3", "p1"}},
		{"none", nil, 0, nil},
		{"none again", nil, 0, nil},
	} {
		reply, err := h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{PipelineIds: tt.ids, Audience: consumer("svc")})
		wantReply(t, reply, err, ok, fmt.Sprintf("successfully set '%d' pipelines for audience '%s'", tt.n, svcKey))
		if diff := cmp.Diff(tt.want, h.configs(t, svcKey)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if got := h.all(t).GetAudiences(); len(got) != 1 || got[0].GetServiceName() != "svc" {
		t.Errorf("got audiences %v, want the one that SetPipelines named", got)
	}
	if _, listed := h.all(t).GetConfigs()[svcKey]; listed {
		t.Error("an audience without pipelines is among the configs")
	}
}

func TestSetPipelinesRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	h.attach(t, consumer("svc"), "p1")
	before := h.catalog.Snapshot().Revision
	colon, unset := consumer("a:b"), consumer("svc")
	unset.OperationType = 0
	for _, tt := range []struct {
		name    string
		a       *pb.Audience
		ids     []string
		author  string
		code    pb.ResponseCode
		message string
	}{
		{"no audience", nil, nil, "", bad, "field 'Audience' cannot be nil"},
		{"empty audience", &pb.Audience{}, nil, "", bad, "field 'Audience.ServiceName' cannot be empty"},
		{"colon", colon, nil, "", bad, "field 'audience.ServiceName' contains invalid characters"},
		{"no type", unset, nil, "", bad, "enum 'Audience.OperationType' cannot be unset"},
		{"one unknown id", consumer("svc"), []string{"p1", "p9"}, "", missing, "pipeline not found"},
		{"empty id", consumer("svc"), []string{""}, "", missing, "pipeline not found"},
		{"author with a line break", consumer("svc"), []string{"p1"}, "a\nb", bad, "field 'CreatedBy' contains invalid characters"},
		{"author too long", consumer("svc"), []string{"p1"}, strings.Repeat("x", 256), bad, "field 'CreatedBy' has 256 bytes, at most 255 are allowed"},
	} {
		reply, err := h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{PipelineIds: tt.ids, Audience: tt.a, XCreatedBy: proto.String(tt.author)})
		wantReply(t, reply, err, tt.code, tt.message)
	}
	if got := h.catalog.Snapshot().Revision; got != before {
		t.Errorf("got revision %d, want %d: nothing was to change", got, before)
	}
}

func TestPauseSurvivesSetPipelines_9_2_5(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1", "p2", "p3")
	h.attach(t, consumer("svc"), "p1", "p2")
	reply, err := h.client.PausePipeline(t.Context(), &pb.PausePipelineRequest{PipelineId: "p1", Audience: consumer("svc")})
	wantReply(t, reply, err, ok, "pipeline 'p1' for audience '"+svcKey+"' paused")
	first := h.clock.now().Unix()
	h.clock.advance(time.Minute)

	h.attach(t, consumer("svc"), "p3", "p1", "p2")
	if diff := cmp.Diff([]string{"p3", "p1!", "p2"}, h.configs(t, svcKey)); diff != "" {
		t.Error(diff)
	}
	for _, c := range h.all(t).GetConfigs()[svcKey].GetConfigs() {
		want := first
		if c.GetId() == "p3" {
			want += 60
		}
		if c.GetCreatedAtUnixTsUtc() != want {
			t.Errorf("%s: got date %d, want %d", c.GetId(), c.GetCreatedAtUnixTsUtc(), want)
		}
	}
	h.attach(t, consumer("svc"), "p2")
	h.attach(t, consumer("svc"), "p2", "p1")
	if diff := cmp.Diff([]string{"p2", "p1"}, h.configs(t, svcKey)); diff != "" {
		t.Errorf("a pipeline that was detached comes back running:\n%s", diff)
	}
}

func TestPauseAndResume_9_2_13(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1", "p2")
	h.attach(t, consumer("svc"), "p1")
	h.attach(t, consumer("other"), "p1")
	pause := func(id string, a *pb.Audience) (*pb.StandardResponse, error) {
		return h.client.PausePipeline(t.Context(), &pb.PausePipelineRequest{PipelineId: id, Audience: a})
	}
	resume := func(id string, a *pb.Audience) (*pb.StandardResponse, error) {
		return h.client.ResumePipeline(t.Context(), &pb.ResumePipelineRequest{PipelineId: id, Audience: a})
	}
	for _, tt := range []struct {
		name    string
		do      func(string, *pb.Audience) (*pb.StandardResponse, error)
		id      string
		a       *pb.Audience
		code    pb.ResponseCode
		message string
		changes bool
	}{
		{"pause", pause, "p1", consumer("svc"), ok, "pipeline 'p1' for audience '" + svcKey + "' paused", true},
		{"pause again", pause, "p1", consumer("svc"), ok, "pipeline 'p1' for audience '" + svcKey + "' is already paused", false},
		{"resume in upper case", resume, "p1", consumer("SVC"), ok, "pipeline 'p1' for audience '" + svcKey + "' resumed", true},
		{"resume again", resume, "p1", consumer("svc"), ok, "pipeline 'p1' for audience '" + svcKey + "' is already resumed", false},
		{"not attached", pause, "p2", consumer("svc"), ok, "nothing to do - pipeline 'p2' not being used by audience '" + svcKey + "'", false},
		{"unknown audience", resume, "p1", consumer("new"), ok, "nothing to do - pipeline 'p1' not being used by audience 'new:operation_type_consumer:op:kafka'", false},
		{"unknown pipeline", pause, "p9", consumer("svc"), missing, "pipeline not found", false},
		{"no pipeline", pause, "", consumer("svc"), bad, "field 'PipelineId' cannot be empty", false},
		{"no audience", resume, "p1", nil, bad, "field 'Audience' cannot be nil", false},
		{"colon", resume, "p1", consumer(":"), bad, "field 'audience.ServiceName' contains invalid characters", false},
	} {
		before := h.catalog.Snapshot().Revision
		reply, err := tt.do(tt.id, tt.a)
		wantReply(t, reply, err, tt.code, tt.message)
		if changed := h.catalog.Snapshot().Revision != before; changed != tt.changes {
			t.Errorf("%s: wrote %t, want %t", tt.name, changed, tt.changes)
		}
	}
	if diff := cmp.Diff([]string{"p1"}, h.configs(t, "other:operation_type_consumer:op:kafka")); diff != "" {
		t.Errorf("pausing reached another audience:\n%s", diff)
	}
}

// SDKs announce names that the full check refuses. What is shown can be attached to.
func TestKnownAudiencesMayHaveAnyName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "p1")
	dotted := consumer("my.svc")
	reply, err := h.client.SetPipelines(t.Context(), &pb.SetPipelinesRequest{PipelineIds: []string{"p1"}, Audience: dotted})
	wantReply(t, reply, err, bad, "field 'audience.ServiceName' contains invalid characters")
	if _, err := h.catalog.Update(t.Context(), func(tx *catalog.Tx) error { tx.PutAudience(dotted); return nil }); err != nil {
		t.Fatal(err)
	}
	h.attach(t, dotted, "p1")
	reply, err = h.client.PausePipeline(t.Context(), &pb.PausePipelineRequest{PipelineId: "p1", Audience: dotted})
	wantReply(t, reply, err, ok, "pipeline 'p1' for audience 'my.svc:operation_type_consumer:op:kafka' paused")
}

// Two editors never lose each other's change, and no assignment names a pipeline that is
// gone, also when both act on two nodes that share a store.
func TestEditorsOnTwoNodes_9_2_3(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	second, err := catalog.Open(t.Context(), h.store, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	clients := []pb.ExternalClient{h.client, pb.NewExternalClient(serve(t, New(Config{
		Catalog: second, Fleet: h.fleet, Builder: h.builder, Log: zerolog.Nop(),
	})))}
	const rounds = 20
	for round := range rounds {
		id, other := fmt.Sprint("p", round), fmt.Sprint("q", round)
		h.create(t, id, other)
		audiences := []*pb.Audience{consumer(fmt.Sprint("a", round)), consumer(fmt.Sprint("b", round))}
		h.attach(t, audiences[0], id, other)
		var racing sync.WaitGroup
		racing.Go(func() { // attaches the pipeline where the other editor does not know it
			_, err := clients[0].SetPipelines(context.Background(), &pb.SetPipelinesRequest{PipelineIds: []string{id, other}, Audience: audiences[1]})
			if err != nil {
				t.Error(err)
			}
		})
		racing.Go(func() {
			reply, err := clients[1].DeletePipeline(context.Background(), &pb.DeletePipelineRequest{PipelineId: id})
			if err != nil || reply.GetCode() != ok {
				t.Error(reply, err)
			}
		})
		racing.Go(func() { // the same assignment from the other side
			_, err := clients[1].PausePipeline(context.Background(), &pb.PausePipelineRequest{PipelineId: other, Audience: audiences[0]})
			if err != nil {
				t.Error(err)
			}
		})
		racing.Wait()
		// What the other node wrote may still be on its way here; an update reads it.
		if _, err := h.catalog.Update(t.Context(), func(*catalog.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{other + "!"}, h.configs(t, fmt.Sprintf("a%d:operation_type_consumer:op:kafka", round))); diff != "" {
			t.Fatalf("round %d (-want +got):\n%s", round, diff)
		}
		for key, assignment := range h.all(t).GetConfigs() {
			if find(assignment, id) != nil {
				t.Fatalf("round %d: %s names pipeline %s, which is deleted", round, key, id)
			}
		}
	}
}
