package legacy

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
)

// finish makes records of what refers to other records.
func (r *reader) finish() {
	for _, p := range r.found.pipelines {
		for _, step := range p.GetSteps() {
			r.respell(step.GetOnTrue())
			r.respell(step.GetOnFalse())
			r.respell(step.GetOnError())
			if step.GetCustom() != nil {
				r.finishCustom(step)
			}
		}
	}
	r.found.pipelines = slices.DeleteFunc(r.found.pipelines, func(p *pb.Pipeline) bool {
		err := r.putMessage(store.KindPipeline, p.GetId(), p)
		if err != nil {
			r.leaveOut("streamdal_pipeline:"+strings.ToLower(p.GetId()), err.Error())
		}
		return err != nil
	})
	for key, configs := range r.assignments {
		r.finishAssignment(key, configs)
	}
	slices.SortFunc(r.found.LeftOut, func(a, b LeftOut) int { return strings.Compare(a.Key, b.Key) })
	slices.SortFunc(r.found.Records, func(a, b store.Record) int { return strings.Compare(a.String(), b.String()) })
}

// respell writes the ids of notifications as those are spelled.
func (r *reader) respell(c *pb.PipelineStepConditions) {
	for i, id := range c.GetNotification().GetNotificationConfigIds() {
		if actual, ok := r.notifications[strings.ToLower(id)]; ok {
			c.Notification.NotificationConfigIds[i] = actual
		}
	}
}

// finishCustom points a step at its uploaded module, or makes one of the copy that the
// original keeps inside of the step.
func (r *reader) finishCustom(step *pb.PipelineStep) {
	id := strings.ToLower(step.GetXWasmId())
	m := r.modules[id]
	if m == nil {
		original := r.found.originals[step.GetXWasmId()]
		if original == nil {
			return // as broken as it was
		}
		m = &shared.WasmModule{Id: original.GetId(), Name: "custom-" + id, Function: original.GetFunction(), Bytes: original.GetBytes()}
		if r.putMessage(store.KindWasm, m.GetId(), m) != nil {
			return
		}
		r.modules[id] = m
	}
	step.XWasmId, step.XWasmFunction = proto.String(m.GetId()), proto.String(m.GetFunction())
}

// finishAssignment leaves out pipelines that do not exist: the original forgets to detach
// them when they are deleted, and a later one of the same id would be attached unasked.
func (r *reader) finishAssignment(key audience.Key, configs *pb.PipelineConfigs) {
	configs.Configs = slices.DeleteFunc(configs.Configs, func(c *pb.PipelineConfig) bool {
		lower := strings.ToLower(c.GetId())
		if actual, ok := r.pipelineIDs[lower]; ok {
			c.Id = actual
			return false
		}
		if r.damagedIDs[lower] {
			return false
		}
		r.found.Dangling++
		return true
	})
	if len(configs.GetConfigs()) == 0 {
		return
	}
	if err := r.putMessage(store.KindAssignment, string(key), configs); err != nil {
		r.leaveOut("streamdal_audience:"+string(key), err.Error())
	}
}
