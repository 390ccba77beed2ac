package tail_test

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/store/redis"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// nodesOn starts two nodes, each with connections of its own to one Redis.
func nodesOn(t *testing.T, server *redistest.Server) (a, b *node) {
	t.Helper()
	open := func(name string) *node {
		db, err := redis.Open(t.Context(), redis.Options{URL: server.URL(), Node: name, Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return newNode(t, name, db)
	}
	return open("a"), open("b")
}

func TestTailThroughRedis(t *testing.T) {
	t.Parallel()
	a, b := nodesOn(t, redistest.Start(t, redistest.Options{}))
	s := runService(t, b, client.Go, "session", aud("svc", "op"))
	ctx, leave := context.WithCancel(within(t))
	stream := a.view(ctx, "t", aud("svc", "op"))
	take(t, stream, 50, "session")
	if got := b.tails.Stats().Relayed; got < 50 {
		t.Errorf("%d payloads were relayed, want the 50 that were shown", got)
	}
	leave()
	s.heard(t, "START t", "STOP t")
}

// Without Redis, dead or hung, a node shows what its own sessions process; once Redis is
// back, tails and payloads cross nodes again.
func TestTailWithoutRedis(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct {
		begin, end func(*redistest.Server, testing.TB)
	}{
		"killed": {(*redistest.Server).Kill, (*redistest.Server).Restart},
		"hung":   {(*redistest.Server).Pause, (*redistest.Server).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, redistest.Options{})
			a, b := nodesOn(t, server)
			runService(t, a, client.Go, "local", aud("svc", "op"))
			runService(t, b, client.Go, "remote", aud("svc", "op"))
			stream := a.view(within(t), "t", aud("svc", "op"))
			take(t, stream, 5, "remote")
			outage.begin(server, t)
			take(t, stream, 20, "local")
			second := a.view(within(t), "second", aud("svc", "op"))
			take(t, second, 20, "local")
			outage.end(server, t)
			take(t, second, 5, "remote")
			take(t, stream, 5, "local")
		})
	}
}
