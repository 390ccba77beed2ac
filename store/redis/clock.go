package redis

import (
	"context"
	"time"
)

// Skew returns how far this machine's clock is ahead of that of Redis; it is negative when it
// is behind. What the answer took on its way makes it wrong by half of that at most.
func (db *DB) Skew(ctx context.Context) (time.Duration, error) {
	return call(ctx, db, "ask the time of", 0, func(ctx context.Context, _ int) (time.Duration, error) {
		asked := time.Now()
		there, err := db.client.Time(ctx).Result()
		if err != nil {
			return 0, err
		}
		return asked.Add(time.Since(asked) / 2).Sub(there), nil
	})
}
