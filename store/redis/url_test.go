package redis

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// describe says where a target leads, without what the client library fills in.
func (t *target) describe() string {
	secure := func(b bool) string {
		if b {
			return " tls"
		}
		return ""
	}
	switch {
	case t.failover != nil:
		o := t.failover
		return fmt.Sprintf("sentinel %v master=%s user=%s:%s sentinel user=%s:%s db=%d%s", o.SentinelAddrs, o.MasterName, o.Username, o.Password, o.SentinelUsername, o.SentinelPassword, o.DB, secure(o.TLSConfig != nil))
	case t.cluster != nil:
		o := t.cluster
		return fmt.Sprintf("cluster %v user=%s:%s%s", o.Addrs, o.Username, o.Password, secure(o.TLSConfig != nil))
	default:
		o := t.single
		return fmt.Sprintf("%s %s user=%s:%s db=%d%s", o.Network, o.Addr, o.Username, o.Password, o.DB, secure(o.TLSConfig != nil))
	}
}

func TestURLForms(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, want string }{
		{"localhost", "tcp localhost:6379 user=: db=0"},
		{"redis.internal:7000", "tcp redis.internal:7000 user=: db=0"},
		{"[::1]:7000", "tcp [::1]:7000 user=: db=0"},
		{"redis://h", "tcp h:6379 user=: db=0"},
		{"redis://h/3", "tcp h:6379 user=: db=3"},
		{"redis://h:1/?db=4&pool_size=3", "tcp h:1 user=: db=4"},
		{"redis://:s3cret@h", "tcp h:6379 user=:s3cret db=0"},
		{"redis://me:p%40s%2Fs%3F@h:1/2", "tcp h:1 user=me:p@s/s? db=2"},
		{"REDIS://h", "tcp h:6379 user=: db=0"},
		{"rediss://me:s3cret@[::1]", "tcp [::1]:6379 user=me:s3cret db=0 tls"},
		{"unix:///run/redis.sock", "unix /run/redis.sock user=: db=0"},
		{"unix://me:s3cret@/run/redis.sock?db=2", "unix /run/redis.sock user=me:s3cret db=2"},
		{"redis+sentinel://a,b:2/main", "sentinel [a:26379 b:2] master=main user=: sentinel user=: db=0"},
		{"rediss+sentinel://me:s3cret@a:1/main/5?sentinel_username=you&sentinel_password=s3cond", "sentinel [a:1] master=main user=me:s3cret sentinel user=you:s3cond db=5 tls"},
		{"redis://you:s3cond@a:1/5?master_name=main&addr=b:2&username=me&password=s3cret", "sentinel [a:1 b:2] master=main user=me:s3cret sentinel user=you:s3cond db=5"},
		{"redis+cluster://me:s3cret@a,b:2,[::1]:3", "cluster [a:6379 b:2 [::1]:3] user=me:s3cret"},
		{"rediss+cluster://a", "cluster [a:6379] user=: tls"},
		{"redis://a:1?addr=b:2", "cluster [a:1 b:2] user=:"},
		{"redis://a:1,b:2", "cluster [a:1 b:2] user=:"},
	}
	for _, tt := range tests {
		got, err := parseURL(tt.url)
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got.describe()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.url, diff)
		}
	}
}

func TestURLRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, part string }{
		{"", "redis://localhost:6379"},
		{"http://h", "must start with redis://"},
		{"redis+magic://h", "must start with redis://"},
		{"h:1/0", "starts with redis://"},
		{"h:0", "host:port"},
		{"h:65536", "host:port"},
		{"redis://h:s3cret", "host:port"},
		{"redis://::1", "brackets"},
		{"redis://a b", "host:port"},
		{"redis://user:pa/s3cret@h", "%2F"},
		{"redis://user:pa?s3cret@h", "%3F"},
		{"redis://user:pa?x=y&s3cret&z@h", "%3F"},
		{"redis://user:pa#s3cret@h", "%23"},
		{"redis://user:pa@s3cret@h", "%40"},
		{"redis://user:s3cret%zz@h", "%XX"},
		{"redis://h/s", "database"},
		{"redis://h/-1", "database"},
		{"redis://h?nonsense=1", "nonsense"},
		{"redis://h?pool_size=x", "pool_size"},
		{"redis://h?pool_size=-5", "from 0 to"},
		{"redis://h?pool_size=9999999999", "from 0 to"},
		{"redis://h?min_idle_conns=100000", "from 0 to"},
		{"redis://h?protocol=7", "protocol"},
		{"unix://", "path"},
		{"unix://host/path", "path"},
		{"redis+sentinel://a", "name of the master"},
		{"redis+sentinel://a/main?username=x", "sentinel_username"},
		{"redis://a?master_name=", "name of the master"},
		{"redis+cluster://a/3", "database 0"},
		{"redis+cluster://a,,b", "host:port"},
		{"redis+cluster://a,b?read_only=true", "replicas"},
		{"redis+sentinel://a/main?replica_only=true", "replicas"},
		{"redis+sentinel://a/main?route_randomly=true", "replicas"},
	}
	for _, tt := range tests {
		err := CheckURL(tt.url)
		if err == nil || !strings.Contains(err.Error(), tt.part) {
			t.Errorf("%s: got error %v, want one that mentions %q", tt.url, err, tt.part)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error shows the password: %v", tt.url, err)
		}
	}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		opts Options
		want string
	}{
		{Options{URL: "redis://a:b@h/1", Username: "me", Password: "s3cret", Database: 7}, "tcp h:6379 user=me:s3cret db=7"},
		{Options{URL: "redis+sentinel://a:b@h/main/1", Password: "s3cret", Database: 7}, "sentinel [h:26379] master=main user=a:s3cret sentinel user=: db=7"},
		{Options{URL: "redis+cluster://a:b@h", Username: "me"}, "cluster [h:6379] user=me:b"},
	} {
		target, err := parseURL(tt.opts.URL)
		if err == nil {
			err = target.override(tt.opts)
		}
		if err != nil {
			t.Errorf("%s: %v", tt.opts.URL, err)
			continue
		}
		if got := target.describe(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.opts.URL, got, tt.want)
		}
	}
	for _, opts := range []Options{
		{URL: "redis+cluster://h", Database: 1},
		{URL: "h", Database: -1},
		{URL: "unix:///x", TLS: TLSFiles{CA: "x"}},
		{URL: "h", TLS: TLSFiles{CA: "no such file"}},
		{URL: "h", TLS: TLSFiles{Cert: "only one"}},
		{URL: "h", TLS: TLSFiles{Cert: "no such file", Key: "no such file"}},
		{URL: "h", Wait: -1},
		{URL: "h", LogLength: -1},
		{URL: "nonsense://h"},
	} {
		if db, err := Open(t.Context(), opts); err == nil {
			t.Errorf("%+v: Open succeeded; Close: %v", opts, db.Close())
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{
		"h:1", "redis://u:p@h:1/2?db=3", "unix:///x?db=1", "redis+sentinel://a,b/m/1?sentinel_password=x", "redis+cluster://a:1,[::1]:2",
		"rediss://h?addr=b:1&pool_size=3", "redis://u:%zz@h", "redis://h?master_name=x&addr=a", "redis://u:p@q@h", "redis://h?conn_max_lifetime=1h&conn_max_lifetime_jitter=2h",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		target, err := parseURL(raw)
		if err == nil {
			if target == nil || target.describe() == "" {
				t.Errorf("%q leads nowhere", raw)
			}
			return
		}
		var asURL *url.Error
		if errors.As(err, &asURL) {
			t.Errorf("%q: the error holds the URL: %v", raw, err)
		}
		// A password that is written as it should be is never shown.
		secret := "redis://user:s3cret-%2F@" + raw
		if err := CheckURL(secret); err != nil && strings.Contains(err.Error(), "s3cret") && !strings.Contains(raw, "s3cret") {
			t.Errorf("%q: the error shows the password: %v", secret, err)
		}
	})
}
