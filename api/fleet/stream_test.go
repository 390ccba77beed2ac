package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func TestNewestStreamOfASessionWins_9_1_10(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	h := hello("go-sdk", "svc", a)
	older := w.register(h)
	older.has("svc/op/kafka", "a")
	newer := w.register(h)
	newer.has("svc/op/kafka", "a") // although the session was sent it before
	if err := older.wait(); !errors.Is(err, fleet.ErrReplaced) {
		t.Errorf("older stream: got %v, want %v", err, fleet.ErrReplaced)
	}
	before := older.count(isSet)
	w.attach(a, "b")
	newer.has("svc/op/kafka", "b")
	if got := older.count(isSet); got != before {
		t.Error("the older stream got a command of the newer")
	}
	if got := w.fleet.Live(); len(got) != 1 {
		t.Errorf("got %d live sessions after the clean-up, want 1", len(got))
	}
}

// Of many streams that open at once with one session id, one is left, which gets
// everything.
func TestStreamsThatOpenAtOnce_9_1_15(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	h := hello("go-sdk", "svc", a)
	const streams = 20
	clients := make([]*client, streams)
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() { clients[i] = w.register(h) })
	}
	group.Wait()
	var left *client
	eventually(t, "one stream is left", func() bool {
		open := 0
		for _, c := range clients {
			select {
			case <-c.done:
			default:
				open, left = open+1, c
			}
		}
		return open == 1
	})
	left.has("svc/op/kafka", "a")
	w.attach(a, "b")
	left.has("svc/op/kafka", "b")
	if s := w.fleet.Stats(); s.Streams != 1 || len(w.fleet.Live()) != 1 {
		t.Errorf("got %d streams and %v, want one of each", s.Streams, w.fleet.Live())
	}
	for _, c := range clients {
		if c != left && !errors.Is(c.wait(), fleet.ErrReplaced) {
			t.Errorf("a replaced stream: got %v, want %v", c.wait(), fleet.ErrReplaced)
		}
	}
}

func TestCleanUpOfAReplacedStreamIsHarmless(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	h := hello("go-sdk", "svc", a)
	block := make(chan struct{})
	older := w.registerBlocked(h, block) // hangs in its first write
	eventually(t, "older stream is open", func() bool { return w.fleet.Stats().Streams == 1 })
	newer := w.register(h)
	newer.has("svc/op/kafka", "a")
	_ = older.wait()
	close(block)
	eventually(t, "one stream is left", func() bool { return w.fleet.Stats().Streams == 1 })
	w.attach(a, "b")
	newer.has("svc/op/kafka", "b")
	if got := older.count(isSet); got != 0 {
		t.Errorf("the older stream took %d lists", got)
	}
}

func TestEveryRegisterGetsEverythingAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	w.update(func(tx *catalog.Tx) { tx.PutKV(&pb.KVObject{Key: "k", Value: []byte("v")}) })
	h := hello("go-sdk", "svc", a)
	for range 3 {
		c := w.register(h)
		c.has("svc/op/kafka", "a")
		if got := c.all()[0].GetKv().GetInstructions(); len(got) != 1 || got[0].GetObject().GetKey() != "k" {
			t.Errorf("first command has %v, want the key-value pair", got)
		}
		c.end()
		if err := c.wait(); err != nil {
			t.Errorf("client went away: got %v, want nil", err)
		}
	}
}

// Of docs/defects.md, 9.6.8.
func TestStuckSessionDelaysNobodyAndIsCut_9_1_2(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) {
		c.KeepAlive = 20 * time.Millisecond
		c.StuckAfter = 300 * time.Millisecond
	})
	a := aud("svc", "op", "kafka")
	w.attach(a, "p0")
	stuck := w.registerBlocked(hello("go-sdk", "svc", a), make(chan struct{}))
	healthy := w.register(hello("go-sdk", "svc", a))
	for i := range 20 {
		w.attach(a, fmt.Sprintf("p%d", i))
		healthy.has("svc/op/kafka", fmt.Sprintf("p%d", i))
	}
	if err := stuck.wait(); !errors.Is(err, fleet.ErrStuck) {
		t.Errorf("got %v, want %v", err, fleet.ErrStuck)
	}
	eventually(t, "only the healthy stream is left", func() bool {
		s := w.fleet.Stats()
		return s.Streams == 1 && s.CutStreams == 1
	})
	select {
	case <-healthy.done:
		t.Error("the healthy stream ended")
	default:
	}
}

