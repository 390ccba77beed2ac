package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	inspectapi "github.com/streamdal/streamdal-server/api/inspect"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/inspect"
	"github.com/streamdal/streamdal-server/store/seal"
)

// Validate is called by kong before Run.
func (c *inspectCmd) Validate() error {
	if c.Server != "" && c.File != "" {
		return errors.New("--server and --file exclude each other: keep one")
	}
	if err := c.Redis.validate(); err != nil {
		return err
	}
	if err := c.TLS.validate(); err != nil {
		return err
	}
	if c.AuthToken != "" && c.AuthTokenFile != "" {
		return errors.New("--auth-token and --auth-token-file exclude each other: keep one")
	}
	if _, err := seal.New(c.AESKey, ""); err != nil {
		return fmt.Errorf("--aes-key: %w", err)
	}
	return nil
}

// opened is a source and what belongs to it.
type opened struct {
	source
	still string // why nothing can be watched in it, "" when it can
	close func() error
}

// open finds the store that the flags mean.
func (c *inspectCmd) open(ctx context.Context, app *App) (*opened, error) {
	switch {
	case c.Server != "":
		host, conf, err := c.TLS.config(c.Server, false)
		if err != nil {
			return nil, err
		}
		return c.ask(host, conf, "")
	case c.File != "":
		return c.read(ctx, c.File)
	case c.Redis.RedisURL != "":
		return c.openRedis(ctx)
	}
	dir, err := dataDir(c.DataDir, app.Getenv)
	if err != nil {
		return nil, err
	}
	src, err := c.read(ctx, filepath.Join(dir, storeFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nothing("there is no store in %s; say where it is with --data-dir, --file, --redis-url or --server", dir)
	case errors.Is(err, store.ErrLocked):
		return c.askOwner(dir, err)
	}
	return src, err
}

// read reads the file of a stopped server, once.
func (c *inspectCmd) read(ctx context.Context, file string) (*opened, error) {
	state, err := bolt.Read(ctx, file)
	if err != nil {
		return nil, err
	}
	about := inspect.About{
		Layout: "embedded file", Source: file,
		Notices: []string{"read from the file of a stopped server: nobody is connected"},
	}
	if about.Ring, err = seal.New(c.AESKey, ""); err != nil {
		return nil, err
	}
	return &opened{
		source: inspect.New(inspect.Picture{State: state}, about),
		still:  "nothing changes in the file of a stopped server; watch a running one with --server, or Redis with --redis-url",
		close:  func() error { return nil },
	}, nil
}

// askOwner asks the running server that holds a data directory, which says there where it
// listens. locked is the error that says that there is one.
func (c *inspectCmd) askOwner(dir string, locked error) (*opened, error) {
	addr, err := os.ReadFile(filepath.Join(dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; ask that server with --server ADDR", locked)
	}
	if err != nil {
		return nil, fmt.Errorf("find the server that uses %s: %w", dir, err)
	}
	host, conf, err := c.TLS.config(strings.TrimSpace(string(addr)), true)
	if err != nil {
		return nil, err
	}
	return c.ask(host, conf, filepath.Join(dir, tokenFile))
}

// ask asks a running server, by TLS if conf is not nil, with the token in file when the flags
// give none.
func (c *inspectCmd) ask(addr string, conf *tls.Config, file string) (*opened, error) {
	token := c.AuthToken
	if c.AuthTokenFile != "" {
		file = c.AuthTokenFile
	}
	if token == "" && file != "" && (c.AuthTokenFile != "" || exists(file)) {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the auth token: %w", err)
		}
		token = strings.TrimSpace(string(b))
	}
	client, err := inspectapi.Dial(addr, token, conf)
	if err != nil {
		return nil, err
	}
	return &opened{source: client, close: client.Close}, nil
}

// parseKey reads "kind/id".
func parseKey(s string) (store.Key, error) {
	kind, id, ok := strings.Cut(s, "/")
	k := store.Key{Kind: store.Kind(kind), ID: id}
	if !ok || id == "" {
		return k, fmt.Errorf("%q is not a key: write kind/id, as streamdal-server inspect keys lists them", s)
	}
	if !slices.Contains(inspect.Kinds(), k.Kind) {
		return k, fmt.Errorf("%q is not a kind; the kinds are %v", kind, inspect.Kinds())
	}
	return k, nil
}
