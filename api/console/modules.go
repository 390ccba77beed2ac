package console

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// build makes the module of every step and fills in its id and function, but for custom
// steps, whose module was uploaded: put looks for it. A step that cannot be built is the
// caller's mistake; the error names it.
func (s *Server) build(ctx context.Context, p *pb.Pipeline) ([]*shared.WasmModule, error) {
	modules := make([]*shared.WasmModule, 0, len(p.GetSteps()))
	for i, step := range p.GetSteps() {
		if step.GetCustom() != nil {
			continue
		}
		m, err := BuildStep(ctx, s.builder, step, p.GetDataFormat())
		var refusal *wasmbuild.StepError
		switch {
		case errors.As(err, &refusal):
			return nil, invalid("step %d %q: %s", i+1, step.GetName(), refusal.Reason)
		case err != nil:
			return nil, fmt.Errorf("step %d %q: %w", i+1, step.GetName(), err)
		}
		step.XWasmId = proto.String(m.GetId())
		step.XWasmFunction = proto.String(m.GetFunction())
		modules = append(modules, m)
	}
	return modules, nil
}

// BuildStep makes the module of a step that is not custom, as it is stored. A step that
// cannot be built gives a *wasmbuild.StepError.
func BuildStep(ctx context.Context, b Builder, step *pb.PipelineStep, format pb.PipelineDataFormat) (*shared.WasmModule, error) {
	m, err := b.Step(ctx, ready(step), format)
	if err != nil {
		return nil, err
	}
	return &shared.WasmModule{Id: m.ID, Name: kind(step), Function: m.Function, Bytes: m.Bytes, XBundled: true}, nil
}

// ready returns the step as the builder wants it: negate is always said. The stored step
// stays as it came, because tools that compare it with theirs would update it for ever.
func ready(step *pb.PipelineStep) *pb.PipelineStep {
	if d := step.GetDetective(); d == nil || d.Negate != nil {
		return step
	}
	step = proto.CloneOf(step)
	step.GetDetective().Negate = proto.Bool(false)
	return step
}

// kind names the oneof member of a step, for lists of modules.
func kind(step *pb.PipelineStep) string {
	m := step.ProtoReflect()
	return string(m.WhichOneof(m.Descriptor().Oneofs().ByName("step")).Name())
}

// put stages a pipeline with its modules. Modules are written even when they exist, also
// uploaded ones: a concurrent removal of the same module then conflicts with this change.
func put(tx *catalog.Tx, p *pb.Pipeline, modules []*shared.WasmModule) error {
	for i, step := range p.GetSteps() {
		if step.GetCustom() == nil {
			continue
		}
		m, err := moduleOf(tx.Snapshot(), step)
		if err != nil {
			return invalid("step %d %q: %s", i+1, step.GetName(), err)
		}
		step.XWasmFunction = proto.String(m.GetFunction())
		tx.PutModule(m)
	}
	tx.PutPipeline(p)
	for _, m := range modules {
		tx.PutModule(m)
	}
	return nil
}

// moduleOf returns the uploaded module of a custom step.
func moduleOf(snap *catalog.Snapshot, step *pb.PipelineStep) (*shared.WasmModule, error) {
	id := step.GetXWasmId()
	if id == "" {
		return nil, invalid("a custom step needs the id of an uploaded module in '_wasm_id'; CreateWasm uploads one and GetAllWasm lists them")
	}
	m := snap.Modules[id]
	if m == nil || m.GetXBundled() {
		return nil, invalid("error loading 'custom' (id: '%s') Wasm entry: wasm not found", id)
	}
	return m, nil
}

// dropModules stages the removal of the modules that old used and now nothing does. next
// is what old becomes, nil when it is deleted. Uploaded modules stay.
func dropModules(tx *catalog.Tx, old, next *pb.Pipeline) {
	used := map[string]bool{}
	use := func(p *pb.Pipeline) {
		for _, step := range p.GetSteps() {
			used[step.GetXWasmId()] = true
		}
	}
	for id, p := range tx.Snapshot().Pipelines {
		if id != old.GetId() {
			use(p)
		}
	}
	use(next)
	for _, step := range old.GetSteps() {
		id := step.GetXWasmId()
		if m := tx.Snapshot().Modules[id]; m.GetXBundled() && !used[id] {
			used[id] = true // once is enough
			tx.DeleteModule(id)
		}
	}
}
