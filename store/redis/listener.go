package redis

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
)

const (
	// pingEvery is how often the connection is tried while nothing is heard, and
	// deadAfter how long nothing at all may be heard before it counts as dead. A
	// connection whose other end is gone without a word shows in no other way.
	pingEvery = 2 * time.Second
	deadAfter = 5 * time.Second
	// confirmTime bounds how long a subscriber waits for Redis to confirm.
	confirmTime = time.Second
)

// listener keeps one connection on which it hears everything this node subscribes
// to, whatever happens to the connection.
type listener struct {
	client    redis.UniversalClient
	log       zerolog.Logger
	heard     func(channel, payload string) // both are called by one goroutine
	confirmed func(channel string)          // and must not wait for anything

	wake chan struct{} // of one: the channels that are wanted have changed

	mu      sync.Mutex
	wanted  map[string]*subscription
	working bool
}

// subscription is one wanted channel.
type subscription struct {
	ready chan struct{} // closed when Redis first confirmed it
	once  sync.Once
}

func newListener(client redis.UniversalClient, log zerolog.Logger, heard func(channel, payload string), confirmed func(channel string)) *listener {
	return &listener{
		client: client, log: log, heard: heard, confirmed: confirmed,
		wake: make(chan struct{}, 1), wanted: make(map[string]*subscription),
	}
}

// want adds a channel. What it returns is closed when Redis has confirmed it.
func (l *listener) want(channel string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.wanted[channel]
	if s == nil {
		s = &subscription{ready: make(chan struct{})}
		l.wanted[channel] = s
		l.changed()
	}
	return s.ready
}

// drop removes a channel.
func (l *listener) drop(channel string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.wanted, channel)
	l.changed()
}

func (l *listener) changed() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// works reports whether the connection was well when last heard of.
func (l *listener) works() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.working
}

// setWorking notes how the connection is, and logs when that changes.
func (l *listener) setWorking(working bool, reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.working == working {
		return
	}
	l.working = working
	if working {
		l.log.Debug().Msg("listening to Redis")
	} else {
		l.log.Warn().Err(reason).Msg("the connection that hears about changes broke; until it is back, changes of other nodes arrive by polling")
	}
}

// run listens until ctx ends.
func (l *listener) run(ctx context.Context) {
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, pingEvery) {
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if l.works() {
			pause = firstPause
		}
		l.setWorking(false, explain(err))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

var errSilent = errors.New("no answer from Redis on it")

// session listens on one connection until that breaks. The client library would
// connect again by itself, but it does not notice a connection that is only silent.
func (l *listener) session(ctx context.Context) error {
	var asked map[string]*subscription
	ps := l.client.Subscribe(ctx)
	if err := l.adjust(ctx, ps, &asked); err != nil {
		return errors.Join(err, ps.Close())
	}
	alive := make(chan struct{}, 1)
	broken := make(chan error, 1)
	var reading sync.WaitGroup
	reading.Go(func() { broken <- l.read(ctx, ps, alive) })
	defer reading.Wait()
	defer func() { _ = ps.Close() }() // makes read return

	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	lastHeard := time.Now()
	for {
		select {
		case <-alive:
			lastHeard = time.Now()
			continue
		case err := <-broken:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-l.wake:
			if err := l.adjust(ctx, ps, &asked); err != nil {
				return err
			}
		case <-ping.C:
			if time.Since(lastHeard) > deadAfter {
				return errSilent
			}
			if err := l.bounded(ctx, func(ctx context.Context) error { return ps.Ping(ctx) }); err != nil {
				return err
			}
		}
	}
}

func (l *listener) bounded(ctx context.Context, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	return fn(ctx)
}

// read passes on what is heard until the connection breaks. It must not wait for
// anything else, or Redis would cut it off as too slow.
func (l *listener) read(ctx context.Context, ps *redis.PubSub, alive chan<- struct{}) error {
	for {
		message, err := ps.Receive(ctx)
		if err != nil {
			return err
		}
		select {
		case alive <- struct{}{}:
		default:
		}
		switch m := message.(type) {
		case *redis.Message:
			l.heard(m.Channel, m.Payload)
		case *redis.Subscription:
			if m.Kind == "subscribe" {
				l.confirm(m.Channel)
			}
		}
	}
}

func (l *listener) confirm(channel string) {
	l.setWorking(true, nil)
	l.mu.Lock()
	if s := l.wanted[channel]; s != nil {
		s.once.Do(func() { close(s.ready) })
	}
	l.mu.Unlock()
	l.confirmed(channel)
}

// adjust subscribes to what is wanted and not asked for yet, and unsubscribes from
// what is not wanted any more. What was dropped and wanted again in between is asked
// for again, so that it is confirmed again.
func (l *listener) adjust(ctx context.Context, ps *redis.PubSub, asked *map[string]*subscription) error {
	l.mu.Lock()
	wanted := maps.Clone(l.wanted)
	l.mu.Unlock()
	var subscribe, unsubscribe []string
	for channel, s := range wanted {
		if (*asked)[channel] != s {
			subscribe = append(subscribe, channel)
		}
	}
	for channel := range *asked {
		if wanted[channel] == nil {
			unsubscribe = append(unsubscribe, channel)
		}
	}
	*asked = wanted
	return l.bounded(ctx, func(ctx context.Context) error {
		if len(subscribe) > 0 {
			if err := ps.Subscribe(ctx, subscribe...); err != nil {
				return err
			}
		}
		if len(unsubscribe) > 0 {
			return ps.Unsubscribe(ctx, unsubscribe...)
		}
		return nil
	})
}
