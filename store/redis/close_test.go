package redis

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// leftover returns the stacks of goroutines of this package and its client library.
// Tests run in turn with this one have none: those in parallel begin later.
func leftover() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var left []string
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "redistest.") || strings.Contains(stack, "testing.tRunner(") || strings.Contains(stack, "leftover(") {
			continue
		}
		if strings.Contains(stack, "store/redis.") || strings.Contains(stack, "go-redis") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

//nolint:paralleltest // counts goroutines
func TestCloseLeavesNothing(t *testing.T) {
	cluster, sentinel := redistest.StartCluster(t, redistest.Options{}), redistest.StartSentinel(t, redistest.Options{})
	alone, hung, dead := redistest.Start(t, redistest.Options{}), redistest.Start(t, redistest.Options{}), redistest.Start(t, redistest.Options{})
	dead.Kill(t)
	for name, url := range map[string]string{
		"cluster": cluster.URL(), "sentinel": sentinel.URL(), "standalone": alone.URL(), "hung": hung.URL(), "dead": dead.URL(),
	} {
		db, err := Open(t.Context(), Options{URL: url, Log: zerolog.Nop()})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		watch, messages := db.Watch(t.Context()), db.Subscribe(t.Context(), "x")
		if name != "dead" {
			mustPut(t, db, "a", "1")
			mustLoad(t, db)
			putLive(t, db, "n", sessions{"1": nil})
		}
		if name == "hung" {
			hung.Pause(t)
		}
		done := make(chan error)
		go func() {
			_, err := db.Apply(t.Context(), store.Change{Ops: change("b", "1").Ops})
			done <- err
		}()
		begin := time.Now()
		if err := db.Close(); err != nil {
			t.Errorf("%s: Close: %v", name, err)
		}
		if took := time.Since(begin); took > 20*time.Second { // 5 s and a busy machine
			t.Errorf("%s: Close took %v", name, took)
		}
		<-done // with or without an error, but not never
		for range watch {
			continue
		}
		for range messages {
			continue
		}
	}
	hung.Resume(t)
	eventually(t, func() string {
		if left := leftover(); left != "" {
			return fmt.Sprintf("these goroutines are left:\n%s", left)
		}
		return ""
	})
}
