package fleet

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	sessionpb "github.com/streamdal/streamdal-server/api/pb/session"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
)

// liveEntry is what others see of a session. Only what it shares ever changes.
type liveEntry struct {
	info    *pb.LiveInfo
	keys    []audience.Key // of info.Audiences
	encoded []byte         // info
	share   share
}

// remoteSession is a session of another node.
type remoteSession struct {
	encoded []byte
	info    *pb.LiveInfo
	extra   *sessionpb.Shared
}

// interest is what a watcher wants to be told of.
type interest uint8

const (
	lives   interest = iota // sessions that come, go or say something else about themselves
	details                 // also what they are being sent
)

// liveChanged forgets what others see of a session, and tells watchers. f.mu is held.
func (f *Fleet) liveChanged(s *session) {
	s.info = nil
	f.notify()
}

// notify tells watchers and other nodes that sessions of this node changed. f.mu is held.
func (f *Fleet) notify() {
	f.wake()
	f.tell(lives)
}

// tell tells those watchers who want to know. f.mu is held.
func (f *Fleet) tell(what interest) {
	for watcher, wants := range f.watchers {
		if wants < what {
			continue
		}
		select {
		case watcher <- struct{}{}:
		default:
		}
	}
}

// Watch returns a channel that gets a value when the live set has changed since the last
// one was taken. It is closed when ctx ends.
func (f *Fleet) Watch(ctx context.Context) <-chan struct{} { return f.watch(ctx, lives) }

func (f *Fleet) watch(ctx context.Context, wants interest) <-chan struct{} {
	watcher := make(chan struct{}, 1)
	f.mu.Lock()
	f.watchers[watcher] = wants
	f.mu.Unlock()
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, watcher)
		close(watcher)
	})
	return watcher
}

// Live returns the sessions of all nodes in the order of their ids, each once, with its
// audiences as it spells them. The entries are shared and must not be changed.
func (f *Fleet) Live() []*pb.LiveInfo {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := make(map[string]*pb.LiveInfo, len(f.sessions))
	for _, node := range slices.Backward(slices.Sorted(maps.Keys(f.remote))) {
		for id, s := range f.remote[node] {
			found[id] = s.info
		}
	}
	now := f.cfg.Now()
	for id, s := range f.sessions {
		if s.live(now, f.cfg.SessionTTL) {
			found[id] = f.entryOf(s).info
		}
	}
	live := make([]*pb.LiveInfo, 0, len(found))
	for _, id := range slices.Sorted(maps.Keys(found)) {
		live = append(live, found[id])
	}
	return live
}

