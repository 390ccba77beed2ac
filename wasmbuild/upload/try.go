package upload

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// trials are the messages that a module must answer, whatever it thinks of them.
var trials = []string{`{"user":{"email":"ann@example.com","age":41,"tags":["a","b"]},"total":12.5,"open":true,"note":null}`, `{}`, "plain text", ""}

// try compiles a module and calls it as the SDKs do. It holds no files, no environment and
// no network, and what it prints goes nowhere. The interpreter is used because it compiles
// in a quarter of the time and runs no machine code that a stranger had a say in.
func try(ctx context.Context, module []byte, function string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	config := wazero.NewRuntimeConfigInterpreter().WithMemoryLimitPages(maxPages).WithCloseOnContextDone(true)
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	defer func() { err = errors.Join(err, runtime.Close(context.WithoutCancel(ctx))) }()
	if err := offer(ctx, runtime); err != nil {
		return err
	}
	compiled, err := runtime.CompileModule(ctx, module)
	if err != nil {
		return refuse("The module is not valid WebAssembly 2.0: %s.", brief(err.Error()))
	}
	if err := signatures(compiled, function); err != nil {
		return err
	}
	quiet := wazero.NewModuleConfig().WithName("").WithStartFunctions().
		WithStdout(io.Discard).WithStderr(io.Discard).WithSysWalltime().WithSysNanotime().WithRandSource(rand.Reader)
	instance, err := runtime.InstantiateModule(ctx, compiled, quiet)
	if err != nil {
		return failed(ctx, "cannot be started", err)
	}
	for _, payload := range trials {
		if err := call(ctx, instance, function, payload); err != nil {
			return failed(ctx, fmt.Sprintf("fails on a trial message of %d bytes", len(payload)), err)
		}
	}
	return nil
}

// failed is a refusal, unless the caller gave up.
func failed(ctx context.Context, what string, err error) error {
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return ctx.Err()
	}
	if ctx.Err() != nil {
		return refuse("The module %s: it did not end within %s. SDKs cannot stop a module, so it would hang the service that runs it.", what, patience)
	}
	return refuse("The module %s: %s.", what, brief(err.Error()))
}

// offer gives modules what SDKs give them; the host functions answer nothing.
func offer(ctx context.Context, runtime wazero.Runtime) error {
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return fmt.Errorf("offer WASI: %w", err)
	}
	env := runtime.NewHostModuleBuilder(hostModule)
	for _, name := range host {
		env.NewFunctionBuilder().WithFunc(func(context.Context, uint32, uint32) uint64 { return 0 }).Export(name)
	}
	if _, err := env.Instantiate(ctx); err != nil {
		return fmt.Errorf("offer host functions: %w", err)
	}
	return nil
}

func signatures(m wazero.CompiledModule, function string) error {
	const i32, i64 = api.ValueTypeI32, api.ValueTypeI64
	for _, want := range []struct {
		name, text      string
		params, results []api.ValueType
	}{
		{"alloc", "alloc(i32) -> i32", []api.ValueType{i32}, []api.ValueType{i32}},
		{"dealloc", "dealloc(i32, i32)", []api.ValueType{i32, i32}, nil},
		{function, function + "(i32, i32) -> i64", []api.ValueType{i32, i32}, []api.ValueType{i64}},
	} {
		f := m.ExportedFunctions()[want.name]
		if f == nil || string(f.ParamTypes()) != string(want.params) || string(f.ResultTypes()) != string(want.results) {
			return refuse("The module's %s has another signature than SDKs call, which is %s.", brief(want.name), brief(want.text))
		}
	}
	return nil
}

// call makes one call in the order of the Go SDK, and reads the answer before it is freed.
func call(ctx context.Context, m api.Module, function, payload string) error {
	request, err := proto.Marshal(&pb.WASMRequest{
		Step:         &pb.PipelineStep{Name: "trial", Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}},
		InputPayload: []byte(payload),
		DataFormat:   pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON,
	})
	if err != nil {
		return err
	}
	at, err := invoke(ctx, m, "alloc", uint64(len(request)))
	if err != nil {
		return err
	}
	if !m.Memory().Write(uint32(at), request) {
		return fmt.Errorf("alloc(%d) returned %d, which is outside its memory", len(request), uint32(at))
	}
	result, err := invoke(ctx, m, function, at, uint64(len(request)))
	if err != nil {
		return err
	}
	from, size := uint32(result>>32), uint32(result)
	answer, ok := m.Memory().Read(from, size)
	switch {
	case !ok:
		return fmt.Errorf("its answer of %d bytes at %d is outside its memory", size, from)
	case size == 0:
		return errors.New("it gave no answer")
	}
	response := &pb.WASMResponse{}
	if err := proto.Unmarshal(answer, response); err != nil {
		return errors.New("its answer is not a WASMResponse")
	}
	if response.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_UNSET {
		return errors.New("its answer has no exit code")
	}
	_, err = invoke(ctx, m, "dealloc", uint64(from), uint64(size))
	return err
}

// invoke calls an exported function; those without a result give 0.
func invoke(ctx context.Context, m api.Module, name string, args ...uint64) (uint64, error) {
	results, err := m.ExportedFunction(name).Call(ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(results) == 0 {
		return 0, nil
	}
	return results[0], nil
}
