package redis

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// attemptTime bounds one attempt of a call. A Redis that is that late is hung
	// as far as a caller is concerned.
	attemptTime = 3 * time.Second
	// bytesPerSecond is the least speed at which values are expected to travel;
	// attempts that carry much get more time.
	bytesPerSecond = 16 << 20
	// retryTime is how long a call is tried again after errors that pass by
	// themselves: a restart or the last moments of a fail-over, not an outage.
	retryTime = 1500 * time.Millisecond

	firstPause   = 20 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// attempt is one try of a call: try counts from 0. What it did before it failed
// may have reached Redis all the same.
type attempt[T any] func(ctx context.Context, try int) (T, error)

// call makes attempts until one succeeds, fails for good, or time runs out, and
// maps what goes wrong to the errors that store.Store promises. It returns as soon
// as ctx ends, although an attempt under way ends only with its own time.
func call[T any](ctx context.Context, db *DB, doing string, bytes int, fn attempt[T]) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if !db.begin() {
		return none, store.ErrClosed
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer db.calls.Done()
		value, err := persist(ctx, db, attemptTime+time.Duration(bytes/bytesPerSecond)*time.Second, fn)
		done <- result{value, err}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		return none, fmt.Errorf("%s Redis, which was under way and may still happen: %w", doing, ctx.Err())
	}
	switch {
	case r.err == nil:
		return r.value, nil
	case errors.Is(r.err, store.ErrGap), errors.Is(r.err, store.ErrConflict), errors.Is(r.err, store.ErrNodeTaken):
		return none, r.err
	case ctx.Err() != nil:
		return none, fmt.Errorf("%s Redis: %w", doing, ctx.Err())
	case errors.Is(r.err, redis.ErrClosed):
		return none, store.ErrClosed
	default:
		return none, store.Unavailable(doing+" Redis", explain(r.err))
	}
}

// begin counts a call in, unless the store is closed.
func (db *DB) begin() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return false
	}
	db.calls.Add(1)
	return true
}

func persist[T any](ctx context.Context, db *DB, limit time.Duration, fn attempt[T]) (T, error) {
	giveUp := time.Now().Add(retryTime)
	pause := firstPause
	for try := 0; ; try++ {
		value, err := once(ctx, limit, try, fn)
		if err == nil || !passing(err) || !time.Now().Before(giveUp) {
			return value, err
		}
		timer := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return value, ctx.Err()
		case <-db.closing:
			timer.Stop()
			return value, err
		}
		pause = min(2*pause, longestPause)
	}
}

func once[T any](ctx context.Context, limit time.Duration, try int, fn attempt[T]) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return fn(ctx, try)
}
