package fleet

import (
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// frameIdle is how long an encoded frame is kept after its last use: longer than a push to
// all sessions takes, so that each is encoded once, and not long enough to pile up.
const frameIdle = 2 * time.Second

// frameKey says for whom a frame is good.
type frameKey struct {
	audience audience.Key
	hash     hash
	spelling string
	quirks   Quirks
	schema   *pb.Schema // where schema inference starts; no reason to push, but new frames have it
}

// frameCache holds the frames that are being sent to many sessions now.
type frameCache struct {
	mu      sync.Mutex
	entries map[frameKey]*cachedFrame
}

type cachedFrame struct {
	once  sync.Once
	frame frame.Frame
	err   error
	used  time.Time // guarded by frameCache.mu
}

// get returns the frame for a key and makes it if nobody did. Those who want the same frame
// at the same time wait for one of them to make it; nobody else does. An error is not kept.
func (c *frameCache) get(key frameKey, now time.Time, encode func() (frame.Frame, error)) (frame.Frame, error) {
	c.mu.Lock()
	entry := c.entries[key]
	if entry == nil {
		entry = &cachedFrame{}
		c.entries[key] = entry
	}
	entry.used = now
	c.mu.Unlock()

	entry.once.Do(func() { entry.frame, entry.err = encode() })
	if entry.err != nil {
		c.drop(key, entry)
	}
	return entry.frame, entry.err
}

func (c *frameCache) drop(key frameKey, entry *cachedFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] == entry {
		delete(c.entries, key)
	}
}

// sweep drops frames that were not used since a time.
func (c *frameCache) sweep(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, entry := range c.entries {
		if entry.used.Before(since) {
			delete(c.entries, key)
		}
	}
}
