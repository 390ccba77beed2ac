package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store/inspect"
	"github.com/streamdal/streamdal-server/store/redis"
	"github.com/streamdal/streamdal-server/store/redis/legacy"
	"github.com/streamdal/streamdal-server/store/seal"
)

// openRedis looks into a Redis: into this server's store, else into what an original server
// left.
func (c *inspectCmd) openRedis(ctx context.Context) (*opened, error) {
	opts := c.Redis.options()
	opts.Log, opts.Node = zerolog.Nop(), "inspect"
	db, err := redis.Open(ctx, opts)
	if err != nil {
		return nil, err
	}
	src, err := c.lookIntoRedis(ctx, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	src.close = db.Close
	return src, nil
}

func (c *inspectCmd) lookIntoRedis(ctx context.Context, db *redis.DB) (*opened, error) {
	about := inspect.About{Layout: "Redis", Source: c.Redis.origin(), Topics: topics()}
	var err error
	if about.Ring, err = seal.New(c.AESKey, ""); err != nil {
		return nil, err
	}
	state, err := db.Load(ctx)
	if err != nil {
		return nil, err
	}
	live, err := db.Live(ctx)
	if err != nil {
		return nil, err
	}
	if state.Revision > 0 || len(live) > 0 {
		return &opened{source: inspect.New(db, about)}, nil
	}
	found, err := legacy.Read(ctx, db, about.Ring)
	if err != nil {
		return nil, err
	}
	if !found.Any {
		return nil, nothing("Redis answers and holds nothing of streamdal-server or of the original server; check --redis-url and --redis-database")
	}
	about.Layout = "Redis, as the original server writes it"
	about.Notices = notices(found)
	return &opened{
		source: inspect.New(inspect.Picture{State: found.State()}, about),
		still:  "what an original server does cannot be watched; start streamdal-server serve on this Redis first, which imports its data",
	}, nil
}

// notices says what will become of the original's data.
func notices(found *legacy.Found) []string {
	list := []string{"streamdal-server serve imports this when it starts; there are no revisions yet, and sessions of the original are not shown"}
	if found.Running {
		list = append(list, "an original server is running on this Redis")
	}
	if n := len(found.Sealed); n > 0 {
		list = append(list, fmt.Sprintf("%d notification configs are sealed: give the original server's key as --aes-key", n))
	}
	const most = 10
	for i, l := range found.LeftOut {
		if i == most {
			list = append(list, fmt.Sprintf("and %d further keys", len(found.LeftOut)-most))
			break
		}
		list = append(list, fmt.Sprintf("cannot be imported: %s (%s)", l.Key, l.Reason))
	}
	return list
}
