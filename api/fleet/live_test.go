package fleet_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
)

// clock is a clock that tests move.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.now.Store(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d)) }

func TestLiveShowsSessionsAsTheySpellThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	h := hello("ruby-sdk", "Billing", aud("Billing", "Charge", "Kafka"), aud("Billing", "Audit", "Kafka"), &pb.Audience{})
	h.Session = "Session-1"
	h.Client.Os = "linux"
	c := w.register(h)
	c.has("Billing/Charge/Kafka")
	want := []*pb.LiveInfo{{
		Audiences: []*pb.Audience{aud("Billing", "Audit", "Kafka"), aud("Billing", "Charge", "Kafka")},
		Client: &pb.ClientInfo{
			LibraryName: "ruby-sdk", Os: "linux", XSessionId: proto.String("Session-1"),
			XServiceName: proto.String("Billing"), XNodeName: proto.String("node1"),
		},
	}}
	if diff := cmp.Diff(want, w.fleet.Live(), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	c.end()
	_ = c.wait()
	if got := w.fleet.Live(); len(got) != 0 {
		t.Errorf("after the stream ended: %v", got)
	}
	w.fleet.Heartbeat(h) // a heartbeat after that shows that it lives
	if got := w.fleet.Live(); len(got) != 1 || len(got[0].GetAudiences()) != 2 {
		t.Errorf("after a heartbeat: %v", got)
	}
}

// The spelling of ids and node names decides nothing: the original never sent commands to
// such sessions, and did not forget them.
func TestIDsInAnyCase_9_2_10(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) { c.Node = "Node-A" })
	a := aud("svc", "op", "kafka")
	h := hello("go-sdk", "svc", a)
	h.Session = "SESSION-a"
	c := w.register(h)
	c.has("svc/op/kafka")
	w.attach(a, "p")
	c.has("svc/op/kafka", "p")
	live := w.fleet.Live()
	if len(live) != 1 || live[0].GetClient().GetXSessionId() != "SESSION-a" || live[0].GetClient().GetXNodeName() != "Node-A" {
		t.Errorf("got %v, want the session and the node as they are spelled", live)
	}
	c.end()
	_ = c.wait()
	if got := w.fleet.Live(); len(got) != 0 {
		t.Errorf("after the stream ended: %v", got)
	}
}

// What a node of another version says of its sessions costs those sessions, nothing else.
func TestGarbageOfOtherNodes_9_4_3(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.register(hello("go-sdk", "svc", aud("svc", "op", "kafka")))
	c.has("svc/op/kafka")
	for node, said := range map[string]map[string][]byte{
		"":         {"": nil},
		"a:b:c:*":  {"a:b": []byte("\xff\xff"), "x": []byte("{")},
		"register": {"s": []byte("\x0a\x00\x12\x02\x08")},
	} {
		if err := w.store.PutLive(t.Context(), node, said, time.Hour); err != nil {
			t.Logf("%q is refused: %v", node, err)
		}
	}
	other := newWorldOn(t, w.store, func(c *fleet.Config) { c.Node = "node2"; c.SessionTTL = 300 * time.Millisecond })
	eventually(t, "the good session is seen among the others", func() bool {
		return slices.ContainsFunc(other.fleet.Live(), func(l *pb.LiveInfo) bool {
			return l.GetClient().GetXNodeName() == "node1" && len(l.GetAudiences()) == 1
		})
	})
}

func TestHeartbeatsAloneKeepASessionAlive(t *testing.T) {
	t.Parallel()
	now := newClock()
	w := newWorld(t, func(c *fleet.Config) { c.Now = now.Now; c.KeepAlive = 20 * time.Millisecond })
	h := hello("go-sdk", "svc", aud("svc", "op", "kafka"))
	for range 3 {
		w.fleet.Heartbeat(h)
		if got := w.fleet.Live(); len(got) != 1 || len(got[0].GetAudiences()) != 1 {
			t.Fatalf("got %v, want the session with its audience", got)
		}
		now.advance(4 * time.Second)
	}
	eventually(t, "the audience is created", func() bool {
		return w.catalog.Snapshot().Audiences[audience.KeyOf(h.Audiences[0])] != nil
	})
	watch := w.fleet.Watch(t.Context())
	now.advance(time.Second)
	if got := w.fleet.Live(); len(got) != 0 {
		t.Errorf("got %v after the TTL", got)
	}
	select {
	case <-watch:
	case <-time.After(patience):
		t.Error("the end of the session was not told")
	}
	eventually(t, "the session is forgotten", func() bool { return w.fleet.Stats().Sessions == 0 })
}

func TestSessionWithAStreamNeedsNoHeartbeats_9_6_12(t *testing.T) {
	t.Parallel()
	now := newClock()
	w := newWorld(t, func(c *fleet.Config) { c.Now = now.Now; c.KeepAlive = 20 * time.Millisecond })
	a := aud("svc", "op", "kafka")
	c := w.register(hello("ruby-sdk", "svc", a))
	c.has("svc/op/kafka")
	now.advance(time.Hour)
	keepAlives := c.count(isKeepAlive)
	eventually(t, "the sweeper has been around", func() bool { return c.count(isKeepAlive) > keepAlives+3 })
	if got := w.fleet.Live(); len(got) != 1 {
		t.Errorf("got %d sessions, want 1", len(got))
	}
	w.attach(a, "a")
	c.has("svc/op/kafka", "a")
}

func TestWatchTellsOfChangesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	h := hello("go-sdk", "svc", aud("svc", "op", "kafka"))
	ctx, cancel := context.WithCancel(t.Context())
	watch := w.fleet.Watch(ctx)
	moved := func() bool {
		select {
		case <-watch:
			return true
		default:
			return false
		}
	}
	w.fleet.Heartbeat(h)
	if !moved() {
		t.Error("a new session was not told")
	}
	w.fleet.Heartbeat(h)
	if moved() {
		t.Error("a repeated heartbeat was told")
	}
	h.Audiences = append(h.Audiences, aud("svc", "op2", "kafka"))
	w.fleet.Heartbeat(h)
	if !moved() {
		t.Error("a new audience was not told")
	}
	h.Client = &pb.ClientInfo{LibraryName: "go-sdk", Os: "other"}
	w.fleet.Heartbeat(h)
	if !moved() {
		t.Error("a new description was not told")
	}
	cancel()
	eventually(t, "the channel is closed", func() bool {
		select {
		case _, open := <-watch:
			return !open
		default:
			return false
		}
	})
}

func TestSessionsOfOtherNodesAreLive(t *testing.T) {
	t.Parallel()
	const ttl = 300 * time.Millisecond
	one := newWorld(t, func(c *fleet.Config) { c.SessionTTL = ttl })
	two := newWorldOn(t, one.store, func(c *fleet.Config) { c.Node = "node2"; c.SessionTTL = ttl })
	watch := two.fleet.Watch(t.Context())
	c := one.register(hello("go-sdk", "svc", aud("svc", "op", "kafka")))
	c.has("svc/op/kafka")
	eventually(t, "node 2 sees the session of node 1", func() bool {
		live := two.fleet.Live()
		return len(live) == 1 && live[0].GetClient().GetXNodeName() == "node1" && len(live[0].GetAudiences()) == 1
	})
	select {
	case <-watch:
	case <-time.After(patience):
		t.Error("node 2 did not tell its watchers")
	}
	if got := len(one.fleet.Live()); got != 1 {
		t.Errorf("node 1 sees %d sessions, want 1", got)
	}
	one.stop() // ends its lease
	eventually(t, "node 2 forgets the sessions of node 1", func() bool { return len(two.fleet.Live()) == 0 })
}

// counting counts what is written to a store, and refuses on demand.
type counting struct {
	store.Backend
	applied atomic.Int64
	down    atomic.Bool
}

func (c *counting) Apply(ctx context.Context, change store.Change) (store.Revision, error) {
	if c.down.Load() {
		return 0, store.Unavailable("apply", errBroken)
	}
	c.applied.Add(1)
	return c.Backend.Apply(ctx, change)
}

func TestManyAnnouncementsOfOneAudienceAreOneWrite_9_6_10(t *testing.T) {
	t.Parallel()
	backend := &counting{Backend: newWorld(t, nil).store}
	w := newWorldOn(t, backend, nil)
	a := aud("svc", "op", "kafka")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			h := hello("go-sdk", "svc", a)
			w.fleet.Heartbeat(h)
			if err := w.fleet.Announce(t.Context(), h.Session, a); err != nil {
				t.Error(err)
			}
			w.fleet.Heartbeat(h)
		})
	}
	wg.Wait()
	if got := w.catalog.Snapshot().Audiences[audience.KeyOf(a)]; got == nil {
		t.Error("the audience is not stored")
	}
	if got := backend.applied.Load(); got != 1 {
		t.Errorf("got %d writes, want 1", got)
	}
}

func TestSessionsWorkWithoutTheStore(t *testing.T) {
	t.Parallel()
	backend := &counting{Backend: newWorld(t, nil).store}
	w := newWorldOn(t, backend, nil)
	backend.down.Store(true)
	a := aud("svc", "op", "kafka")
	h := hello("go-sdk", "svc")
	c := w.register(h)
	if err := w.fleet.Announce(t.Context(), h.Session, a); err != nil {
		t.Errorf("the SDK was told of trouble with the store: %v", err)
	}
	c.has("svc/op/kafka")
	backend.down.Store(false)
	h.Audiences = []*pb.Audience{a}
	eventually(t, "heartbeats get the audience stored", func() bool {
		w.fleet.Heartbeat(h)
		return w.catalog.Snapshot().Audiences[audience.KeyOf(a)] != nil
	})
}

func TestHeartbeatsSkipWhatCannotBeUsed_9_4_1(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *fleet.Config) { c.MaxAudiencesPerService = 1 })
	h := hello("go-sdk", "svc", &pb.Audience{}, nil, aud("svc", "a:b", "kafka"), aud("svc", "op", "kafka"), aud("svc", "op2", "kafka"))
	w.fleet.Heartbeat(h)
	live := w.fleet.Live()
	if len(live) != 1 || len(live[0].GetAudiences()) != 1 {
		t.Errorf("got %v, want one session with one audience", live)
	}
	if got := w.fleet.Stats().RefusedAudiences; got != 4 {
		t.Errorf("counted %d refused audiences, want 4", got)
	}
}

