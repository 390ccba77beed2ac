package wasmbuild

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

// maxVerified bounds the memory of what has been verified; beyond it things are
// verified again.
const maxVerified = 4096

// verifier has an engine compile each new module before anybody gets it.
type verifier struct {
	engine wazero.Runtime

	mu   sync.Mutex
	done map[[sha256.Size]byte]bool // modules found good, by content
}

func newVerifier(ctx context.Context) *verifier {
	// The interpreter validates as the compiler does, in a quarter of the time.
	config := wazero.NewRuntimeConfigInterpreter()
	return &verifier{engine: wazero.NewRuntimeWithConfig(ctx, config), done: map[[sha256.Size]byte]bool{}}
}

func (v *verifier) close(ctx context.Context) error { return v.engine.Close(ctx) }

// verify makes sure that an engine accepts the module and that it keeps to what
// SDKs offer and expect. An error is a defect of ours, never of the step.
func (v *verifier) verify(ctx context.Context, m *link.Module) error {
	bytes := m.Encode()
	digest := sha256.Sum256(bytes)
	v.mu.Lock()
	known := v.done[digest]
	v.mu.Unlock()
	if known {
		return nil
	}
	compiled, err := v.engine.CompileModule(ctx, bytes)
	if err != nil {
		return err
	}
	if err := errors.Join(checkInterface(compiled), compiled.Close(ctx)); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.done) >= maxVerified {
		clear(v.done)
	}
	v.done[digest] = true
	return nil
}

type signature struct{ params, results []api.ValueType }

var (
	exported = map[string]signature{
		"alloc":   {[]api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32}},
		"dealloc": {[]api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, nil},
		entryName: hostCall,
	}
	// hostCall is also the type of what modules may import: a serialized message in, one out.
	hostCall   = signature{[]api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, []api.ValueType{api.ValueTypeI64}}
	importable = []string{"kvExists", "httpRequest"}
)

func (s signature) matches(f api.FunctionDefinition) bool {
	return slices.Equal(s.params, f.ParamTypes()) && slices.Equal(s.results, f.ResultTypes())
}

// checkInterface makes sure that a module exports exactly what SDKs call and
// imports nothing but what all of them offer.
func checkInterface(m wazero.CompiledModule) error {
	functions := m.ExportedFunctions()
	if len(functions) != len(exported) || len(m.ExportedMemories()) != 1 || m.ExportedMemories()["memory"] == nil {
		return errors.New("exports differ from memory, alloc, dealloc and " + entryName)
	}
	for name, s := range exported {
		if f, ok := functions[name]; !ok || !s.matches(f) {
			return fmt.Errorf("export %s is missing or has another type", name)
		}
	}
	for _, f := range m.ImportedFunctions() {
		if module, name, _ := f.Import(); module != "env" || !slices.Contains(importable, name) || !hostCall.matches(f) {
			return fmt.Errorf("import %s.%s is not what SDKs offer", module, name)
		}
	}
	return nil
}
