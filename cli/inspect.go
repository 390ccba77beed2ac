package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/cli/report"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/inspect"
)

// inspectCmd is what the commands that look into a store have in common.
type inspectCmd struct {
	fileFlag `embed:""`

	Server        string `placeholder:"ADDR" env:"-" help:"Ask the server that runs at this address, for example localhost:8082, or https://host:8082 by TLS."`
	File          string `placeholder:"FILE" env:"-" help:"Read this file of the embedded store; its server must not be running."`
	DataDir       string `placeholder:"DIR" help:"Read the embedded store in this directory, or ask the server that uses it (the default, in the same directory as serve)."`
	AuthToken     string `secret:"" short:"t" placeholder:"TOKEN" help:"Token for --server."`
	AuthTokenFile string `placeholder:"FILE" help:"Read the token from this file."`

	Redis redisAccess `embed:""`
	TLS   peerFlags   `embed:""`

	AESKey string `secret:"" name:"aes-key" placeholder:"HEX" help:"Key that opens sealed notification configs; their secrets stay masked."`
	Output string `short:"o" default:"table" enum:"table,json" env:"-" help:"Write table or json."`

	Summary   inspectSummaryCmd   `cmd:"" default:"withargs" help:"Show how much of what there is (the default)."`
	Keys      inspectKeysCmd      `cmd:"" help:"List records by key, for example: keys 'audiences/billing:*'."`
	Get       inspectGetCmd       `cmd:"" help:"Show one record in JSON, with secrets masked."`
	Sessions  inspectSessionsCmd  `cmd:"" help:"List the SDK sessions that are connected."`
	Pipelines inspectPipelinesCmd `cmd:"" help:"List pipelines and where they are used."`
	Audiences inspectAudiencesCmd `cmd:"" help:"List audiences and their pipelines."`
	Watch     inspectWatchCmd     `cmd:"" help:"Show what changes, until interrupted."`
	Wasm      inspectWasmCmd      `cmd:"" help:"List what a WebAssembly module is made of."`
}

// source is a store to look into: an *inspect.Store here, or a client of a running server.
type source interface {
	Summary(ctx context.Context) (*console.StoreSummary, error)
	Records(ctx context.Context, pattern string, values bool, yield func(*console.StoreRecord) error) error
	Record(ctx context.Context, key store.Key, module bool) (*console.StoreRecord, error)
	Watch(ctx context.Context, yield func(*console.StoreEvent) error) error
}

// exitNothing is the exit status of a command that worked and had nothing to show.
const exitNothing = 3

// nothingError says that there is nothing to show, and where to look instead.
type nothingError struct{ text string }

func (e *nothingError) Error() string { return e.text }

// ExitCode makes it another failure than not being able to look.
func (*nothingError) ExitCode() int { return exitNothing }

func nothing(format string, args ...any) error { return &nothingError{fmt.Sprintf(format, args...)} }

// patience is how long a report may take: a store that hangs must not hang whoever looks.
const patience = 30 * time.Second

// show opens the source, lets fn write a report from it, and closes it.
func (c *inspectCmd) show(ctx context.Context, app *App, fn func(context.Context, source, report.Writer) error) (err error) {
	ctx, stop := context.WithTimeoutCause(ctx, patience, fmt.Errorf("the store did not answer within %s", patience))
	defer stop()
	defer func() {
		if errors.Is(err, context.DeadlineExceeded) {
			err = context.Cause(ctx)
		}
	}()
	src, err := c.open(ctx, app)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	err = fn(ctx, src, c.writer(app))
	if errors.Is(err, inspect.ErrNotFound) {
		return nothing("%v; streamdal-server inspect keys lists what there is", err)
	}
	return err
}

func (c *inspectCmd) writer(app *App) report.Writer {
	return report.Writer{Out: app.Stdout, Format: report.Format(c.Output)}
}

type inspectSummaryCmd struct{}

// Run shows the summary.
func (inspectSummaryCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	return c.show(ctx, app, func(ctx context.Context, s source, w report.Writer) error {
		sum, err := s.Summary(ctx)
		if err != nil {
			return err
		}
		return w.Summary(sum)
	})
}

type inspectKeysCmd struct {
	Pattern string `arg:"" optional:"" help:"A kind, or kind/id where * stands for any text and ? for one character."`
}

// Run lists the keys of records.
func (k *inspectKeysCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	return c.show(ctx, app, func(ctx context.Context, s source, w report.Writer) error {
		records := []*console.StoreRecord{}
		err := s.Records(ctx, k.Pattern, false, func(r *console.StoreRecord) error {
			records = append(records, r)
			return nil
		})
		if err != nil {
			return err
		}
		if err := w.Keys(records); err != nil {
			return err
		}
		if len(records) == 0 && k.Pattern != "" {
			return nothing("no key matches %q; the kinds are %v", k.Pattern, inspect.Kinds())
		}
		return nil
	})
}

type inspectGetCmd struct {
	Key string `arg:"" help:"The record's key as keys lists it: kind/id."`
}

// Run shows one record.
func (g *inspectGetCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	key, err := parseKey(g.Key)
	if err != nil {
		return err
	}
	return c.show(ctx, app, func(ctx context.Context, s source, w report.Writer) error {
		r, err := s.Record(ctx, key, false)
		if err != nil {
			return err
		}
		return w.Record(r)
	})
}

// pictured is a list that is made from records of some kinds.
func (c *inspectCmd) pictured(ctx context.Context, app *App, write func(report.Writer, *report.Picture) error, kinds ...store.Kind) error {
	return c.show(ctx, app, func(ctx context.Context, s source, w report.Writer) error {
		p := report.NewPicture()
		for _, k := range kinds {
			if err := s.Records(ctx, string(k), true, p.Add); err != nil {
				return err
			}
		}
		return write(w, p)
	})
}

type inspectSessionsCmd struct{}

// Run lists live sessions.
func (inspectSessionsCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	return c.pictured(ctx, app, report.Writer.Sessions, inspect.KindSession)
}

type inspectPipelinesCmd struct{}

// Run lists pipelines.
func (inspectPipelinesCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	return c.pictured(ctx, app, report.Writer.Pipelines, store.KindPipeline, store.KindAssignment)
}

type inspectAudiencesCmd struct{}

// Run lists audiences.
func (inspectAudiencesCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	return c.pictured(ctx, app, report.Writer.Audiences,
		store.KindAudience, store.KindAssignment, store.KindPipeline, store.KindSchema, inspect.KindSession)
}

type inspectWatchCmd struct{}

// Run shows events until ctx ends.
func (inspectWatchCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	src, err := c.open(ctx, app)
	if err != nil {
		return err
	}
	if src.still != "" {
		return errors.Join(errors.New(src.still), src.close())
	}
	return errors.Join(src.Watch(ctx, c.writer(app).Event), src.close())
}

type inspectWasmCmd struct {
	Module string `arg:"" name:"id|file" help:"The id of a module in the store, or a .wasm file."`
}

// Run lists a module.
func (m *inspectWasmCmd) Run(ctx context.Context, app *App, c *inspectCmd) error {
	b, err := os.ReadFile(m.Module)
	if err == nil {
		return c.writer(app).Module(m.Module, b)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return c.show(ctx, app, func(ctx context.Context, s source, w report.Writer) error {
		r, err := s.Record(ctx, store.Key{Kind: store.KindWasm, ID: m.Module}, true)
		if err != nil {
			return err
		}
		if r.GetProblem() != "" {
			return fmt.Errorf("module %s: %s", m.Module, r.GetProblem())
		}
		return w.Module(m.Module, r.GetModule().GetBytes())
	})
}
