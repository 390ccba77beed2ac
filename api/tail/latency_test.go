package tail_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

const perSecond = 10_000

// flood tails an audience and sends payloads of 1 KB at a rate until stop is called, which
// returns how many were sent and how many the viewer saw.
func (n *node) flood(a *pb.Audience) (stop func() (sent, seen int)) {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stream := n.view(ctx, "flood", a)
	var wg sync.WaitGroup
	var sent, seen int
	wg.Go(func() {
		for {
			if _, err := stream.Recv(); err != nil {
				return
			}
			seen++
		}
	})
	wg.Go(func() {
		out, err := n.sdks.SendTail(ctx)
		data, began := make([]byte, 1024), time.Now()
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for err == nil {
			for sent < int(time.Since(began).Seconds()*perSecond) && err == nil {
				err = out.Send(&pb.TailResponse{
					Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_PAYLOAD, TailRequestId: "flood", Audience: a, SessionId: "s",
					OriginalData: data, NewData: data,
				})
				sent++
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() (int, int) {
		cancel()
		wg.Wait()
		return sent, seen
	}
}

// pusher measures how long a change of pipelines takes to reach a session.
type pusher struct {
	n      *node
	a      *pb.Audience
	stream grpc.ServerStreamingClient[pb.Command]
	ids    []string
}

func newPusher(n *node, a *pb.Audience) *pusher {
	n.t.Helper()
	p := &pusher{n: n, a: a}
	for i := range 2 {
		created, err := n.api.CreatePipeline(n.t.Context(), &pb.CreatePipelineRequest{Pipeline: &pb.Pipeline{
			Name: fmt.Sprint(i), Steps: []*pb.PipelineStep{{Name: fmt.Sprint(i), Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}}},
		}})
		if err != nil {
			n.t.Fatal(err)
		}
		p.ids = append(p.ids, created.GetPipelineId())
	}
	var err error
	p.stream, err = n.sdks.Register(n.t.Context(), &pb.RegisterRequest{
		ServiceName: a.GetServiceName(), SessionId: "pushed", ClientInfo: &pb.ClientInfo{}, Audiences: []*pb.Audience{a},
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return p
}

// push attaches one pipeline and returns when the session has it.
func (p *pusher) push(id string) time.Duration {
	began := time.Now()
	reply, err := p.n.api.SetPipelines(p.n.t.Context(), &pb.SetPipelinesRequest{PipelineIds: []string{id}, Audience: p.a})
	if err != nil || reply.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
		p.n.t.Fatalf("attach: %v (%v)", reply, err)
	}
	for {
		command, err := p.stream.Recv()
		if err != nil {
			p.n.t.Fatal(err)
		}
		if list := command.GetSetPipelines().GetPipelines(); len(list) > 0 && list[len(list)-1].GetId() == id {
			return time.Since(began)
		}
	}
}

// measure returns the median and the worst but one of a hundred pushes.
func (p *pusher) measure(pushes int) (median, worst time.Duration) {
	took := make([]time.Duration, pushes)
	for i := range took {
		took[i] = p.push(p.ids[i%2])
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100-1]
}

// Ten thousand payloads per second to one viewer do not hold up commands. The bound leaves
// room for a machine that is busy with something else; BenchmarkPush gives the figures.
func TestTailDoesNotDelayCommands_9_6_8(t *testing.T) {
	t.Parallel()
	n := newNode(t, "n", newStore(t))
	p := newPusher(n, aud("pushed", "op"))
	const pushes = 100
	p.measure(pushes / 10)
	alone, _ := p.measure(pushes)
	stop := n.flood(aud("tailed", "op"))
	eventually(t, "payloads flow", func() bool { return n.tails.Stats().Shown > 1000 })
	beside, _ := p.measure(pushes)
	sent, seen := stop()
	t.Logf("a push takes %v alone, %v beside a tail (%d payloads sent, %d shown)", alone, beside, sent, seen)
	if limit := 20*alone + 200*time.Millisecond; beside > limit {
		t.Errorf("the median push takes %v beside a tail and %v alone, want at most %v", beside, alone, limit)
	}
}

func BenchmarkPush(b *testing.B) {
	for _, tailed := range []bool{false, true} {
		b.Run(map[bool]string{false: "alone", true: "beside-10000-payloads-per-second"}[tailed], func(b *testing.B) {
			n := newNode(b, "n", newStore(b))
			p := newPusher(n, aud("pushed", "op"))
			p.measure(10)
			stop := func() (int, int) { return 0, 0 }
			began := time.Now()
			if tailed {
				stop = n.flood(aud("tailed", "op"))
			}
			b.ResetTimer()
			median, worst := p.measure(max(100, b.N))
			sent, seen := stop()
			b.ReportMetric(float64(median.Microseconds()), "p50-µs")
			b.ReportMetric(float64(worst.Microseconds()), "p99-µs")
			b.ReportMetric(float64(sent)/time.Since(began).Seconds(), "sent/s")
			b.ReportMetric(float64(seen)/time.Since(began).Seconds(), "seen/s")
		})
	}
}
