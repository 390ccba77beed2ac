package wasmbuild

import "github.com/streamdal/streamdal-server/api/pb"

// planDetective fills r for a detective step.
func planDetective(r *rule, step *pb.PipelineStep, format pb.PipelineDataFormat) error {
	return refuse("Detective type %s is not supported by this release; remove the step or choose another type.", step.GetDetective().GetType())
}
