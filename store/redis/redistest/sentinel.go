package redistest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// MasterName is what the sentinels call the master.
const MasterName = "streamdal"

// Sentinel is one master with two replicas, watched by three sentinels.
type Sentinel struct {
	Servers   []*Server // the first is the first master
	Sentinels []*Server
}

// StartSentinel starts a set and stops it when the test ends. The options are those
// of the three servers.
func StartSentinel(t testing.TB, opts Options) *Sentinel {
	t.Helper()
	s := &Sentinel{}
	for i := range 3 {
		var args []string
		if i > 0 {
			args = []string{"--replicaof", "127.0.0.1", strconv.Itoa(s.Servers[0].Port)}
		}
		s.Servers = append(s.Servers, start(t, opts, args...))
	}
	s.waitReplicas(t, s.Servers[0], 2)
	for range 3 {
		s.Sentinels = append(s.Sentinels, startSentinel(t, s.Servers[0].Port))
	}
	for _, sentinel := range s.Sentinels {
		s.waitKnown(t, sentinel)
	}
	return s
}

func startSentinel(t testing.TB, master int) *Server {
	t.Helper()
	for range 10 {
		s := &Server{Port: freeport.Port(t), dir: t.TempDir()}
		conf := fmt.Sprintf(`bind 127.0.0.1
port %d
dir %s
sentinel monitor %s 127.0.0.1 %d 2
sentinel down-after-milliseconds %s 700
sentinel failover-timeout %s 3000
`, s.Port, s.dir, MasterName, master, MasterName, MasterName)
		path := filepath.Join(s.dir, "sentinel.conf")
		if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		s.args = []string{path, "--sentinel"}
		if s.launch(t) {
			t.Cleanup(s.end)
			return s
		}
	}
	t.Fatal("redis-sentinel found no free port")
	return nil
}

// URL returns what --redis-url would be.
func (s *Sentinel) URL() string {
	var hosts []string
	for _, sentinel := range s.Sentinels {
		hosts = append(hosts, sentinel.Addr())
	}
	return "redis+sentinel://" + strings.Join(hosts, ",") + "/" + MasterName
}

// Master returns the server that the sentinels call the master now.
func (s *Sentinel) Master(t testing.TB) *Server {
	t.Helper()
	var master *Server
	_ = until(t, "a sentinel names the master", func(context.Context) (bool, error) {
		for _, sentinel := range s.Sentinels {
			addr, ok := sentinel.Do(t, "sentinel", "get-master-addr-by-name", MasterName).([]any)
			if !ok || len(addr) != 2 {
				continue
			}
			for _, server := range s.Servers {
				if strconv.Itoa(server.Port) == addr[1] {
					master = server
					return true, nil
				}
			}
		}
		return false, nil
	})
	return master
}

// Failover makes a replica the master, as an operator would, and waits until it is.
func (s *Sentinel) Failover(t testing.TB) {
	t.Helper()
	old := s.Master(t)
	s.waitReplicas(t, old, 1)
	c := s.Sentinels[0].Client(t)
	_ = until(t, "a fail-over begins", func(ctx context.Context) (bool, error) {
		err := c.Do(ctx, "sentinel", "failover", MasterName).Err()
		return err == nil, err
	})
	s.WaitFailover(t, old)
}

// WaitFailover waits until another server than old is the master, and says so.
func (s *Sentinel) WaitFailover(t testing.TB, old *Server) {
	t.Helper()
	_ = until(t, "another server is the master", func(ctx context.Context) (bool, error) {
		master := s.Master(t)
		return master != old && s.isMaster(ctx, master), nil
	})
}

func (s *Sentinel) isMaster(ctx context.Context, server *Server) bool {
	c := server.client()
	defer c.Close()
	info, err := c.Info(ctx, "replication").Result()
	return err == nil && strings.Contains(info, "role:master")
}

// waitReplicas waits until a server has so many replicas in step.
func (s *Sentinel) waitReplicas(t testing.TB, server *Server, n int) {
	t.Helper()
	c := server.Client(t)
	_ = until(t, "replicas are in step", func(ctx context.Context) (bool, error) {
		info, err := c.Info(ctx, "replication").Result()
		return strings.Count(info, "state=online") >= n, err
	})
}

// waitKnown waits until a sentinel knows the replicas and the other sentinels.
func (s *Sentinel) waitKnown(t testing.TB, sentinel *Server) {
	t.Helper()
	c := redis.NewSentinelClient(&redis.Options{Addr: sentinel.Addr()})
	defer c.Close()
	_ = until(t, "sentinels know each other", func(ctx context.Context) (bool, error) {
		m, err := c.Master(ctx, MasterName).Result()
		return m["num-slaves"] == "2" && m["num-other-sentinels"] == "2" && m["flags"] == "master", err
	})
}
