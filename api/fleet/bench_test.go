package fleet_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
)

// BenchmarkPush measures from the beginning of a change to the moment at which each session
// has been written to, keep-alives running, without a network. It also reports what a session
// costs the heap.
func BenchmarkPush(b *testing.B) {
	for _, sessions := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(sessions), func(b *testing.B) { benchmarkPush(b, sessions) })
	}
}

func benchmarkPush(b *testing.B, sessions int) {
	w := newWorld(b, func(c *fleet.Config) { c.KeepAlive = time.Second })
	a := aud("svc", "op", "kafka")
	w.attach(a, "first")
	before := heap()

	const small = 100 // bytes; keep-alives and the first command are smaller, lists larger
	written := make(chan time.Time, sessions)
	var open sync.WaitGroup
	var lists atomic.Int64
	ctx, cancel := context.WithCancel(context.Background())
	for range sessions {
		open.Go(func() {
			_ = w.fleet.Register(ctx, hello("go-sdk", "svc", a), func(f frame.Frame) error {
				if f.Len() > small && lists.Add(1) > int64(sessions) {
					written <- time.Now()
				}
				return nil
			})
		})
	}
	eventually(b, "all are registered", func() bool { return lists.Load() == int64(sessions) })
	perSession := float64(heap()-before) / float64(sessions)

	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		w.attach(a, fmt.Sprint("p", i%2))
		for range sessions {
			took = append(took, (<-written).Sub(began))
		}
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(perSession, "B/session")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1e3, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, "p99-ms")
	cancel()
	open.Wait()
}

// heap returns the bytes in use, stacks included.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// BenchmarkHeartbeat is what ten thousand sessions cost ten thousand times a second.
func BenchmarkHeartbeat(b *testing.B) {
	w := newWorld(b, nil)
	h := hello("go-sdk", "svc", aud("svc", "one", "kafka"), aud("svc", "two", "kafka"), aud("svc", "three", "kafka"))
	b.ReportAllocs()
	for b.Loop() {
		w.fleet.Heartbeat(h)
	}
}
