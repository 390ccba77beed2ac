package cli

import (
	"github.com/alecthomas/kong"

	"github.com/streamdal/streamdal-server/cli/manual"
)

type completeCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script.
func (c *completeCmd) Run(app *App, ctx *kong.Context) error {
	return manual.Complete(app.Stdout, ctx.Model, c.Shell)
}

type manCmd struct{}

// Run prints the page.
func (manCmd) Run(app *App, ctx *kong.Context) error { return manual.Page(app.Stdout, ctx.Model) }
