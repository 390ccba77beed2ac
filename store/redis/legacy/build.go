package legacy

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
)

// built is what is stored in the end.
type built struct {
	records []store.Record
	modules map[string]*shared.WasmModule
	steps   int // for which a module was built
	kept    int // that keep the original's module
}

// build returns the records with modules for all steps.
func (f *Found) build(ctx context.Context, cfg Config) (*built, error) {
	b := &built{modules: map[string]*shared.WasmModule{}}
	changed := map[store.Key][]byte{}
	for _, p := range f.pipelines {
		for i, step := range p.GetSteps() {
			if err := b.step(ctx, cfg, f, p, step, i+1); err != nil {
				return nil, fmt.Errorf("pipeline %s, step %d: %w", p.GetId(), i+1, err)
			}
		}
		value, err := encode(p)
		if err != nil {
			return nil, fmt.Errorf("pipeline %s: %w", p.GetId(), err)
		}
		changed[store.Key{Kind: store.KindPipeline, ID: p.GetId()}] = value
	}
	for _, r := range f.Records {
		if value, ok := changed[r.Key]; ok {
			r.Value = value
		}
		if r.Kind == store.KindWasm {
			delete(b.modules, r.ID) // uploaded: the same bytes are the same module
		}
		b.records = append(b.records, r)
	}
	for id, m := range b.modules {
		value, err := encode(m)
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", id, err)
		}
		b.records = append(b.records, store.Record{Key: store.Key{Kind: store.KindWasm, ID: id}, Value: value})
	}
	return b, nil
}

func encode(m proto.Message) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// step builds one step. One that cannot be built keeps the original's module, so that it
// goes on doing what it did.
func (b *built) step(ctx context.Context, cfg Config, f *Found, p *pb.Pipeline, step *pb.PipelineStep, number int) error {
	if step.GetCustom() != nil {
		return nil
	}
	m, err := cfg.Build(ctx, step, p.GetDataFormat())
	var refusal *UnbuildableError
	switch {
	case err == nil:
		b.steps++
	case errors.As(err, &refusal):
		original := f.originals[step.GetXWasmId()]
		cfg.Log.Warn().Str("pipeline", p.GetId()).Int("step", number).Str("reason", refusal.Reason).Bool("keeps_module", original != nil).
			Msg("a step of the original server cannot be built; it keeps the module it had, if any, until its pipeline is changed")
		if original == nil {
			step.XWasmId, step.XWasmFunction = nil, nil
			return nil
		}
		m = &shared.WasmModule{
			Id: original.GetId(), Name: "original", Function: original.GetFunction(), Bytes: original.GetBytes(), XBundled: true,
		}
		b.kept++
	default:
		return err
	}
	step.XWasmId, step.XWasmFunction = proto.String(m.GetId()), proto.String(m.GetFunction())
	b.modules[m.GetId()] = m
	return nil
}
