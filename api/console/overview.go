package console

import (
	"context"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// picture is what viewers see of one snapshot. It is made once and shared by all of them,
// so nothing in it may change.
type picture struct {
	of        *catalog.Snapshot
	audiences []*pb.Audience
	pipelines map[string]*pb.PipelineInfo
	configs   map[string]*pb.PipelineConfigs
}

// current returns the picture of the newest snapshot. Two callers may draw the same one at
// once; that costs time, nothing else.
func (s *Server) current() *picture {
	snap := s.catalog.Snapshot()
	if p := s.picture.Load(); p != nil && p.of.SameContent(snap) {
		return p
	}
	p := draw(snap)
	s.picture.Store(p)
	return p
}

func draw(snap *catalog.Snapshot) *picture {
	p := &picture{
		of:        snap,
		pipelines: make(map[string]*pb.PipelineInfo, len(snap.Pipelines)),
		configs:   make(map[string]*pb.PipelineConfigs, len(snap.Assignments)),
	}
	for _, key := range slices.Sorted(maps.Keys(snap.Audiences)) {
		p.audiences = append(p.audiences, snap.Audiences[key])
	}
	for id, pipeline := range snap.Pipelines {
		info := &pb.PipelineInfo{Pipeline: public(pipeline)}
		for _, key := range snap.UsedBy(id) {
			if a := named(snap, key); a != nil {
				info.Audiences = append(info.Audiences, a)
			}
		}
		p.pipelines[id] = info
	}
	for key, assignment := range snap.Assignments {
		if len(assignment.GetConfigs()) > 0 {
			p.configs[string(key)] = assignment
		}
	}
	return p
}

// named returns the audience of a key, also when it has no record.
func named(snap *catalog.Snapshot, key audience.Key) *pb.Audience {
	if a := snap.Audiences[key]; a != nil {
		return a
	}
	a, err := audience.Parse(string(key))
	if err != nil {
		return nil // such a key has no audience that a viewer could act upon
	}
	return a
}

// public returns a copy of a pipeline without code and without secrets. The ids of modules
// stay: viewers compare them.
func public(p *pb.Pipeline) *pb.Pipeline {
	p = proto.CloneOf(p)
	p.XNotificationConfigs = nil //nolint:staticcheck // imported pipelines may have them
	for _, step := range p.GetSteps() {
		step.XWasmBytes = nil
		step.XWasmFunction = nil
	}
	return p
}

// GetAll returns everything that the Console shows.
func (s *Server) GetAll(context.Context, *pb.GetAllRequest) (*pb.GetAllResponse, error) {
	return s.all(), nil
}

func (s *Server) all() *pb.GetAllResponse { return s.overview(s.current(), s.fleet.Live()) }

func (s *Server) overview(p *picture, live []*pb.LiveInfo) *pb.GetAllResponse {
	return &pb.GetAllResponse{
		Live:                   live,
		Audiences:              p.audiences,
		Pipelines:              p.pipelines,
		Configs:                p.configs,
		GeneratedAtUnixTsNsUtc: s.now().UnixNano(),
	}
}
