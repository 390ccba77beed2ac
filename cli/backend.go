package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/store/redis"
)

const (
	// storeFile is the embedded store's name in the data directory.
	storeFile = "streamdal.db"
	// copyFile is the name of the copy of what Redis holds.
	copyFile = "catalog.pb"
)

// redisFlags say which Redis to share with other nodes, and how.
type redisFlags struct {
	redisAccess `embed:""`

	RedisWait int    `placeholder:"N" help:"Acknowledge a change when so many Redis replicas have it too."`
	Reseed    string `placeholder:"WHEN" enum:"auto,never" default:"auto" help:"When Redis has lost data: auto writes back what the nodes know, never takes Redis as it is."`
}

func (f redisFlags) validate(demo bool) error {
	switch {
	case f.RedisURL == "" && f.RedisWait != 0:
		return errNoRedis
	case f.RedisURL != "" && demo:
		return errors.New("--demo and --redis-url exclude each other: sample rules must not get among real ones")
	case f.RedisWait < 0:
		return fmt.Errorf("--redis-wait is %d: it must not be negative", f.RedisWait)
	}
	return f.redisAccess.validate()
}

// redisAccess says which Redis, and how to log into it.
type redisAccess struct {
	RedisURL      string `name:"redis-url" placeholder:"URL" help:"Redis that keeps everything and is shared by all nodes: host:port, redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://. Default: the embedded store."`
	RedisPassword string `secret:"" placeholder:"TEXT" help:"Password for Redis, instead of the one in the URL."`
	RedisDatabase int    `placeholder:"N" help:"Number of the Redis database, instead of the one in the URL."`
	RedisTLSCA    string `name:"redis-tls-ca" placeholder:"FILE" help:"Certificates (PEM) that Redis' must be signed by; turns TLS on."`
	RedisTLSCert  string `name:"redis-tls-cert" placeholder:"FILE" help:"Certificate (PEM) that identifies this node to Redis; turns TLS on."`
	RedisTLSKey   string `name:"redis-tls-key" placeholder:"FILE" help:"Key of --redis-tls-cert."`
}

var errNoRedis = errors.New("a flag about Redis needs --redis-url")

func (f redisAccess) validate() error {
	switch {
	case f.RedisURL == "" && (f.RedisPassword != "" || f.RedisDatabase != 0 || f.RedisTLSCA != "" || f.RedisTLSCert != ""):
		return errNoRedis
	case f.RedisURL == "":
		return nil
	case f.RedisDatabase < 0:
		return fmt.Errorf("--redis-database is %d: it must not be negative", f.RedisDatabase)
	case (f.RedisTLSCert == "") != (f.RedisTLSKey == ""):
		return errors.New("--redis-tls-cert and --redis-tls-key go together: give both")
	}
	if err := redis.CheckURL(f.RedisURL); err != nil {
		return fmt.Errorf("--redis-url: %w", err)
	}
	return nil
}

// options are what a store in this Redis is opened with.
func (f redisAccess) options() redis.Options {
	return redis.Options{
		URL: f.RedisURL, Password: f.RedisPassword, Database: f.RedisDatabase,
		TLS: redis.TLSFiles{CA: f.RedisTLSCA, Cert: f.RedisTLSCert, Key: f.RedisTLSKey},
	}
}

// origin names the Redis without secrets and options.
func (f redisAccess) origin() string {
	scheme, rest, found := strings.Cut(f.RedisURL, "://")
	if !found {
		scheme, rest = "redis", f.RedisURL
	}
	rest, options, _ := strings.Cut(rest, "?")
	rest = rest[strings.LastIndex(rest, "@")+1:]
	if query, _ := url.ParseQuery(options); query.Has("db") { // a bad query is Open's to refuse
		rest += "?db=" + query.Get("db")
	}
	return fmt.Sprintf("%s://%s#%d", strings.ToLower(scheme), rest, f.RedisDatabase)
}

// backend opens the store.
func (s *server) backend(ctx context.Context) (store.Backend, error) {
	f := s.cmd.Redis
	if f.RedisURL == "" {
		file := filepath.Join(s.dir, storeFile)
		s.checkFile(file)
		db, err := bolt.Open(file, bolt.Options{})
		if err != nil {
			return nil, fmt.Errorf("open the store: %w", s.explainLock(err))
		}
		return db, nil
	}
	opts := f.options()
	opts.Wait, opts.Node, opts.Log = f.RedisWait, s.node, s.log
	db, err := redis.Open(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := s.claim(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// beside returns st for those who look at it while the catalog follows it.
func beside(st store.Backend) store.Backend {
	if db, ok := st.(*redis.DB); ok {
		return db.Observer()
	}
	return st
}

// layout and source say what the store is and where, without secrets.
func (s *server) layout() string {
	if s.cmd.Redis.RedisURL != "" {
		return "Redis"
	}
	return "embedded file"
}

func (s *server) source() string {
	if s.cmd.Redis.RedisURL != "" {
		return s.cmd.Redis.origin()
	}
	return filepath.Join(s.dir, storeFile)
}

// openCatalog reads the store, or makes do without it.
func (s *server) openCatalog(ctx context.Context, st store.Store) (*catalog.Catalog, error) {
	if s.cmd.Redis.RedisURL == "" {
		return catalog.Open(ctx, st, s.log)
	}
	return catalog.OpenShared(ctx, st, s.log, catalog.Shared{
		Reseed: s.cmd.Redis.Reseed != "never", Copy: filepath.Join(s.dir, copyFile), Origin: s.cmd.Redis.origin(),
	})
}

// claim makes sure that no other running node has this one's name. A process of
// this name that was killed a moment ago holds it until its lease ends, so that is
// waited for. While Redis is away nobody can say, and the fleet looks later.
func (s *server) claim(ctx context.Context, leases store.Leases) error {
	limit := time.NewTimer(s.cmd.SessionTTL + 2*time.Second)
	defer limit.Stop()
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for waiting := false; ; waiting = true {
		asked, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := leases.PutLive(asked, s.node, nil, s.cmd.SessionTTL)
		cancel()
		if !errors.Is(err, store.ErrNodeTaken) {
			return ctx.Err() // any other failure is the fleet's to tell
		}
		if !waiting {
			s.log.Info().Dur("at_most_ms", s.cmd.SessionTTL).Msg("a node of this name was running a moment ago; waiting for its lease to end")
		}
		select {
		case <-again.C:
		case <-limit.C:
			return fmt.Errorf("another running node on this Redis is called %q: give each node a --node-name of its own", s.node)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
