package fleet

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/audience"
)

// pullCounts is how long after a pull a Register is taken to come from who pulled. SDKs do
// one right after the other.
const pullCounts = 15 * time.Second

// pull remembers what was handed out to SDKs whose next Register must not push it again.
type pull struct {
	at   time.Time
	gave map[audience.Key]pulled
}

type pulled struct {
	hash     hash
	spelling string
}

// Commands answers a service that asks what it should run: a command for each of its stored
// audiences, and one map of all modules. The service is spelled as it was asked for; the
// other names as its sessions spell them. An unknown service gets no commands.
func (f *Fleet) Commands(ctx context.Context, serviceName string, q Quirks) *pb.GetSetPipelinesCommandsByServiceResponse {
	reply := &pb.GetSetPipelinesCommandsByServiceResponse{WasmModules: make(map[string]*shared.WasmModule)}
	gave := make(map[audience.Key]pulled)
	size := 0
	for _, c := range f.wantedBy(serviceName, q) {
		set := f.setPipelines(ctx, c.key, c.desired, f.known(c.key), q)
		command := &pb.Command{Audience: c.spelling.audience, Command: &pb.Command_SetPipelines{SetPipelines: set}}
		if q.MaxBytes > 0 {
			// Counting shared modules once per audience errs on the safe side.
			if size += proto.Size(command); size > q.MaxBytes {
				f.noteOversized(c.key, len(set.GetPipelines()))
				break // pushed on Register, because it is not in gave
			}
		}
		for id, m := range set.GetWasmModules() {
			reply.WasmModules[id] = m
		}
		set.WasmModules = nil
		reply.SetPipelineCommands = append(reply.SetPipelineCommands, command)
		gave[c.key] = pulled{c.desired.hash, c.spelling.text}
	}
	if q.PullCounts && len(gave) > 0 { // so only services that exist are remembered
		f.rememberPull(serviceName, gave)
	}
	return reply
}

// wantedBy returns what the stored audiences of a service should run, those with pipelines
// first: they are what must not be left out when there is not room for all.
func (f *Fleet) wantedBy(serviceName string, q Quirks) []*audienceChange {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.catchUp()
	svc := f.services[strings.ToLower(serviceName)]
	if svc == nil {
		return nil
	}
	asker := &session{name: serviceName} // only to spell as it does
	var with, without []*audienceChange
	for _, t := range svc.ordered() {
		if !t.stored {
			continue
		}
		u := &sub{target: t}
		asker.respell(u, nil)
		c := &audienceChange{key: t.key, desired: f.desiredOf(t), spelling: u.spelling, quirks: q}
		if len(c.desired.active) > 0 {
			with = append(with, c)
		} else {
			without = append(without, c)
		}
	}
	return append(with, without...)
}

func (f *Fleet) rememberPull(serviceName string, gave map[audience.Key]pulled) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pulls[strings.ToLower(serviceName)] = &pull{at: f.cfg.Now(), gave: gave}
}

// justPulled returns what a session has from its pull, if that is not to be pushed again:
// only to a session that registers for the first time. f.mu is held.
func (f *Fleet) justPulled(s *session) map[audience.Key]pulled {
	p := f.pulls[s.service.name]
	if !s.quirks.PullCounts || s.registered || p == nil || f.cfg.Now().Sub(p.at) > pullCounts {
		return nil
	}
	return p.gave
}
