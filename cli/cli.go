// Package cli is the command line: one file per command, and the wiring of the
// packages below into a running server.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/streamdal/streamdal-server/cli/settings"
)

// Build says what the linker, or go build's own record, knows of this binary.
type Build struct {
	Version string // "1.2.3", or "dev"
	Commit  string // may be empty
	Date    string // may be empty
}

// App is what the commands need from outside.
type App struct {
	Build   Build
	Console fs.FS // the built Console; nil leaves it out
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(string) string
}

type commands struct {
	Version kong.VersionFlag `short:"v" help:"Print the version and exit." env:"-"`

	Serve      serveCmd    `cmd:"" default:"withargs" help:"Run the server and the Console (the default command)."`
	Inspect    inspectCmd  `cmd:"" help:"Look into a store without changing it."`
	Config     configCmd   `cmd:"" help:"Print what serve would run with, and where each value comes from."`
	Token      tokenCmd    `cmd:"" help:"Make tokens, list and revoke them."`
	Health     healthCmd   `cmd:"" help:"Ask a server whether it is ready, for probes of containers."`
	Completion completeCmd `cmd:"" help:"Print a completion script for a shell."`
	Man        manCmd      `cmd:"" help:"Print the manual page."`
	VersionCmd versionCmd  `cmd:"" name:"version" help:"Print the version."`
}

// exitMisuse tells the service manager not to try again. It is sysexits.h's EX_CONFIG, and not 2:
// with that the Go runtime ends a program that crashed or was aborted by the watchdog.
const exitMisuse = 78

const description = "Serves data rules to Streamdal SDKs, and the Console to people, on one port."

// Main runs the command that args name and returns the exit status: 0 for
// success, 1 for a failed command, 3 when inspect has nothing to show, 78 for
// arguments that make no sense.
func Main(args []string, app App) int {
	exit, exited := 0, false
	p, err := newGrammar(&app, func(code int) { exit, exited = code, true })
	if err != nil {
		app.complain(err)
		return 1
	}
	run, err := p.parse(args)
	if exited {
		return exit
	}
	if err != nil {
		app.complain(fmt.Errorf("%w\nTry: streamdal-server --help", err))
		return exitMisuse
	}
	run.Bind(p.settings)
	run.Bind(again(func() (*kong.Context, *serveCmd, error) {
		next, err := newGrammar(&app, func(int) {})
		if err != nil {
			return nil, nil, err
		}
		run, err := next.parse(args)
		return run, &next.commands.Serve, err
	}))
	ctx, stop := untilSignal()
	defer stop()
	run.BindTo(ctx, (*context.Context)(nil))
	if err := run.Run(&app); err != nil && !errors.Is(err, context.Canceled) {
		app.complain(err)
		return exitStatus(err)
	}
	return 0
}

// grammar reads one command line into commands.
type grammar struct {
	*kong.Kong
	commands commands
	settings *settings.Resolver
}

func newGrammar(app *App, exit func(int)) (*grammar, error) {
	p := &grammar{settings: &settings.Resolver{
		Command: "serve",
		Instead: map[string]string{
			"auth-token": "auth-token-file", "auth-token-file": "auth-token", "aes-key": "aes-key-file", "aes-key-file": "aes-key",
		},
	}}
	var err error
	p.Kong, err = kong.New(&p.commands,
		kong.Name("streamdal-server"),
		kong.Description(description),
		kong.DefaultEnvars(envPrefix),
		kong.Vars{"version": app.Build.String()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(app.Stdout, app.Stderr),
		kong.Exit(exit),
		kong.Resolvers(p.settings),
	)
	return p, err
}

func (p *grammar) parse(args []string) (*kong.Context, error) {
	run, err := p.Parse(args)
	var file *settings.Error
	if errors.As(err, &file) {
		return nil, file // without the name of the flag that was asked for first
	}
	return run, p.locate(err)
}

// locate adds to an error where the flags that it names got their values, when that is not
// the command line.
func (p *grammar) locate(err error) error {
	var refused *kong.ParseError
	if !errors.As(err, &refused) || refused.Context == nil || refused.Context.Selected() == nil {
		return err
	}
	var places []string
	for _, f := range refused.Context.Selected().Flags {
		source := p.settings.Source(refused.Context, f)
		if source == settings.Default || strings.HasPrefix(source, "flag ") {
			continue
		}
		if regexp.MustCompile(`--` + f.Name + `($|[^-\w])`).MatchString(err.Error()) {
			places = append(places, fmt.Sprintf("--%s is set by %s", f.Name, source))
		}
	}
	if len(places) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(places, ", "))
}

// complain writes why the command failed; the journal shows it as an error.
func (a *App) complain(err error) {
	priority := ""
	if f, ok := a.Stderr.(*os.File); ok {
		if info, statErr := f.Stat(); statErr == nil && isJournal(info, a.Getenv) {
			priority = priorityError
		}
	}
	fmt.Fprintf(a.Stderr, "%sstreamdal-server: %v\n", priority, err)
}

// exitStatus is the exit status for a command's error.
func exitStatus(err error) int {
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return 1
}
