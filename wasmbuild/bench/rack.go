package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// rack holds the instances of one trial. Each is there only for as long as steps need it:
// a hundred of them at once would take a hundred memories.
type rack struct {
	bench  *Bench
	loaded map[string]*runner.Instance // by module: steps that share one share its instance, as in SDKs
	last   map[string]int              // the last step that needs a module
	err    error                       // why one could not be started
}

// load returns the instance for a step, nil when it cannot be started.
func (r *rack) load(ctx context.Context, step int, m *shared.WasmModule) Instance {
	if known := r.loaded[m.GetId()]; known != nil {
		return known
	}
	instance, err := r.bench.instance(ctx, m)
	if err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("Step %d cannot be started: %w.", step+1, err)) //nolint:staticcheck,revive // a sentence for people
		return nil
	}
	r.loaded[m.GetId()] = instance
	return instance
}

// done gives back what no later step needs.
func (r *rack) done(ctx context.Context, step int, m *shared.WasmModule) {
	if instance := r.loaded[m.GetId()]; instance != nil && r.last[m.GetId()] == step {
		_ = instance.Close(ctx) // its memory is all it has
		delete(r.loaded, m.GetId())
	}
}

func (r *rack) close(ctx context.Context) {
	for _, instance := range r.loaded {
		_ = instance.Close(ctx)
	}
}

// instance returns a fresh instance of a module.
func (b *Bench) instance(ctx context.Context, m *shared.WasmModule) (*runner.Instance, error) {
	e, err := b.take(ctx, m.GetBytes())
	if err != nil {
		return nil, err
	}
	instance, err := e.module.Instance(ctx, m.GetFunction())
	return instance, errors.Join(err, b.give(ctx, e))
}
