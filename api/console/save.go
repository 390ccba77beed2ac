package console

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/catalog"
)

var errDeletedMeanwhile = failure.New(failure.NotFound,
	"pipeline not found: it was deleted meanwhile; save it without what was seen to create it again")

// SavePipeline creates a pipeline, or replaces it unless it is no longer as it was seen;
// then nothing is saved, and the answer has the pipeline as it is. Checks and errors are
// those of CreatePipeline and UpdatePipeline.
func (s *Server) SavePipeline(ctx context.Context, req *consolepb.SavePipelineRequest) (*consolepb.SavePipelineResponse, error) {
	if req.GetPipeline() == nil {
		return nil, invalid("field 'Pipeline' cannot be empty")
	}
	p := own(req.GetPipeline())
	if err := checkPipeline(p); err != nil {
		return nil, fmt.Errorf("invalid pipeline: %w", err)
	}
	if p.Id == "" {
		if req.GetSeen() != nil {
			return nil, invalid("field 'Id' cannot be empty when 'Seen' is set")
		}
		p.Id = uuid.NewString()
	}
	modules, buildErr := s.build(ctx, p)
	var conflict *pb.Pipeline
	_, err := s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		old := tx.Snapshot().Pipelines[p.Id]
		conflict = nil
		switch {
		case old == nil && req.GetSeen() != nil:
			return errDeletedMeanwhile
		case req.GetSeen() != nil && !alike(old, req.GetSeen()):
			conflict = public(old)
			return nil
		case buildErr != nil:
			return fmt.Errorf("unable to populate WASM fields: %w", buildErr)
		}
		return s.stage(tx, proto.CloneOf(p), old, modules)
	})
	if err != nil {
		return nil, err
	}
	return &consolepb.SavePipelineResponse{PipelineId: p.Id, Conflict: conflict}, nil
}

// stage stages a pipeline in place of the old one, which is nil for a new one.
func (s *Server) stage(tx *catalog.Tx, p, old *pb.Pipeline, modules []*shared.WasmModule) error {
	now := proto.Int64(s.now().Unix())
	if old == nil {
		p.XCreatedAtUnixTsUtc = now
	} else {
		p.XUpdatedAtUnixTsUtc = now
		p.XCreatedBy, p.XCreatedAtUnixTsUtc = old.XCreatedBy, old.XCreatedAtUnixTsUtc
	}
	if err := put(tx, p, modules); err != nil {
		return fmt.Errorf("unable to populate WASM fields: %w", err)
	}
	if old != nil {
		dropModules(tx, old, p)
	}
	return nil
}

// alike says whether two pipelines are the same to people: without what the server adds.
func alike(a, b *pb.Pipeline) bool {
	a, b = own(a), own(b)
	a.XCreatedBy, b.XCreatedBy = nil, nil
	return proto.Equal(a, b)
}
