package inspect

import (
	"context"

	"github.com/streamdal/streamdal-server/store"
)

// Picture is a Reader over what was read before. Nothing is live in it and nothing happens.
type Picture struct{ State store.State }

var _ Reader = Picture{}

// Load implements Reader.
func (p Picture) Load(context.Context) (store.State, error) { return p.State, nil }

// Since implements Reader. A picture has no past.
func (p Picture) Since(context.Context, store.Revision) (store.State, error) {
	return store.State{}, store.ErrGap
}

// Watch implements Reader. It gives one hint.
func (p Picture) Watch(ctx context.Context) <-chan store.Event {
	hints := make(chan store.Event, 1)
	hints <- store.Event{Revision: p.State.Revision}
	context.AfterFunc(ctx, func() { close(hints) })
	return hints
}

// Live implements Reader.
func (p Picture) Live(context.Context) (map[string]map[string][]byte, error) { return nil, nil }

// Subscribe implements Reader.
func (p Picture) Subscribe(ctx context.Context, _ string) <-chan []byte {
	messages := make(chan []byte)
	context.AfterFunc(ctx, func() { close(messages) })
	return messages
}
