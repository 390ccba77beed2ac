package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/streamdal/streamdal-server/store/seal"
)

const (
	envPrefix = "STREAMDAL_SERVER"

	// defaultPort is what existing SDKs dial.
	defaultPort = "8082"

	minSessionTTL, maxSessionTTL = time.Second, time.Minute
)

type serveCmd struct {
	fileFlag `embed:""`

	Listen             []string      `short:"l" placeholder:"ADDR" help:"Address to serve everything on; repeat for more. Default :8082 with a token, 127.0.0.1:8082 and [::1]:8082 without."`
	DataDir            string        `placeholder:"DIR" help:"Where the embedded store and the generated token live. Default: the service manager's state directory, else the user's data directory."`
	AuthToken          string        `secret:"" short:"t" placeholder:"TOKEN" help:"Root token that SDKs and people log in with."`
	AuthTokenFile      string        `placeholder:"FILE" help:"Read the root token from this file."`
	AESKey             string        `secret:"" name:"aes-key" placeholder:"HEX" help:"Seal the secrets of notification configs in the store with this key (openssl rand -hex 32)."`
	AESKeyFile         string        `name:"aes-key-file" placeholder:"FILE" help:"Read --aes-key from this file."`
	AESKeyPrev         string        `secret:"" name:"aes-key-previous" placeholder:"HEX" help:"Also open what is sealed with this key; it is sealed again with --aes-key."`
	NodeName           string        `short:"n" placeholder:"NAME" help:"Unique name of this node. Default: the host name and a suffix kept in the data directory."`
	LogLevel           string        `placeholder:"LEVEL" default:"info" help:"trace, debug, info, warn or error."`
	Debug              bool          `short:"d" help:"Same as --log-level debug."`
	SessionTTL         time.Duration `default:"5s" help:"A session without a stream is gone this long after its last heartbeat (1s to 1m)."`
	ShutdownGrace      time.Duration `default:"15s" help:"How long streams may take to end after SIGTERM or SIGINT."`
	NotifyPublicOnly   bool          `help:"Refuse to send e-mail by SMTP servers with loopback, private or link-local addresses."`
	MetricsPerAudience bool          `help:"Label what /metrics says about SDKs with service, operation and component: names that applications choose, up to 20,000 series."`
	Demo               bool          `help:"Run sample services with sample rules, in a data directory of their own."`

	TLS    tlsFlags    `embed:""`
	Redis  redisFlags  `embed:""`
	Legacy legacyFlags `embed:""`
}

// legacyFlags are the original server's, so that its command lines and
// environment files keep working.
type legacyFlags struct {
	HTTPAPIListenAddress string `name:"httpapi-listen-address" hidden:"" placeholder:"ADDR" help:"Same as one more --listen."`
	GRPCAPIListenAddress string `name:"grpcapi-listen-address" hidden:"" placeholder:"ADDR" help:"Same as one more --listen."`

	DemoMode bool `hidden:""`

	HealthFreqSec       int    `hidden:""`
	WasmDir             string `hidden:""`
	NumTailWorkers      int    `hidden:""`
	NumBroadcastWorkers int    `hidden:""`
	TelemetryDisable    bool   `hidden:""`
	TelemetryAddress    string `hidden:""`
}

// Validate is called by kong before Run.
func (c *serveCmd) Validate() error {
	if c.AuthToken != "" && c.AuthTokenFile != "" {
		return errors.New("--auth-token and --auth-token-file exclude each other: keep one")
	}
	if c.SessionTTL < minSessionTTL || c.SessionTTL > maxSessionTTL {
		return fmt.Errorf("--session-ttl is %s: choose between %s and %s", c.SessionTTL, minSessionTTL, maxSessionTTL)
	}
	if c.ShutdownGrace <= 0 {
		return fmt.Errorf("--shutdown-grace is %s: it must be more than 0s", c.ShutdownGrace)
	}
	if _, err := logLevel(c.LogLevel, c.Debug); err != nil {
		return err
	}
	if c.AESKey != "" && c.AESKeyFile != "" {
		return errors.New("--aes-key and --aes-key-file exclude each other: keep one")
	}
	if c.AESKey != "" {
		if _, err := seal.New(c.AESKey, c.AESKeyPrev); err != nil {
			return fmt.Errorf("--aes-key, --aes-key-previous: %w", err)
		}
	}
	if strings.ContainsAny(c.NodeName, ": \t\n") {
		return fmt.Errorf("--node-name %q: colons and spaces are not allowed", c.NodeName)
	}
	if err := c.Redis.validate(c.Demo); err != nil {
		return err
	}
	if err := c.TLS.validate(c.Demo); err != nil {
		return err
	}
	if c.Legacy.DemoMode {
		return errors.New("--demo-mode (a read-only server) is not supported; --demo runs sample services")
	}
	for _, a := range c.addresses(true) {
		if _, _, err := net.SplitHostPort(a); err != nil {
			return fmt.Errorf("--listen %q: %w; write HOST:PORT or :PORT", a, err)
		}
	}
	return nil
}

// ignored names the original's flags that were given and mean nothing here.
func (l legacyFlags) ignored() (names []string) {
	for name, given := range map[string]bool{
		"health-freq-sec": l.HealthFreqSec != 0, "wasm-dir": l.WasmDir != "",
		"num-tail-workers": l.NumTailWorkers != 0, "num-broadcast-workers": l.NumBroadcastWorkers != 0,
		"telemetry-disable": l.TelemetryDisable, "telemetry-address": l.TelemetryAddress != "",
	} {
		if given {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// addresses are where to listen. Without a token only this machine is served.
func (c *serveCmd) addresses(hasToken bool) []string {
	list := append([]string(nil), c.Listen...)
	for _, a := range []string{c.Legacy.HTTPAPIListenAddress, c.Legacy.GRPCAPIListenAddress} {
		if a != "" {
			list = append(list, a)
		}
	}
	switch {
	case len(list) > 0:
		return list
	case hasToken && !c.Demo:
		return []string{":" + defaultPort}
	default:
		return []string{net.JoinHostPort("127.0.0.1", defaultPort)}
	}
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, app *App, first *kong.Context, read again) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	level, err := logLevel(c.LogLevel, c.Debug)
	if err != nil {
		return err
	}
	log := newLogger(logWriter(app.Stderr, app.Getenv), level)
	for _, name := range c.Legacy.ignored() {
		log.Warn().Str("flag", name).Msg("accepted for compatibility, has no effect")
	}
	for _, line := range strangers(os.Environ(), ".env") {
		log.Warn().Msg(line)
	}
	dir, err := c.dataDir(app.Getenv)
	if err != nil {
		return err
	}
	token, err := c.token(app.Getenv, dir)
	if err != nil {
		return err
	}
	if c.guessable(token) {
		log.Warn().Msg("the auth token is short and other machines can reach this server: anyone who guesses it can change what your services do (streamdal-server token prints a good one)")
	}
	node, err := c.nodeName(dir)
	if err != nil {
		return err
	}
	ring, err := c.ring(app.Getenv)
	if err != nil {
		return err
	}
	s := &server{
		cmd: c, app: app, dir: dir, token: token, node: node, ring: ring,
		log: log.With().Str("node", node).Logger(),
	}
	s.reloads = newReloader(s, first, read, stop)
	return s.run(ctx)
}
