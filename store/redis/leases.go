package redis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/store"
)

const (
	leaseField = "lease"
	// forgetAfter is how long a node must have had no lease before its name is
	// removed from the set of names. It announces itself with every renewal, so
	// this is only about names that do not come back.
	forgetAfter = time.Minute
)

// leases remembers what this process has announced, so that it need only send what
// changed, and what others have, so that it need only read what changed.
type leases struct {
	turn chan struct{} // of one, held by PutLive: a node's announcements go out in order

	mu      sync.Mutex
	counter uint64
	own     map[string]announced // by node
	others  map[string]announced // by node, this one included
	missing map[string]time.Time // since when a known node has no lease
}

// announced is what a node said, and the text of its lease field that goes with it.
type announced struct {
	version  string
	sessions map[string][]byte
}

func (l *leases) init() {
	l.turn = make(chan struct{}, 1)
	l.own = make(map[string]announced)
	l.others = make(map[string]announced)
	l.missing = make(map[string]time.Time)
}

// PutLive implements store.Leases. It sends what changed since it last succeeded,
// and everything when Redis has lost that.
func (db *DB) PutLive(ctx context.Context, node string, sessions map[string][]byte, ttl time.Duration) error {
	l := &db.leases
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if ttl <= 0 {
		return db.endLease(ctx, node)
	}
	l.mu.Lock()
	old := l.own[node]
	l.mu.Unlock()
	next := announced{version: old.version, sessions: maps.Clone(sessions)}
	if old.version == "" || !maps.EqualFunc(old.sessions, sessions, bytes.Equal) {
		l.mu.Lock()
		l.counter++
		next.version = strconv.FormatUint(l.counter, 10)
		l.mu.Unlock()
	}
	status, err := db.renew(ctx, node, old, next, ttl)
	if err == nil && status == "lost" {
		status, err = db.renew(ctx, node, announced{}, next, ttl)
	}
	switch {
	case err != nil:
		return err
	case status == "ok":
		l.mu.Lock()
		l.own[node] = next
		l.mu.Unlock()
		if next.version != old.version {
			db.hint(store.Event{Live: true})
		}
		return nil
	default:
		return store.Unavailable("announce sessions in Redis", fmt.Errorf("it answered %q", status))
	}
}

// renew sends the difference between what was announced and what is to be.
func (db *DB) renew(ctx context.Context, node string, old, next announced, ttl time.Duration) (string, error) {
	var gone, set []any
	size := 0
	for id := range old.sessions {
		if _, ok := next.sessions[id]; !ok {
			gone = append(gone, ":"+id)
		}
	}
	for id, info := range next.sessions {
		if before, ok := old.sessions[id]; !ok || !bytes.Equal(before, info) {
			set = append(set, ":"+id, string(info))
			size += len(info)
		}
	}
	args := []any{db.process, old.version, next.version, max(ttl.Milliseconds(), 1), hintChannel, len(gone)}
	args = append(append(args, gone...), set...)
	return call(ctx, db, "announce sessions in", size, func(ctx context.Context, _ int) (string, error) {
		// The name first: whoever reads it and finds no lease yet looks again later.
		if err := db.client.SAdd(ctx, nodesKey, node).Err(); err != nil {
			return "", err
		}
		return db.runLease(ctx, node, args)
	})
}

func (db *DB) runLease(ctx context.Context, node string, args []any) (string, error) {
	status, err := leaseScript.Run(ctx, db.client, []string{liveKey(node)}, args...).Text()
	if err == nil && status == "taken" {
		err = fmt.Errorf("%q: %w", node, store.ErrNodeTaken)
	}
	return status, err
}

func (db *DB) endLease(ctx context.Context, node string) error {
	_, err := call(ctx, db, "end the lease in", 0, func(ctx context.Context, _ int) (string, error) {
		args := []any{db.process, "", "", 0, hintChannel, 0}
		status, err := db.runLease(ctx, node, args)
		if err != nil {
			return "", err
		}
		return status, db.client.SRem(ctx, nodesKey, node).Err()
	})
	if err != nil {
		return err
	}
	db.leases.mu.Lock()
	delete(db.leases.own, node)
	db.leases.mu.Unlock()
	db.hint(store.Event{Live: true})
	return nil
}

// Live implements store.Leases. Only nodes whose sessions changed are read again.
func (db *DB) Live(ctx context.Context) (map[string]map[string][]byte, error) {
	nodes, err := call(ctx, db, "read sessions from", 0, func(ctx context.Context, _ int) (map[string]announced, error) {
		names, err := db.client.SMembers(ctx, nodesKey).Result()
		if err != nil || len(names) == 0 {
			return nil, err
		}
		return db.readNodes(ctx, names)
	})
	if err != nil {
		return nil, err
	}
	db.leases.mu.Lock()
	db.leases.others = nodes
	db.leases.mu.Unlock()
	live := make(map[string]map[string][]byte, len(nodes))
	for node, a := range nodes {
		live[node] = maps.Clone(a.sessions)
	}
	return live, nil
}

// readNodes returns what the named nodes announce, without those that have no lease.
func (db *DB) readNodes(ctx context.Context, names []string) (map[string]announced, error) {
	versions := make([]*redis.StringCmd, len(names))
	_, err := db.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, name := range names {
			versions[i] = pipe.HGet(ctx, liveKey(name), leaseField)
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	db.leases.mu.Lock()
	known := db.leases.others
	db.leases.mu.Unlock()
	nodes := make(map[string]announced, len(names))
	var ended, changed []string
	for i, name := range names {
		version, err := versions[i].Result()
		switch {
		case errors.Is(err, redis.Nil):
			ended = append(ended, name)
		case err != nil:
			return nil, err
		case known[name].version == version:
			nodes[name] = known[name]
		default:
			changed = append(changed, name)
		}
	}
	if err := db.forget(ctx, ended); err != nil {
		return nil, err
	}
	return nodes, db.readSessions(ctx, changed, nodes)
}

// readSessions adds what the named nodes announce now.
func (db *DB) readSessions(ctx context.Context, names []string, nodes map[string]announced) error {
	if len(names) == 0 {
		return nil
	}
	all := make([]*redis.MapStringStringCmd, len(names))
	_, err := db.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, name := range names {
			all[i] = pipe.HGetAll(ctx, liveKey(name))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		fields := all[i].Val()
		version, ok := fields[leaseField]
		if !ok {
			continue // it ended just now
		}
		a := announced{version: version, sessions: make(map[string][]byte, len(fields)-1)}
		for field, info := range fields {
			if id, ok := strings.CutPrefix(field, ":"); ok {
				a.sessions[id] = []byte(info)
			}
		}
		nodes[name] = a
	}
	return nil
}

// forget removes the names of nodes that have had no lease for long.
func (db *DB) forget(ctx context.Context, ended []string) error {
	l := &db.leases
	now := time.Now()
	missing := make(map[string]time.Time, len(ended))
	var names []any
	l.mu.Lock()
	for _, name := range ended {
		since, ok := l.missing[name]
		if !ok {
			since = now
		}
		missing[name] = since
		if now.Sub(since) > forgetAfter {
			names = append(names, name)
		}
	}
	l.missing = missing
	l.mu.Unlock()
	if len(names) == 0 {
		return nil
	}
	return db.client.SRem(ctx, nodesKey, names...).Err()
}
