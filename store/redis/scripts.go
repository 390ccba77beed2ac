package redis

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/store"
)

var (
	//go:embed apply.lua
	applySource string
	//go:embed since.lua
	sinceSource string
	//go:embed restore.lua
	restoreSource string
	//go:embed lease.lua
	leaseSource string
	//go:embed publish.lua
	publishSource string

	applyScript   = redis.NewScript(applySource)
	sinceScript   = redis.NewScript(sinceSource)
	restoreScript = redis.NewScript(restoreSource)
	leaseScript   = redis.NewScript(leaseSource)
	publishScript = redis.NewScript(publishSource)
)

// reply reads the nested lists that scripts answer with. The first thing that is
// not as it should be becomes err; what was read is then worthless.
type reply struct {
	items []any
	err   error
}

func (r *reply) fail(i int, want string) {
	if r.err == nil {
		r.err = verdict("a script answered %v in place %d, not %s", r.items, i, want)
	}
}

func (r *reply) text(i int) string {
	if i < len(r.items) {
		if s, ok := r.items[i].(string); ok {
			return s
		}
	}
	r.fail(i, "a text")
	return ""
}

func (r *reply) number(i int) uint64 {
	n, err := strconv.ParseUint(r.text(i), 10, 64)
	if err != nil {
		r.fail(i, "a number")
	}
	return n
}

func (r *reply) list(i int) []any {
	if i < len(r.items) {
		if l, ok := r.items[i].([]any); ok {
			return l
		}
	}
	r.fail(i, "a list")
	return nil
}

// outcome is what the scripts that change the store answer.
type outcome struct {
	status string
	head   head
	detail string
}

// change runs a script that changes the store. When Options.Wait asks for it, it
// then waits, on the same connection, until the replicas have confirmed.
func (db *DB) change(ctx context.Context, script *redis.Script, keys []string, args []any, writes bool) (outcome, error) {
	if db.wait == 0 || !writes {
		return parseOutcome(script.Run(ctx, db.client, keys, args...))
	}
	node, err := db.master(ctx)
	if err != nil {
		return outcome{}, err
	}
	conn := node.Conn()
	defer func() { _ = conn.Close() }() // gives it back to the pool
	o, err := parseOutcome(script.Run(ctx, conn, keys, args...))
	if err != nil || o.status != "ok" {
		return o, err
	}
	confirmed, err := conn.Wait(ctx, db.wait, waitTime).Result()
	if err != nil {
		return o, verdict("the change was made, but it is not known whether replicas have it: %w", explain(err))
	}
	if confirmed < int64(db.wait) {
		return o, verdict("the change was made, but %d of %d replicas confirmed it; it is lost if the master fails before they do", confirmed, db.wait)
	}
	return o, nil
}

// waitTime is how long replicas have to confirm a change.
const waitTime = attemptTime / 2

// master returns the client of the one server that holds the durable keys.
func (db *DB) master(ctx context.Context) (*redis.Client, error) {
	switch c := db.client.(type) {
	case *redis.Client:
		return c, nil
	case *redis.ClusterClient:
		return c.MasterForKey(ctx, revisionKey)
	default:
		return nil, verdict("no master is known for a %T", c)
	}
}

func parseOutcome(cmd *redis.Cmd) (outcome, error) {
	items, err := cmd.Slice()
	if err != nil {
		return outcome{}, err
	}
	r := &reply{items: items}
	o := outcome{
		status: r.text(0),
		head:   head{revision: store.Revision(r.number(1)), tag: r.text(2), incarnation: r.text(3)},
		detail: r.text(4),
	}
	switch {
	case r.err != nil:
		return outcome{}, r.err
	case o.status == "format":
		return outcome{}, fmt.Errorf("%w (format %s, this one knows %d)", errTooNew, o.detail, formatVersion)
	default:
		return o, nil
	}
}
