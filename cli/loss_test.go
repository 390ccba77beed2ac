package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// end stops a node in order.
func (n *node) end() {
	n.t.Helper()
	if err := n.cmd.Process.Signal(os.Interrupt); err != nil {
		n.t.Fatal(err)
	}
	<-n.done
}

// rule makes a pipeline and adds it to those that the service's audience has.
func (n *node) rule(t *testing.T, name string, before ...string) []string {
	t.Helper()
	id, err := n.create(name)
	if err != nil {
		t.Fatal(err)
	}
	all := append(before, id)
	if err := n.set(consumerOf("svc"), all...); err != nil {
		t.Fatal(err)
	}
	return all
}

// Redis comes back from an old dump: the nodes give it back what it lacks, or take
// it as it is, as they were told.
func TestRedisComesBackOlder(t *testing.T) {
	t.Parallel()
	for _, reseed := range []string{"auto", "never"} {
		t.Run(reseed, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, redistest.Options{})
			nodes := []*node{startNode(t, "a", server.URL(), "--reseed", reseed), startNode(t, "b", server.URL(), "--reseed", reseed)}
			peers := []*peer{nodes[0].connect("on-a", "svc"), nodes[1].connect("on-b", "svc")}
			dumped := nodes[0].rule(t, "in the dump")
			wantIDs(t, settled, "the first rule", dumped, peers...)
			server.Do(t, "save")
			want := nodes[1].rule(t, "after the dump", dumped...)
			wantIDs(t, settled, "the second rule", want, peers...)
			server.Kill(t)
			server.Restart(t)
			if reseed == "never" {
				want = dumped
				wantIDs(t, settled, "what the dump holds", want, peers...)
			}
			want = nodes[0].rule(t, "at the end", want...)
			wantIDs(t, settled, "the last rule", want, peers...)
			repairs := max(0, nodes[0].metric("streamdal_store_reseeds_total")) + max(0, nodes[1].metric("streamdal_store_reseeds_total"))
			if (repairs > 0) != (reseed == "auto") {
				t.Errorf("%v repairs with --reseed=%s", repairs, reseed)
			}
		})
	}
}

// Everything goes down at once and Redis does not come back with its data: the
// copies of the nodes hold the rules. A copy of another database is not used.
func TestRedisIsEmptyWhenNodesStart(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	first := startNode(t, "a", server.URL())
	want := first.rule(t, "kept")
	first.end()
	server.Do(t, "flushall")

	fresh := startNode(t, "fresh", server.URL()) // knows nothing, and is first
	late := fresh.connect("s", "svc")
	wantIDs(t, patience, "no rules yet", []string{}, late)
	again := launchNode(t, "a", first.dir, server.URL())
	again.waitFor(`wrote the last known rules back`)
	wantIDs(t, settled, "the rules", want, late)
	again.end()

	other := launchNode(t, "a", first.dir, server.URL(), "--redis-database", "1")
	other.waitFor(`another store`)
	other.waitFor(`"message":"ready"`)
	if got := len(other.all().GetPipelines()); got != 0 {
		t.Errorf("another database got %d pipelines from the copy", got)
	}
}

// A node whose name was taken while it was cut off says so and goes on serving.
func TestNameIsTakenWhileCutOff(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	proxy := redistest.NewProxy(t, server.Addr())
	first := startNode(t, "twin", proxy.Addr(), "--session-ttl", "1s")
	want := first.rule(t, "p")
	s := first.connect("s", "svc")
	wantIDs(t, patience, "the rule", want, s)
	proxy.Refuse(true)
	proxy.Cut(true)
	proxy.Cut(false)
	second := startNode(t, "twin", server.URL(), "--session-ttl", "1s") // waits for the lease to end
	proxy.Refuse(false)
	first.waitFor(`another node took this node's name`)
	want = second.rule(t, "q", want...)
	wantIDs(t, settled, "a change on the other", want, s)
	if strings.Contains(second.output(), `"level":"error"`) {
		t.Errorf("the other one complains:\n%s", second.output())
	}
}
