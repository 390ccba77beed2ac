// Package wasmbuild turns a pipeline step into a small WebAssembly module of
// its own: only the code that this step needs, with its path, arguments and
// tables as constants.
//
// The way of a step: plan (step -> kernel functions and constants), link
// (bind, add constants, prune, encode), verify (compile once with wazero).
package wasmbuild

import (
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"

	"github.com/google/uuid"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/gowasm"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

//go:embed kernel/*.go
var kernelSource embed.FS

// entryName is what every module calls its entry point, as the original's do.
const entryName = "f"

// kernelBase is where the kernel's own constants begin; address 0 stays free to mean "nothing".
const kernelBase = 1024

// Module is a WebAssembly module that an SDK can run.
type Module struct {
	ID       string // UUID made from the bytes and the function's name
	Function string // the exported entry point
	Bytes    []byte
}

// Builder builds modules. It is safe for concurrent use.
type Builder struct {
	kernel *link.Module
}

// New compiles the kernel.
func New(ctx context.Context) (*Builder, error) {
	src, err := fs.Sub(kernelSource, "kernel")
	if err != nil {
		return nil, err
	}
	kernel, err := gowasm.Compile(src, kernelBase)
	if err != nil {
		return nil, fmt.Errorf("compile kernel: %w", err)
	}
	return &Builder{kernel: kernel}, nil
}

// Close releases what the builder holds.
func (b *Builder) Close(ctx context.Context) error { return nil }

// Step builds the module for a step. A step that cannot be built gives a *StepError.
func (b *Builder) Step(ctx context.Context, step *pb.PipelineStep, format pb.PipelineDataFormat) (*Module, error) {
	r := newRule(b.kernel.DataEnd)
	if err := planStep(r, step, format); err != nil {
		return nil, err
	}
	return b.link(r)
}

// InferSchema builds the hidden step that learns the shape of an audience's
// payloads. Each audience has a module, and so a module id, of its own.
func (b *Builder) InferSchema(ctx context.Context, audienceKey string) (*Module, error) {
	r := newRule(b.kernel.DataEnd)
	if err := planInferSchema(r, audienceKey); err != nil {
		return nil, err
	}
	return b.link(r)
}

func (b *Builder) link(r *rule) (*Module, error) {
	r.set["Heap"] = r.data.Align(64)
	m, err := b.kernel.Link(link.Rule{
		Exports: map[string]string{"alloc": "alloc", "dealloc": "dealloc", entryName: r.entry},
		Bind:    r.bind,
		Set:     r.set,
		Data:    []link.Data{{Offset: r.data.Base(), Bytes: r.data.Image()}},
		Top:     r.data.Addr(),
	})
	if err != nil {
		return nil, err
	}
	bytes := m.Encode()
	return &Module{ID: moduleID(bytes), Function: entryName, Bytes: bytes}, nil
}

// moduleID names the content: other bytes, other id.
func moduleID(bytes []byte) string {
	h := sha256.New()
	h.Write(bytes)
	h.Write([]byte(entryName))
	id, _ := uuid.FromBytes(h.Sum(nil)[:16])
	return id.String()
}
