package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store"
)

const (
	// maxChanges bounds one event; what it leaves out is said in a notice.
	maxChanges = 1000
	// pollEvery is how often the store is asked even without a hint, because hints may
	// get lost on the way.
	pollEvery = 5 * time.Second
)

// Watch calls yield with what happens, the current revision first, until ctx ends, which
// gives nil, or yield fails, whose error is returned. A store that cannot be read for a
// while is a notice, not the end.
func (s *Store) Watch(ctx context.Context, yield func(*console.StoreEvent) error) error {
	ctx, stop := context.WithCancel(ctx)
	var listeners sync.WaitGroup
	defer func() { stop(); listeners.Wait() }()
	w := &watcher{store: s, yield: yield}
	hints := s.reader.Watch(ctx)
	messages := s.messages(ctx, &listeners)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		var err error
		select {
		case hint, open := <-hints:
			if !open {
				if ctx.Err() != nil {
					return nil
				}
				return store.ErrClosed
			}
			err = w.hint(ctx, hint)
		case <-poll.C:
			err = w.hint(ctx, store.Event{})
		case m := <-messages:
			err = yield(&console.StoreEvent{Revision: uint64(w.seen), Topic: m.topic, Bytes: uint64(m.size)})
		case <-ctx.Done():
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

type watcher struct {
	store   *Store
	yield   func(*console.StoreEvent) error
	started bool
	trouble string // the notice that was last given, "" when the store answered
	seen    store.Revision
}

// hint reads what a hint is about and tells it.
func (w *watcher) hint(ctx context.Context, hint store.Event) error {
	e, err := w.event(ctx, hint)
	if err != nil {
		text := fmt.Sprintf("cannot read the store: %v", err)
		if text == w.trouble {
			return nil
		}
		w.trouble = text
		return w.yield(&console.StoreEvent{Revision: uint64(w.seen), Notice: text})
	}
	w.trouble = ""
	if e == nil {
		return nil
	}
	return w.yield(e)
}

// event returns nil when there is nothing new.
func (w *watcher) event(ctx context.Context, hint store.Event) (*console.StoreEvent, error) {
	e := &console.StoreEvent{}
	first := !w.started
	if err := w.read(ctx, e, first || hint.Gap); err != nil {
		return nil, err
	}
	w.started = true
	if first || hint.Live {
		nodes, err := w.store.nodes(ctx)
		if err != nil {
			return nil, err
		}
		e.Live, e.Nodes = true, nodes
	}
	if first {
		e.Gap = false // nothing was seen before, so nothing was missed
		return e, nil
	}
	if !e.GetLive() && !e.GetGap() && len(e.GetChanges()) == 0 {
		return nil, nil
	}
	return e, nil
}

// read fills in the revision and what changed up to it, or that this is not known.
func (w *watcher) read(ctx context.Context, e *console.StoreEvent, full bool) error {
	if !full {
		state, err := w.store.reader.Since(ctx, w.seen)
		if err == nil {
			w.changes(e, state)
			return nil
		}
		if !errors.Is(err, store.ErrGap) {
			return err
		}
	}
	state, err := w.store.reader.Load(ctx)
	if err != nil {
		return err
	}
	w.seen = state.Revision
	e.Revision, e.Gap = uint64(state.Revision), true
	return nil
}

func (w *watcher) changes(e *console.StoreEvent, state store.State) {
	w.seen = state.Revision
	e.Revision = uint64(state.Revision)
	slices.SortFunc(state.Records, func(a, b store.Record) int { return strings.Compare(a.String(), b.String()) })
	for i, r := range state.Records {
		if i == maxChanges {
			e.Notice = fmt.Sprintf("%d more records changed", len(state.Records)-maxChanges)
			break
		}
		e.Changes = append(e.Changes, w.store.show(r, false))
	}
}

type message struct {
	topic string
	size  int
}

// messages merges the topics. Only sizes are passed on: what is on the bus belongs to the
// people whose messages it shows.
func (s *Store) messages(ctx context.Context, listeners *sync.WaitGroup) <-chan message {
	out := make(chan message)
	for _, topic := range s.about.Topics {
		in := s.reader.Subscribe(ctx, topic)
		listeners.Go(func() {
			for payload := range in {
				select {
				case out <- message{topic: topic, size: len(payload)}:
				case <-ctx.Done():
				}
			}
		})
	}
	return out
}