func TestDeletedAudienceIsNotBroughtBackByHeartbeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	key := audience.KeyOf(a)
	w.attach(a, "p")
	h := hello("node-sdk", "svc", a)
	c := w.register(h)
	c.has("svc/op/kafka", "p")
	silent := hello("node-sdk", "svc", a) // no stream
	w.fleet.Heartbeat(silent)

	w.detachAndDelete(a)
	c.eventually("an empty list, then the farewell", func() bool {
		n := len(c.commands)
		return n > 1 && isDelete(c.commands[n-1]) && isSet(c.commands[n-2]) && len(visible(c.commands[n-2].GetSetPipelines())) == 0
	})
	commands := c.all()
	if diff := cmp.Diff([]*pb.Audience{a}, commands[len(commands)-1].GetDeleteAudiences().GetAudiences(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	for range 10 {
		w.fleet.Heartbeat(h)
		w.fleet.Heartbeat(silent)
	}
	again := w.register(h) // the same program, after a hiccup: told again, not revived
	again.eventually("the farewell again", func() bool { return len(again.commands) > 0 && isDelete(again.commands[len(again.commands)-1]) })
	again.settle()
	if got := w.catalog.Snapshot().Audiences[key]; got != nil {
		t.Errorf("the audience is back: %v", got)
	}
	for _, live := range w.fleet.Live() {
		if len(live.GetAudiences()) != 0 {
			t.Errorf("still shown: %v", live)
		}
	}
}

func TestDeletedAudienceComesBack(t *testing.T) {
	t.Parallel()
	a := aud("svc", "op", "kafka")
	for name, revive := range map[string]func(t *testing.T, w *world, h fleet.Hello){
		"by NewAudience": func(t *testing.T, w *world, h fleet.Hello) {
			if err := w.fleet.Announce(t.Context(), h.Session, a); err != nil {
				t.Error(err)
			}
		},
		"by a new session": func(_ *testing.T, w *world, _ fleet.Hello) { w.fleet.Heartbeat(hello("go-sdk", "svc", a)) },
		"by the Console":   func(_ *testing.T, w *world, _ fleet.Hello) { w.attach(a) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.attach(a, "p")
			h := hello("node-sdk", "svc", a)
			c := w.register(h)
			c.has("svc/op/kafka", "p")
			w.detachAndDelete(a)
			c.eventually("deleted", func() bool { return isDelete(c.commands[len(c.commands)-1]) })
			revive(t, w, h)
			eventually(t, "it is stored", func() bool { return w.catalog.Snapshot().Audiences[audience.KeyOf(a)] != nil })
			w.attach(a, "q")
			c.has("svc/op/kafka", "q")
			w.fleet.Heartbeat(h)
			eventually(t, "it is shown", func() bool {
				for _, live := range w.fleet.Live() {
					if live.GetClient().GetXSessionId() == h.Session {
						return len(live.GetAudiences()) == 1
					}
				}
				return false
			})
		})
	}
}

func TestSessionThatChangesItsServiceIsANewOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	h := hello("go-sdk", "one", aud("one", "op", "kafka"))
	first := w.register(h)
	first.has("one/op/kafka")
	other := h
	other.Service, other.Audiences = "two", nil
	w.fleet.Heartbeat(other) // a stream knows better than a heartbeat
	if got := w.fleet.Live()[0].GetClient().GetXServiceName(); got != "one" {
		t.Errorf("got service %s, want one", got)
	}
	second := w.register(other)
	second.settle()
	_ = first.wait()
	live := w.fleet.Live()
	if len(live) != 1 || live[0].GetClient().GetXServiceName() != "two" || len(live[0].GetAudiences()) != 0 {
		t.Errorf("got %v, want one session of service two", fmt.Sprint(live))
	}
}

// What a client says about itself is remembered by all nodes for as long as it is connected.
func TestLongClientInfoIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	h := hello("go-sdk", "svc")
	long := strings.Repeat("ü", 1<<20)
	h.Client = &pb.ClientInfo{LibraryName: long, LibraryVersion: long, Language: long, Arch: long, Os: long, XNodeName: &long}
	h.Client.ProtoReflect().SetUnknown(protowire.AppendBytes(protowire.AppendTag(nil, 100, protowire.BytesType), []byte(long)))
	moved := w.fleet.Watch(t.Context())
	w.fleet.Heartbeat(h)
	live := w.fleet.Live()
	if len(live) != 1 || proto.Size(live[0]) > 5*255+200 || live[0].GetClient().GetLanguage() != strings.Repeat("ü", 127) {
		t.Errorf("%d sessions; the client takes %d bytes", len(live), proto.Size(live[0]))
	}
	<-moved
	w.fleet.Heartbeat(h)
	select {
	case <-moved:
		t.Error("the same client again counts as a change")
	default:
	}
}
