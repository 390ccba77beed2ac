package console

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// SetPipelines replaces the ordered pipelines of an audience, which it creates if needed.
// Pipelines that stay keep their pause state and date; of duplicates the first counts.
func (s *Server) SetPipelines(ctx context.Context, req *pb.SetPipelinesRequest) (*pb.StandardResponse, error) {
	n, err := s.setPipelines(ctx, req)
	return s.inBand(ctx, "SetPipelines", fmt.Sprintf("successfully set '%d' pipelines for audience '%s'",
		n, audience.KeyOf(req.GetAudience())), err)
}

func (s *Server) setPipelines(ctx context.Context, req *pb.SetPipelinesRequest) (n int, err error) {
	if err := checkText("CreatedBy", req.GetXCreatedBy()); err != nil {
		return 0, err
	}
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		snap := tx.Snapshot()
		if err := checkAudience(snap, req.GetAudience()); err != nil {
			return err
		}
		key := audience.KeyOf(req.GetAudience())
		next := &pb.PipelineConfigs{XCreatedBy: req.XCreatedBy}
		seen := map[string]bool{}
		for _, id := range req.GetPipelineIds() {
			if seen[id] {
				continue
			}
			seen[id] = true
			p := snap.Pipelines[id]
			if p == nil {
				return errNoPipeline
			}
			config := find(snap.Assignments[key], id)
			if config == nil {
				// Written, not only required: a concurrent DeletePipeline, which does
				// not know this audience yet, must conflict.
				tx.PutPipeline(p)
				config = &pb.PipelineConfig{Id: id, CreatedAtUnixTsUtc: s.now().Unix()}
			}
			next.Configs = append(next.Configs, config)
		}
		n = len(next.Configs)
		tx.PutAudience(known(snap.Audiences[key], req.GetAudience()))
		assign(tx, key, next)
		return nil
	})
	return n, err
}

// known returns what to store for an audience: what is stored, else its names.
func known(stored, named *pb.Audience) *pb.Audience {
	if stored != nil {
		return stored
	}
	named = proto.CloneOf(named)
	named.XCreatedBy = nil // only CreateAudience says who made it
	return named
}

// PausePipeline keeps a pipeline attached to an audience without running it.
func (s *Server) PausePipeline(ctx context.Context, req *pb.PausePipelineRequest) (*pb.StandardResponse, error) {
	message, err := s.setPaused(ctx, req.GetPipelineId(), req.GetAudience(), true)
	return s.inBand(ctx, "PausePipeline", message, err)
}

// ResumePipeline undoes PausePipeline.
func (s *Server) ResumePipeline(ctx context.Context, req *pb.ResumePipelineRequest) (*pb.StandardResponse, error) {
	message, err := s.setPaused(ctx, req.GetPipelineId(), req.GetAudience(), false)
	return s.inBand(ctx, "ResumePipeline", message, err)
}

// setPaused returns the message of the reply; all three outcomes are successes.
func (s *Server) setPaused(ctx context.Context, id string, a *pb.Audience, paused bool) (message string, err error) {
	if err := checkSet("PipelineId", id); err != nil {
		return "", err
	}
	key, state := audience.KeyOf(a), "resumed"
	if paused {
		state = "paused"
	}
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		snap := tx.Snapshot()
		if err := checkAudience(snap, a); err != nil {
			return err
		}
		if snap.Pipelines[id] == nil {
			return errNoPipeline
		}
		config := find(snap.Assignments[key], id)
		switch {
		case config == nil:
			message = fmt.Sprintf("nothing to do - pipeline '%s' not being used by audience '%s'", id, key)
		case config.GetPaused() == paused:
			message = fmt.Sprintf("pipeline '%s' for audience '%s' is already %s", id, key, state)
		default:
			message = fmt.Sprintf("pipeline '%s' for audience '%s' %s", id, key, state)
			next := proto.CloneOf(snap.Assignments[key])
			for _, c := range next.GetConfigs() {
				if c.GetId() == id {
					c.Paused = paused
				}
			}
			tx.PutAssignment(key, next)
		}
		return nil
	})
	return message, err
}

// find returns the config of a pipeline in an assignment, nil when it is not attached.
func find(assignment *pb.PipelineConfigs, id string) *pb.PipelineConfig {
	for _, c := range assignment.GetConfigs() {
		if c.GetId() == id {
			return c
		}
	}
	return nil
}

// without returns a copy of an assignment that lacks a pipeline.
func without(assignment *pb.PipelineConfigs, id string) *pb.PipelineConfigs {
	next := proto.CloneOf(assignment)
	next.Configs = slices.DeleteFunc(next.GetConfigs(), func(c *pb.PipelineConfig) bool { return c.GetId() == id })
	return next
}

// assign stages an assignment; an empty one is none.
func assign(tx *catalog.Tx, key audience.Key, next *pb.PipelineConfigs) {
	if len(next.GetConfigs()) == 0 {
		tx.DeleteAssignment(key)
		return
	}
	tx.PutAssignment(key, next)
}
