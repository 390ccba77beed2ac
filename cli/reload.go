package cli

import (
	"context"
	"maps"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/cli/settings"
	"github.com/streamdal/streamdal-server/cli/supervisor"
)

// again reads the command line, the environment and the file of --config once more.
type again func() (*kong.Context, *serveCmd, error)

// reloader takes over, on SIGHUP, what can change while the server runs.
type reloader struct {
	server  *server
	read    again
	in      map[string]any // what is in force, by flag
	signals chan os.Signal
	stop    context.CancelFunc // ends serve
	hungUp  func() bool        // reports whether the terminal that serve was started on has gone
}

// newReloader makes SIGHUP no longer kill, not even during the shutdown. One that comes before
// run is kept for it.
func newReloader(s *server, first *kong.Context, read again, stop context.CancelFunc) *reloader {
	r := &reloader{
		server: s, read: read, in: valuesOf(first), stop: stop, hungUp: terminal(),
		signals: make(chan os.Signal, 1),
	}
	signal.Notify(r.signals, syscall.SIGHUP)
	return r
}

// run reloads on each signal until ctx ends. The service manager hears of it once the
// server has told it that it is ready.
func (r *reloader) run(ctx context.Context, ready <-chan struct{}, manager supervisor.Manager) {
	select {
	case <-ready:
	case <-ctx.Done():
		return
	}
	for {
		select {
		case <-r.signals:
		case <-ctx.Done():
			return
		}
		if r.hungUp() {
			r.server.log.Info().Msg("the terminal was closed, shutting down")
			r.stop()
			return
		}
		if err := manager.Reloading(); err != nil {
			r.server.log.Warn().Err(err).Msg("the service manager does not hear this server")
		}
		r.reload()
		if err := manager.Tell("READY=1"); err != nil {
			r.server.log.Warn().Err(err).Msg("the service manager does not hear this server")
		}
	}
}

// reload takes over what it can, and says what it could not. What makes no sense changes
// nothing at all.
func (r *reloader) reload() {
	log := r.server.log
	run, next, err := r.read()
	if err != nil {
		log.Error().Err(err).Msg("not reloaded, the old configuration stays in force")
		return
	}
	files, wantsTLS, err := next.TLS.files(r.server.app.Getenv)
	renewed := false
	online := []string{"log-level", "debug"}
	if err == nil && wantsTLS && r.server.tls != nil {
		online = append(online, "tls-cert", "tls-key", "tls-client-ca")
		renewed, err = r.server.tls.Reload(files)
	}
	if err != nil {
		log.Error().Err(err).Msg("not reloaded, the old TLS certificate and configuration stay in force")
		return
	}
	level, _ := logLevel(next.LogLevel, next.Debug) // checked while parsing
	zerolog.SetGlobalLevel(level)

	values := valuesOf(run)
	took, restart := []string{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case reflect.DeepEqual(values[name], r.in[name]):
		case slices.Contains(online, name):
			took = append(took, name)
			r.in[name] = values[name]
		default:
			restart = append(restart, name)
		}
	}
	if renewed {
		took = append(took, "TLS certificate")
	}
	restart = append(restart, r.secrets(next)...)
	log.Info().Strs("changed", took).Strs("need_restart", restart).Msg("reloaded")
}

// secrets names the files of secrets in which something else is now. None is taken over: a
// new root token ends every session and every token that it has signed, which is for a restart.
func (r *reloader) secrets(next *serveCmd) (changed []string) {
	s := r.server
	token, err := authToken("", next.AuthTokenFile).find(s.app.Getenv)
	if next.AuthToken == "" && err == nil && token != "" && token != s.token.value {
		changed = append(changed, "content of the auth token's file")
	}
	ring, err := next.ring(s.app.Getenv)
	if next.AESKey == "" && err == nil && !reflect.DeepEqual(ring, s.ring) {
		changed = append(changed, "content of the AES key's file")
	}
	return changed
}

// valuesOf are the values of serve's flags.
func valuesOf(run *kong.Context) map[string]any {
	values := map[string]any{}
	for _, f := range run.Selected().Flags {
		if len(f.Envs) > 0 && f.Name != settings.FlagName {
			values[f.Name] = f.Target.Interface()
		}
	}
	return values
}
