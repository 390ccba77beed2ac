package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// target is where a URL leads: exactly one of the fields is set.
type target struct {
	single   *redis.Options
	failover *redis.FailoverOptions
	cluster  *redis.ClusterOptions
}

// CheckURL reports whether Open could use a URL. The forms are:
//
//	host, host:port
//	redis://[user:password@]host[:port][/database][?option=value...]
//	rediss://...                          the same by TLS
//	unix://[user:password@]/path/to/socket[?db=number]
//	redis+sentinel://[user:password@]host[:port][,host[:port]...]/master[/database]
//	redis+cluster://[user:password@]host[:port][,host[:port]...]
//	rediss+sentinel://..., rediss+cluster://...
//	redis://host:port?master_name=...&addr=host:port...   Sentinel, as the client library writes it
//	redis://host:port?addr=host:port...                   Cluster, likewise
//
// The error says what is wrong, and shows nothing of a user or password.
func CheckURL(raw string) error {
	_, err := parseURL(raw)
	return err
}

const (
	redisPort    = "6379"
	sentinelPort = "26379"
)

func parseURL(raw string) (*target, error) {
	if raw == "" {
		return nil, errors.New("the address of Redis is empty; try redis://localhost:6379")
	}
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		scheme, rest = "redis", raw
		if strings.ContainsAny(raw, "/?#@ ") {
			return nil, errors.New("the address of Redis is neither host:port nor a URL; a URL starts with redis://")
		}
	}
	u := parts{scheme: strings.ToLower(scheme)}
	u.authority, u.rest = rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		u.authority, u.rest = rest[:i], rest[i:]
	}
	if err := u.split(); err != nil {
		return nil, err
	}
	kind, secure, err := u.kind()
	if err != nil {
		return nil, err
	}
	base := "redis"
	if secure {
		base = "rediss"
	}
	t, err := u.target(kind, base)
	var unreadable *url.Error // which would show the URL
	switch {
	case errors.As(err, &unreadable):
		return nil, errCharacters
	case err != nil:
		return nil, fmt.Errorf("the URL of Redis: %s", strings.TrimPrefix(err.Error(), "redis: "))
	default:
		return t, t.check()
	}
}

// parts is a URL taken apart so far that a list of hosts can stand in it.
type parts struct {
	scheme    string
	authority string
	rest      string // path, query and fragment
	user      string // with the @, as it was written
	hosts     []string
	path      string
	query     url.Values
}

// errCharacters is all that can be said without showing a password: where URLs
// are cut wrongly, its pieces may be anywhere.
var errCharacters = errors.New("the URL of Redis cannot be read; write special characters of user and password as %XX (@ is %40, / is %2F, ? is %3F, # is %23, : is %3A)")

func (u *parts) split() error {
	if i := strings.LastIndexByte(u.authority, '@'); i >= 0 {
		u.user, u.authority = u.authority[:i+1], u.authority[i+1:]
	}
	u.hosts = strings.Split(u.authority, ",")
	path, query, _ := strings.Cut(u.rest, "?")
	if strings.ContainsAny(u.rest, "#") || strings.Contains(u.rest, "@") {
		return errCharacters
	}
	var err1, err2 error
	u.query, err1 = url.ParseQuery(query)
	u.path, err2 = url.PathUnescape(path)
	if err1 != nil || err2 != nil {
		return errCharacters
	}
	// Whether user and password can be read, asked where nothing else can fail.
	if _, err := url.Parse("redis://" + u.user + "host"); err != nil || strings.Count(u.user, "@") > 1 {
		return errCharacters
	}
	return nil
}

// kind returns the kind of installation the URL means.
func (u *parts) kind() (kind string, secure bool, err error) {
	switch u.scheme {
	case "unix":
		return "unix", false, nil
	case "redis", "rediss":
		secure = u.scheme == "rediss"
		switch {
		case u.query.Has("master_name"):
			return "sentinel by option", secure, nil // with user and password for Sentinel, as the library has it
		case u.query.Has("addr") || len(u.hosts) > 1:
			return "cluster", secure, nil
		default:
			return "single", secure, nil
		}
	case "redis+sentinel", "rediss+sentinel":
		return "sentinel", u.scheme == "rediss+sentinel", nil
	case "redis+cluster", "rediss+cluster":
		return "cluster", u.scheme == "rediss+cluster", nil
	default:
		return "", false, errors.New("the URL of Redis must start with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster:// (the last two also as rediss+...)")
	}
}

// target lets the client library read the URL in the form it knows.
func (u *parts) target(kind, base string) (t *target, err error) {
	t = &target{}
	switch kind {
	case "unix":
		if u.authority != "" || strings.Trim(u.path, "/") == "" {
			return nil, errors.New("a unix socket needs its path, as in unix:///run/redis.sock")
		}
		t.single, err = redis.ParseURL("unix://" + u.user + u.rest)
	case "single":
		var text string
		if text, err = u.rebuild(base, redisPort); err == nil {
			t.single, err = redis.ParseURL(text)
		}
	case "cluster":
		t.cluster, err = u.parseCluster(base)
	default:
		t.failover, err = u.parseSentinel(kind, base)
	}
	return t, err
}

