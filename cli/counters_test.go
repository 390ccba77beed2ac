package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// count plays an SDK that reports v payloads.
func (p *process) count(ctx context.Context, v float64) {
	p.t.Helper()
	client := pb.NewInternalClient(dial(p.t, p.addr))
	reply, err := client.Metrics(ctx, &pb.MetricsRequest{Metrics: []*pb.Metric{{
		Name: "counter_consume_processed", Value: v, Labels: map[string]string{"service": "svc"},
		Audience: &pb.Audience{ServiceName: "svc", ComponentName: "kafka", OperationName: "op", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER},
	}}})
	if err != nil || reply.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
		p.t.Fatalf("Metrics: %v, %v", reply, err)
	}
}

// counted returns the first message of GetMetrics as a sum.
func (p *process) counted() (sum float64) {
	p.t.Helper()
	client, ctx := external(p.t, p.addr, testToken)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	stream, err := client.GetMetrics(ctx, &pb.GetMetricsRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	message, err := stream.Recv()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range message.GetMetrics() {
		sum += m.GetValue()
	}
	return sum
}

// scrape returns what the process tells Prometheus.
func (p *process) scrape() string {
	p.t.Helper()
	reply, err := http.Get("http://" + p.addr + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(body)
}

// Counters outlive kill -9 as far as they were stored, and a stop wholly.
func TestCountersOutliveTheProcess(t *testing.T) {
	t.Parallel()
	addr, dir := freeport.Addr(t), t.TempDir()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "auth-token", testToken)
	start := func() *process { return serve(t, addr, dir, "--auth-token", testToken, "--metrics-per-audience") }

	p := start()
	p.count(ctx, 10)
	eventually(t, 60*time.Second, "the counter is stored", func() error {
		if !strings.Contains(p.scrape(), "\nstreamdal_counters_stored_total{result=\"ok\"} 1\n") {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	p.kill()

	p = start()
	if got := p.counted(); got != 10 {
		t.Errorf("after kill -9: got %v, want 10", got)
	}
	p.count(ctx, 5)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.done

	p = start()
	if got := p.counted(); got != 15 {
		t.Errorf("after a stop: got %v, want 15", got)
	}
	p.count(ctx, 2)
	for _, want := range []string{
		`streamdal_counter_consume_processed{component="kafka",operation="op",pipeline_id="",pipeline_name="",service="svc"} 2`,
		`streamdal_cluster_counted_total{counter="counter_consume_processed"} 17`,
		`streamdal_build_info{commit="",version="test"} 1`, "streamdal_push_seconds_count 0", "streamdal_store_up 1", "go_goroutines ",
		"process_open_fds ", "streamdal_bus_dropped_total 0", `streamdal_auth_failures_total{kind="login"} 0`, "streamdal_wasm_builds_total",
	} {
		if body := p.scrape(); !strings.Contains(body, "\n"+want) {
			t.Errorf("/metrics lacks %s; it has\n%s", want, body)
		}
	}
}

// Two nodes count together: each shows what both counted and what passes through both, also
// after Redis lost everything and after one of them was killed.
func TestCountersOfTwoNodes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	a, b := startNode(t, "a", server.URL()), startNode(t, "b", server.URL())
	wantSum := func(when string, want float64, nodes ...*node) {
		t.Helper()
		for _, n := range nodes {
			eventually(t, patience, fmt.Sprintf("%s: %s shows %v", when, n.addr, want), func() error {
				if got := n.counted(); got != want {
					return fmt.Errorf("it shows %v", got)
				}
				return nil
			})
		}
	}
	a.count(a.ctx, 10)
	b.count(b.ctx, 100)
	wantSum("both counted", 110, a, b)
	b.wantRateOf(a)

	server.Do(t, "flushall")
	wantSum("Redis lost everything", 110, a, b)
	a.count(a.ctx, 1)
	wantSum("counted since", 111, a, b)
	a.kill()
	b.count(b.ctx, 1000)
	wantSum("one was killed", 1111, b)
}

// wantRateOf waits until this node shows what an SDK reports to another one.
func (n *node) wantRateOf(to *node) {
	n.t.Helper()
	audience := consumerOf("rated")
	rates, err := n.api.GetAudienceRates(n.ctx, &pb.GetAudienceRatesRequest{})
	if err != nil {
		n.t.Fatal(err)
	}
	sdk := pb.NewInternalClient(dial(n.t, to.addr))
	group := "rated/" + strings.ToLower(audience.GetOperationType().String()) + "/" + strings.ToLower(audience.GetComponentName())
	eventually(n.t, patience, "the rate of another node", func() error {
		metrics := []*pb.Metric{{Name: "counter_consume_bytes_rate", Value: 500, Audience: audience}}
		if _, err := sdk.Metrics(to.ctx, &pb.MetricsRequest{Metrics: metrics}); err != nil {
			return err
		}
		message, err := rates.Recv()
		if err != nil {
			return err
		}
		if got := message.GetRates()[group].GetBytes(); got <= 0 {
			return fmt.Errorf("it shows %v", message.GetRates())
		}
		return nil
	})
}
