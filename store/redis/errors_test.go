package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/store"
)

// answer is an error that Redis itself gave.
type answer string

func (a answer) Error() string { return string(a) }
func (answer) RedisError()     {}

var _ redis.Error = answer("")

func TestExplain(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	tests := []struct {
		err     error
		part    string
		passing bool
	}{
		{answer("READONLY You can't write against a read only replica."), "replica", true},
		{answer("ERR Error running script (call to f_0a): @user_script:87: -READONLY You can't write"), "replica", true},
		{answer("OOM command not allowed when used memory > 'maxmemory'."), "maxmemory", false},
		{answer("ERR Error running script (call to f_0a): @user_script:87: -OOM command not allowed"), "maxmemory", false},
		{answer("LOADING Redis is loading the dataset in memory"), "loading", true},
		{answer("MASTERDOWN Link with MASTER is down"), "lost its master", true},
		{answer("CLUSTERDOWN Hash slot not served"), "all slots", true},
		{answer("NOAUTH Authentication required."), "--redis-password", false},
		{answer("WRONGPASS invalid username-password pair"), "--redis-password", false},
		{answer("NOPERM this user has no permissions"), "docs/operations.md", false},
		{answer("MISCONF Redis is configured to save RDB snapshots"), "disk", false},
		{answer("NOREPLICAS Not enough good replicas to write."), "replicas", false},
		{answer("ERR max number of clients reached"), "maxclients", true},
		{answer("ERR something new"), "something new", false},
		{refused, "check that Redis runs", true},
		{fmt.Errorf("hello: %w", context.DeadlineExceeded), "no answer from Redis in time", true},
		{io.EOF, "EOF", true},
		{verdict("so be it"), "so be it", false},
		{errForked, "lost changes", false},
		{fmt.Errorf("x: %w", store.ErrConflict), "changed by somebody else", false},
	}
	for _, tt := range tests {
		if got := explain(tt.err); !strings.Contains(got.Error(), tt.part) {
			t.Errorf("%v: got %q, want it to mention %q", tt.err, got, tt.part)
		} else if errors.Is(got, context.DeadlineExceeded) {
			t.Errorf("%v: passes for the caller's deadline", tt.err)
		}
		if got := passing(tt.err); got != tt.passing {
			t.Errorf("%v: passing is %v, want %v", tt.err, got, tt.passing)
		}
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	var h history
	for rev := range store.Revision(10 * rememberedTags) {
		h.add(head{revision: rev, tag: fmt.Sprint(rev), incarnation: "one"})
	}
	last := store.Revision(10*rememberedTags - 1)
	if got := h.last(); got.revision != last || len(h.tags) > 2*rememberedTags {
		t.Errorf("got %+v and %d tags", got, len(h.tags))
	}
	if tag, known := h.at(last - rememberedTags/2); !known || tag != fmt.Sprint(last-rememberedTags/2) {
		t.Errorf("got tag %q, known %v", tag, known)
	}
	if _, known := h.at(1); known {
		t.Error("the oldest is still known")
	}
	h.add(head{revision: 1, tag: "late"}) // an answer that took long
	if _, known := h.at(1); known || h.last().revision != last {
		t.Error("what is too old was taken in")
	}
	h.replace(head{revision: 5, tag: "new", incarnation: "two"})
	if _, known := h.at(last); known || h.last() != (head{5, "new", "two"}) {
		t.Error("something of before is left")
	}
}
