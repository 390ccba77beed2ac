// Package runner hosts step modules the way the SDKs do: it loads one in
// wazero and calls it with requests.
package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

// maxPages is the memory cap of the Go SDK: 62.5 MiB.
const maxPages = 1000

// HostFunc answers a module's call to its host: a serialized request in, a serialized answer out.
type HostFunc func(ctx context.Context, request []byte) []byte

// Options choose the engine and what modules may import.
type Options struct {
	Interpreter bool     // instead of compiling to machine code
	KVExists    HostFunc // env.kvExists
	HTTPRequest HostFunc // env.httpRequest
	Sequence    Sequence // how calls are made; the Go SDK's by default
	Stoppable   bool     // a call ends when its context does, and with it the instance; code is slower
	WASI        bool     // modules may import WASI; they get no files, no environment and no output
}

// Runtime loads modules. It is safe for concurrent use.
type Runtime struct {
	wazero   wazero.Runtime
	sequence Sequence
}

// New starts an engine.
func New(ctx context.Context, opts Options) (*Runtime, error) {
	config := wazero.NewRuntimeConfig()
	if opts.Interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	r := &Runtime{wazero: wazero.NewRuntimeWithConfig(ctx, config.WithMemoryLimitPages(maxPages).WithCloseOnContextDone(opts.Stoppable)), sequence: opts.Sequence}
	env := r.wazero.NewHostModuleBuilder("env")
	export(env, "kvExists", opts.KVExists)
	export(env, "httpRequest", opts.HTTPRequest)
	if _, err := env.Instantiate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("define host functions: %w", err), r.Close(ctx))
	}
	if opts.WASI {
		if _, err := wasi_snapshot_preview1.Instantiate(ctx, r.wazero); err != nil {
			return nil, errors.Join(fmt.Errorf("define WASI: %w", err), r.Close(ctx))
		}
	}
	return r, nil
}

// Close ends every instance and the engine.
func (r *Runtime) Close(ctx context.Context) error { return r.wazero.Close(ctx) }

// export offers a host function. Its answer is written where the module's own
// alloc says, while the module waits; no function means an empty answer.
func export(env wazero.HostModuleBuilder, name string, f HostFunc) {
	env.NewFunctionBuilder().WithFunc(func(ctx context.Context, m api.Module, p, n uint32) uint64 {
		request, ok := m.Memory().Read(p, n)
		if !ok || f == nil {
			return 0
		}
		answer := f(ctx, request)
		if len(answer) == 0 {
			return 0
		}
		at, err := m.ExportedFunction("alloc").Call(ctx, uint64(len(answer)))
		if err != nil || !m.Memory().Write(uint32(at[0]), answer) {
			return 0
		}
		return at[0]<<32 | uint64(len(answer))
	}).Export(name)
}

// Instance is a loaded module. Calls are made one at a time.
type Instance struct {
	mu       sync.Mutex
	sequence Sequence
	module   api.Module
	memory   api.Memory
	f        api.Function
	alloc    api.Function
	dealloc  api.Function
	stack    [2]uint64 // arguments and result of a call
}

// Load compiles and instantiates a module whose entry point is function.
func (r *Runtime) Load(ctx context.Context, bytes []byte, function string) (*Instance, error) {
	m, err := r.wazero.InstantiateWithConfig(ctx, bytes, anonymous())
	if err != nil {
		return nil, fmt.Errorf("instantiate module: %w", err)
	}
	return r.instance(ctx, m, function)
}

// anonymous modules may be loaded any number of times.
func anonymous() wazero.ModuleConfig {
	return wazero.NewModuleConfig().WithName("").WithStartFunctions()
}

// Compiled is a module that can be instantiated again and again.
type Compiled struct {
	runtime *Runtime
	module  wazero.CompiledModule
}

// Compile compiles a module. The caller closes it after its instances.
func (r *Runtime) Compile(ctx context.Context, bytes []byte) (*Compiled, error) {
	m, err := r.wazero.CompileModule(ctx, bytes)
	if err != nil {
		return nil, fmt.Errorf("compile module: %w", err)
	}
	return &Compiled{r, m}, nil
}

// Instance instantiates the module whose entry point is function.
func (c *Compiled) Instance(ctx context.Context, function string) (*Instance, error) {
	m, err := c.runtime.wazero.InstantiateModule(ctx, c.module, anonymous())
	if err != nil {
		return nil, fmt.Errorf("instantiate module: %w", err)
	}
	return c.runtime.instance(ctx, m, function)
}

// Close gives back the compiled code.
func (c *Compiled) Close(ctx context.Context) error { return c.module.Close(ctx) }

func (r *Runtime) instance(ctx context.Context, m api.Module, function string) (*Instance, error) {
	i := &Instance{
		sequence: r.sequence, module: m, memory: m.Memory(),
		f: m.ExportedFunction(function), alloc: m.ExportedFunction("alloc"), dealloc: m.ExportedFunction("dealloc"),
	}
	if i.memory == nil || i.f == nil || i.alloc == nil || i.dealloc == nil {
		return nil, errors.Join(fmt.Errorf("module lacks one of memory, alloc, dealloc, %s", function), m.Close(ctx))
	}
	return i, nil
}

// Close ends the instance.
func (i *Instance) Close(ctx context.Context) error { return i.module.Close(ctx) }

// Call runs the module on a request. An error means that the module broke the
// call convention or trapped; what a rule finds is in the response.
func (i *Instance) Call(ctx context.Context, request *pb.WASMRequest) (*pb.WASMResponse, error) {
	raw, err := proto.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	response := &pb.WASMResponse{}
	err = i.Visit(ctx, raw, func(answer []byte) error {
		if err := proto.Unmarshal(answer, response); err != nil {
			return fmt.Errorf("decode response: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return response, nil
}

// CallRaw is Call for a request and a response in wire form.
func (i *Instance) CallRaw(ctx context.Context, request []byte) ([]byte, error) {
	var response []byte
	err := i.Visit(ctx, request, func(answer []byte) error {
		response = bytes.Clone(answer)
		return nil
	})
	return response, err
}

// Visit is CallRaw without the copy: use sees the answer where the module left
// it, and must neither keep it nor call the instance.
func (i *Instance) Visit(ctx context.Context, request []byte, use func(answer []byte) error) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.sequence.run(ctx, i, request, use)
}

// MemorySize is the size of the instance's memory in bytes.
func (i *Instance) MemorySize() uint32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.memory.Size()
}