// Keep-alives and data come in one order, never at once: 9.1.14.
func TestKeepAliveComesAndGivesWayToData_9_1_14(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) { c.KeepAlive = 20 * time.Millisecond })
	idle := w.register(hello("go-sdk", "svc"))
	idle.eventually("three keep-alives", func() bool {
		n := 0
		for _, c := range idle.commands {
			if isKeepAlive(c) {
				n++
			}
		}
		return n >= 3
	})
	block := make(chan struct{})
	slow := w.registerBlocked(hello("go-sdk", "svc", aud("svc", "op", "kafka")), block)
	ticks := idle.count(isKeepAlive)
	eventually(t, "time passes", func() bool { return idle.count(isKeepAlive) > ticks+10 })
	close(block)
	slow.has("svc/op/kafka")
	slow.mu.Lock()
	defer slow.mu.Unlock()
	for i, c := range slow.commands {
		if isSet(c) {
			return
		}
		if i > 0 && isKeepAlive(c) {
			t.Errorf("keep-alive before waiting data: %v", slow.summary())
		}
	}
}

func TestWriteErrorEndsTheStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	err := w.fleet.Register(t.Context(), hello("go-sdk", "svc"), func(frame.Frame) error { return errBroken })
	if kind, _ := failure.Of(err); kind != failure.Unavailable {
		t.Errorf("got %v, want an error that makes the SDK come back", err)
	}
	if got := w.fleet.Live(); len(got) != 0 {
		t.Errorf("got %v, want no session", got)
	}
}

func TestKeyValuePairs_9_2_9(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const pairs, size = 10, 20 << 10
	w.update(func(tx *catalog.Tx) {
		for i := range pairs {
			tx.PutKV(&pb.KVObject{Key: fmt.Sprintf("k%d", i), Value: []byte(strings.Repeat("v", size))})
		}
	})
	c := w.register(hello("go-sdk", "svc"))
	ruby := w.register(hello("ruby-sdk", "svc", aud("svc", "op", "kafka")))
	keys := map[string]string{}
	follow := func() bool {
		clear(keys)
		for _, command := range c.commands {
			kv := command.GetKv()
			sum := 0
			for _, i := range kv.GetInstructions() {
				sum += len(i.GetObject().GetKey()) + len(i.GetObject().GetValue())
				if i.GetId() == "" || i.GetRequestedAtUnixTsNanoUtc() == 0 {
					t.Errorf("instruction without id or time: %v", i)
				}
				switch i.GetAction().String() {
				case "KV_ACTION_CREATE":
					keys[i.GetObject().GetKey()] = string(i.GetObject().GetValue()[:1])
				case "KV_ACTION_DELETE":
					delete(keys, i.GetObject().GetKey())
				default:
					t.Errorf("unexpected instruction %v", i)
				}
			}
			if sum > 64<<10 && len(kv.GetInstructions()) > 1 {
				t.Errorf("command with %d bytes", sum)
			}
			if sum > 0 && !kv.GetOverwrite() {
				t.Error("overwrite is not set")
			}
		}
		return true
	}
	c.eventually("all pairs", func() bool { return follow() && len(keys) == pairs })
	w.update(func(tx *catalog.Tx) {
		tx.DeleteKV("k0")
		tx.PutKV(&pb.KVObject{Key: "k1", Value: []byte("new")})
		tx.PutKV(&pb.KVObject{Key: "extra", Value: []byte("extra")})
	})
	c.eventually("the difference", func() bool { return follow() && len(keys) == pairs && keys["extra"] == "e" && keys["k1"] == "n" })
	if got := c.count(func(c *pb.Command) bool { return len(c.GetKv().GetInstructions()) == 3 }); got < 1 {
		t.Errorf("the difference was not sent alone")
	}

	ruby.has("svc/op/kafka")
	if got := ruby.count(func(c *pb.Command) bool { return len(c.GetKv().GetInstructions()) > 0 }); got != 0 {
		t.Errorf("ruby got %d kv commands with instructions", got)
	}
	if first := ruby.all()[0]; first.GetKv() == nil {
		t.Errorf("ruby's first command is %v, want an empty kv command", first)
	}
}

func TestDrainEndsStreamsAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	w.attach(a, "a")
	var clients []*client
	for i := range 30 {
		var block chan struct{}
		if i%3 == 0 {
			block = make(chan struct{}) // hangs in a write
		}
		clients = append(clients, w.registerBlocked(hello("go-sdk", "svc", a), block))
	}
	eventually(t, "all are open", func() bool { return w.fleet.Stats().Streams == len(clients) })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	w.fleet.Drain(ctx)
	if ctx.Err() != nil {
		t.Fatal("Drain did not end")
	}
	for _, c := range clients {
		if err := c.wait(); !errors.Is(err, failure.ErrShuttingDown) {
			t.Errorf("got %v, want %v", err, failure.ErrShuttingDown)
		}
	}
	if err := w.register(hello("go-sdk", "svc")).wait(); !errors.Is(err, failure.ErrShuttingDown) {
		t.Errorf("Register after Drain: got %v, want %v", err, failure.ErrShuttingDown)
	}
	w.stop()
	eventually(t, "no goroutine of the fleet is left", func() bool {
		stacks := make([]byte, 4<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, g := range strings.Split(string(stacks), "\n\n") {
			if strings.Contains(g, fmt.Sprintf("(*Fleet).write(%p", w.fleet)) || strings.Contains(g, fmt.Sprintf("(*Fleet).Register(%p", w.fleet)) {
				return false
			}
		}
		return true
	})
}

// Sessions that came and went while key-value pairs were written ended the original.
// TestHammer_9_1_1 lets everything happen at once; the race detector and the final state judge.
func TestHammer_9_1_1(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) { c.KeepAlive = 20 * time.Millisecond })
	a := aud("svc", "op", "kafka")
	w.attach(a, "p0")
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for round := range 15 {
				h := hello([]string{"go-sdk", "python-sdk", "ruby-sdk"}[worker%3], "svc", a)
				if worker < 4 {
					h.Session = fmt.Sprintf("shared-%d", worker/2) // two workers fight for one session
				}
				ctx, cancel := context.WithCancel(t.Context())
				first := make(chan struct{})
				once := sync.OnceFunc(func() { close(first) })
				done := make(chan struct{})
				go func() {
					defer close(done)
					_ = w.fleet.Register(ctx, h, func(frame.Frame) error { once(); return nil })
				}()
				select {
				case <-first:
				case <-done:
				}
				w.fleet.Heartbeat(h)
				_ = w.fleet.Announce(ctx, h.Session, aud("svc", fmt.Sprint(round%3), "kafka"))
				w.fleet.Commands(ctx, "svc", h.Quirks)
				w.fleet.Live()
				cancel()
				<-done
			}
		})
	}
	wg.Go(func() {
		for i := range 30 {
			w.attach(a, fmt.Sprintf("p%d", i))
			w.update(func(tx *catalog.Tx) { tx.PutKV(&pb.KVObject{Key: fmt.Sprint(i % 3), Value: []byte(fmt.Sprint(i))}) })
			if i%5 == 0 {
				w.detachAndDelete(aud("svc", fmt.Sprint(i%3), "kafka"))
			}
		}
	})
	wg.Wait()
	w.register(hello("go-sdk", "svc", a)).has("svc/op/kafka", "p29")
	eventually(t, "one stream is left", func() bool { return w.fleet.Stats().Streams == 1 })
}
