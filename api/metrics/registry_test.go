package metrics

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/notify"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// sources are everything that there is to show, with something to show.
func (n *node) sources() Sources {
	services := map[string]int{"svc": 3}
	for i := range maxServicesShown + 9 {
		services[fmt.Sprintf("svc%05d", i)] = 1
	}
	pushes := NewPushes()
	pushes.Observe(30 * time.Millisecond)
	return Sources{
		Version: "v1.2.3", Commit: "abc", Metrics: n.Metrics, Pushes: pushes, Catalog: n.cfg.Catalog, Bus: n.cfg.Bus,
		Fleet: func() fleet.Stats {
			return fleet.Stats{
				Sessions: 3, Streams: 2, Languages: map[string]int{"go": 2, "other": 1}, Services: services, Behind: 1,
				Lag: 1500 * time.Millisecond, ReplacedStreams: 4, CutStreams: 5, RefusedAudiences: 6, Oversized: 7,
			}
		},
		Tails: func() tail.Stats {
			return tail.Stats{Viewers: 2, Tails: 3, Received: 90, Sampled: 10, Paused: 11, Dropped: 12, RelayDropped: 13, Unwanted: 4}
		},
		Auth: func() auth.Stats { return auth.Stats{Unauthenticated: 1, Ended: 5, Denied: 2, LogIns: 3, Throttled: 4} },
		Notify: func() notify.Stats {
			return notify.Stats{Waiting: 1, Sent: map[string]uint64{"slack": 2}, Failed: map[string]uint64{"slack": 3, "smtp": 4}, Suppressed: 5}
		},
		Builder: func() wasmbuild.Stats { return wasmbuild.Stats{Built: 8, Failed: 1, Took: 2 * time.Second} },
	}
}

func (n *node) countAll() {
	_, err := n.cfg.Catalog.Update(n.t.Context(), func(tx *catalog.Tx) error {
		tx.PutPipeline(&pb.Pipeline{Id: "p", Name: "P"})
		return nil
	})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, c := range counterNames {
		for _, service := range []string{"one", "two"} {
			m := processed(service, 1.5)
			m.Name, m.Audience.OperationType = c.name, 0 // the name decides
			m.Labels["pipeline_id"] = "p"
			n.Add([]*pb.Metric{m})
		}
	}
	n.Add([]*pb.Metric{{}})
}

// Names keep to what Prometheus asks for, except for those that the original chose.
func TestNamesAreClean(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t), "a")
	n.countAll()
	for _, perAudience := range []bool{false, true} {
		s := n.sources()
		s.PerAudience = perAudience
		problems, err := testutil.GatherAndLint(Registry(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			if name := strings.TrimPrefix(p.Metric, "streamdal_"); !isCounter[name] {
				t.Errorf("%s: %s", p.Metric, p.Text)
			}
		}
	}
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t), "a")
	n.countAll()
	n.store()
	want := `
# HELP streamdal_auth_failures_total Calls and requests that were refused: no or wrong credentials (unauthenticated), a token that was revoked or has expired (ended), a role or service that does not fit (denied), log-ins that failed (login) or were not looked at because too many had failed (throttled).
# TYPE streamdal_auth_failures_total counter
streamdal_auth_failures_total{kind="denied"} 2
streamdal_auth_failures_total{kind="ended"} 5
streamdal_auth_failures_total{kind="login"} 3
streamdal_auth_failures_total{kind="throttled"} 4
streamdal_auth_failures_total{kind="unauthenticated"} 1
# HELP streamdal_build_info Always 1; says which build this is.
# TYPE streamdal_build_info gauge
streamdal_build_info{commit="abc",version="v1.2.3"} 1
# HELP streamdal_counter_consume_bytes Bytes that passed through the pipelines of consumers.
# TYPE streamdal_counter_consume_bytes counter
streamdal_counter_consume_bytes{pipeline_id="p",pipeline_name="P"} 3
# HELP streamdal_counters_stored_total Attempts to store what this node counted.
# TYPE streamdal_counters_stored_total counter
streamdal_counters_stored_total{result="failed"} 0
streamdal_counters_stored_total{result="ok"} 1
# HELP streamdal_notifications_total Deliveries that arrived, and those that were given up, by receiver.
# TYPE streamdal_notifications_total counter
streamdal_notifications_total{result="failed",type="slack"} 3
streamdal_notifications_total{result="failed",type="smtp"} 4
streamdal_notifications_total{result="sent",type="slack"} 2
# HELP streamdal_session_lag_seconds How long the session that waits longest has waited for what it should have.
# TYPE streamdal_session_lag_seconds gauge
streamdal_session_lag_seconds 1.5
# HELP streamdal_sessions SDK sessions of this node, by the SDK's language.
# TYPE streamdal_sessions gauge
streamdal_sessions{language="go"} 2
streamdal_sessions{language="other"} 1
# HELP streamdal_store_revision The revision of the store that this node has read last.
# TYPE streamdal_store_revision gauge
streamdal_store_revision 2
# HELP streamdal_tail_left_out_total Payloads that a viewer was not sent, once per viewer: by sampling (sampled), during a pause (paused), because the viewer was slow (viewer), or because the way to its node was slow or broken (relay).
# TYPE streamdal_tail_left_out_total counter
streamdal_tail_left_out_total{reason="paused"} 11
streamdal_tail_left_out_total{reason="relay"} 13
streamdal_tail_left_out_total{reason="sampled"} 10
streamdal_tail_left_out_total{reason="viewer"} 12
`
	names := []string{
		"streamdal_auth_failures_total", "streamdal_build_info", "streamdal_counter_consume_bytes", "streamdal_counters_stored_total",
		"streamdal_session_lag_seconds", "streamdal_sessions", "streamdal_store_revision", "streamdal_service_sessions",
		"streamdal_tail_left_out_total",
		"streamdal_notifications_total",
	}
	if err := testutil.GatherAndCompare(Registry(n.sources()), strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
	if _, err := Registry(Sources{}).Gather(); err != nil {
		t.Errorf("with nothing to show: %v", err)
	}
}

