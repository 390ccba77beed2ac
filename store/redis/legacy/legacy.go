// Package legacy reads what the original server kept in Redis, and imports it once into a
// store that is still empty. The original's keys are only read.
package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/seal"
)

// Source is a Redis.
type Source interface {
	// Keys returns the names of all keys that match a pattern.
	Keys(ctx context.Context, pattern string) ([]string, error)
	// Strings returns the values of keys in their order, nil for one that is gone or holds
	// something else than a string.
	Strings(ctx context.Context, keys []string) ([][]byte, error)
}

// How many values are asked for at a time, and so in memory in their original form. In its
// pipelines the original repeats a module of up to 2 MB in every step.
const (
	readPipelines = 2
	readOthers    = 256
)

// LeftOut is a key whose value cannot be taken over, and why.
type LeftOut struct{ Key, Reason string }

// Found is what the original server left, in the form in which this server stores it.
type Found struct {
	// Any says that the original used this Redis at all.
	Any bool
	// Running says that sessions are connected to the original now.
	Running bool
	// Records are what store/catalog expects, apart from the modules of ordinary steps:
	// those still name the original's. Notification configs are in plain text.
	Records []store.Record
	// Sealed are keys whose value no key of the ring opens.
	Sealed []string
	// LeftOut are keys whose value is of no use, and foreign keys.
	LeftOut []LeftOut
	// Dangling counts attachments of pipelines that do not exist. They are left out.
	Dangling int

	pipelines []*pb.Pipeline
	// originals are the modules inside of steps, by id.
	originals map[string]*shared.WasmModule
}

// Read reads what the original left. The ring opens what it sealed.
func Read(ctx context.Context, src Source, ring seal.Ring) (*Found, error) {
	r := newReader(ring)
	var wanted []string
	for _, pattern := range patterns {
		keys, err := src.Keys(ctx, pattern)
		if err != nil {
			return nil, fmt.Errorf("look for what the original server stored: %w", err)
		}
		if pattern == patterns[0] && !slices.ContainsFunc(keys, isOriginal) {
			return r.found, nil // whatever is called kv:... then is not its
		}
		for _, key := range keys {
			if r.takeKey(key) {
				wanted = append(wanted, key)
			}
		}
	}
	r.found.Any = true
	slices.Sort(wanted)
	for _, part := range parts(wanted) {
		values, err := src.Strings(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("read what the original server stored: %w", err)
		}
		for i, key := range part {
			if values[i] == nil {
				r.leaveOut(key, "it is gone, or not a value that the original server writes")
				continue
			}
			r.take(key, values[i])
		}
	}
	r.finish()
	return r.found, nil
}

// parts cuts a sorted list of keys into what is read at a time.
func parts(keys []string) (list [][]string) {
	big := func(key string) bool { c, _ := classify(key); return c == pipelineKey }
	first := slices.IndexFunc(keys, big)
	if first < 0 {
		return slices.Collect(slices.Chunk(keys, readOthers))
	}
	rest := slices.IndexFunc(keys[first:], func(key string) bool { return !big(key) })
	if rest < 0 {
		rest = len(keys) - first
	}
	return slices.Concat(
		slices.Collect(slices.Chunk(keys[:first], readOthers)),
		slices.Collect(slices.Chunk(keys[first:first+rest], readPipelines)),
		slices.Collect(slices.Chunk(keys[first+rest:], readOthers)),
	)
}

// isOriginal reports whether a key shows that the original used this Redis.
func isOriginal(key string) bool {
	c, _ := classify(key)
	return c != ours && c != foreign
}

// takeKey takes what a key says by its name, and reports whether its value is wanted.
func (r *reader) takeKey(key string) bool {
	c, rest := classify(key)
	switch c {
	case ours, ephemeral:
	case liveSession:
		r.found.Running = r.found.Running || strings.HasSuffix(rest, ":register")
	case foreign:
		r.leaveOut(key, "it is not known")
	case creatorKey:
		if audience, creator, ok := splitCreator(rest); ok {
			r.creators[audience] = max(r.creators[audience], creator)
		} else {
			r.leaveOut(key, "it does not name an audience")
		}
	default:
		return true
	}
	return false
}

func (r *reader) leaveOut(key, reason string) {
	r.found.LeftOut = append(r.found.LeftOut, LeftOut{Key: key, Reason: reason})
}

// State is what was found, as a picture of a store without revisions. Configs that are
// sealed show as damaged.
func (f *Found) State() store.State {
	state := store.State{Records: f.Records}
	for _, key := range f.Sealed {
		_, id := classify(key)
		state.Damaged = append(state.Damaged, store.Damage{
			Key:    store.Key{Kind: store.KindNotification, ID: id},
			Reason: "the original server sealed it with a key that was not given; give it as --aes-key",
		})
	}
	return state
}
