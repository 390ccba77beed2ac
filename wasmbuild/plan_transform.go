package wasmbuild

import "github.com/streamdal/streamdal-server/api/pb"

// planTransform fills r for a transform step.
func planTransform(r *rule, step *pb.PipelineStep, format pb.PipelineDataFormat) error {
	return refuse("Transform type %s is not supported by this release; remove the step or choose another type.", step.GetTransform().GetType())
}
