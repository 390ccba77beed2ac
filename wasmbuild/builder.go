// Package wasmbuild turns a pipeline step into a small WebAssembly module of
// its own: only the code that this step needs, with its path, arguments and
// tables as constants.
//
// The way of a step: plan (which kernel functions, which constants), link
// (bind, add constants, prune, encode), verify (compile once with wazero). The
// kernel is Go source in package kernel, embedded here and compiled by gowasm
// when a Builder is made.
package wasmbuild

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/gowasm"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

//go:embed kernel/*.go
var kernelSource embed.FS

const (
	// entryName is what every module calls its entry point. The Ruby SDK looks for no other.
	entryName = "f"

	// ruleBase is where a rule's constants begin: address 0 and its neighbours
	// stay free to mean "nothing".
	ruleBase = 1024

	// maxCached bounds the modules kept: at 8 KiB each they take 8 MiB.
	maxCached = 1024

	// maxConstants bounds a step's path, arguments and tables, so that no
	// caller can have a module of any size built and sent to every SDK.
	maxConstants = 1 << 20

	// ruleSection is the custom section that says what a module is.
	ruleSection = "streamdal.rule"

	// revision is part of every module. Raise it when modules must get new ids
	// although their code and constants stay the same.
	revision = 1
)

// Module is a WebAssembly module that an SDK can run. It is shared: do not change it.
type Module struct {
	ID       string // UUID made from the bytes and the function's name
	Function string // the exported entry point
	Bytes    []byte
}

// Builder builds modules. It is safe for concurrent use.
type Builder struct {
	kernel   *link.Module
	verifier *verifier
	modules  *cache
	flight   singleflight.Group // equal steps are built once at a time
	stats    counters
}

// New compiles the kernel, which takes 0.1 to 0.2 s and needs no Go installation.
func New(ctx context.Context) (*Builder, error) {
	src, err := fs.Sub(kernelSource, "kernel")
	if err != nil {
		return nil, fmt.Errorf("open kernel sources: %w", err)
	}
	kernel, err := gowasm.Compile(src)
	if err != nil {
		return nil, fmt.Errorf("compile kernel: %w", err)
	}
	if err := kernel.Simplify(); err != nil {
		return nil, err
	}
	return &Builder{kernel: kernel, verifier: newVerifier(ctx), modules: newCache(maxCached)}, nil
}

// Close releases what the builder holds.
func (b *Builder) Close(ctx context.Context) error { return b.verifier.close(ctx) }

// Step builds the module for a step, or returns the one it built before for an
// equal step: name, conditions and an attached module make no difference. A
// step that cannot be built gives a *StepError. Building takes milliseconds and
// does not watch ctx once it has begun.
func (b *Builder) Step(ctx context.Context, step *pb.PipelineStep, format pb.PipelineDataFormat) (*Module, error) {
	step = essence(step)
	key, err := stepKey(step, format)
	if err != nil {
		return nil, err
	}
	return b.build(ctx, key, func(r *rule) error { return planStep(r, step, format) })
}

// InferSchema builds the hidden step that learns the shape of an audience's
// payloads. SDKs keep one instance per module id, so each audience has a module
// of its own: the same code, told apart by the section that says what it is.
func (b *Builder) InferSchema(ctx context.Context, audienceKey string) (*Module, error) {
	digest := sha256.Sum256([]byte(audienceKey))
	return b.build(ctx, "infer_schema "+string(digest[:]), func(r *rule) error {
		r.about = fmt.Sprintf("infer_schema %x", digest[:16])
		return planInferSchema(r)
	})
}

// build returns the module kept under key, or plans, links and verifies it.
func (b *Builder) build(ctx context.Context, key string, plan func(*rule) error) (*Module, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m, ok := b.modules.get(key); ok {
		return m, nil
	}
	built, err, _ := b.flight.Do(key, func() (_ any, err error) {
		defer func(began time.Time) { b.stats.noteBuild(began, err) }(time.Now())
		r := newRule(ruleBase)
		if err := plan(r); err != nil {
			return nil, err
		}
		m, err := b.link(context.WithoutCancel(ctx), r)
		if err != nil {
			return nil, err
		}
		b.modules.put(key, m)
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	return built.(*Module), nil
}

// link makes the module for a planned rule.
func (b *Builder) link(ctx context.Context, r *rule) (*Module, error) {
	if n := len(r.data.Image()); n > maxConstants {
		return nil, refuse("The step's path, arguments and tables take %d bytes; at most %d are possible. Make them shorter.", n, maxConstants)
	}
	m, err := b.kernel.Link(link.Rule{
		Exports: map[string]string{"alloc": "alloc", "dealloc": "dealloc", entryName: r.entry},
		Bind:    r.bind,
		Set:     r.set,
		Data:    []link.Data{{Offset: r.data.Base(), Bytes: r.data.Image()}},
		Top:     r.data.Addr(),
		Heap:    "Heap",
	})
	if err != nil {
		return nil, err
	}
	began := time.Now()
	err = b.verifier.verify(ctx, m)
	b.stats.noteVerify(began)
	if err != nil {
		return nil, fmt.Errorf("verify module for %s: %w", r.about, err)
	}
	m.Customs = []link.Custom{{Name: ruleSection, Bytes: fmt.Appendf(nil, "%s; revision %d", r.about, revision)}}
	bytes := m.Encode()
	return &Module{ID: moduleID(bytes, entryName), Function: entryName, Bytes: bytes}, nil
}

// essence is the part of a step that decides about its module.
func essence(step *pb.PipelineStep) *pb.PipelineStep {
	e := &pb.PipelineStep{Dynamic: step.GetDynamic(), Step: step.GetStep()}
	if step.GetInferSchema() != nil { // what is known so far comes with each request
		e.Step = &pb.PipelineStep_InferSchema{InferSchema: &steps.InferSchemaStep{}}
	}
	return e
}

// stepKey is equal for steps that get the same module.
func stepKey(step *pb.PipelineStep, format pb.PipelineDataFormat) (string, error) {
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(step)
	if err != nil {
		return "", refuse("The step cannot be encoded: %s.", err)
	}
	digest := sha256.Sum256(binary.AppendVarint(wire, int64(format)))
	return "step " + string(digest[:]), nil
}

// moduleID names the content: other bytes or another entry point, another id.
func moduleID(bytes []byte, function string) string {
	h := sha256.New()
	h.Write(bytes)
	h.Write([]byte(function))
	return uuid.UUID(h.Sum(nil)[:16]).String()
}
