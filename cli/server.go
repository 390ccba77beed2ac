package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/streamdal/streamdal-server/api"
	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/console"
	"github.com/streamdal/streamdal-server/api/fleet"
	inspectapi "github.com/streamdal/streamdal-server/api/inspect"
	"github.com/streamdal/streamdal-server/api/metrics"
	"github.com/streamdal/streamdal-server/api/notify"
	"github.com/streamdal/streamdal-server/api/rest"
	"github.com/streamdal/streamdal-server/api/sdk"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/api/token"
	"github.com/streamdal/streamdal-server/cli/demo"
	"github.com/streamdal/streamdal-server/cli/supervisor"
	"github.com/streamdal/streamdal-server/mux"
	"github.com/streamdal/streamdal-server/mux/certificate"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/store/seal"
	"github.com/streamdal/streamdal-server/wasmbuild"
	"github.com/streamdal/streamdal-server/wasmbuild/bench"
	"github.com/streamdal/streamdal-server/wasmbuild/upload"
)

// server is one run of serve.
type server struct {
	cmd   *serveCmd
	app   *App
	dir   string
	token rootToken
	node  string
	ring  seal.Ring
	log   zerolog.Logger
	tls   *certificate.Keeper // nil without a certificate

	reloads *reloader
}

// run starts everything, from the store up, and stops it in the reverse order.
func (s *server) run(ctx context.Context) (err error) {
	started := time.Now()
	s.checkBuild()
	checkSpace(s.log, s.dir, lowSpace)
	if err := s.openTLS(); err != nil {
		return err
	}
	listeners, err := s.listen()
	if err != nil {
		return err
	}
	defer closeAll(listeners) // mux closes them first when it gets to run

	st, err := s.backend(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	builder, err := wasmbuild.New(ctx)
	if err != nil {
		return fmt.Errorf("compile the rule kernel: %w", err)
	}
	defer func() { err = errors.Join(err, builder.Close(context.WithoutCancel(ctx))) }()
	trials, err := bench.New(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trials.Close(context.WithoutCancel(ctx))) }()
	cat, sealed, err := s.open(ctx, st, builder)
	if err != nil {
		return err
	}
	access, err := auth.New(auth.Config{RootToken: s.token.value, Revoked: token.Revoked(cat), Log: s.log})
	if err != nil {
		return err
	}
	if err := s.keepAddress(listeners); err != nil {
		return err
	}
	p := s.assemble(access, st, cat, builder, trials)

	// What requests need outlives the listeners: two groups, not one.
	behind, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var back errgroup.Group
	back.Go(func() error { return cat.Run(behind) })
	back.Go(func() error { return p.fleet.Run(behind) })
	back.Go(func() error { return p.metrics.Run(behind) })
	back.Go(func() error { return p.notify.Run(behind) })
	back.Go(func() error { s.sealAgain(behind, cat, sealed); return nil })
	back.Go(func() error { s.checkSkew(behind, st, cat.Ready()); return nil })
	back.Go(func() error { return p.tails.Run(behind) })
	back.Go(func() error { return p.tokens.Run(behind) })

	left, err := s.face(ctx, listeners, access, cat, p, started)
	// No more requests can come. What is left of the grace is for alerts on their way.
	drain, cancel := context.WithDeadline(behind, left.Add(s.cmd.ShutdownGrace))
	defer cancel()
	p.notify.Drain(drain)
	stop()
	return errors.Join(err, ignoreCanceled(back.Wait()))
}

// face runs what clients, the service manager and people see of the server, until ctx ends or
// a part of it fails. left is when that was.
func (s *server) face(ctx context.Context, listeners []net.Listener, access *auth.Auth, cat *catalog.Catalog, p parts, started time.Time) (left time.Time, err error) {
	front, ctx := errgroup.WithContext(ctx)
	front.Go(func() error {
		return mux.Serve(ctx, mux.Config{
			Listeners: listeners, GRPC: p.rpc, Admit: access.Admit, Running: p.running.Count, HTTP: p.web, Drain: p.drain, Grace: s.cmd.ShutdownGrace,
			TLS: s.tlsConfig(), TLSOnly: s.cmd.TLS.TLSOnly, MaxConns: maxConns(s.log), Log: s.log,
		})
	})
	front.Go(func() error {
		select {
		case <-cat.Ready():
		case <-ctx.Done():
			return nil
		}
		p.health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
		s.greet(listeners, access, time.Since(started))
		return nil
	})
	if s.tls != nil {
		front.Go(func() error { s.tls.Run(ctx); return nil })
	}
	manager := supervisor.New(s.app.Getenv)
	told := make(chan struct{})
	front.Go(func() error { s.report(ctx, manager, told, cat, p); return nil })
	front.Go(func() error { s.reloads.run(ctx, told, manager); return nil })
	if s.cmd.Demo {
		front.Go(func() error {
			return demo.Run(ctx, demo.Config{Address: listeners[0].Addr().String(), Token: s.token.value, Out: s.app.Stdout, Log: s.log})
		})
	}
	leaving := make(chan time.Time, 1)
	context.AfterFunc(ctx, func() { leaving <- time.Now() })
	err = front.Wait() // which ends ctx
	return <-leaving, err
}

