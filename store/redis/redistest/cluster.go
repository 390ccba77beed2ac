package redistest

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// Cluster is a Redis Cluster of three masters.
type Cluster struct{ Servers []*Server }

const (
	clusterMasters = 3
	clusterSlots   = 16384
)

// StartCluster starts a Cluster and stops it when the test ends.
func StartCluster(t testing.TB, opts Options) *Cluster {
	t.Helper()
	c := &Cluster{}
	var buses []int
	for i := range clusterMasters {
		bus := freeport.Port(t)
		s := start(t, opts, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000", "--cluster-port", strconv.Itoa(bus))
		buses = append(buses, bus)
		c.Servers = append(c.Servers, s)
		s.Do(t, "cluster", "addslotsrange", i*clusterSlots/clusterMasters, (i+1)*clusterSlots/clusterMasters-1)
		s.Do(t, "cluster", "set-config-epoch", i+1)
	}
	for _, s := range c.Servers[1:] {
		s.Do(t, "cluster", "meet", "127.0.0.1", c.Servers[0].Port, buses[0])
	}
	for _, s := range c.Servers {
		client := s.Client(t)
		_ = until(t, "the cluster is whole", func(ctx context.Context) (bool, error) {
			info, err := client.ClusterInfo(ctx).Result()
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3\r"), err
		})
	}
	return c
}

// URL returns what --redis-url would be.
func (c *Cluster) URL() string {
	var hosts []string
	for _, s := range c.Servers {
		hosts = append(hosts, s.Addr())
	}
	return "redis+cluster://" + strings.Join(hosts, ",")
}

// Client returns a client of the whole Cluster, closed when the test ends.
func (c *Cluster) Client(t testing.TB) *redis.ClusterClient {
	t.Helper()
	o := &redis.ClusterOptions{Protocol: 2}
	for _, s := range c.Servers {
		o.Addrs = append(o.Addrs, s.Addr())
	}
	client := redis.NewClusterClient(o)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
