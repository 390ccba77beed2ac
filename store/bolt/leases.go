package bolt

import (
	"bytes"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

// leases holds who is connected. It is not stored: when the one process that
// uses the file ends, so do its connections.
type leases struct {
	now func() time.Time

	mu    sync.Mutex
	nodes map[string]lease
}

type lease struct {
	sessions map[string][]byte
	ends     time.Time
}

// PutLive implements store.Leases.
func (db *DB) PutLive(ctx context.Context, node string, sessions map[string][]byte, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.closed() {
		return store.ErrClosed
	}
	if db.leases.put(node, sessions, ttl) {
		db.hints.Publish(store.Event{Revision: db.lastRevision(), Live: true})
	}
	return nil
}

// Live implements store.Leases.
func (db *DB) Live(ctx context.Context) (map[string]map[string][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if db.closed() {
		return nil, store.ErrClosed
	}
	return db.leases.live(), nil
}

// put reports whether the set of live sessions changed.
func (l *leases) put(node string, sessions map[string][]byte, ttl time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	old, known := l.nodes[node]
	known = known && old.ends.After(now)
	if ttl <= 0 {
		delete(l.nodes, node)
		return known
	}
	if known && maps.EqualFunc(old.sessions, sessions, bytes.Equal) {
		l.nodes[node] = lease{sessions: old.sessions, ends: now.Add(ttl)}
		return false
	}
	l.nodes[node] = lease{sessions: maps.Clone(sessions), ends: now.Add(ttl)}
	return true
}

func (l *leases) live() map[string]map[string][]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	live := make(map[string]map[string][]byte, len(l.nodes))
	for node, lease := range l.nodes {
		if !lease.ends.After(now) {
			delete(l.nodes, node)
			continue
		}
		live[node] = maps.Clone(lease.sessions)
		if live[node] == nil {
			live[node] = map[string][]byte{}
		}
	}
	return live
}
