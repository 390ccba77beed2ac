package legacy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/seal"
)

// Build makes the module of a step that is not custom. A step that it can never build gives
// a *UnbuildableError; other errors may pass.
type Build func(ctx context.Context, step *pb.PipelineStep, format pb.PipelineDataFormat) (*shared.WasmModule, error)

// UnbuildableError is why there is no module for a step.
type UnbuildableError struct{ Reason string }

func (e *UnbuildableError) Error() string { return e.Reason }

// RefusalError means that an import would lose something, and says what to do. Nothing was
// imported.
type RefusalError struct{ text string }

func (e *RefusalError) Error() string { return e.text }

// Config is what NewStore needs.
type Config struct {
	Source Source
	// Ring opens what the original sealed, and seals it again as this server does.
	Ring  seal.Ring
	Build Build
	Log   zerolog.Logger
}

// Store imports what the original server left when it is loaded for the first time and
// found to be empty. Of several nodes that start at once one imports and the others follow.
type Store struct {
	store.Store
	cfg Config
	// settled is set once there is nothing to import, or not any more: a store that becomes
	// empty later has lost data, and the original's is older than what was lost.
	settled atomic.Bool
}

// NewStore returns a Store over inner.
func NewStore(inner store.Store, cfg Config) *Store { return &Store{Store: inner, cfg: cfg} }

// Load is store.Store's, after the import if there is one. The error wraps a *RefusalError when
// the import must not be made.
func (s *Store) Load(ctx context.Context) (store.State, error) {
	state, err := s.Store.Load(ctx)
	if err != nil || s.settled.Load() {
		return state, err
	}
	if state.Revision > 0 {
		s.settled.Store(true)
		return state, nil
	}
	imported, err := s.importAll(ctx)
	if err != nil {
		return store.State{}, err
	}
	s.settled.Store(true)
	if !imported {
		return state, nil
	}
	return s.Store.Load(ctx)
}

// importAll reports whether there was something to import, by this node or another.
func (s *Store) importAll(ctx context.Context) (bool, error) {
	found, err := Read(ctx, s.cfg.Source, s.cfg.Ring)
	if err != nil || !found.Any {
		return false, err
	}
	if len(found.Sealed) > 0 {
		return false, &RefusalError{fmt.Sprintf("the original server sealed %d notification configs in this Redis with a key that this server was not given, "+
			"so nothing was imported: start with that key as --aes-key or STREAMDAL_SERVER_AES_KEY (to change it, as --aes-key-previous beside the new one); "+
			"to give these configs up instead, delete %s", len(found.Sealed), brief(found.Sealed))}
	}
	built, err := found.build(ctx, s.cfg)
	if err != nil {
		return false, fmt.Errorf("build the rules of the original server: %w", err)
	}
	records := built.records
	for i, r := range records {
		if r.Kind == store.KindNotification {
			records[i].Value = s.cfg.Ring.Seal(r.Key, r.Value)
		}
	}
	rev, err := s.Restore(ctx, store.State{Records: records}, 0)
	if errors.Is(err, store.ErrConflict) {
		s.cfg.Log.Info().Msg("another node has imported what the original server stored")
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("import what the original server stored: %w", err)
	}
	s.report(found, built, rev)
	return true, nil
}

func brief(keys []string) string {
	const most = 5
	if len(keys) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(keys[:most], ", "), len(keys)-most)
	}
	return strings.Join(keys, ", ")
}

// maxLogged is how many keys that were left out are named in the log.
const maxLogged = 100

// report tells the operator once what became of the original's data.
func (s *Store) report(found *Found, b *built, rev store.Revision) {
	counts := zerolog.Dict()
	for _, k := range store.Kinds() {
		n := 0
		for _, r := range found.Records {
			if r.Kind == k {
				n++
			}
		}
		if n > 0 {
			counts.Int(string(k), n)
		}
	}
	log := s.cfg.Log
	log.Info().Uint64("revision", uint64(rev)).Dict("records", counts).Int("steps_built", b.steps).Int("modules_kept", b.kept).
		Int("left_out", len(found.LeftOut)).Int("missing_pipelines_detached", found.Dangling).
		Msg("imported what the original server stored in this Redis; its keys are left as they are")
	for i, l := range found.LeftOut {
		if i == maxLogged {
			log.Warn().Int("more", len(found.LeftOut)-maxLogged).Msg("further keys of the original server were not imported")
			break
		}
		log.Warn().Str("key", l.Key).Str("reason", l.Reason).Msg("a key of the original server was not imported")
	}
	if found.Running {
		log.Warn().Msg("sessions are connected to an original server on this Redis: what is changed there from now on does not reach this server; stop it")
	}
}
