package redis

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// subscriberRoom is how many messages wait for a slow subscriber before further
	// ones are dropped: a burst, not a backlog.
	subscriberRoom = 256
	// outboxRoom and outboxBytes are how much waits for a slow Redis.
	outboxRoom  = 1024
	outboxBytes = 16 << 20
	// Messages that wait go out together, so many and so many bytes at a time.
	batchMessages = 128
	batchBytes    = 1 << 20
	// probeEvery is how often a Redis that failed is tried for messages.
	probeEvery = time.Second
	// lastWords bounds how long Close waits for messages that are still here.
	lastWords = time.Second
)

// bus delivers messages to this process directly, and to others through Redis.
type bus struct {
	dropped atomic.Uint64
	outbox  chan message
	waiting atomic.Int64 // bytes in outbox
	failing atomic.Pointer[error]

	mu     sync.Mutex
	closed bool
	topics map[string]map[chan []byte]func() bool // and how to forget a subscriber's context
}

type message struct {
	topic   string
	payload []byte
}

func (b *bus) init() {
	b.outbox = make(chan message, outboxRoom)
	b.topics = make(map[string]map[chan []byte]func() bool)
}

// Publish implements store.Bus. Subscribers of this process get the message
// whatever happens to Redis; an error means that no others will.
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
	b.deliver(topic, payload)
	if err := b.failing.Load(); err != nil {
		return store.Unavailable("publish in Redis", *err)
	}
	if b.waiting.Add(int64(len(payload))) > outboxBytes {
		b.waiting.Add(-int64(len(payload)))
		b.dropped.Add(1)
		return nil
	}
	select {
	case b.outbox <- message{topic, payload}:
	default:
		b.waiting.Add(-int64(len(payload)))
		b.dropped.Add(1)
	}
	return nil
}

// deliver is called with b.mu held.
func (b *bus) deliver(topic string, payload []byte) {
	for ch := range b.topics[topic] {
		select {
		case ch <- payload:
		default:
			b.dropped.Add(1)
		}
	}
}

// receive takes a message from Redis: the publisher's process and the payload. Its
// own messages have been delivered already.
func (b *bus) receive(topic, text, process string) {
	if len(text) < tagBytes || text[:tagBytes] == process {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.topics[topic]) > 0 {
		b.deliver(topic, []byte(text[tagBytes:]))
	}
}

// Subscribe implements store.Bus. It waits a moment for Redis to confirm, so that
// an answer to what the caller publishes next is not missed.
func (db *DB) Subscribe(ctx context.Context, topic string) <-chan []byte {
	b := &db.bus
	ch := make(chan []byte, subscriberRoom)
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		close(ch)
		return ch
	}
	if b.topics[topic] == nil {
		b.topics[topic] = make(map[chan []byte]func() bool)
	}
	ready := db.listener.want(busPrefix + topic)
	b.topics[topic][ch] = context.AfterFunc(ctx, func() { db.unsubscribe(topic, ch) })
	b.mu.Unlock()

	if db.listener.works() {
		timer := time.NewTimer(confirmTime)
		defer timer.Stop()
		select {
		case <-ready:
		case <-timer.C:
		case <-ctx.Done():
		case <-db.closing:
		}
	}
	return ch
}

// Dropped implements store.Bus. It counts messages that Redis was too slow for, too.
func (db *DB) Dropped() uint64 { return db.bus.dropped.Load() }

func (db *DB) unsubscribe(topic string, ch chan []byte) {
	b := &db.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.topics[topic][ch]; !ok {
		return
	}
	close(ch)
	delete(b.topics[topic], ch)
	if len(b.topics[topic]) == 0 {
		delete(b.topics, topic)
		db.listener.drop(busPrefix + topic)
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

// transmit sends messages to Redis until ctx ends, in the order in which they were
// published.
func (db *DB) transmit(ctx context.Context) {
	probe := time.NewTicker(probeEvery)
	defer probe.Stop()
	for {
		select {
		case m := <-db.bus.outbox:
			db.send(ctx, db.bus.gather(m), attemptTime)
		case <-probe.C:
			if db.bus.failing.Load() != nil {
				db.send(ctx, nil, attemptTime)
			}
		case <-ctx.Done():
			select {
			case m := <-db.bus.outbox:
				db.send(context.WithoutCancel(ctx), db.bus.gather(m), lastWords)
			default:
			}
			return
		}
	}
}

// gather returns first and the messages that are waiting right now.
func (b *bus) gather(first message) []message {
	batch := []message{first}
	for size := len(first.payload); len(batch) < batchMessages && size < batchBytes; {
		select {
		case m := <-b.outbox:
			batch = append(batch, m)
			size += len(m.payload)
		default:
			return batch
		}
	}
	return batch
}

// send publishes a batch, by a script because a Cluster would take the messages on
// any of its nodes, in any order. It is tried once: a message twice would be worse
// than none.
func (db *DB) send(ctx context.Context, batch []message, limit time.Duration) {
	args := make([]any, 0, 2*len(batch))
	for _, m := range batch {
		db.bus.waiting.Add(-int64(len(m.payload)))
		var text strings.Builder
		text.Grow(tagBytes + len(m.payload))
		text.WriteString(db.process)
		text.Write(m.payload)
		args = append(args, busPrefix+m.topic, text.String())
	}
	_, err := once(ctx, limit, 0, func(ctx context.Context, _ int) (any, error) {
		return publishScript.Run(ctx, db.client, []string{revisionKey}, args...).Result()
	})
	if err == nil {
		db.bus.failing.Store(nil)
		return
	}
	db.bus.dropped.Add(uint64(len(batch)))
	if errors.Is(err, context.Canceled) {
		return
	}
	err = explain(err)
	if db.bus.failing.Swap(&err) == nil {
		db.log.Warn().Err(err).Msg("messages to other nodes are lost until Redis takes them again")
	}
}
