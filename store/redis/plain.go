package redis

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// pageKeys is how many keys one SCAN looks at.
const pageKeys = 1000

// plainBytes is what one call is given time for: how much there is, is not known.
const plainBytes = 64 * bytesPerSecond

// Keys returns the names of all keys that match a pattern as Redis has it, whoever
// wrote them, each once. It looks at every key there is, page by page: it is for
// what happens once in the life of a store.
func (db *DB) Keys(ctx context.Context, pattern string) ([]string, error) {
	return call(ctx, db, "list the keys of", plainBytes, func(ctx context.Context, _ int) ([]string, error) {
		found := make(map[string]bool)
		var mu sync.Mutex // masters of a Cluster are asked at the same time
		scan := func(ctx context.Context, c redis.Cmdable) error {
			pages := c.Scan(ctx, 0, pattern, pageKeys).Iterator()
			for pages.Next(ctx) {
				mu.Lock()
				found[pages.Val()] = true
				mu.Unlock()
			}
			return pages.Err()
		}
		var err error
		if cluster, ok := db.client.(*redis.ClusterClient); ok {
			err = cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return scan(ctx, c) })
		} else {
			err = scan(ctx, db.client)
		}
		keys := make([]string, 0, len(found))
		for key := range found {
			keys = append(keys, key)
		}
		return keys, err
	})
}

// Strings returns the values of keys in their order: nil for one that is gone, or
// holds something else than a string.
func (db *DB) Strings(ctx context.Context, keys []string) ([][]byte, error) {
	return call(ctx, db, "read", plainBytes, func(ctx context.Context, _ int) ([][]byte, error) {
		answers := make([]*redis.StringCmd, len(keys))
		// What a single key answers is looked at below.
		_, err := db.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, key := range keys {
				answers[i] = pipe.Get(ctx, key)
			}
			return nil
		})
		values := make([][]byte, len(keys))
		for i, a := range answers {
			value, single := a.Bytes()
			switch {
			case single == nil:
				values[i] = value
				if value == nil {
					values[i] = []byte{}
				}
			case errors.Is(single, redis.Nil), strings.HasPrefix(single.Error(), "WRONGTYPE"):
			default:
				return nil, errors.Join(single, err)
			}
		}
		return values, nil
	})
}