// readyPatience is how long the service manager waits for rules. A node without them does
// answer, and whoever restarts it should not hang for as long as the store is away.
const readyPatience = 10 * time.Second

// report tells the service manager that the server is ready, that it lives, and that it stops.
// It closes told after the first.
func (s *server) report(ctx context.Context, manager supervisor.Manager, told chan<- struct{}, cat *catalog.Catalog, p parts) {
	tell := func(state string) {
		if err := manager.Tell(state); err != nil {
			s.log.Warn().Err(err).Msg("the service manager does not hear this server")
		}
	}
	limit := time.NewTimer(readyPatience)
	defer limit.Stop()
	select {
	case <-cat.Ready():
		tell("READY=1\nSTATUS=serving")
	case <-limit.C:
		tell("READY=1\nSTATUS=waiting for the store")
	case <-ctx.Done():
	}
	close(told)
	// What takes the locks that every request needs.
	alive := func() { cat.Stats(); p.fleet.Stats(); p.tails.Stats() }
	if err := manager.Watch(ctx, alive); err != nil {
		s.log.Warn().Err(err).Msg("the service manager does not hear this server")
	}
	<-ctx.Done()
	tell("STOPPING=1")
}

// parts are what a request meets.
type parts struct {
	fleet   *fleet.Fleet
	metrics *metrics.Metrics
	notify  *notify.Notifier
	tails   *tail.Hub
	console *console.Server
	inspect *inspectapi.Server
	tokens  *token.Server
	sdk     *sdk.Server
	health  *health.Server
	ready   *readiness
	rpc     *grpc.Server
	web     http.Handler
	running *api.Running
	leaving chan struct{} // closed by drain
}

func (s *server) assemble(access *auth.Auth, st store.Backend, cat *catalog.Catalog, builder *wasmbuild.Builder, trials *bench.Bench) (p parts) {
	p.ready, p.running, p.leaving = &readiness{catalog: cat}, &api.Running{}, make(chan struct{})
	p.health = health.NewServer()
	p.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	pushes := metrics.NewPushes()
	p.fleet = fleet.New(fleet.Config{
		Node: s.node, Catalog: cat, Leases: st, Builder: builder, Log: s.log, SessionTTL: s.cmd.SessionTTL, Pushed: pushes.Observe,
	})
	p.metrics = metrics.New(metrics.Config{Node: s.node, Catalog: cat, Leases: st, Bus: st, Log: s.log})
	p.notify = notify.New(notify.Config{Catalog: cat, PublicOnly: s.cmd.NotifyPublicOnly, Log: s.log})
	p.tails = tail.New(tail.Config{Node: s.node, Fleet: p.fleet, Bus: st, Log: s.log})
	registry := metrics.Registry(metrics.Sources{
		Version: s.app.Build.Version, Commit: s.app.Build.Commit, PerAudience: s.cmd.MetricsPerAudience,
		Metrics: p.metrics, Pushes: pushes, Fleet: p.fleet.Stats, Tails: p.tails.Stats, Catalog: cat, Auth: access.Stats, Builder: builder.Stats,
		Notify: p.notify.Stats, Bus: st,
	})
	registry.MustRegister(ready(p.ready))
	if s.cmd.Redis.RedisURL != "" {
		registry.MustRegister(copyCollector{cat})
	}
	if s.tls != nil {
		registry.MustRegister(certificateExpiry(s.tls))
	}
	p.console = console.New(console.Config{
		Node: s.node, Version: s.app.Build.Version, Trouble: p.ready.trouble, Catalog: cat, Fleet: p.fleet, Builder: builder, Metrics: p.metrics, Tails: p.tails, Uploads: upload.New(), Bench: trials, Log: s.log,
	})
	p.inspect = s.inspector(remembering{beside(st), cat, p.fleet}, s.layout(), s.source())
	p.tokens = token.New(token.Config{Auth: access, Catalog: cat, Log: s.log})
	p.sdk = sdk.New(sdk.Config{Fleet: p.fleet, Catalog: cat, Metrics: p.metrics, Notify: p.notify, Tails: p.tails, Log: s.log})
	p.rpc = api.New(api.Config{
		Auth: access, External: p.console, Internal: p.sdk,
		Schemas: console.NewSchemas(cat), Console: p.console, Inspect: p.inspect, Tokens: p.tokens,
		Health: p.health, Gate: p.ready.gate, Leaving: p.leaving, Running: p.running, Registry: registry, Log: s.log,
	})
	p.web = rest.New(rest.Config{
		Auth: access, UI: s.app.Console, Version: s.app.Build.Version, Metrics: registry,
		Ready: p.ready.check, Gate: p.ready.gate,
		Catalog: cat, Export: p.console.Export, Notify: p.notify,
	})
	return p
}

// drain says that this node is leaving, then ends every long-lived stream, those of tails
// only when SDKs do not use them any more.
func (p parts) drain(ctx context.Context) {
	p.ready.draining.Store(true)
	p.health.Shutdown()
	close(p.leaving) // mux drains once
	p.console.Drain()
	p.inspect.Drain()
	p.fleet.Drain(ctx)
	p.sdk.Drain()
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
