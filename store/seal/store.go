package seal

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
)

// Store seals what is written to another store and opens what is read from it, for the kinds
// that hold secrets. Everything beneath it, caches and copies included, sees sealed values
// only. A record that cannot be opened is passed on sealed (see Sealed), logged, and written
// back as it is.
type Store struct {
	store.Store
	ring Ring
	log  zerolog.Logger

	mu     sync.Mutex
	locked map[store.Key]store.Revision // what was logged
	stale  map[store.Key]store.Record   // opened, as plain text, but not sealed with the current key
	warned bool                         // about plain text
}

// NewStore returns a Store over inner.
func NewStore(inner store.Store, ring Ring, log zerolog.Logger) *Store {
	return &Store{
		Store: inner, ring: ring, log: log,
		locked: make(map[store.Key]store.Revision), stale: make(map[store.Key]store.Record),
	}
}

// secret says which kinds are sealed.
func secret(k store.Kind) bool { return k == store.KindNotification }

// Load is store.Store's, with values opened.
func (s *Store) Load(ctx context.Context) (store.State, error) {
	state, err := s.Store.Load(ctx)
	return s.open(state), err
}

// Since is store.Store's, with values opened.
func (s *Store) Since(ctx context.Context, after store.Revision) (store.State, error) {
	state, err := s.Store.Since(ctx, after)
	return s.open(state), err
}

// Apply is store.Store's, with values sealed.
func (s *Store) Apply(ctx context.Context, c store.Change) (store.Revision, error) {
	var ops []store.Op // a copy: a change may be tried again
	for i, op := range c.Ops {
		if !secret(op.Kind) || op.Delete {
			continue
		}
		if ops == nil {
			ops = append(ops, c.Ops...)
		}
		s.warnIfPlain()
		ops[i].Value = s.ring.Seal(op.Key, op.Value)
	}
	if ops != nil {
		c.Ops = ops
	}
	return s.Store.Apply(ctx, c)
}

// Restore is store.Store's, with values sealed.
func (s *Store) Restore(ctx context.Context, state store.State, found store.Revision) (store.Revision, error) {
	return s.Store.Restore(ctx, s.SealState(state), found)
}

// SealState returns what was read with its secrets sealed again, to keep it elsewhere.
func (s *Store) SealState(state store.State) store.State {
	records := make([]store.Record, len(state.Records))
	for i, r := range state.Records {
		if secret(r.Kind) && !r.Deleted {
			r.Value = s.ring.Seal(r.Key, r.Value)
		}
		records[i] = r
	}
	state.Records = records
	return state
}

// OpenState undoes SealState; what cannot be opened stays sealed and is logged.
func (s *Store) OpenState(state store.State) store.State { return s.open(state) }

// open replaces sealed values by what they hold.
func (s *Store) open(state store.State) store.State {
	var records []store.Record // a copy: the backend may keep its own
	for i, r := range state.Records {
		if !secret(r.Kind) {
			continue
		}
		if r.Deleted {
			s.forget(r.Key)
			continue
		}
		plain, err := s.ring.Open(r.Key, r.Value)
		if err != nil {
			s.note(r, err)
			continue
		}
		if records == nil {
			records = append(records, state.Records...)
		}
		records[i].Value = plain
		s.remember(records[i], s.ring.current(r.Value))
		if !Sealed(r.Value) {
			s.warnIfPlain()
		}
	}
	if records != nil {
		state.Records = records
	}
	return state
}

func (s *Store) forget(k store.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.locked, k)
	delete(s.stale, k)
}

// note logs a record that cannot be opened, once.
func (s *Store) note(r store.Record, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.stale, r.Key)
	if rev, known := s.locked[r.Key]; known && rev == r.Revision {
		return
	}
	s.locked[r.Key] = r.Revision
	s.log.Error().Err(err).Str("record", r.Key.String()).Msg("a stored secret cannot be opened; it is kept, and nothing can use or change it")
}

// remember keeps what Reseal has to write again.
func (s *Store) remember(plain store.Record, current bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.locked, plain.Key)
	if current {
		delete(s.stale, plain.Key)
		return
	}
	s.stale[plain.Key] = plain
}

func (s *Store) warnIfPlain() {
	if s.ring.Seals() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.warned {
		return
	}
	s.warned = true
	s.log.Warn().Msg("secrets of notification configs are stored in plain text, because there is no --aes-key: set it to the output of openssl rand -hex 32, and they are sealed at the next start")
}

// Reseal writes again what was read in plain text or sealed with an older key, so that it
// is sealed with the current one. It returns how many records it wrote. One that somebody
// else changes meanwhile is left to them. On an error the rest is as it was.
func (s *Store) Reseal(ctx context.Context) (int, error) {
	s.mu.Lock()
	records := make([]store.Record, 0, len(s.stale))
	for _, r := range s.stale {
		records = append(records, r)
	}
	s.mu.Unlock()
	done := 0
	for _, r := range records {
		_, err := s.Apply(ctx, store.Change{
			Guards: []store.Guard{{Key: r.Key, Revision: r.Revision}},
			Ops:    []store.Op{{Key: r.Key, Value: r.Value}},
		})
		switch {
		case errors.Is(err, store.ErrConflict):
		case err != nil:
			return done, fmt.Errorf("seal %s again: %w", r.Key, err)
		default:
			s.forget(r.Key)
			done++
		}
	}
	return done, nil
}
