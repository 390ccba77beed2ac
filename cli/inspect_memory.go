package cli

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// remembering is a store that shows what this server has in memory of it while it cannot be
// read: that is when people look.
type remembering struct {
	store.Backend
	catalog *catalog.Catalog
	fleet   *fleet.Fleet
}

func (r remembering) trouble() error { return r.catalog.Stats().Err }

// Load implements inspect.Reader.
func (r remembering) Load(ctx context.Context) (store.State, error) {
	var state store.State
	err := r.trouble()
	if err == nil {
		if state, err = r.Backend.Load(ctx); !errors.Is(err, store.ErrUnavailable) {
			return state, err
		}
	}
	if known, ok := r.catalog.LastKnown(ctx); ok {
		return known, nil
	}
	return state, err
}

// Live implements inspect.Reader.
func (r remembering) Live(ctx context.Context) (map[string]map[string][]byte, error) {
	if r.trouble() == nil {
		live, err := r.Backend.Live(ctx)
		if !errors.Is(err, store.ErrUnavailable) {
			return live, err
		}
	}
	known := map[string]map[string][]byte{}
	for _, info := range r.fleet.Live() {
		value, err := proto.Marshal(info)
		if err != nil {
			return nil, fmt.Errorf("encode a session: %w", err)
		}
		node := info.GetClient().GetXNodeName()
		if known[node] == nil {
			known[node] = map[string][]byte{}
		}
		known[node][info.GetClient().GetXSessionId()] = value
	}
	return known, nil
}
