package wasmbuild

import "github.com/streamdal/streamdal-server/api/pb"

// refuseKind is the answer to kinds of steps that no module can be built for.
func refuseKind(step *pb.PipelineStep) error {
	switch step.GetStep().(type) {
	case *pb.PipelineStep_Custom:
		return refuse("Custom steps run a module that was uploaded; there is nothing to build for them.")
	case *pb.PipelineStep_Encode:
		return refuse("Encode steps only carry an id and say nothing about what to encode; remove the step or choose another kind.")
	case *pb.PipelineStep_Decode:
		return refuse("Decode steps only carry an id and say nothing about what to decode; remove the step or choose another kind.")
	case nil:
		return refuse("The step does nothing; give it a detective, a transform or another kind.")
	}
	return refuse("Steps of this kind are not supported by this release; remove the step or choose another kind.")
}