// entryOf returns what others see of a session. f.mu is held.
func (f *Fleet) entryOf(s *session) *liveEntry {
	if s.info != nil {
		return s.info
	}
	info := &pb.LiveInfo{Client: &pb.ClientInfo{
		ClientType:     s.client.GetClientType(),
		LibraryName:    s.client.GetLibraryName(),
		LibraryVersion: s.client.GetLibraryVersion(),
		Language:       s.client.GetLanguage(),
		Arch:           s.client.GetArch(),
		Os:             s.client.GetOs(),
		XSessionId:     proto.String(s.id),
		XServiceName:   proto.String(s.name),
		XNodeName:      proto.String(f.cfg.Node),
	}}
	var keys []audience.Key
	for _, key := range sortedKeys(s.subs) {
		if u := s.subs[key]; u.announced {
			keys = append(keys, key)
			info.Audiences = append(info.Audiences, u.spelling.audience)
		}
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(info)
	if err != nil {
		f.noteUnencodable(err)
	}
	s.info = &liveEntry{info: info, keys: keys, encoded: encoded}
	return s.info
}

// announcePause is the least time between two announcements of this node's sessions: they
// come and go by the thousand when a node starts or stops.
const announcePause = 200 * time.Millisecond

// lease tells other nodes about the sessions of this one, and learns about theirs, three
// times per TTL, so that one lost attempt does no harm, and soon after sessions came or
// went: one that moves to this node must be known before its old node forgets it. It ends
// its lease when ctx ends.
func (f *Fleet) lease(ctx context.Context) {
	every := f.cfg.SessionTTL / 3
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	if hinting, ok := f.cfg.Leases.(interface {
		Watch(ctx context.Context) <-chan store.Event
	}); ok {
		var listener sync.WaitGroup
		listener.Go(func() { f.listen(hinting.Watch(ctx)) })
		defer listener.Wait()
	}
	var told error // what was logged and still holds
	for {
		err := f.exchange(ctx, every)
		switch {
		case err == nil || ctx.Err() != nil:
			told = nil
		case told != nil && errors.Is(told, store.ErrNodeTaken) == errors.Is(err, store.ErrNodeTaken):
		case errors.Is(err, store.ErrNodeTaken):
			told = err
			f.cfg.Log.Error().Err(err).Msg("another node took this node's name while it could not renew its lease; sessions here are served, and other nodes do not see them: restart one of the two with another --node-name")
		default:
			told = err
			f.cfg.Log.Warn().Err(err).Msg("cannot share the list of live sessions with other nodes")
		}
		pause := time.NewTimer(announcePause)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
		select {
		case <-f.moved:
		case <-ticker.C:
		case <-ctx.Done():
			f.endLease(ctx, every)
			return
		}
	}
}

// listen wakes lease when sessions of other nodes moved.
func (f *Fleet) listen(hints <-chan store.Event) {
	for hint := range hints {
		if hint.Live {
			f.wake()
		}
	}
}

// wake makes lease exchange what there is soon.
func (f *Fleet) wake() {
	select {
	case f.moved <- struct{}{}:
	default:
	}
}

func (f *Fleet) exchange(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := f.cfg.Leases.PutLive(ctx, f.cfg.Node, f.encodedLive(), f.cfg.SessionTTL); err != nil {
		return err
	}
	all, err := f.cfg.Leases.Live(ctx)
	if err != nil {
		return err
	}
	f.takeRemote(all)
	return nil
}

func (f *Fleet) endLease(ctx context.Context, limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if err := f.cfg.Leases.PutLive(ctx, f.cfg.Node, nil, 0); err != nil {
		f.cfg.Log.Debug().Err(err).Msg("cannot end the lease of live sessions; it ends by itself")
	}
}

func (f *Fleet) encodedLive() map[string][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.catchUp()
	now := f.cfg.Now()
	live := make(map[string][]byte, len(f.sessions))
	for id, s := range f.sessions {
		if s.live(now, f.cfg.SessionTTL) {
			live[id] = f.sharedOf(s)
		}
	}
	return live
}

// takeRemote takes over the sessions of other nodes; what cannot be decoded, because a newer
// node wrote it, is left out.
func (f *Fleet) takeRemote(all map[string]map[string][]byte) {
	f.mu.Lock()
	known := f.remote
	f.mu.Unlock()
	next := make(map[string]map[string]remoteSession, len(all))
	changed, detail := false, false
	for node, sessions := range all {
		if strings.EqualFold(node, f.cfg.Node) {
			continue
		}
		next[node] = make(map[string]remoteSession, len(sessions))
		for id, encoded := range sessions {
			if before, ok := known[node][id]; ok && bytes.Equal(before.encoded, encoded) {
				next[node][id] = before
				continue
			}
			heard, ok := hear(encoded)
			if !ok {
				continue
			}
			if before := known[node][id]; before.info != nil && proto.Equal(before.info, heard.info) {
				heard.info = before.info
				detail = true
			} else {
				changed = true
			}
			next[node][id] = heard
		}
		changed = changed || len(next[node]) != len(known[node])
	}
	changed = changed || len(next) != len(known)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remote = next
	switch {
	case changed:
		f.tell(lives)
	case detail:
		f.tell(details)
	}
}
