package client

import (
	"context"

	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// Wazero is the engine of the Go SDK. Clients may share one; each has instances of its own.
type Wazero struct {
	runtime *runner.Runtime
}

// NewWazero starts an engine. The caller closes it after the clients that use it.
func NewWazero(ctx context.Context) (*Wazero, error) {
	runtime, err := runner.New(ctx, runner.Options{})
	if err != nil {
		return nil, err
	}
	return &Wazero{runtime: runtime}, nil
}

// Load compiles and instantiates a module.
func (w *Wazero) Load(ctx context.Context, module []byte, function string) (Instance, error) {
	instance, err := w.runtime.Load(ctx, module, function)
	if err != nil {
		return nil, err
	}
	return instance, nil
}

// Close ends the engine and every instance.
func (w *Wazero) Close(ctx context.Context) error { return w.runtime.Close(ctx) }
