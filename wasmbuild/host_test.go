package wasmbuild

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// rudeHost answers as no SDK does: with any bytes at any place, or by breaking
// the call off.
type rudeHost struct {
	answer []byte // placed where alloc says
	raw    uint64 // instead: this address<<32 | length
	breaks bool   // instead: break off, after alloc has been called

	asked []byte // the last request
}

// hostTwin is a rule that asks its host, compiled and as plain Go.
type hostTwin struct {
	host     *rudeHost
	compiled api.Module
	native   kernel.Native
}

func newHostTwin(t testing.TB, b *Builder, step *pb.PipelineStep) *hostTwin {
	t.Helper()
	w := &hostTwin{host: &rudeHost{}}
	engine := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter().WithMemoryLimitPages(1000))
	t.Cleanup(func() { engine.Close(context.Background()) })
	env := engine.NewHostModuleBuilder("env")
	for _, name := range importable {
		env.NewFunctionBuilder().WithFunc(w.answer).Export(name)
	}
	if _, err := env.Instantiate(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, err := engine.Instantiate(t.Context(), build(t, b, step).Bytes)
	if err != nil {
		t.Fatal(err)
	}
	w.compiled = m
	r := newRule(vm.RuleBase)
	if err := planStep(r, essence(step), pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON); err != nil {
		t.Fatal(err)
	}
	w.native = kernel.Native{Entry: r.entry, Bind: r.bind, Set: r.set, Data: r.data.Image()}
	return w
}

// answer is both host functions of the compiled module.
func (w *hostTwin) answer(ctx context.Context, m api.Module, p, n uint32) uint64 {
	request, ok := m.Memory().Read(p, n)
	if !ok {
		panic(fmt.Sprintf("the module asks with %d bytes at %d", n, p))
	}
	w.host.asked = bytes.Clone(request)
	if w.host.raw != 0 {
		return w.host.raw
	}
	at, err := m.ExportedFunction("alloc").Call(ctx, uint64(len(w.host.answer)))
	if err != nil {
		return 0
	}
	if w.host.breaks {
		panic("the host breaks off")
	}
	m.Memory().Write(uint32(at[0]), w.host.answer)
	return at[0]<<32 | uint64(len(w.host.answer))
}

// answerNative is both host functions of native runs.
func (w *hostTwin) answerNative([]byte) uint64 {
	if w.host.raw != 0 {
		return w.host.raw
	}
	return kernel.PlaceAnswer(w.host.answer)
}

// call runs the compiled form.
func (w *hostTwin) call(t testing.TB, request []byte) ([]byte, error) {
	t.Helper()
	w.host.asked = nil
	at, err := w.compiled.ExportedFunction("alloc").Call(t.Context(), uint64(len(request)))
	if err != nil {
		t.Fatal(err)
	}
	if !w.compiled.Memory().Write(uint32(at[0]), request) {
		t.Fatalf("alloc gives no room at %d", at[0])
	}
	packed, err := w.compiled.ExportedFunction("f").Call(t.Context(), at[0], uint64(len(request)))
	if err != nil {
		return nil, err
	}
	view, ok := w.compiled.Memory().Read(uint32(packed[0]>>32), uint32(packed[0]))
	if !ok {
		t.Fatalf("answer %x lies outside memory", packed[0])
	}
	return bytes.Clone(view), nil
}

// both runs both forms, which must agree, and checks that the payload comes back.
func (w *hostTwin) both(t testing.TB, request []byte) *pb.WASMResponse {
	t.Helper()
	compiled, err := w.call(t, request)
	if err != nil {
		t.Fatalf("request %.300q, answer %.300q %x: %v", request, w.host.answer, w.host.raw, err)
	}
	nativeKernel.Lock()
	defer nativeKernel.Unlock()
	kernel.HostKVExists, kernel.HostHTTPRequest = w.answerNative, w.answerNative
	defer func() { kernel.HostKVExists, kernel.HostHTTPRequest = nil, nil }()
	if err := w.native.Start(); err != nil {
		t.Fatal(err)
	}
	for _, dirt := range []string{"", `"}]@4,{[.x":1 \`, "\x08\x01\x12"} {
		if native := w.native.Call(request, []byte(dirt)); !bytes.Equal(native, compiled) {
			t.Fatalf("request %.300q\nanswer   %.300q %x\ncompiled %.300q\nnative   %.300q", request, w.host.answer, w.host.raw, compiled, native)
		}
	}
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(compiled, r); err != nil {
		t.Fatalf("request %.300q\nanswer %.300q %x\nresponse %.300q: %v", request, w.host.answer, w.host.raw, compiled, err)
	}
	if strings.Contains(r.GetExitMsg(), "Unexpected wire type") && len(r.GetOutputPayload()) == 0 { // package proto takes such a field for one it does not know
		return r
	}
	asked := &pb.WASMRequest{}
	if proto.Unmarshal(request, asked) == nil && !bytes.Equal(asked.GetInputPayload(), r.GetOutputPayload()) {
		t.Fatalf("request %.300q\nanswer %.300q %x\npayload %.300q comes back as %.300q", request, w.host.answer, w.host.raw, asked.GetInputPayload(), r.GetOutputPayload())
	}
	if r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_UNSET {
		t.Fatalf("request %.300q: no exit code", request)
	}
	return r
}
