package cli

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/sdk/client"
)

// checkRubyLists gives a service more than the Ruby SDK can pull at once. It adds what it is
// sent to what it has, so that each audience must come either with the pull or on Register.
func checkRubyLists(t *testing.T, l *lab) {
	const audiences = 230 // each has a module of 20 KB for its schema
	id := l.attach(l.audience("op0"), hasField("p", "a"))
	for i := 1; i < audiences; i++ {
		l.accepted(l.api.SetPipelines(l.ctx, &pb.SetPipelinesRequest{Audience: l.audience(fmt.Sprint("op", i)), PipelineIds: []string{id}}))
	}
	api := l.internal(client.Ruby) // receives 4 MiB at most
	reply, err := api.GetSetPipelinesCommandsByService(l.ctx, &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: l.service})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, c := range reply.GetSetPipelineCommands() {
		got[c.GetAudience().GetOperationName()]++
		for _, p := range c.GetSetPipelines().GetPipelines() {
			if len(reply.GetWasmModules()[p.GetSteps()[0].GetXWasmId()].GetBytes()) == 0 {
				t.Errorf("pulled pipeline '%s' lacks its module", p.GetName())
			}
		}
	}
	if len(got) == 0 || len(got) == audiences {
		t.Fatalf("pulled %d audiences of %d, want some: this tests nothing", len(got), audiences)
	}
	s := l.register(api, client.Ruby, uuid.NewString())
	eventually(t, 30*time.Second, "every audience has its list", func() error {
		for i := range audiences {
			op := fmt.Sprint("op", i)
			if got[op] == 0 && len(s.list(op).GetPipelines()) == 0 {
				return fmt.Errorf("%s has none", op)
			}
		}
		return nil
	})
	s.wait("a keep-alive, after all lists", func(c *pb.Command) bool { return c.GetKeepAlive() != nil })
	s.mu.Lock()
	for _, c := range s.commands {
		if len(c.GetSetPipelines().GetPipelines()) > 0 {
			got[c.GetAudience().GetOperationName()]++
		}
	}
	s.mu.Unlock()
	for op, n := range got {
		if n != 1 {
			t.Errorf("%s has its list %d times", op, n)
		}
	}
	l.rubyChange(s, id)
}

// rubyChange detaches the pipeline of an operation: Ruby must get the rest of the list, the
// hidden pipeline, because the newest list is what counts.
func (l *lab) rubyChange(s *session, id string) {
	l.t.Helper()
	l.accepted(l.api.SetPipelines(l.ctx, &pb.SetPipelinesRequest{Audience: l.audience("op0")}))
	eventually(l.t, 30*time.Second, "a list without the pipeline", func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range slices.Backward(s.commands) {
			list := c.GetSetPipelines().GetPipelines()
			if c.GetAudience().GetOperationName() != "op0" || c.GetSetPipelines() == nil {
				continue
			}
			if len(list) == 1 && list[0].GetId() != id {
				return nil
			}
			return fmt.Errorf("got %d pipelines", len(list))
		}
		return fmt.Errorf("none came")
	})
}
