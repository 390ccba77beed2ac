package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/remote"
	"github.com/streamdal/streamdal-server/cli/report"
)

// maxTokenList is the longest list of tokens that is taken.
const maxTokenList = 64 << 20

// serverFlag says which server to ask.
type serverFlag struct {
	Server string `placeholder:"ADDR" env:"-" help:"Ask the server that runs at this address, for example localhost:8082, or https://host:8082 by TLS. Default: the one that uses the data directory."`

	TLS peerFlags `embed:""`
}

// Validate is called by kong before Run.
func (s serverFlag) Validate() error { return s.TLS.validate() }

// ask connects to the server and calls fn.
func (s serverFlag) ask(ctx context.Context, app *App, c *tokenCmd, fn func(context.Context, console.TokensClient) error) (err error) {
	addr := s.Server
	if addr == "" {
		if addr, err = addressIn(app, c.DataDir); err != nil {
			return err
		}
	}
	host, conf, err := s.TLS.config(addr, s.Server == "")
	if err != nil {
		return err
	}
	token, err := c.find(app)
	if err != nil {
		return err
	}
	conn, err := remote.Dial(host, token, conf, maxTokenList)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	ctx, stop := context.WithTimeoutCause(ctx, patience, fmt.Errorf("the server at %s did not answer within %s", addr, patience))
	defer stop()
	if err := conn.Explain(ctx, fn(conn.With(ctx), console.NewTokensClient(conn))); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return context.Cause(ctx)
		}
		return err
	}
	return nil
}

// addressIn returns the address of the server that uses a data directory.
func addressIn(app *App, chosen string) (string, error) {
	dir, err := dataDir(chosen, app.Getenv)
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(filepath.Join(dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("no server says in %s where it listens: say which one to ask with --server", dir)
	}
	if err != nil {
		return "", fmt.Errorf("find the server that uses %s: %w", dir, err)
	}
	return strings.TrimSpace(string(b)), nil
}

type tokenListCmd struct {
	serverFlag `embed:""`

	Output string `short:"o" default:"table" enum:"table,json" env:"-" help:"Write table or json."`
}

// Run lists tokens.
func (l *tokenListCmd) Run(ctx context.Context, app *App, c *tokenCmd) error {
	var list []*console.Token
	err := l.ask(ctx, app, c, func(ctx context.Context, api console.TokensClient) error {
		reply, err := api.List(ctx, &console.ListTokensRequest{})
		list = reply.GetTokens()
		return err
	})
	if err != nil {
		return err
	}
	return report.Writer{Out: app.Stdout, Format: report.Format(l.Output)}.Tokens(list)
}

type tokenRevokeCmd struct {
	serverFlag `embed:""`

	ID string `arg:"" help:"The token's id, or the token itself."`
}

// Run revokes a token.
func (r *tokenRevokeCmd) Run(ctx context.Context, app *App, c *tokenCmd) error {
	id, isToken := auth.IDOf(r.ID)
	if !isToken {
		id = r.ID
	}
	var about *console.Token
	err := r.ask(ctx, app, c, func(ctx context.Context, api console.TokensClient) error {
		reply, err := api.Revoke(ctx, &console.RevokeTokenRequest{Id: id})
		about = reply.GetAbout()
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(app.Stdout, "revoked %s (%s), %s\n", about.GetId(),
		cmp.Or(scope(about.GetRole(), about.GetService()), "issued by the command line"), when(time.Unix(about.GetRevokedUnix(), 0)))
	return err
}
