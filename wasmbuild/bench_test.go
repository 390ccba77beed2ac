package wasmbuild

import (
	"fmt"
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// BenchmarkCall is one message through one step, as the Go SDK does it: alloc,
// write, f, dealloc, read, dealloc.
func BenchmarkCall(b *testing.B) {
	builder := newBuilder(b)
	engine := newRunner(b, runner.Options{})
	for _, s := range sampleSteps() {
		m := build(b, builder, s.step)
		for _, size := range []int{700, 9_000, 87_000} {
			payload := order(size)
			b.Run(fmt.Sprintf("%s/%d", s.name, len(payload)), func(b *testing.B) {
				i, err := engine.Load(b.Context(), m.Bytes, m.Function)
				if err != nil {
					b.Fatal(err)
				}
				request := marshal(b, requestFor(s.step, payload))
				b.SetBytes(int64(len(payload)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := i.CallRaw(b.Context(), request); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
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

// BenchmarkLoad is what an SDK pays for a module: compile and instantiate.
func BenchmarkLoad(b *testing.B) {
	builder := newBuilder(b)
	engine := newRunner(b, runner.Options{})
	for _, s := range sampleSteps() {
		m := build(b, builder, s.step)
		b.Run(s.name, func(b *testing.B) {
			for b.Loop() {
				i, err := engine.Load(b.Context(), m.Bytes, m.Function)
				if err != nil {
					b.Fatal(err)
				}
				if err := i.Close(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
