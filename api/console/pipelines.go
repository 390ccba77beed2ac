package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// GetPipelines returns every pipeline, by name.
func (s *Server) GetPipelines(context.Context, *pb.GetPipelinesRequest) (*pb.GetPipelinesResponse, error) {
	reply := &pb.GetPipelinesResponse{}
	for _, p := range s.current().pipelines {
		reply.Pipelines = append(reply.Pipelines, p.GetPipeline())
	}
	slices.SortFunc(reply.Pipelines, func(a, b *pb.Pipeline) int {
		return cmp.Or(cmp.Compare(a.GetName(), b.GetName()), cmp.Compare(a.GetId(), b.GetId()))
	})
	return reply, nil
}

// GetPipeline returns one pipeline, or NotFound.
func (s *Server) GetPipeline(_ context.Context, req *pb.GetPipelineRequest) (*pb.GetPipelineResponse, error) {
	if err := checkSet("PipelineId", req.GetPipelineId()); err != nil {
		return nil, fmt.Errorf("invalid get pipeline request: %w", err)
	}
	p := s.current().pipelines[req.GetPipelineId()]
	if p == nil {
		return nil, fmt.Errorf("unable to get pipelines: %w", errNoPipeline)
	}
	return &pb.GetPipelineResponse{Pipeline: p.GetPipeline()}, nil
}

// CreatePipeline builds and stores a pipeline that is attached to nothing. Without an id
// it gets a new UUID; an id that is in use is AlreadyExists.
func (s *Server) CreatePipeline(ctx context.Context, req *pb.CreatePipelineRequest) (*pb.CreatePipelineResponse, error) {
	p, err := requested(req.GetPipeline(), req.PipelineJson)
	if err == nil {
		p = own(p)
		err = checkPipeline(p)
	}
	if err != nil {
		return nil, fmt.Errorf("invalid create pipeline request: %w", err)
	}
	if p.Id == "" {
		p.Id = uuid.NewString()
	}
	modules, err := s.build(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("unable to populate WASM fields: %w", err)
	}
	p.XCreatedAtUnixTsUtc = proto.Int64(s.now().Unix())
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if tx.Snapshot().Pipelines[p.Id] != nil {
			return failure.New(failure.Exists, "pipeline with that ID already exists")
		}
		return put(tx, p, modules)
	})
	if err != nil {
		return nil, err
	}
	return &pb.CreatePipelineResponse{Message: "Pipeline created successfully", PipelineId: p.Id}, nil
}

// UpdatePipeline replaces a pipeline, except for who created it and when.
func (s *Server) UpdatePipeline(ctx context.Context, req *pb.UpdatePipelineRequest) (*pb.StandardResponse, error) {
	id, err := s.updatePipeline(ctx, req)
	return s.inBand(ctx, "UpdatePipeline", fmt.Sprintf("pipeline '%s' updated", id), err)
}

func (s *Server) updatePipeline(ctx context.Context, req *pb.UpdatePipelineRequest) (string, error) {
	p, err := requested(req.GetPipeline(), req.PipelineJson)
	if err != nil {
		return "", err
	}
	p = own(p)
	if err := checkSet("Id", p.GetId()); err != nil {
		return "", err
	}
	if err := checkPipeline(p); err != nil {
		return "", err
	}
	modules, buildErr := s.build(ctx, p)
	p.XUpdatedAtUnixTsUtc = proto.Int64(s.now().Unix())
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		old := tx.Snapshot().Pipelines[p.GetId()]
		if old == nil {
			return errNoPipeline
		}
		if buildErr != nil {
			return fmt.Errorf("unable to repopulate WASM data: %w", buildErr)
		}
		p.XCreatedBy = old.XCreatedBy
		p.XCreatedAtUnixTsUtc = old.XCreatedAtUnixTsUtc
		if err := put(tx, p, modules); err != nil {
			return fmt.Errorf("unable to repopulate WASM data: %w", err)
		}
		dropModules(tx, old, p)
		return nil
	})
	return p.GetId(), err
}

// DeletePipeline deletes a pipeline and detaches it from every audience, in one change.
func (s *Server) DeletePipeline(ctx context.Context, req *pb.DeletePipelineRequest) (*pb.StandardResponse, error) {
	err := s.deletePipeline(ctx, req.GetPipelineId())
	return s.inBand(ctx, "DeletePipeline", fmt.Sprintf("pipeline '%s' deleted", req.GetPipelineId()), err)
}

func (s *Server) deletePipeline(ctx context.Context, id string) error {
	if err := checkSet("PipelineId", id); err != nil {
		return err
	}
	_, err := s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		snap := tx.Snapshot()
		old := snap.Pipelines[id]
		if old == nil {
			return errNoPipeline
		}
		for _, key := range snap.UsedBy(id) {
			assign(tx, key, without(snap.Assignments[key], id))
		}
		tx.DeletePipeline(id)
		dropModules(tx, old, nil)
		return nil
	})
	return err
}

// own returns a copy of a pipeline without what only the server may say. The deprecated
// notification configs go too: they would carry secrets to everybody who reads pipelines.
func own(p *pb.Pipeline) *pb.Pipeline {
	p = proto.CloneOf(p)
	p.XPaused = nil
	p.XNotificationConfigs = nil //nolint:staticcheck // clients still have it
	p.XCreatedAtUnixTsUtc = nil
	p.XUpdatedAtUnixTsUtc = nil
	for _, step := range p.GetSteps() {
		if step.GetCustom() == nil {
			step.XWasmId = nil // of a custom step it names the uploaded module
		}
		step.XWasmBytes = nil
		step.XWasmFunction = nil
	}
	return p
}
