package console

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// ChangeAssignment changes one pipeline's place at one audience and returns the list as it
// is then. Only what is asked for changes, so people who change one list at once all get
// what they want. Attaching creates the audience if needed; attaching what is attached and
// detaching what is not change nothing; everything else needs an attached pipeline.
func (s *Server) ChangeAssignment(ctx context.Context, req *consolepb.ChangeAssignmentRequest) (*consolepb.ChangeAssignmentResponse, error) {
	if err := checkSet("PipelineId", req.GetPipelineId()); err != nil {
		return nil, err
	}
	a, err := audience.Parse(req.GetAudience())
	if err != nil {
		return nil, invalid("%v", err)
	}
	key := audience.KeyOf(a)
	var list *pb.PipelineConfigs
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) (err error) {
		list, err = s.changeAssignment(tx, a, req)
		if err != nil {
			return err
		}
		if before := tx.Snapshot().Assignments[key]; before != nil && proto.Equal(before, list) || before == nil && len(list.GetConfigs()) == 0 {
			return nil
		}
		assign(tx, key, list)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &consolepb.ChangeAssignmentResponse{Configs: list}, nil
}

// changeAssignment returns the list as it shall be, and stages what else that needs.
func (s *Server) changeAssignment(tx *catalog.Tx, a *pb.Audience, req *consolepb.ChangeAssignmentRequest) (*pb.PipelineConfigs, error) {
	key, id := audience.KeyOf(a), req.GetPipelineId()
	snap := tx.Snapshot()
	list := &pb.PipelineConfigs{}
	if stored := snap.Assignments[key]; stored != nil {
		list = proto.CloneOf(stored)
	}
	at := slices.IndexFunc(list.GetConfigs(), func(c *pb.PipelineConfig) bool { return c.GetId() == id })
	switch change := req.GetChange().(type) {
	case *consolepb.ChangeAssignmentRequest_Attach:
		return list, s.attach(tx, a, id, at, change.Attach, list)
	case *consolepb.ChangeAssignmentRequest_Detach:
		if !change.Detach {
			return nil, invalid("field 'Detach' must be true")
		}
		if at < 0 && snap.Audiences[key] == nil {
			return nil, notFound(key)
		}
		if at >= 0 {
			list.Configs = slices.Delete(list.Configs, at, at+1)
		}
		return list, nil
	case *consolepb.ChangeAssignmentRequest_MoveTo:
		if at < 0 {
			return nil, notAttached(snap, key, id)
		}
		config := list.Configs[at]
		list.Configs = insert(slices.Delete(list.Configs, at, at+1), config, change.MoveTo)
		return list, nil
	case *consolepb.ChangeAssignmentRequest_Pause:
		if at < 0 {
			return nil, notAttached(snap, key, id)
		}
		list.Configs[at].Paused = change.Pause
		return list, nil
	default:
		return nil, invalid("field 'Change' cannot be empty: say attach, detach, move_to or pause")
	}
}

// attach puts a pipeline into a list that may have it already, at a place.
func (s *Server) attach(tx *catalog.Tx, a *pb.Audience, id string, at int, attach *consolepb.Attach, list *pb.PipelineConfigs) error {
	snap := tx.Snapshot()
	if err := checkAudience(snap, a); err != nil {
		return err
	}
	p := snap.Pipelines[id]
	if p == nil {
		return errNoPipeline
	}
	if at >= 0 {
		return nil
	}
	tx.PutPipeline(p) // as SetPipelines does: a concurrent DeletePipeline must conflict
	tx.PutAudience(known(snap.Audiences[audience.KeyOf(a)], a))
	config := &pb.PipelineConfig{Id: id, CreatedAtUnixTsUtc: s.now().Unix()}
	place := uint32(len(list.Configs))
	if attach.Place != nil {
		place = attach.GetPlace()
	}
	list.Configs = insert(list.Configs, config, place)
	return nil
}

// insert puts a pipeline at a place, at the end when there are fewer.
func insert(list []*pb.PipelineConfig, config *pb.PipelineConfig, place uint32) []*pb.PipelineConfig {
	return slices.Insert(list, int(min(uint64(place), uint64(len(list)))), config)
}

func notFound(key audience.Key) error {
	return failure.New(failure.NotFound, "audience '%s' not found", key)
}

// notAttached says why a pipeline has no place in a list.
func notAttached(snap *catalog.Snapshot, key audience.Key, id string) error {
	switch {
	case snap.Pipelines[id] == nil:
		return errNoPipeline
	case snap.Audiences[key] == nil:
		return notFound(key)
	default:
		return failure.New(failure.NotFound, "pipeline '%s' is not attached to audience '%s'; somebody may have detached it, attach it again", id, key)
	}
}
