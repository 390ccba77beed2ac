package client

import (
	"context"
	"fmt"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/audience"
)

// Engine loads modules.
type Engine interface {
	Load(ctx context.Context, module []byte, function string) (Instance, error)
}

// Instance is a loaded module. It is called by one goroutine at a time or serializes calls.
type Instance interface {
	Call(ctx context.Context, request *pb.WASMRequest) (*pb.WASMResponse, error)
	Close(ctx context.Context) error
}

// handle does what a command says. Key-value pairs are not played.
func (c *Client) handle(ctx context.Context, command *pb.Command) {
	if c.opts.OnCommand != nil {
		c.opts.OnCommand(command)
	}
	if a := command.GetAudience(); a != nil && c.opts.Library.exactService && a.GetServiceName() != c.opts.Service {
		c.opts.Log.Warn().Str("service", a.GetServiceName()).Msg("command for another service dropped")
		return
	}
	switch {
	case command.GetSetPipelines() != nil:
		if err := c.set(ctx, command.GetAudience(), command.GetSetPipelines()); err != nil {
			c.opts.Log.Error().Err(err).Msg("pipelines refused; the old ones stay")
		}
	case command.GetTail() != nil:
		c.tails.handle(command.GetTail().GetRequest())
	case command.GetDeleteAudiences() != nil:
		for _, a := range command.GetDeleteAudiences().GetAudiences() {
			c.forget(ctx, a)
		}
	}
}

// set replaces the list of an audience, or keeps the old one if any module is unusable.
func (c *Client) set(ctx context.Context, a *pb.Audience, command *pb.SetPipelinesCommand) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range command.GetPipelines() {
		for _, step := range p.GetSteps() {
			if err := c.load(ctx, step, command.GetWasmModules()); err != nil {
				c.prune(ctx)
				return fmt.Errorf("step '%s' of pipeline '%s': %w", step.GetName(), p.GetName(), err)
			}
			step.XWasmBytes = nil
		}
	}
	c.lists[audience.KeyOf(a)] = command.GetPipelines()
	c.prune(ctx)
	return nil
}

// load makes sure that a step's module can be called. c.mu is held.
func (c *Client) load(ctx context.Context, step *pb.PipelineStep, modules map[string]*shared.WasmModule) error {
	id := step.GetXWasmId()
	bytes := modules[id].GetBytes()
	if c.opts.Library.inlineModules {
		bytes = step.GetXWasmBytes()
	}
	if len(bytes) == 0 {
		return fmt.Errorf("no module '%s' was sent", id)
	}
	if c.opts.Engine == nil || c.code[id] != nil {
		return nil
	}
	instance, err := c.opts.Engine.Load(ctx, bytes, step.GetXWasmFunction())
	if err != nil {
		return fmt.Errorf("load module %s: %w", id, err)
	}
	c.code[id] = instance
	return nil
}

func (c *Client) forget(ctx context.Context, a *pb.Audience) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := audience.KeyOf(a)
	delete(c.lists, key)
	delete(c.known, key)
	c.report.forget(key)
	c.prune(ctx)
}

// prune closes modules that no list refers to. c.mu is held.
func (c *Client) prune(ctx context.Context) {
	if len(c.code) == 0 {
		return
	}
	used := make(map[string]bool)
	for _, list := range c.lists {
		for _, p := range list {
			for _, step := range p.GetSteps() {
				used[step.GetXWasmId()] = true
			}
		}
	}
	for id, instance := range c.code {
		if used[id] {
			continue
		}
		delete(c.code, id)
		if err := instance.Close(ctx); err != nil {
			c.opts.Log.Warn().Err(err).Str("module", id).Msg("module not closed cleanly")
		}
	}
}
