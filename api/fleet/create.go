package fleet

import (
	"context"
	"time"

	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"

	"github.com/streamdal/streamdal-server/api/pb"
)

const (
	// creationBatch bounds one change to the store.
	creationBatch = 500
	// creationTimeout bounds how long one change may take before it is given up.
	creationTimeout = 5 * time.Second
	// creationPause keeps a failing store from being asked all the time.
	creationPause = time.Second
)

// creation is an audience that is to be stored. done is closed when it was, or when the
// attempt failed.
type creation struct {
	audience *pb.Audience
	done     chan struct{}
}

// want asks for an audience to be stored. All sessions that announce the same one share one
// request. f.mu is held.
func (f *Fleet) want(t *target) {
	if f.wanted[t.key] != nil {
		return
	}
	f.wanted[t.key] = &creation{audience: t.spoken.audience, done: make(chan struct{})}
	select {
	case f.wantedWake <- struct{}{}:
	default:
	}
}

// create stores wanted audiences, as many as have come together in one change, until ctx
// ends. What the store does not take now is dropped: heartbeats ask again.
func (f *Fleet) create(ctx context.Context) {
	failing := false
	for {
		select {
		case <-f.wantedWake:
		case <-ctx.Done():
			f.giveUp()
			return
		}
		for batch := f.nextBatch(); len(batch) > 0; batch = f.nextBatch() {
			err := f.store(ctx, batch)
			f.settle(batch)
			if err == nil {
				if failing {
					f.cfg.Log.Info().Msg("announced audiences are stored again")
				}
				failing = false
				continue
			}
			if ctx.Err() == nil && !failing {
				f.cfg.Log.Warn().Err(err).Int("audiences", len(batch)).
					Msg("cannot store announced audiences; their sessions work, and it is tried again with their heartbeats")
			}
			failing = true
			pause(ctx, creationPause)
		}
	}
}

func (f *Fleet) nextBatch() map[audience.Key]*creation {
	f.mu.Lock()
	defer f.mu.Unlock()
	batch := make(map[audience.Key]*creation)
	for key, c := range f.wanted {
		if len(batch) == creationBatch {
			break
		}
		batch[key] = c
	}
	return batch
}

func (f *Fleet) store(ctx context.Context, batch map[audience.Key]*creation) error {
	ctx, cancel := context.WithTimeout(ctx, creationTimeout)
	defer cancel()
	_, err := f.cfg.Catalog.Update(ctx, func(tx *catalog.Tx) error {
		for key, c := range batch {
			if tx.Snapshot().Audiences[key] == nil {
				tx.PutAudience(c.audience)
			}
		}
		return nil
	})
	return err
}

// settle ends the requests of a batch. The registry is brought up to date first, so that
// nobody asks again for what was just stored.
func (f *Fleet) settle(batch map[audience.Key]*creation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.catchUp()
	for key, c := range batch {
		delete(f.wanted, key)
		close(c.done)
	}
}

// giveUp ends all requests.
func (f *Fleet) giveUp() {
	for batch := f.nextBatch(); len(batch) > 0; batch = f.nextBatch() {
		f.settle(batch)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
