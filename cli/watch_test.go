package cli

import (
	"context"
	"testing"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// What a tab watches on one node has the sessions of the other, what they have been sent,
// and what somebody changes there.
func TestWatchSpansNodes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	a := startNode(t, "a", server.URL(), "--session-ttl", "2s")
	b := startNode(t, "b", server.URL(), "--session-ttl", "2s")
	on := a.connect("on-a", "svc")
	onA, onB := consolepb.NewConsoleClient(dial(t, a.addr)), consolepb.NewConsoleClient(dial(t, b.addr))
	ctx, cancel := context.WithTimeout(a.ctx, patience)
	defer cancel()
	saved, err := onA.SavePipeline(ctx, &consolepb.SavePipelineRequest{Pipeline: hasField("p", "a")})
	if err != nil {
		t.Fatal(err)
	}
	key := string(audience.KeyOf(on.audience))
	stream, err := onB.Watch(ctx, &consolepb.WatchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = onA.ChangeAssignment(ctx, &consolepb.ChangeAssignmentRequest{
		Audience: key, PipelineId: saved.GetPipelineId(), Change: &consolepb.ChangeAssignmentRequest_Attach{Attach: &consolepb.Attach{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var attached, current, both bool
	for !attached || !current || !both {
		event, err := stream.Recv()
		if err != nil {
			t.Fatalf("attached %v, session current %v, both nodes %v: %v", attached, current, both, err)
		}
		attached = attached || len(event.GetPicture().GetConfigs()[key].GetConfigs()) == 1
		both = both || len(event.GetNode().GetNodes()) == 2
		for _, s := range event.GetSessions().GetSessions() {
			if s.GetId() == "on-a" && s.GetNode() == "a" && s.GetStream() && len(s.GetAudiences()) == 1 {
				current = current || s.GetAudiences()[0].GetDelivery() == consolepb.Delivery_DELIVERY_CURRENT
			}
		}
	}
	tried, err := onB.TryPipeline(ctx, &consolepb.TryPipelineRequest{Pipeline: hasField("p", "a"), Payload: []byte(`{"a":1}`)})
	if err != nil || len(tried.GetSteps()) != 1 || tried.GetSteps()[0].GetVerdict() != "true" {
		t.Errorf("tried: %v, %v", tried, err)
	}
	wantIDs(t, patience, "the change", []string{saved.GetPipelineId()}, on)
	checked, err := onB.CheckPipeline(ctx, &consolepb.CheckPipelineRequest{Pipeline: &pb.Pipeline{Name: "p"}})
	if err != nil || checked.GetProblem() == "" {
		t.Errorf("checked: %v, %v", checked, err)
	}
}
