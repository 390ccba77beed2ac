// Package latest hands the newest value to any number of watchers. A watcher
// that is slow sees fewer values, never old ones, and costs nobody anything.
package latest

import (
	"context"
	"sync"
)

// Hub is a set of watchers. Its methods are safe for concurrent use.
type Hub[T any] struct {
	merge func(pending, next T) T

	mu       sync.Mutex
	closed   bool
	watchers map[chan T]func() bool // the channel, and how to forget its context
}

// NewHub returns a hub that combines a value nobody has taken yet with the next
// one by merge.
func NewHub[T any](merge func(pending, next T) T) *Hub[T] {
	return &Hub[T]{merge: merge, watchers: make(map[chan T]func() bool)}
}

// Watch returns a channel that holds what current gives and then every published
// value, merged while it is not taken. It is closed when ctx ends or the hub is
// closed. No value published after current was asked is missed.
func (h *Hub[T]) Watch(ctx context.Context, current func() T) <-chan T {
	ch := make(chan T, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(ch)
		return ch
	}
	ch <- current()
	h.watchers[ch] = context.AfterFunc(ctx, func() { h.remove(ch) })
	return ch
}

func (h *Hub[T]) remove(ch chan T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.watchers[ch]; ok {
		delete(h.watchers, ch)
		close(ch)
	}
}

// Publish gives v to every watcher without waiting for any.
func (h *Hub[T]) Publish(v T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.watchers {
		next := v
		select {
		case pending := <-ch:
			next = h.merge(pending, v)
		default:
		}
		// Never blocks: the channel has room for one, and only the holder of
		// h.mu sends.
		ch <- next
	}
}

// Close ends all watches and those still to come.
func (h *Hub[T]) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for ch, stop := range h.watchers {
		stop()
		close(ch)
	}
	clear(h.watchers)
}
