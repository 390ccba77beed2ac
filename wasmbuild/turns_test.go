package wasmbuild

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// rubyThread is a thread of the Ruby SDK: it makes the calls around one request after
// another, and other threads may come in between any two of them.
type rubyThread struct {
	module        api.Module
	request, want []byte
	at, packed    uint64
	next          int // what it does next
}

// act does what comes next, and says when the request is done.
func (r *rubyThread) act(ctx context.Context) (done bool, err error) {
	call := func(name string, a, b uint64) (v uint64, err error) {
		f, stack := r.module.ExportedFunction(name), []uint64{a, b}
		if err := f.CallWithStack(ctx, stack); err != nil {
			return 0, fmt.Errorf("%s(%d, %d): %w", name, a, b, err)
		}
		return stack[0], nil
	}
	from, n := uint32(r.packed>>32), uint32(r.packed)
	switch r.next {
	case 0:
		r.at, err = call("alloc", uint64(len(r.request)), 0)
	case 1:
		if !r.module.Memory().Write(uint32(r.at), r.request) {
			err = fmt.Errorf("no room at %d", r.at)
		}
	case 2:
		r.packed, err = call("f", r.at, uint64(len(r.request)))
	case 3:
		got, ok := r.module.Memory().Read(from, n)
		if !ok || !bytes.Equal(got, r.want) {
			err = fmt.Errorf("got  %.300q\nwant %.300q", got, r.want)
		}
	case 4:
		_, err = call("dealloc", uint64(from), uint64(n))
	}
	r.next = (r.next + 1) % 5
	return r.next == 0, err
}

// turns is a module that threads share, and requests with the answers that each gets when
// nobody comes between.
type turns struct {
	module            api.Module
	requests, answers [][]byte
	random            *rand.Rand
}

func newTurns(t *testing.T, b *Builder, s sampleStep) *turns {
	t.Helper()
	w := &turns{random: rand.New(rand.NewPCG(1, 2))}
	m := build(t, b, s.step)
	engine := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	t.Cleanup(func() { engine.Close(context.Background()) })
	env := engine.NewHostModuleBuilder("env")
	for _, name := range importable {
		env.NewFunctionBuilder().WithFunc(func(uint32, uint32) uint64 { return 0 }).Export(name)
	}
	if _, err := env.Instantiate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.module, err = engine.Instantiate(t.Context(), m.Bytes); err != nil {
		t.Fatal(err)
	}
	alone, err := newRunner(t, runner.Options{Interpreter: true}).Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		payload := bytes.ReplaceAll(order(100+i*i*2), []byte("mina@"), fmt.Appendf(nil, "mina.%s@", strings.Repeat("x", i)))
		request := requestFor(s.step, payload)
		if request.InterStepResult == nil && i%2 > 0 { // Ruby always sends one
			request.InterStepResult = &pb.InterStepResult{}
		}
		w.requests = append(w.requests, marshal(t, request))
	}
	for range 2 { // the first time the inference learns
		w.answers = nil
		for _, request := range w.requests {
			answer, err := alone.CallRaw(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			w.answers = append(w.answers, answer)
		}
	}
	for i := range w.requests { // as the instance alone learned, and that the host gives answers back
		r := w.begin(i)
		for done := false; !done; {
			if done, err = r.act(t.Context()); err != nil && s.step.GetInferSchema() == nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

func (w *turns) begin(i int) *rubyThread {
	return &rubyThread{module: w.module, request: w.requests[i], want: w.answers[i]}
}

// run has threads take random turns until n requests are done. Every so often, if losing,
// one vanishes between two calls.
func (w *turns) run(ctx context.Context, threads, n int, losing bool) error {
	running := make([]*rubyThread, threads)
	for n > 0 {
		i := w.random.IntN(threads)
		if running[i] == nil || losing && w.random.IntN(50) == 0 {
			running[i] = w.begin(w.random.IntN(len(w.requests)))
		}
		done, err := running[i].act(ctx)
		if err != nil && !losing {
			return err
		}
		if done {
			running[i] = nil
			n--
		}
	}
	for _, r := range running {
		for r != nil {
			if done, err := r.act(ctx); err != nil && !losing {
				return err
			} else if done {
				break
			}
		}
	}
	return nil
}

// TestThreadsTakeTurns holds that each thread gets its own answer when others come between its calls.
func TestThreadsTakeTurns(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, s := range sampleSteps() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := newTurns(t, b, s)
			for _, threads := range []int{1, 2, 3, 15} {
				if err := w.run(t.Context(), threads, 200, false); err != nil {
					t.Fatalf("%d threads: %v", threads, err)
				}
			}
		})
	}
}

// TestThreadsVanish holds that what threads leave behind that never come back, killed
// between two calls, takes neither memory without end nor the answers of those that come later.
func TestThreadsVanish(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, s := range sampleSteps() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := newTurns(t, b, s)
			largest := uint32(0)
			for _, r := range w.requests {
				largest = max(largest, uint32(len(r)))
			}
			limit := w.module.Memory().Size() + 20*(2*largest+8<<10)
			if err := w.run(t.Context(), 4, 600, true); err != nil {
				t.Fatal(err)
			}
			if got := w.module.Memory().Size(); got > limit {
				t.Errorf("memory grew to %d bytes, more than %d", got, limit)
			}
			if err := w.run(t.Context(), 1, 100, false); err != nil {
				t.Errorf("after them: %v", err)
			}
		})
	}
}
