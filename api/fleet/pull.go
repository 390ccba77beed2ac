package fleet

import (
	"context"
	"maps"
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
	// unsure is until when somebody who was given something else may still register.
	unsure time.Time
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
		modules := set.GetWasmModules()
		set.WasmModules = nil
		command := &pb.Command{Audience: c.spelling.audience, Command: &pb.Command_SetPipelines{SetPipelines: set}}
		if q.MaxBytes > 0 {
			more := sizeIn(reply, command, modules)
			if size+more > q.MaxBytes {
				continue // pushed on Register, because it is not in gave
			}
			size += more
		}
		maps.Copy(reply.WasmModules, modules)
		reply.SetPipelineCommands = append(reply.SetPipelineCommands, command)
		gave[c.key] = pulled{hash: c.desired.hash, spelling: c.spelling.text}
	}
	if q.PullCounts && len(gave) > 0 { // so only services that exist are remembered
		f.rememberPull(serviceName, gave)
	}
	return reply
}

// sizeIn is by how much a command and those of its modules that are new to it enlarge a reply.
func sizeIn(reply *pb.GetSetPipelinesCommandsByServiceResponse, command *pb.Command, modules map[string]*shared.WasmModule) int {
	extra := &pb.GetSetPipelinesCommandsByServiceResponse{
		SetPipelineCommands: []*pb.Command{command}, WasmModules: make(map[string]*shared.WasmModule),
	}
	for id, m := range modules {
		if reply.WasmModules[id] == nil {
			extra.WasmModules[id] = m
		}
	}
	return proto.Size(extra)
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
	key, now := strings.ToLower(serviceName), f.cfg.Now()
	if last := f.pulls[key]; last != nil && now.Sub(last.at) <= pullCounts {
		for k, g := range gave {
			before, ok := last.gave[k]
			g.unsure = now.Add(pullCounts)
			if ok && before.hash == g.hash && before.spelling == g.spelling {
				g.unsure = before.unsure
			}
			gave[k] = g
		}
	}
	f.pulls[key] = &pull{at: now, gave: gave}
}

// justPulled returns what a session has of an audience from its pull, if that is not to be
// pushed again: only to a session that registers for the first time. A pull does not say whose
// it is, so it counts only where all that may still register were given the same. f.mu is held.
func (f *Fleet) justPulled(s *session, u *sub) (p pulled, at time.Time, ok bool) {
	last, now := f.pulls[s.service.name], f.cfg.Now()
	if !s.quirks.PullCounts || s.registered || last == nil || now.Sub(last.at) > pullCounts {
		return pulled{}, time.Time{}, false
	}
	p, ok = last.gave[u.target.key]
	return p, last.at, ok && p.spelling == u.spelling.text && !now.Before(p.unsure)
}
