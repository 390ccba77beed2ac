package redis

import (
	"context"
	"crypto/tls"
	"fmt"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/rs/zerolog"
)

const (
	// dialTime bounds making a connection, answerTime one read or write on it that
	// has no earlier deadline.
	dialTime   = 2 * time.Second
	answerTime = 5 * time.Second
	// connections is how many a node uses at most; it needs few.
	connections = 16
)

// connect returns a client for the options, and whether it uses TLS. Nothing is sent yet.
//
// The client library is kept from trying again by itself: it cannot tell whether
// a change that failed has happened, and the calls of DB bound their time in all.
func connect(opts Options) (client redis.UniversalClient, secure bool, err error) {
	t, err := parseURL(opts.URL)
	if err != nil {
		return nil, false, err
	}
	if err := t.override(opts); err != nil {
		return nil, false, err
	}
	routeLog(opts.Log)
	name := clientName(opts.Node)
	hello := func(ctx context.Context, cn *redis.Conn) error {
		// Only for CLIENT LIST: a user that may not set it works all the same.
		_ = cn.ClientSetName(ctx, name).Err()
		return nil
	}
	quiet := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	switch {
	case t.failover != nil:
		o := t.failover
		o.OnConnect, o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = hello, -1, 1, true, true
		o.PipelinePoolSize = -1
		setDefaults(&o.Protocol, &o.PoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
		return redis.NewFailoverClient(o), o.TLSConfig != nil, nil
	case t.cluster != nil:
		o := t.cluster
		o.OnConnect, o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = hello, -1, 1, true, true
		o.PipelinePoolSize, o.MaintNotificationsConfig = -1, quiet
		o.ClusterStateReloadInterval = time.Second
		setDefaults(&o.Protocol, &o.PoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
		return redis.NewClusterClient(o), o.TLSConfig != nil, nil
	default:
		o := t.single
		o.OnConnect, o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = hello, -1, 1, true, true
		o.PipelinePoolSize, o.MaintNotificationsConfig = -1, quiet
		setDefaults(&o.Protocol, &o.PoolSize, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
		return redis.NewClient(o), o.TLSConfig != nil, nil
	}
}

// setDefaults fills in what a URL leaves open.
func setDefaults(protocol, pool *int, dial, read, write *time.Duration) {
	if *protocol == 0 {
		*protocol = 2 // nothing here needs 3, and more proxies know 2
	}
	if *pool == 0 {
		*pool = connections
	}
	for _, d := range []struct {
		value *time.Duration
		most  time.Duration
	}{{dial, dialTime}, {read, answerTime}, {write, answerTime}} {
		// Without a bound, a hung Redis would hang its callers.
		if *d.value <= 0 || *d.value > d.most {
			*d.value = d.most
		}
	}
}

// override puts options in the place of what the URL says.
func (t *target) override(opts Options) error {
	if opts.Database < 0 || opts.Database > 0 && t.cluster != nil {
		return fmt.Errorf("database %d: a Redis Cluster has only database 0, and numbers are not negative", opts.Database)
	}
	username, password, db, conf := t.fields()
	if opts.Username != "" {
		*username = opts.Username
	}
	if opts.Password != "" {
		*password = opts.Password
	}
	if db != nil && opts.Database > 0 {
		*db = opts.Database
	}
	if !opts.TLS.any() {
		return nil
	}
	if t.single != nil && t.single.Network == "unix" {
		return fmt.Errorf("files for TLS make no sense with a unix socket")
	}
	if *conf == nil {
		*conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return opts.TLS.load(*conf)
}

// fields returns where the client's options keep what can be overridden; db is nil
// for a Cluster.
func (t *target) fields() (username, password *string, db *int, conf **tls.Config) {
	switch {
	case t.failover != nil:
		return &t.failover.Username, &t.failover.Password, &t.failover.DB, &t.failover.TLSConfig
	case t.cluster != nil:
		return &t.cluster.Username, &t.cluster.Password, nil, &t.cluster.TLSConfig
	default:
		return &t.single.Username, &t.single.Password, &t.single.DB, &t.single.TLSConfig
	}
}

var unfitForName = regexp.MustCompile(`[^!-~]`)

// clientName is what CLIENT LIST shows. Redis takes only visible ASCII.
func clientName(node string) string {
	if node == "" {
		return "streamdal-server"
	}
	return "streamdal-server:" + unfitForName.ReplaceAllString(node, "_")
}

// libraryLog is where the client library's log goes: one for the whole process,
// the one of the store opened last.
var libraryLog atomic.Pointer[zerolog.Logger]

func routeLog(log zerolog.Logger) {
	libraryLog.Store(&log)
	redis.SetLogger(routed{})
}

// routed is the client library's logger. What it has to say also comes back as the
// error of a call, which is logged for operators where it matters.
type routed struct{}

func (routed) Printf(_ context.Context, format string, args ...any) {
	if log := libraryLog.Load(); log != nil {
		log.Debug().Str("component", "redis").Msgf(format, args...)
	}
}
