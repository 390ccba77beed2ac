package cli

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// Two nodes are one server: a change made on one reaches the sessions of the other,
// both show all sessions, and editors on both lose nothing.
func TestTwoNodesAreOne_9_2_1(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	a := startNode(t, "a", server.URL(), "--session-ttl", "2s")
	b := startNode(t, "b", server.URL(), "--session-ttl", "2s")
	onA, onB := a.connect("on-a", "svc"), b.connect("on-b", "svc")
	wantLive(t, patience, "on-a@a on-b@b", a, b)

	ids := make([]string, 2)
	var editors sync.WaitGroup
	for i, n := range []*node{a, b} { // both at once
		editors.Go(func() {
			var err error
			if ids[i], err = n.create(fmt.Sprint("p", i)); err != nil {
				t.Errorf("create on %s: %v", n.addr, err)
			}
		})
	}
	editors.Wait()
	if err := a.set(onA.audience, ids...); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, settled, "change made on a", ids, onA, onB)

	// Both change the same assignment, again and again, and both always win.
	for round := range 10 {
		paused := round%2 == 0
		for i, n := range []*node{a, b} {
			editors.Go(func() { pause(t, n, onA.audience, ids[i], paused) })
		}
		editors.Wait()
		if want := slices.Clone(ids); paused {
			wantIDs(t, settled, "both paused", []string{}, onA, onB)
		} else {
			wantIDs(t, settled, "both resumed", want, onA, onB)
		}
	}

	t.Run("killed", func(t *testing.T) {
		began := time.Now()
		a.kill()
		wantLive(t, patience, "on-b@b", b)
		if took := time.Since(began); took > 2*time.Second+settled {
			t.Errorf("its sessions were shown for %v, want the lease of 2s", took)
		}
		if err := b.set(onB.audience, ids[1]); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, settled, "change on the one that is left", ids[1:], onB)
	})
}

func pause(t testing.TB, n *node, a *pb.Audience, id string, paused bool) {
	t.Helper()
	var reply *pb.StandardResponse
	var err error
	if paused {
		reply, err = n.api.PausePipeline(n.ctx, &pb.PausePipelineRequest{Audience: a, PipelineId: id})
	} else {
		reply, err = n.api.ResumePipeline(n.ctx, &pb.ResumePipelineRequest{Audience: a, PipelineId: id})
	}
	if err != nil || reply.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
		t.Errorf("pause %v on %s: %v, %v", paused, n.addr, reply, err)
	}
}

// A session that goes from one node to another is shown once at any moment.
func TestSessionMovesBetweenNodes_9_2_14(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	nodes := []*node{
		startNode(t, "a", server.URL(), "--session-ttl", "2s"), startNode(t, "b", server.URL(), "--session-ttl", "2s"),
		startNode(t, "c", server.URL(), "--session-ttl", "2s"),
	}
	s := nodes[0].connect("mover", "svc")
	wantLive(t, patience, "mover@a", nodes...)
	for i, to := range []int{1, 0, 1} {
		old := s
		overlap := i > 0 // it is on the new node before the old one knows
		if !overlap {
			old.stop()
		}
		s = nodes[to].connect("mover", "svc")
		where := "mover@" + []string{"a", "b"}[to]
		if overlap {
			wantLive(t, patience, where, nodes[to])
			// Others can learn of it before they learn that the old node lost it.
			name := []string{"a", "b"}[to]
			eventually(t, patience, "node "+name+" tells of it", func() error {
				if told := server.Do(t, "hexists", "streamdal_live:{"+name+"}", ":mover"); told != int64(1) {
					return fmt.Errorf("got %v", told)
				}
				return nil
			})
			old.stop()
		}
		var always *node // nodes that serve it learn of each other with a short delay
		if overlap {
			always = nodes[2]
		}
		watchArrival(t, nodes, where, always)
	}
}

// watchArrival waits until all nodes show exactly one session in the given place, and
// goes on watching until what other nodes said of it has ended. At no moment may it
// be shown twice; always must show it all the time.
func watchArrival(t *testing.T, nodes []*node, want string, always *node) {
	t.Helper()
	var arrived time.Time
	eventually(t, patience, "arrival of "+want, func() error {
		there := 0
		for _, n := range nodes {
			live := n.live()
			if len(live) > 1 || len(live) == 0 && (n == always || !arrived.IsZero()) {
				t.Fatalf("a node shows %v on the way to %s, want it once", live, want)
			}
			if len(live) == 1 && live[0] == want {
				there++
			}
		}
		if arrived.IsZero() {
			if there == len(nodes) {
				arrived = time.Now()
			}
			return fmt.Errorf("%d nodes show it", there)
		}
		if there != len(nodes) {
			t.Fatalf("%s went away again", want)
		}
		if time.Since(arrived) < 3*time.Second {
			return fmt.Errorf("still watching")
		}
		return nil
	})
}

