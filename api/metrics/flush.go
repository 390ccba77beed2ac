package metrics

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/streamdal/streamdal-server/store/catalog"
)

const (
	// defaultFlush is how much counting a killed process may lose.
	defaultFlush = 5 * time.Second
	// defaultFold is how long a node must be gone before others add its record to that of
	// ended lives.
	defaultFold = 10 * time.Minute
	// lookEvery is how often a node looks for records of nodes that are gone.
	lookEvery = time.Minute
	// lastFlush bounds the flush at shutdown, when the store may be gone.
	lastFlush = 5 * time.Second
)

// keep writes what was counted to the store, now and then and at the end. It writes nothing
// while nothing is counted. While the store is away, counting goes on in memory.
func (m *Metrics) keep(ctx context.Context) {
	flush := time.NewTicker(m.cfg.Flush)
	defer flush.Stop()
	look := time.NewTicker(min(lookEvery, m.cfg.Fold))
	defer look.Stop()
	healthy := true
	for {
		err := error(nil)
		select {
		case <-flush.C:
			err = m.flush(ctx)
		case <-look.C:
			err = m.fold(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
			defer cancel()
			if err := m.flush(last); err != nil {
				m.cfg.Log.Error().Err(err).Msg("what SDKs counted since the last time cannot be stored and is lost")
			}
			return
		}
		if err != nil && ctx.Err() == nil {
			m.failures.Add(1)
			if healthy {
				m.cfg.Log.Warn().Err(err).Msg("cannot store what SDKs counted; counting goes on in memory")
			}
		}
		healthy = err == nil
	}
}

// errOver says that another node took this life for over.
var errOver = errors.New("the record of this process was added to those of ended ones")

// flush writes this life's record if the store has not got it as it is. Records of earlier
// lives of this node are added to those of ended lives on the way.
func (m *Metrics) flush(ctx context.Context) error {
	for {
		v, id := m.pending()
		if v == nil {
			return nil
		}
		value, err := v.encode()
		if err != nil {
			return err
		}
		_, err = m.cfg.Catalog.Update(ctx, func(tx *catalog.Tx) error {
			if past := m.reader.record(tx.Snapshot(), endedID); past != nil {
				if _, over := past.endedAt(id); over {
					return errOver
				}
			}
			tx.PutCounter(id, value)
			return m.stageEnded(tx, func(other string, r *record) bool { return other != id && m.isMine(r.node) })
		})
		switch {
		case err == nil:
			m.acknowledge(id, v)
			if !v.again {
				return nil
			}
		case !errors.Is(err, errOver):
			return fmt.Errorf("store counters: %w", err)
		}
	}
}

// pending returns what should be written, and where.
func (m *Metrics) pending() (*version, string) {
	snap := m.cfg.Catalog.Snapshot()
	m.reader.forget(snap)
	m.life.mu.Lock()
	defer m.life.mu.Unlock()
	m.life.settle(snap, &m.reader)
	now, changes := m.cfg.Now(), m.tally.changed()
	v := m.life.next(snap, &m.reader, m.cfg.Node, m.tally)
	switch {
	case v == nil:
		m.life.stored, m.life.storedAt = changes, now
	case v.at.IsZero():
		v.at = now
	default:
		v.again = true
	}
	return v, m.life.id
}

func (m *Metrics) acknowledge(id string, v *version) {
	m.life.mu.Lock()
	defer m.life.mu.Unlock()
	if m.life.id == id && m.life.tried == v {
		m.life.written, m.life.tried = v, nil
		m.life.stored, m.life.storedAt = v.changes, v.at
	}
	m.stored.Add(1)
}

func (m *Metrics) isMine(node string) bool { return strings.EqualFold(node, m.cfg.Node) }

// stageEnded adds the records of some lives to that of ended lives. One that cannot be read
// stays where it is: a newer version of the server may have written it.
func (m *Metrics) stageEnded(tx *catalog.Tx, over func(id string, r *record) bool) error {
	snap := tx.Snapshot()
	past := newRecord()
	if _, exists := snap.Counters[endedID]; exists {
		stored := m.reader.record(snap, endedID)
		if stored == nil {
			return nil
		}
		past = stored.clone()
	}
	changed := false
	for id := range snap.Counters {
		if id == endedID {
			continue
		}
		if r := m.reader.record(snap, id); r != nil && over(id, r) {
			past.absorb(id, r)
			tx.DeleteCounter(id)
			changed = true
		}
	}
	if !changed {
		return nil
	}
	past.shrink(snap)
	value, err := past.encode()
	if err != nil {
		return err
	}
	tx.PutCounter(endedID, value)
	return nil
}

// fold adds the records of nodes that are gone to that of ended lives. One node does it,
// the first by name; it does no harm if two think so.
func (m *Metrics) fold(ctx context.Context) error {
	if m.cfg.Leases == nil || !m.others() {
		return nil
	}
	live, err := m.cfg.Leases.Live(ctx)
	if err != nil {
		return fmt.Errorf("find nodes that are gone: %w", err)
	}
	here := make(map[string]bool, len(live))
	first := true
	for node := range live {
		node = strings.ToLower(node)
		here[node] = true
		first = first && node >= strings.ToLower(m.cfg.Node)
	}
	here[strings.ToLower(m.cfg.Node)] = true
	gone := m.goneFor(here)
	if len(gone) == 0 || !first {
		return nil
	}
	_, err = m.cfg.Catalog.Update(ctx, func(tx *catalog.Tx) error {
		return m.stageEnded(tx, func(id string, r *record) bool { return gone[id] == r.node && !here[strings.ToLower(r.node)] })
	})
	if err != nil {
		return fmt.Errorf("add up counters of nodes that are gone: %w", err)
	}
	return nil
}

// others says whether other nodes have records.
func (m *Metrics) others() bool {
	snap := m.cfg.Catalog.Snapshot()
	for id := range snap.Counters {
		if r := m.reader.record(snap, id); r != nil && id != endedID && !m.isMine(r.node) {
			return true
		}
	}
	return false
}

// goneFor returns the records, with their nodes, whose node has been gone for long enough.
func (m *Metrics) goneFor(here map[string]bool) map[string]string {
	snap, now := m.cfg.Catalog.Snapshot(), m.cfg.Now()
	missing := make(map[string]time.Time)
	gone := make(map[string]string)
	for id := range snap.Counters {
		r := m.reader.record(snap, id)
		if r == nil || id == endedID || here[strings.ToLower(r.node)] {
			continue
		}
		since, ok := m.missing[id]
		if !ok {
			since = now
		}
		missing[id] = since
		if now.Sub(since) >= m.cfg.Fold {
			gone[id] = r.node
		}
	}
	m.missing = missing
	return gone
}
