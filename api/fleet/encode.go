package fleet

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store/audience"
)

// Names of the hidden pipeline. The Node SDK knows its step by the words "Infer Schema".
const (
	// HiddenPipelineName is under which SDKs count what the hidden pipeline does.
	HiddenPipelineName = "Schema Inference (auto-generated pipeline)"
	hiddenStepName     = "Infer Schema (auto-generated step)"
)

// hiddenNamespace makes the ids of hidden pipelines: one per audience, the same on every
// node and after every restart.
var hiddenNamespace = uuid.MustParse("6fd0b8a9-2f0e-4f6d-9a53-6a1f4c1c7a15")

// setPipelines returns the complete list of an audience as an SDK with these quirks needs
// it: the hidden pipeline first, then the desired ones, and the map of their modules.
func (f *Fleet) setPipelines(ctx context.Context, key audience.Key, d *desired, known *pb.Schema, q Quirks) *pb.SetPipelinesCommand {
	command := &pb.SetPipelinesCommand{WasmModules: make(map[string]*shared.WasmModule)}
	if hidden, module := f.hidden(ctx, key, known); hidden != nil {
		command.Pipelines = append(command.Pipelines, hidden)
		command.WasmModules[module.GetId()] = module
	}
	for _, p := range d.pipelines {
		command.Pipelines = append(command.Pipelines, forSDK(p, d.modules))
	}
	for _, m := range d.modules {
		id := sentID(m)
		command.WasmModules[id] = &shared.WasmModule{Id: id, Bytes: m.GetBytes(), Function: function(m)}
	}
	if q.InlineModules {
		for _, p := range command.Pipelines {
			for _, step := range p.GetSteps() {
				step.XWasmBytes = command.WasmModules[step.GetXWasmId()].GetBytes()
			}
		}
	}
	return command
}

// hidden returns the pipeline that infers an audience's schema, starting from what is known
// of it. The known schema is not part of any hash: it is only where a fresh module starts.
func (f *Fleet) hidden(ctx context.Context, key audience.Key, known *pb.Schema) (*pb.Pipeline, *shared.WasmModule) {
	module, err := f.cfg.Builder.InferSchema(ctx, string(key))
	if err != nil {
		if ctx.Err() == nil {
			f.stats.hiddenFailures.Add(1)
			f.cfg.Log.Error().Err(err).Str("audience", string(key)).Msg("cannot build the schema inference of an audience; its other rules are sent without")
		}
		return nil, nil
	}
	pipeline := &pb.Pipeline{
		Id:         uuid.NewSHA1(hiddenNamespace, []byte(key)).String(),
		Name:       HiddenPipelineName,
		DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON,
		Steps: []*pb.PipelineStep{{
			Name:          hiddenStepName,
			Step:          &pb.PipelineStep_InferSchema{InferSchema: &steps.InferSchemaStep{CurrentSchema: known.GetJsonSchema()}},
			XWasmId:       proto.String(module.ID),
			XWasmFunction: proto.String(module.Function),
		}},
	}
	return pipeline, &shared.WasmModule{Id: module.ID, Bytes: module.Bytes, Function: module.Function}
}

// known returns what has been inferred about an audience.
func (f *Fleet) known(key audience.Key) *pb.Schema { return f.cfg.Catalog.Snapshot().Schemas[key] }

// fit leaves pipelines out at the end of the list until the command is small enough, and
// returns how many.
func fit(c *pb.Command, q Quirks) int {
	left := 0
	set := c.GetSetPipelines()
	for q.MaxBytes > 0 && len(set.Pipelines) > 0 && proto.Size(c) > q.MaxBytes {
		set.Pipelines = set.Pipelines[:len(set.Pipelines)-1]
		keepUsed(set)
		left++
	}
	return left
}

// keepUsed drops the modules that no step refers to.
func keepUsed(set *pb.SetPipelinesCommand) {
	used := make(map[string]bool)
	for _, p := range set.GetPipelines() {
		for _, step := range p.GetSteps() {
			used[step.GetXWasmId()] = true
		}
	}
	for id := range set.WasmModules {
		if !used[id] {
			delete(set.WasmModules, id)
		}
	}
}

// setFrame returns the shared frame with which sessions that spell an audience alike and
// have the same quirks get what they should run.
func (f *Fleet) setFrame(key audience.Key, d *desired, s *spelling, q Quirks) (frame.Frame, error) {
	known := f.known(key)
	return f.frames.get(frameKey{key, d.hash, s.text, q, known}, f.cfg.Now(), func() (frame.Frame, error) {
		// Others may wait for this frame, so it does not end with the stream that began it.
		ctx := context.Background()
		command := &pb.Command{
			Audience: s.audience,
			Command:  &pb.Command_SetPipelines{SetPipelines: f.setPipelines(ctx, key, d, known, q)},
		}
		if left := fit(command, q); left > 0 {
			f.noteOversized(key, left)
		}
		fr, err := frame.Encode(command)
		if err != nil {
			return fr, fmt.Errorf("pipelines of %s: %w", key, err)
		}
		return fr, nil
	})
}

func (f *Fleet) noteOversized(key audience.Key, left int) {
	f.stats.oversized.Add(1)
	f.cfg.Log.Error().Str("audience", string(key)).Int("left_out", left).
		Msg("the pipelines of an audience are larger than an SDK can receive; the last ones are not sent to it")
}

// deleteFrame tells an SDK to forget an audience.
func deleteFrame(s *spelling) (frame.Frame, error) {
	return frame.Encode(&pb.Command{
		Audience: s.audience,
		Command: &pb.Command_DeleteAudiences{DeleteAudiences: &pb.DeleteAudiencesCommand{
			Audiences: []*pb.Audience{s.audience},
		}},
	})
}

// keepAliveFrame is the same for everyone.
var keepAliveFrame = frame.Of(protowire.AppendBytes(protowire.AppendTag(nil, 101, protowire.BytesType), nil))
