package wasmbuild

import (
	"context"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// BenchmarkCall is one message through one step, as the Go SDK does it: alloc,
// write, f, dealloc, read, dealloc, with a request that is ready. Beside the time
// of a call each line has the size of the module and what an SDK pays once for
// it, compile and instantiate.
func BenchmarkCall(b *testing.B) {
	builder := newBuilder(b)
	engine := newRunner(b, benchHost(b))
	for _, s := range benchSteps(b) {
		m := build(b, builder, s.step)
		load := loadTime(b, engine, m)
		for _, size := range []int{700, 9_000, 87_000} {
			payload := benchPayload(size)
			b.Run(fmt.Sprintf("%s/%d", s.name, len(payload)), func(b *testing.B) {
				i, err := engine.Load(b.Context(), m.Bytes, m.Function)
				if err != nil {
					b.Fatal(err)
				}
				defer i.Close(context.WithoutCancel(b.Context()))
				request := marshal(b, requestFor(s.step, payload))
				look := func([]byte) error { return nil }
				if err := i.Visit(b.Context(), request, look); err != nil { // schema inference learns the shape
					b.Fatal(err)
				}
				b.SetBytes(int64(len(payload)))
				for b.Loop() {
					if err := i.Visit(b.Context(), request, look); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(m.Bytes)), "module-bytes")
				b.ReportMetric(load.Seconds()*1e3, "load-ms")
			})
		}
	}
}

// loadTime is the best of a few: the first is slower.
func loadTime(b *testing.B, engine *runner.Runtime, m *Module) time.Duration {
	b.Helper()
	best := time.Hour
	for range 5 {
		start := time.Now()
		i, err := engine.Load(b.Context(), m.Bytes, m.Function)
		if err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
		if err := i.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	return best
}

// benchHost answers at once, so that what is measured is the module and the way there and back.
func benchHost(b *testing.B) runner.Options {
	b.Helper()
	always := func(m proto.Message) runner.HostFunc {
		wire := marshal(b, m)
		return func(context.Context, []byte) []byte { return wire }
	}
	return runner.Options{
		KVExists:    always(&steps.KVStepResponse{Status: steps.KVStatus_KV_STATUS_SUCCESS, Message: "key 'u-7' exists"}),
		HTTPRequest: always(&steps.HttpResponse{Code: 200, Body: []byte("ok")}),
	}
}

// BenchmarkNew is what a server pays at start.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		builder, err := New(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := builder.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuild is what the first step of its kind costs: plan, link, verify, encode.
func BenchmarkBuild(b *testing.B) {
	for _, s := range sampleSteps() {
		b.Run(s.name, func(b *testing.B) {
			builder := newBuilder(b)
			for b.Loop() {
				builder.modules = newCache(1)
				clear(builder.verifier.done)
				build(b, builder, s.step)
			}
		})
	}
}
