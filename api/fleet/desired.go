package fleet

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
)

// hash identifies what an audience should run. Equal hashes mean that there is nothing to send.
type hash [sha256.Size]byte

// desired is what the sessions of an audience should run, besides the hidden pipeline. It
// never changes.
type desired struct {
	hash      hash
	since     time.Time                     // when this node learned of it; zero for what was there from the start
	active    []*pb.Pipeline                // what the catalog says
	complete  bool                          // pipelines has all of active
	pipelines []*pb.Pipeline                // those whose modules are there
	modules   map[string]*shared.WasmModule // by their id in the catalog
}

// nothing is what a deleted audience should run.
var nothing = newDesired(nil, nil)

// judgment says whether a pipeline can be sent, and with which hash.
type judgment struct {
	hash    hash
	missing string // the module that is not there; "" when all are
}

// desiredOf returns what an audience should run according to f.snap. f.mu is held.
func (f *Fleet) desiredOf(t *target) *desired {
	if t.desired != nil && t.judged == f.rules {
		return t.desired
	}
	t.judged = f.rules
	active := f.snap.Active(t.key)
	if t.desired != nil && t.desired.complete && slices.Equal(active, t.desired.active) {
		return t.desired
	}
	ready := make([]judgment, len(active))
	for i, p := range active {
		ready[i] = f.judge(p)
	}
	d := newDesired(active, ready)
	for _, p := range d.pipelines {
		for _, step := range p.GetSteps() {
			id := step.GetXWasmId()
			d.modules[id] = f.snap.Modules[id]
		}
	}
	if t.desired != nil {
		d.since = f.snap.Read
	}
	t.desired = d
	return d
}

// newDesired keeps the pipelines that can be sent.
func newDesired(active []*pb.Pipeline, judgments []judgment) *desired {
	d := &desired{active: active, complete: true, modules: make(map[string]*shared.WasmModule)}
	sum := sha256.New()
	for i, p := range active {
		if judgments[i].missing != "" {
			d.complete = false
			continue
		}
		d.pipelines = append(d.pipelines, p)
		sum.Write(judgments[i].hash[:])
	}
	sum.Sum(d.hash[:0])
	return d
}

// judge looks at a pipeline once for as long as the catalog has it. One that lacks a module
// is left out wherever it is attached, so that it does not keep others from running; that is
// logged and counted once per pipeline. f.mu is held.
func (f *Fleet) judge(p *pb.Pipeline) judgment {
	before, known := f.judged[p]
	if known && before.missing == "" {
		return before
	}
	j := judgment{missing: f.missingModule(p)}
	if j.missing == "" {
		j.hash = hashOf(p, f.snap.Modules)
	} else if !known {
		f.stats.incompletePipelines.Add(1)
		f.cfg.Log.Error().Str("pipeline", p.GetId()).Str("module", j.missing).
			Msg("a pipeline is not sent to anyone because a module of it is missing; save the pipeline again")
	}
	f.judged[p] = j
	return j
}

// missingModule returns the id of a module that the catalog lacks, "" when it has all.
func (f *Fleet) missingModule(p *pb.Pipeline) string {
	for _, step := range p.GetSteps() {
		id := step.GetXWasmId()
		if id == "" {
			return "(a step names none)"
		}
		if len(f.snap.Modules[id].GetBytes()) == 0 {
			return id
		}
	}
	return ""
}

// hashOf hashes what sessions see of a pipeline. Its length goes in first, so that lists of
// pipelines cannot be taken for each other.
func hashOf(p *pb.Pipeline, modules map[string]*shared.WasmModule) hash {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(forSDK(p, modules))
	if err != nil { // not possible for what was decoded from the store
		b = []byte(p.GetId())
	}
	sum := sha256.New()
	sum.Write(binary.AppendUvarint(nil, uint64(len(b))))
	sum.Write(b)
	return hash(sum.Sum(nil))
}