func (u *parts) parseCluster(base string) (*redis.ClusterOptions, error) {
	if db := strings.Trim(u.path, "/"); db != "" && db != "0" {
		return nil, errors.New("a Redis Cluster has only database 0; leave out the path")
	}
	text, err := u.rebuild(base, redisPort)
	if err != nil {
		return nil, err
	}
	o, err := redis.ParseClusterURL(text)
	if err == nil && o.TLSConfig != nil {
		// Each server is to prove its own name, not the first one's.
		o.TLSConfig.ServerName, o.TLSConfig.MinVersion = "", tls.VersionTLS12
	}
	return o, err
}

func (u *parts) parseSentinel(kind, base string) (*redis.FailoverOptions, error) {
	if kind == "sentinel" {
		master, db, _ := strings.Cut(strings.Trim(u.path, "/"), "/")
		if master == "" {
			return nil, errors.New("the name of the master is missing, as in redis+sentinel://host:26379/mymaster")
		}
		u.query.Set("master_name", master)
		u.path = "/" + db
		if err := u.swapUsers(); err != nil {
			return nil, err
		}
	}
	if u.query.Get("master_name") == "" {
		return nil, errors.New("the name of the master is missing after master_name=")
	}
	text, err := u.rebuild(base, sentinelPort)
	if err != nil {
		return nil, err
	}
	o, err := redis.ParseFailoverURL(text)
	if err == nil && o.TLSConfig != nil {
		o.TLSConfig.ServerName = ""
	}
	return o, err
}

// swapUsers puts user and password of the URL, which are for Redis, where the
// client library expects those, and those for Sentinel in their place.
func (u *parts) swapUsers() error {
	if u.query.Has("username") || u.query.Has("password") {
		return errors.New("user and password for Redis stand before the hosts; those for Sentinel are the options sentinel_username and sentinel_password")
	}
	written, err := url.Parse("redis://" + u.user + "host")
	if err != nil {
		return err
	}
	password, _ := written.User.Password()
	if name := written.User.Username(); name != "" {
		u.query.Set("username", name)
	}
	if password != "" {
		u.query.Set("password", password)
	}
	u.user = ""
	if name, password := u.query.Get("sentinel_username"), u.query.Get("sentinel_password"); name != "" || password != "" {
		u.user = url.UserPassword(name, password).String() + "@"
	}
	u.query.Del("sentinel_username")
	u.query.Del("sentinel_password")
	return nil
}

// rebuild returns the URL with one host, and the others as options.
func (u *parts) rebuild(base, port string) (string, error) {
	for i, host := range u.hosts {
		address, err := address(host, port)
		if err != nil {
			return "", err
		}
		if i > 0 {
			u.query.Add("addr", address)
		}
		u.hosts[i] = address
	}
	return base + "://" + u.user + u.hosts[0] + (&url.URL{Path: u.path}).EscapedPath() + "?" + u.query.Encode(), nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$`)

// address completes and checks one host of a URL.
func address(text, defaultPort string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil { // no port, it seems
		host, port = strings.Trim(text, "[]"), defaultPort
		if strings.Contains(host, ":") && !strings.HasPrefix(text, "[") {
			host = ""
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	_, notIP := netip.ParseAddr(host)
	if err != nil || n == 0 || notIP != nil && !hostName.MatchString(host) {
		return "", errors.New("a host or port cannot be read; write host:port, and an IPv6 address in brackets")
	}
	return net.JoinHostPort(host, port), nil
}

// check refuses what the client library can do but a store cannot use.
func (t *target) check() error {
	errReplicas := errors.New("the URL of Redis: changes must be read where they are made; leave out options that read from replicas (read_only, replica_only, route_...)")
	var sizes []int
	var db, protocol int
	switch {
	case t.failover != nil:
		o := t.failover
		if o.ReplicaOnly || o.RouteByLatency || o.RouteRandomly || o.UseDisconnectedReplicas {
			return errReplicas
		}
		sizes, db, protocol = []int{o.PoolSize, o.MinIdleConns, o.MaxIdleConns, o.MaxActiveConns, o.MaxConcurrentDials}, o.DB, o.Protocol
	case t.cluster != nil:
		o := t.cluster
		if o.ReadOnly || o.RouteByLatency || o.RouteRandomly {
			return errReplicas
		}
		sizes, protocol = []int{o.PoolSize, o.MinIdleConns, o.MaxIdleConns, o.MaxActiveConns, o.MaxConcurrentDials}, o.Protocol
	default:
		o := t.single
		sizes, db, protocol = []int{o.PoolSize, o.MinIdleConns, o.MaxIdleConns, o.MaxActiveConns, o.MaxConcurrentDials}, o.DB, o.Protocol
	}
	if slices.Min(sizes) < 0 || slices.Max(sizes) > maxConnections {
		return fmt.Errorf("the URL of Redis: numbers of connections are from 0 to %d", maxConnections)
	}
	if db < 0 || protocol != 0 && protocol != 2 && protocol != 3 {
		return errors.New("the URL of Redis: the database must not be negative, the protocol is 2 or 3")
	}
	return nil
}

// maxConnections bounds what a URL may ask for; the client library would panic at
// some numbers.
const maxConnections = 1000
