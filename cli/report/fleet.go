package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/inspect"
)

// Picture is the records of a store by what they mean to each other. Records that cannot be
// decoded are left out of it; Keys and Record show them.
type Picture struct {
	pipelines   map[string]*pb.Pipeline
	assignments map[audience.Key]*pb.PipelineConfigs
	audiences   map[audience.Key]*pb.Audience
	schemas     map[audience.Key]*pb.Schema
	sessions    []session
}

type session struct {
	node, id string
	info     *pb.LiveInfo
}

// NewPicture returns an empty Picture.
func NewPicture() *Picture {
	return &Picture{
		pipelines: map[string]*pb.Pipeline{}, assignments: map[audience.Key]*pb.PipelineConfigs{},
		audiences: map[audience.Key]*pb.Audience{}, schemas: map[audience.Key]*pb.Schema{},
	}
}

// Add takes a record with its value.
func (p *Picture) Add(r *console.StoreRecord) error {
	m, ok, err := inspect.Decode(store.Kind(r.GetKind()), r.GetValue())
	if !ok || err != nil || r.GetProblem() != "" {
		return nil //nolint:nilerr // left out, as promised
	}
	switch m := m.(type) {
	case *pb.Pipeline:
		p.pipelines[r.GetId()] = m
	case *pb.PipelineConfigs:
		p.assignments[audience.Key(r.GetId())] = m
	case *pb.Audience:
		p.audiences[audience.Key(r.GetId())] = m
	case *pb.Schema:
		p.schemas[audience.Key(r.GetId())] = m
	case *pb.LiveInfo:
		node, id, _ := strings.Cut(r.GetId(), "/")
		p.sessions = append(p.sessions, session{node: node, id: id, info: m})
	}
	return nil
}

// Sessions writes who is connected.
func (w Writer) Sessions(p *Picture) error {
	type row struct {
		Node      string   `json:"node"`
		Session   string   `json:"session"`
		Client    message  `json:"client"`
		Audiences []string `json:"audiences"`
	}
	rows := []row{}
	t := newTable("NODE", "SESSION", "SERVICE", "LIBRARY", "AUDIENCES")
	for _, s := range p.sessions {
		keys := []string{}
		for _, a := range s.info.GetAudiences() {
			keys = append(keys, string(audience.KeyOf(a)))
		}
		slices.Sort(keys)
		c := s.info.GetClient()
		t.row(s.node, s.id, c.GetXServiceName(), strings.TrimSpace(c.GetLibraryName()+" "+c.GetLibraryVersion()), fmt.Sprint(len(keys)))
		if c == nil {
			c = &pb.ClientInfo{}
		}
		rows = append(rows, row{Node: s.node, Session: s.id, Client: message{c}, Audiences: keys})
	}
	if w.Format == JSON {
		return w.json(rows)
	}
	return t.writeTo(w.Out)
}

// Pipelines writes every pipeline and where it is used.
func (w Writer) Pipelines(p *Picture) error {
	type row struct {
		Pipeline  message  `json:"pipeline"`
		Audiences []string `json:"audiences"`
		Paused    []string `json:"pausedFor"`
	}
	rows := []row{}
	t := newTable("ID", "NAME", "STEPS", "AUDIENCES", "PAUSED")
	for _, id := range slices.Sorted(maps.Keys(p.pipelines)) {
		pipeline := p.pipelines[id]
		used, paused := p.uses(id)
		t.row(id, pipeline.GetName(), fmt.Sprint(len(pipeline.GetSteps())), fmt.Sprint(len(used)), fmt.Sprint(len(paused)))
		rows = append(rows, row{Pipeline: message{pipeline}, Audiences: used, Paused: paused})
	}
	if w.Format == JSON {
		return w.json(rows)
	}
	return t.writeTo(w.Out)
}

// uses returns the audiences that a pipeline is attached to, and those it is paused for.
func (p *Picture) uses(id string) (used, paused []string) {
	used, paused = []string{}, []string{}
	for _, k := range slices.Sorted(maps.Keys(p.assignments)) {
		for _, c := range p.assignments[k].GetConfigs() {
			if c.GetId() != id {
				continue
			}
			used = append(used, string(k))
			if c.GetPaused() {
				paused = append(paused, string(k))
			}
			break
		}
	}
	return used, paused
}

// Audiences writes every audience with its ordered pipelines.
func (w Writer) Audiences(p *Picture) error {
	type config struct {
		ID      string `json:"id"`
		Name    string `json:"name,omitempty"`
		Paused  bool   `json:"paused,omitempty"`
		Missing bool   `json:"missing,omitempty"`
	}
	type row struct {
		Audience  string   `json:"audience"`
		CreatedBy string   `json:"createdBy,omitempty"`
		Pipelines []config `json:"pipelines"`
		Schema    bool     `json:"schema"`
		Sessions  int      `json:"sessions"`
	}
	live := p.liveByAudience()
	rows := []row{}
	t := newTable("AUDIENCE", "SESSIONS", "SCHEMA", "PIPELINES")
	for _, k := range p.keys(live) {
		r := row{
			Audience: string(k), CreatedBy: p.audiences[k].GetXCreatedBy(), Pipelines: []config{},
			Schema: p.schemas[k] != nil, Sessions: live[k],
		}
		var names []string
		for _, c := range p.assignments[k].GetConfigs() {
			pipeline := p.pipelines[c.GetId()]
			r.Pipelines = append(r.Pipelines, config{ID: c.GetId(), Name: pipeline.GetName(), Paused: c.GetPaused(), Missing: pipeline == nil})
			name := cmp.Or(pipeline.GetName(), c.GetId())
			if pipeline == nil {
				name += " (missing)"
			}
			if c.GetPaused() {
				name += " (paused)"
			}
			names = append(names, name)
		}
		schema := "no"
		if r.Schema {
			schema = "yes"
		}
		t.row(r.Audience, fmt.Sprint(r.Sessions), schema, strings.Join(names, ", "))
		rows = append(rows, r)
	}
	if w.Format == JSON {
		return w.json(rows)
	}
	return t.writeTo(w.Out)
}

// keys returns every audience that something is known of, in order.
func (p *Picture) keys(live map[audience.Key]int) []audience.Key {
	all := make(map[audience.Key]bool)
	for k := range p.audiences {
		all[k] = true
	}
	for k := range p.assignments {
		all[k] = true
	}
	for k := range live {
		all[k] = true
	}
	return slices.Sorted(maps.Keys(all))
}

func (p *Picture) liveByAudience() map[audience.Key]int {
	live := make(map[audience.Key]int)
	for _, s := range p.sessions {
		for _, a := range s.info.GetAudiences() {
			live[audience.KeyOf(a)]++
		}
	}
	return live
}
