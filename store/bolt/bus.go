package bolt

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/streamdal/streamdal-server/store"
)

// subscriberRoom is how many messages wait for a slow subscriber before further
// ones are dropped: a burst, not a backlog.
const subscriberRoom = 256

// bus delivers messages inside this process.
type bus struct {
	dropped atomic.Uint64

	mu     sync.Mutex
	closed bool
	topics map[string]map[chan []byte]func() bool // and how to forget a subscriber's context
}

// Publish implements store.Bus.
func (db *DB) Publish(ctx context.Context, topic string, payload []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b := &db.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return store.ErrClosed
	}
	for ch := range b.topics[topic] {
		select {
		case ch <- payload:
		default:
			b.dropped.Add(1)
		}
	}
	return nil
}

// Subscribe implements store.Bus.
func (db *DB) Subscribe(ctx context.Context, topic string) <-chan []byte {
	b := &db.bus
	ch := make(chan []byte, subscriberRoom)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(ch)
		return ch
	}
	if b.topics[topic] == nil {
		b.topics[topic] = make(map[chan []byte]func() bool)
	}
	b.topics[topic][ch] = context.AfterFunc(ctx, func() { b.remove(topic, ch) })
	return ch
}

// Dropped implements store.Bus.
func (db *DB) Dropped() uint64 { return db.bus.dropped.Load() }

func (b *bus) remove(topic string, ch chan []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.topics[topic][ch]; !ok {
		return
	}
	close(ch)
	delete(b.topics[topic], ch)
	if len(b.topics[topic]) == 0 {
		delete(b.topics, topic)
	}
}

func (b *bus) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, subscribers := range b.topics {
		for ch, stop := range subscribers {
			stop()
			close(ch)
		}
	}
	clear(b.topics)
}
