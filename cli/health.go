package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// healthPatience is less than the 30 s that container engines give a probe.
const healthPatience = 5 * time.Second

type healthCmd struct {
	URL string `name:"url" env:"-" placeholder:"URL" default:"http://127.0.0.1:8082/readyz" help:"What to ask. /readyz: does the node serve rules; /healthz: does the process answer."`
}

// Validate is called by kong before Run.
func (c *healthCmd) Validate() error {
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("--url %q: write http://HOST:PORT/readyz", c.URL)
	}
	return nil
}

// Run asks a server and fails unless it answers 200: the probe of a container that holds no
// other program.
func (c *healthCmd) Run(ctx context.Context, app *App) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", c.URL, err)
	}
	client := &http.Client{Transport: &http.Transport{
		// It asks by the machine's address, which no certificate names, and tells nothing.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
	}}
	reply, err := client.Do(r)
	if err != nil {
		return err // names the URL
	}
	defer func() { _ = reply.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(reply.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.URL, err)
	}
	text := strings.TrimSpace(string(body))
	if reply.StatusCode != http.StatusOK {
		return errors.New(text)
	}
	_, err = fmt.Fprintln(app.Stdout, text)
	return err
}
