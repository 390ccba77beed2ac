// Package inspect looks into a store without changing it, and says what it sees in
// messages of streamdal.console.v1. Secrets in records are masked here, so that no
// output, local or remote, can give them away.
package inspect

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/seal"
)

// ErrNotFound means that there is no such record.
var ErrNotFound = errors.New("there is no such record")

// KindSession is the kind under which live sessions are shown. It is not a kind of the
// store: sessions are leases of their nodes. Their ids are "node/session".
const KindSession store.Kind = "sessions"

// Kinds returns what can be listed: the kinds of the store, and live sessions.
func Kinds() []store.Kind { return append(store.Kinds(), KindSession) }

// Reader is the part of a backend that looking needs.
type Reader interface {
	Load(ctx context.Context) (store.State, error)
	Since(ctx context.Context, after store.Revision) (store.State, error)
	Watch(ctx context.Context) <-chan store.Event
	Live(ctx context.Context) (map[string]map[string][]byte, error)
	Subscribe(ctx context.Context, topic string) <-chan []byte
}

// About is what a summary says besides what the store holds.
type About struct {
	// Layout is the way in which the records are kept, Source where; without credentials.
	Layout, Source string
	// Node and Version are those of the running server that looks, if one does.
	Node, Version string
	// Notices are sentences that a reader must know to trust the rest.
	Notices []string
	// Trouble, if there is one, says why the store cannot be read now, nil when it can; the
	// reader then gives what is known of it.
	Trouble func() error
	// Ring opens what is sealed, to show what is not secret in it.
	Ring seal.Ring
	// Topics are those of the bus that Watch listens to.
	Topics []string
}

// Store shows one store. It is safe for concurrent use.
type Store struct {
	reader Reader
	about  About
}

// New returns a view of what reader reads.
func New(reader Reader, about About) *Store { return &Store{reader: reader, about: about} }

// Summary says how much of what there is.
func (s *Store) Summary(ctx context.Context) (*console.StoreSummary, error) {
	state, err := s.reader.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the store: %w", err)
	}
	nodes, err := s.nodes(ctx)
	if err != nil {
		return nil, err
	}
	kinds := make(map[store.Kind]*console.KindSummary)
	sum := &console.StoreSummary{
		Layout: s.about.Layout, Source: s.about.Source, Node: s.about.Node, Version: s.about.Version,
		Revision: uint64(state.Revision), Nodes: nodes, Notices: s.about.Notices,
	}
	if t := s.about.Trouble; t != nil && t() != nil {
		sum.Notices = append(slices.Clip(sum.Notices), fmt.Sprintf("the store cannot be read, so this is what the server has in memory: %v", t()))
	}
	for _, k := range store.Kinds() {
		kinds[k] = &console.KindSummary{Kind: string(k)}
		sum.Kinds = append(sum.Kinds, kinds[k])
	}
	for _, r := range state.Records {
		if k := kinds[r.Kind]; k != nil {
			k.Records++
			k.Bytes += uint64(len(r.Value))
		}
	}
	for _, d := range state.Damaged {
		if k := kinds[d.Kind]; k != nil {
			k.Damaged++
		}
	}
	return sum, nil
}

func (s *Store) nodes(ctx context.Context) ([]*console.NodeSummary, error) {
	live, err := s.reader.Live(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the live sessions: %w", err)
	}
	nodes := make([]*console.NodeSummary, 0, len(live))
	for name, sessions := range live {
		nodes = append(nodes, &console.NodeSummary{Name: name, Sessions: uint64(len(sessions))})
	}
	slices.SortFunc(nodes, func(a, b *console.NodeSummary) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return nodes, nil
}

// Records calls yield with the records whose "kind/id" match a pattern, in order, until
// yield returns an error, which is then returned.
func (s *Store) Records(ctx context.Context, pattern string, values bool, yield func(*console.StoreRecord) error) error {
	p := ParsePattern(pattern)
	state, err := s.state(ctx, p)
	if err != nil {
		return err
	}
	for _, d := range state.Damaged {
		state.Records = append(state.Records, store.Record{Key: d.Key, Deleted: true})
	}
	reasons := make(map[store.Key]string, len(state.Damaged))
	for _, d := range state.Damaged {
		reasons[d.Key] = d.Reason
	}
	slices.SortFunc(state.Records, func(a, b store.Record) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range state.Records {
		if !p.Match(r.Key) {
			continue
		}
		out := &console.StoreRecord{Kind: string(r.Kind), Id: r.ID, Problem: reasons[r.Key]}
		if !r.Deleted {
			out = s.show(r, values)
		}
		if err := yield(out); err != nil {
			return err
		}
	}
	return nil
}

// Record returns one record, with the bytes of its module if asked for. The error wraps
// ErrNotFound when it does not exist.
func (s *Store) Record(ctx context.Context, key store.Key, module bool) (*console.StoreRecord, error) {
	state, err := s.state(ctx, Pattern{kind: key.Kind})
	if err != nil {
		return nil, err
	}
	for _, d := range state.Damaged {
		if d.Key == key {
			return &console.StoreRecord{Kind: string(key.Kind), Id: key.ID, Problem: d.Reason}, nil
		}
	}
	for _, r := range state.Records {
		if r.Key != key {
			continue
		}
		out := s.show(r, true)
		if module && out.GetModule() != nil {
			out.Module.Bytes = moduleBytes(r.Value)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s: %w", key, ErrNotFound)
}

// state reads what a pattern may match: stored records, live sessions, or both.
func (s *Store) state(ctx context.Context, p Pattern) (state store.State, err error) {
	if p.kind != KindSession {
		if state, err = s.reader.Load(ctx); err != nil {
			return state, fmt.Errorf("read the store: %w", err)
		}
	}
	if p.kind != "" && p.kind != KindSession {
		return state, nil
	}
	live, err := s.reader.Live(ctx)
	if err != nil {
		return state, fmt.Errorf("read the live sessions: %w", err)
	}
	state.Records = slices.Clone(state.Records)
	for node, sessions := range live {
		for id, value := range sessions {
			key := store.Key{Kind: KindSession, ID: node + "/" + id}
			state.Records = append(state.Records, store.Record{Key: key, Value: value})
		}
	}
	return state, nil
}

// show turns a record into what may be seen of it.
func (s *Store) show(r store.Record, value bool) *console.StoreRecord {
	out := &console.StoreRecord{
		Kind: string(r.Kind), Id: r.ID, Revision: uint64(r.Revision), Size: uint64(len(r.Value)), Deleted: r.Deleted,
	}
	if r.Deleted {
		return out
	}
	if r.Kind == store.KindWasm {
		if b := moduleBytes(r.Value); b != nil {
			sum := sha256.Sum256(b)
			out.Module = &console.ModuleSummary{Size: uint64(len(b)), Sha256: hex.EncodeToString(sum[:])}
		}
	}
	if !value {
		return out
	}
	masked, err := s.masked(r)
	if err != nil {
		out.Problem = err.Error()
	}
	out.Value = masked
	return out
}