func TestPerAudienceIsAskedFor_9_5_6(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t), "a")
	n.countAll()
	s := n.sources()
	s.PerAudience = true
	r := Registry(s)
	if got, err := testutil.GatherAndCount(r, "streamdal_service_sessions"); err != nil || got != maxServicesShown+1 {
		t.Errorf("got %d services (%v), want %d and the rest in one", got, err, maxServicesShown)
	}
	want := `
# HELP streamdal_counter_notify Notifications that pipelines asked for.
# TYPE streamdal_counter_notify counter
streamdal_counter_notify{component="kafka",operation="op",pipeline_id="p",pipeline_name="P",service="one"} 1.5
streamdal_counter_notify{component="kafka",operation="op",pipeline_id="p",pipeline_name="P",service="two"} 1.5
`
	if err := testutil.GatherAndCompare(r, strings.NewReader(want), "streamdal_counter_notify"); err != nil {
		t.Error(err)
	}
}

// Shares of nodes add up to the whole; the cluster's figure is the same everywhere and
// outlives processes.
func TestSharesOfNodes(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	a, b := newNode(t, st, "a"), newNode(t, st, "b")
	a.count(1)
	b.count(2)
	a.store()
	b.store()
	a = newNode(t, st, "a")
	a.count(4)
	for _, tt := range []struct {
		node       *node
		own, whole string
	}{{a, "4", "7"}, {b, "2", "3"}} { // the other has not stored the last 4
		tt.node.see()
		want := fmt.Sprintf(`
# HELP streamdal_cluster_counted_total What all nodes have counted for SDKs, ever. Every node shows the same: take the maximum, not the sum.
# TYPE streamdal_cluster_counted_total counter
streamdal_cluster_counted_total{counter="counter_consume_processed"} %s
# HELP streamdal_counter_consume_processed Payloads that the pipelines of consumers processed.
# TYPE streamdal_counter_consume_processed counter
streamdal_counter_consume_processed{pipeline_id="",pipeline_name=""} %s
`, tt.whole, tt.own)
		err := testutil.GatherAndCompare(Registry(Sources{Metrics: tt.node.Metrics}), strings.NewReader(want),
			"streamdal_cluster_counted_total", "streamdal_counter_consume_processed")
		if err != nil {
			t.Errorf("node %s: %v", tt.node.cfg.Node, err)
		}
	}
}

func TestUnstored(t *testing.T) {
	t.Parallel()
	st, now := newStore(t), newClock()
	n := newNode(t, st, "a", func(c *Config) { c.Now = now.now })
	want := func(when string, d time.Duration) {
		t.Helper()
		if got := n.Stats().Unstored; got != d {
			t.Errorf("%s: got %v, want %v", when, got, d)
		}
	}
	now.advance(time.Hour)
	want("nothing counted", 0)
	n.store()
	n.count(1)
	now.advance(3 * time.Second)
	want("counted", 3*time.Second)
	st.set(true, false)
	if err := n.flush(t.Context()); !errors.Is(err, errAway) {
		t.Fatalf("got %v", err)
	}
	now.advance(time.Minute)
	want("the store is away", 63*time.Second)
	st.set(false, false)
	n.store()
	want("stored", 0)
}

// The page for operators names every metric, and none that does not exist.
func TestDocumentNamesEveryMetric(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Monitoring\n")
	section, _, _ = strings.Cut(section, "\n## ")
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`streamdal_[a-z_]+`).FindAllString(section, -1) {
		named[strings.TrimSuffix(name, "_bucket")] = true
	}
	n := newNode(t, newStore(t), "a")
	n.countAll()
	s := n.sources()
	s.PerAudience = true
	families, err := Registry(s).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, "streamdal_") && !named[name] {
			t.Errorf("%s is not in the page", name)
		}
		delete(named, f.GetName())
	}
	delete(named, "streamdal_server_panics_total") // package api registers it
	delete(named, "streamdal_ready")               // package cli does
	for name := range named {
		t.Errorf("%s is in the page and does not exist", name)
	}
}
