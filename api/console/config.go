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

// GetConfig returns what the Kubernetes operator compares, whole objects at a time, with
// what it wants: everything as it was given, the secrets of notifications included, and
// nothing that this server added. The operator stops altogether at an audience whose names
// break its rules, so those that SDKs of other manners announced are left out.
func (s *Server) GetConfig(context.Context, *pb.GetConfigRequest) (*pb.GetConfigResponse, error) {
	return &pb.GetConfigResponse{Config: export(s.catalog.Snapshot(), func(a *pb.Audience) bool { return audience.Check(a) == nil })}, nil
}

// Export returns what GetConfig returns, with all audiences, for people to keep.
func (s *Server) Export() *pb.Config {
	return export(s.catalog.Snapshot(), func(*pb.Audience) bool { return true })
}

// export returns the configuration of a snapshot in a fixed order, for the audiences that
// wanted takes. It holds secrets, and no code.
func export(snap *catalog.Snapshot, wanted func(*pb.Audience) bool) *pb.Config {
	c := &pb.Config{AudienceMappings: make(map[string]*pb.PipelineConfigs, len(snap.Assignments))}
	for _, key := range slices.Sorted(maps.Keys(snap.Audiences)) {
		if a := snap.Audiences[key]; wanted(a) {
			c.Audiences = append(c.Audiences, a)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(snap.Pipelines)) {
		c.Pipelines = append(c.Pipelines, given(snap.Pipelines[id]))
	}
	for _, id := range slices.Sorted(maps.Keys(snap.Notifications)) {
		c.Notifications = append(c.Notifications, snap.Notifications[id])
	}
	for _, id := range slices.Sorted(maps.Keys(snap.Modules)) {
		c.WasmModules = append(c.WasmModules, withoutBytes(snap.Modules[id]))
	}
	for key, assignment := range snap.Assignments {
		if len(assignment.GetConfigs()) > 0 && wanted(named(snap, key)) {
			c.AudienceMappings[string(key)] = assignment
		}
	}
	return c
}

// given returns a copy of a pipeline without the dates that this server adds.
func given(p *pb.Pipeline) *pb.Pipeline {
	p = proto.CloneOf(p)
	p.XCreatedAtUnixTsUtc = nil
	p.XUpdatedAtUnixTsUtc = nil
	for _, step := range p.GetSteps() {
		step.XWasmBytes = nil
	}
	return p
}
