package cli

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamdal/streamdal-server/api/auth"
)

// tokenBytes gives 256 bits: guessing is hopeless at any rate of attempts.
const tokenBytes = 32

// tokenCmd is what the commands about tokens have in common: the root token, or for those
// that ask a server a token with the role admin.
type tokenCmd struct {
	fileFlag `embed:""`

	DataDir       string `placeholder:"DIR" help:"Where the server keeps the token that it generated, if it was given none."`
	AuthToken     string `secret:"" short:"t" placeholder:"TOKEN" help:"Root token that signs; list and revoke take any with the role admin."`
	AuthTokenFile string `placeholder:"FILE" help:"Read that token from this file."`

	New    tokenNewCmd    `cmd:"" default:"withargs" help:"Print a strong random token for --auth-token or, with --role, a token that may do less (the default)."`
	List   tokenListCmd   `cmd:"" help:"List the tokens that a running server issued, and those that were revoked."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token for good: it is refused from now on, and its streams end."`
}

// Validate is called by kong before Run.
func (c *tokenCmd) Validate() error {
	if c.AuthToken != "" && c.AuthTokenFile != "" {
		return errors.New("--auth-token and --auth-token-file exclude each other: keep one")
	}
	return nil
}

// find returns the token that the flags mean, else the one in the data directory.
func (c *tokenCmd) find(app *App) (string, error) {
	from := authToken(c.AuthToken, c.AuthTokenFile)
	token, err := from.find(app.Getenv)
	if token != "" || err != nil {
		return token, err
	}
	dir, err := dataDir(c.DataDir, app.Getenv)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, tokenFile)
	if !exists(file) {
		return "", fmt.Errorf("there is no root token: give it with --auth-token, --auth-token-file or STREAMDAL_SERVER_AUTH_TOKEN, or name with --data-dir where a server keeps its own (not in %s)", dir)
	}
	return from.read(file)
}

type tokenNewCmd struct {
	Role    string        `placeholder:"ROLE" env:"-" help:"What the token may do: admin, editor, viewer or sdk. It is signed with the root token; without --role, nothing is signed."`
	Service string        `placeholder:"NAME" env:"-" help:"With --role sdk: the only service that the token may speak for."`
	Expires time.Duration `placeholder:"DURATION" env:"-" help:"How long the token works, for example 720h. Default: until it is revoked."`
	Name    string        `placeholder:"TEXT" env:"-" help:"What the token is for; it is part of the token."`
}

// Run prints a new token. Nothing is stored.
func (n *tokenNewCmd) Run(app *App, c *tokenCmd) error {
	if n.Role == "" {
		if n.Service != "" || n.Expires != 0 || n.Name != "" {
			return errors.New("--service, --expires and --name need --role: admin, editor, viewer or sdk")
		}
		_, err := fmt.Fprintln(app.Stdout, newToken())
		return err
	}
	g := auth.Grant{Service: n.Service, Name: n.Name}
	var err error
	if g.Role, err = auth.ParseRole(n.Role); err != nil {
		return fmt.Errorf("--role: %w", err)
	}
	now := time.Now()
	if n.Expires < 0 {
		return fmt.Errorf("--expires %s: it must be more than 0s", n.Expires)
	}
	if n.Expires > 0 {
		g.Expires = now.Add(n.Expires).Truncate(time.Second)
	}
	if err := g.Check(now); err != nil {
		return err
	}
	root, err := c.find(app)
	if err != nil {
		return err
	}
	signer, err := auth.NewSigner(root)
	if err != nil {
		return err
	}
	token, g := signer.Sign(g)
	if _, err := fmt.Fprintf(app.Stderr, "id       %s\nrole     %s\nexpires  %s\n", g.ID, scope(g.Role.String(), g.Service), when(g.Expires)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(app.Stdout, token)
	return err
}

// scope is a role, and the service that it is for.
func scope(role, service string) string {
	if service == "" {
		return role
	}
	return strings.TrimSpace(role + " for " + service)
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

func newToken() string {
	b := make([]byte, tokenBytes)
	rand.Read(b) // never fails: the process dies instead
	return base64.RawURLEncoding.EncodeToString(b)
}