// A name that a running node has is refused, and free again when that node ends or
// was killed.
func TestNodeNameIsTaken(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	first := startNode(t, "twin", server.URL(), "--session-ttl", "1s")
	second := launchNode(t, "twin", t.TempDir(), server.URL(), "--session-ttl", "1s")
	select {
	case <-second.done:
	case <-time.After(patience):
		t.Fatal("the second node of one name runs")
	}
	if second.err == nil || !strings.Contains(second.output(), "give each node a --node-name of its own") {
		t.Errorf("got %v and\n%s", second.err, second.output())
	}
	first.kill()
	third := startNode(t, "twin", server.URL(), "--session-ttl", "1s") // as a supervisor would at once
	if err := third.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-third.done
	fourth := startNode(t, "twin", server.URL(), "--session-ttl", "1s")
	if strings.Contains(fourth.output(), "waiting for its lease to end") {
		t.Error("the name was not given back by a node that ended in order")
	}
}

// A node that starts while Redis is away: with a copy it serves that, without one
// or with a damaged one it waits and says so. Both come to life with Redis.
func TestStartWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	dir := t.TempDir()
	n := launchNode(t, "a", dir, server.URL())
	n.waitFor(`"message":"ready"`)
	audience := consumerOf("svc")
	id, err := n.create("p")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.set(audience, id); err != nil {
		t.Fatal(err)
	}
	if err := n.cmd.Process.Signal(os.Interrupt); err != nil { // writes the copy
		t.Fatal(err)
	}
	<-n.done
	server.Stop(t)

	damaged := t.TempDir()
	content, err := os.ReadFile(filepath.Join(dir, copyFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(damaged, copyFile), content[:len(content)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	withCopy := launchNode(t, "a", dir, server.URL())
	without := launchNode(t, "b", damaged, server.URL())

	withCopy.waitFor(`serving the copy of the rules on disk`)
	withCopy.waitFor(`"message":"ready"`)
	s := withCopy.connect("s", "svc")
	wantIDs(t, patience, "rules from the copy", []string{id}, s)
	if err := withCopy.set(audience); err == nil || !strings.Contains(err.Error(), "the store cannot be reached, so nothing was changed") {
		t.Errorf("a change while Redis is away: %v", err)
	}
	if status, body := withCopy.get("/readyz"); status != http.StatusOK || !strings.Contains(body, "serving the copy on disk of revision") {
		t.Errorf("readyz with a copy: %d %q", status, body)
	}
	if got := withCopy.metric("streamdal_ready"); got != 1 {
		t.Errorf("streamdal_ready with a copy is %v", got)
	}
	if got := withCopy.metric("streamdal_catalog_copy_serving"); got != 1 {
		t.Errorf("streamdal_catalog_copy_serving is %v", got)
	}

	without.waitFor(`cannot be used.*(?s:.*)not ready, trying again`)
	if status, body := without.get("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "no copy of the rules") {
		t.Errorf("readyz without a copy: %d %q", status, body)
	}
	if got := without.metric("streamdal_ready"); got != 0 {
		t.Errorf("streamdal_ready without a copy is %v", got)
	}
	if status, _ := without.get("/healthz"); status != http.StatusOK {
		t.Errorf("healthz: %d", status)
	}
	_, err = pb.NewInternalClient(dial(t, without.addr)).GetSetPipelinesCommandsByService(without.ctx, &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: "svc"})
	if err == nil || !strings.Contains(err.Error(), "Unavailable") || !strings.Contains(err.Error(), "has no rules yet") {
		t.Errorf("an SDK without rules to give: %v, want it to try again", err)
	}

	server.Restart(t)
	without.waitFor(`"message":"ready"`)
	late := without.connect("late", "svc")
	wantIDs(t, settled, "rules from Redis", []string{id}, late, s)
	eventually(t, settled, "readyz", func() error {
		if _, body := withCopy.get("/readyz"); body != "ok" {
			return fmt.Errorf("%q", body)
		}
		return nil
	})
	if err := without.set(audience); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, settled, "change afterwards", []string{}, late, s)
}
