package console

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

type change = consolepb.ChangeAssignmentRequest

func attachAt(id string, place ...uint32) *change {
	attach := &consolepb.Attach{}
	if len(place) > 0 {
		attach.Place = proto.Uint32(place[0])
	}
	return &change{Audience: svcKey, PipelineId: id, Change: &consolepb.ChangeAssignmentRequest_Attach{Attach: attach}}
}

func detach(id string) *change {
	return &change{Audience: svcKey, PipelineId: id, Change: &consolepb.ChangeAssignmentRequest_Detach{Detach: true}}
}

func move(id string, to uint32) *change {
	return &change{Audience: svcKey, PipelineId: id, Change: &consolepb.ChangeAssignmentRequest_MoveTo{MoveTo: to}}
}

func pauseIt(id string, paused bool) *change {
	return &change{Audience: svcKey, PipelineId: id, Change: &consolepb.ChangeAssignmentRequest_Pause{Pause: paused}}
}

// listed is an assignment as text: id, "!" when paused.
func listed(c *pb.PipelineConfigs) []string {
	list := []string{}
	for _, one := range c.GetConfigs() {
		id := one.GetId()
		if one.GetPaused() {
			id += "!"
		}
		list = append(list, id)
	}
	return list
}

func TestChangeAssignment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change *change
		want   []string
	}{
		"attach at the end":           {attachAt("d"), []string{"a", "b!", "c", "d"}},
		"attach at the start":         {attachAt("d", 0), []string{"d", "a", "b!", "c"}},
		"attach in between":           {attachAt("d", 2), []string{"a", "b!", "d", "c"}},
		"attach beyond the end":       {attachAt("d", 1<<32-1), []string{"a", "b!", "c", "d"}},
		"attach what is attached":     {attachAt("b", 0), []string{"a", "b!", "c"}},
		"detach":                      {detach("a"), []string{"b!", "c"}},
		"detach what is not attached": {detach("d"), []string{"a", "b!", "c"}},
		"detach what does not exist":  {detach("x"), []string{"a", "b!", "c"}},
		"move down":                   {move("a", 1), []string{"b!", "a", "c"}},
		"move to the end":             {move("a", 9), []string{"b!", "c", "a"}},
		"move up":                     {move("c", 0), []string{"c", "a", "b!"}},
		"move nowhere":                {move("b", 1), []string{"a", "b!", "c"}},
		"pause":                       {pauseIt("a", true), []string{"a!", "b!", "c"}},
		"pause again":                 {pauseIt("b", true), []string{"a", "b!", "c"}},
		"resume":                      {pauseIt("b", false), []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.create(t, "a", "b", "c", "d")
			for _, before := range []*change{attachAt("a"), attachAt("b"), attachAt("c"), pauseIt("b", true)} {
				if _, err := h.console.ChangeAssignment(t.Context(), before); err != nil {
					t.Fatal(err)
				}
			}
			revision := h.catalog.Snapshot().Revision
			reply, err := h.console.ChangeAssignment(t.Context(), c.change)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, listed(reply.GetConfigs())); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, h.configs(t, svcKey)); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			same := slices.Equal(c.want, []string{"a", "b!", "c"})
			if wrote := h.catalog.Snapshot().Revision != revision; wrote == same {
				t.Errorf("written: %v", wrote)
			}
			if h.catalog.Snapshot().Audiences[svcKey] == nil {
				t.Error("the audience was not created")
			}
		})
	}
}

func TestChangeAssignmentErrors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create(t, "a", "b")
	if _, err := h.console.ChangeAssignment(t.Context(), attachAt("a")); err != nil {
		t.Fatal(err)
	}
	elsewhere := func(c *change) *change {
		c.Audience = "other:operation_type_consumer:op:kafka"
		return c
	}
	const gone = "audience 'other:operation_type_consumer:op:kafka' not found"
	for name, c := range map[string]struct {
		change  *change
		code    codes.Code
		message string
	}{
		"no change":        {&change{Audience: svcKey, PipelineId: "a"}, codes.InvalidArgument, "field 'Change' cannot be empty: say attach, detach, move_to or pause"},
		"detach: false":    {&change{Audience: svcKey, PipelineId: "a", Change: &consolepb.ChangeAssignmentRequest_Detach{}}, codes.InvalidArgument, "field 'Detach' must be true"},
		"no pipeline":      {attachAt(""), codes.InvalidArgument, "field 'PipelineId' cannot be empty"},
		"unknown pipeline": {attachAt("x"), codes.NotFound, "pipeline not found"},
		"move unknown":     {move("x", 0), codes.NotFound, "pipeline not found"},
		"move detached":    {move("b", 0), codes.NotFound, "pipeline 'b' is not attached to audience '" + svcKey + "'; somebody may have detached it, attach it again"},
		"resume detached":  {pauseIt("b", false), codes.NotFound, "pipeline 'b' is not attached to audience '" + svcKey + "'; somebody may have detached it, attach it again"},
		"unknown audience": {elsewhere(pauseIt("a", true)), codes.NotFound, gone},
		"detach there":     {elsewhere(detach("a")), codes.NotFound, gone},
		"no audience":      {&change{Audience: "svc", PipelineId: "a", Change: detach("a").Change}, codes.InvalidArgument, `audience "svc" has 1 parts, want service:operation_type:operation:component`},
		"bad audience":     {&change{Audience: "s v:operation_type_consumer:op:kafka", PipelineId: "a", Change: attachAt("a").Change}, codes.InvalidArgument, "field 'audience.ServiceName' contains invalid characters"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.console.ChangeAssignment(t.Context(), c.change)
			wantStatus(t, err, c.code, c.message)
		})
	}
	if diff := cmp.Diff([]string{"a"}, h.configs(t, svcKey)); diff != "" {
		t.Errorf("refused changes changed something (-want +got):\n%s", diff)
	}
}

// Whoever changes one list at the same time, on whichever node, gets what they want.
func TestChangesAtOnceAllHappen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	second, err := catalog.Open(t.Context(), h.store, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	clients := []consolepb.ConsoleClient{h.console, consolepb.NewConsoleClient(serve(t, New(Config{
		Catalog: second, Fleet: h.fleet, Builder: h.builder, Log: zerolog.Nop(),
	})))}
	const people = 12
	var want []string
	for i := range people {
		h.create(t, fmt.Sprint("gone", i), fmt.Sprint("new", i), fmt.Sprint("stays", i))
		for _, id := range []string{fmt.Sprint("gone", i), fmt.Sprint("stays", i)} {
			if _, err := h.console.ChangeAssignment(t.Context(), attachAt(id)); err != nil {
				t.Fatal(err)
			}
		}
		want = append(want, fmt.Sprint("new", i), fmt.Sprintf("stays%d!", i))
	}
	var racing sync.WaitGroup
	for i := range people {
		for j, c := range []*change{attachAt(fmt.Sprint("new", i), uint32(i)), detach(fmt.Sprint("gone", i)), pauseIt(fmt.Sprint("stays", i), true)} {
			racing.Go(func() {
				if _, err := clients[(i+j)%2].ChangeAssignment(context.Background(), c); err != nil {
					t.Errorf("%v: %v", c, err)
				}
			})
		}
	}
	racing.Wait()
	if _, err := h.catalog.Update(t.Context(), func(*catalog.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	got := listed(h.catalog.Snapshot().Assignments[audience.Key(svcKey)])
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
