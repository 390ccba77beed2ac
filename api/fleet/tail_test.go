package fleet_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

func tailOf(id string, a *pb.Audience) fleet.Tail {
	return fleet.Tail{ID: id, Audience: audience.KeyOf(a), Rate: 5, Seconds: 2}
}

// tails returns what the client was told about tails, as "START id" and so on.
func (c *client) tails() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tailsLocked()
}

func (c *client) tailsLocked() []string {
	list := []string{}
	for _, command := range c.commands {
		if r := command.GetTail().GetRequest(); r != nil {
			list = append(list, r.GetType().String()[len("TAIL_REQUEST_TYPE_"):]+" "+r.GetId())
		}
	}
	return list
}

// wantTails waits until the client was told exactly this.
func (c *client) wantTails(want ...string) {
	c.t.Helper()
	c.eventually(fmt.Sprintf("told %v", want), func() bool { return fmt.Sprint(c.tailsLocked()) == fmt.Sprint(want) })
}

func TestTailsReachSessionsOfTheAudience_9_1_13(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	spelled, other := aud("Svc", "Op", "Kafka"), aud("Svc", "other", "kafka")
	c := w.register(hello("go-sdk", "Svc", spelled))
	stranger := w.register(hello("go-sdk", "Svc", other))
	w.fleet.Heartbeat(hello("go-sdk", "svc", spelled)) // has no stream to be told on: section 9.1.13
	w.fleet.SetTails([]fleet.Tail{tailOf("T-1", aud("svc", "op", "kafka"))})
	c.wantTails("START T-1")
	for _, command := range c.all() {
		if command.GetTail() == nil {
			continue
		}
		want := &pb.Command{Audience: spelled, Command: &pb.Command_Tail{Tail: &pb.TailCommand{Request: &pb.TailRequest{
			Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: "T-1", Audience: spelled,
			SampleOptions: &pb.SampleOptions{SampleRate: 5, SampleIntervalSeconds: 2},
		}}}}
		if diff := cmp.Diff(want, command, protocmp.Transform()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	w.fleet.SetTails(nil)
	c.wantTails("START T-1", "STOP T-1")
	stranger.settle()
	if got := stranger.tails(); len(got) != 0 {
		t.Errorf("a session without the audience was told %v", got)
	}
}

// Active tails are sent on Register, and when an audience is announced later: section 9.2.12.
func TestTailsResumeOnRegisterAndAnnounce_9_2_12(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a, late := aud("svc", "op", "kafka"), aud("svc", "late", "kafka")
	w.fleet.SetTails([]fleet.Tail{tailOf("t1", a), tailOf("t2", a), tailOf("t3", late)})
	h := hello("go-sdk", "svc", a)
	first := w.register(h)
	first.wantTails("START t1", "START t2")
	first.end()
	first.wait()
	second := w.register(h)
	second.wantTails("START t1", "START t2")
	if err := w.fleet.Announce(t.Context(), h.Session, late); err != nil {
		t.Fatal(err)
	}
	second.wantTails("START t1", "START t2", "START t3")
	w.attach(a, "p")
	w.detachAndDelete(a)
	second.wantTails("START t1", "START t2", "START t3", "STOP t1", "STOP t2")
}

// No SDK is told of a pause: Node logs an error for it and Ruby's stream ends.
func TestPausesAreNotTold(t *testing.T) {
	t.Parallel()
	a := aud("svc", "op", "kafka")
	for _, library := range []string{"go-sdk", "python-sdk", "node-sdk", "ruby-sdk"} {
		w := newWorld(t, nil)
		c := w.register(hello(library, "svc", a))
		tail, marker := tailOf("t", a), tailOf("marker", a)
		w.fleet.SetTails([]fleet.Tail{tail})
		c.wantTails("START t")
		tail.Paused = true
		w.fleet.SetTails([]fleet.Tail{tail, marker})
		c.wantTails("START t", "START marker")
		late := w.register(hello(library, "svc", a))
		late.wantTails("START marker") // a paused tail is started when it is resumed
		tail.Paused = false
		w.fleet.SetTails([]fleet.Tail{tail, marker})
		late.wantTails("START marker", "START t")
		w.fleet.SetTails(nil)
		c.wantTails("START t", "START marker", "STOP marker", "STOP t")
	}
}

func TestSampleOptionsFitTheSDK_10_9(t *testing.T) {
	t.Parallel()
	a := aud("svc", "op", "kafka")
	for _, tt := range []struct {
		library                          string
		rate, seconds, toldRate, toldInt uint32
	}{
		{"go-sdk", 10, 3, 10, 3},
		{"go-sdk", 0, 0, 1, 1}, // zero makes the Go SDK panic
		{"python-sdk", 10, 3, 10, 4},
		{"python-sdk", 10, 1, 10, 10},
		{"python-sdk", 1, 60, 1, 1},
	} {
		w := newWorld(t, nil)
		c := w.register(hello(tt.library, "svc", a))
		w.fleet.SetTails([]fleet.Tail{{ID: "t", Audience: audience.KeyOf(a), Rate: tt.rate, Seconds: tt.seconds}})
		c.wantTails("START t")
		for _, command := range c.all() {
			if o := command.GetTail().GetRequest().GetSampleOptions(); o != nil && (o.GetSampleRate() != tt.toldRate || o.GetSampleIntervalSeconds() != tt.toldInt) {
				t.Errorf("%s, %d per %d s: told %v", tt.library, tt.rate, tt.seconds, o)
			}
		}
	}
}

func TestTailOfOneSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	asked, other := w.register(hello("go-sdk", "svc", a)), w.register(hello("go-sdk", "svc", a))
	tail := tailOf("t", a)
	w.fleet.SetTails([]fleet.Tail{tail})
	other.wantTails("START t")
	asked.wantTails("START t") // else its mailbox would hold the difference only
	tail.Session = asked.hello.Session
	w.fleet.SetTails([]fleet.Tail{tail})
	other.wantTails("START t", "STOP t")
	asked.wantTails("START t", "STOP t", "START t")
}

// A mailbox holds the difference, not its history.
func TestTailThatCameAndWentIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	block := make(chan struct{})
	c := w.registerBlocked(hello("go-sdk", "svc", a), block)
	for range 100 {
		w.fleet.SetTails([]fleet.Tail{tailOf("brief", a)})
		w.fleet.SetTails(nil)
	}
	w.fleet.SetTails([]fleet.Tail{tailOf("last", a)})
	close(block)
	c.wantTails("START last")
}

func TestUnwantedTailsAreStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	c := w.register(hello("go-sdk", "svc", a))
	w.fleet.SetTails([]fleet.Tail{tailOf("wanted", a)})
	c.wantTails("START wanted")
	w.fleet.StopTail(c.hello.Session, audience.KeyOf(a), "wanted")
	w.fleet.StopTail("nobody", audience.KeyOf(a), "stray")
	w.fleet.StopTail(c.hello.Session, "svc:operation_type_consumer:unknown:kafka", "stray")
	w.fleet.StopTail(c.hello.Session, audience.KeyOf(a), "stray")
	c.wantTails("START wanted", "STOP stray")
}

// Point 10 of what a server has to live with: SDKs stop their tails before their streams end: the Go SDK blocks for good otherwise.
func TestDrainStopsTailsFirst_10_10(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := aud("svc", "op", "kafka")
	c := w.register(hello("go-sdk", "svc", a))
	stuck := make(chan struct{})
	never := w.registerBlocked(hello("go-sdk", "svc", a), stuck)
	w.fleet.SetTails([]fleet.Tail{tailOf("t", a)})
	c.wantTails("START t")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	w.fleet.Drain(ctx)
	if took := time.Since(began); took > patience/2 {
		t.Errorf("Drain took %v", took)
	}
	c.wait()
	never.wait()
	c.wantTails("START t", "STOP t")
}

func BenchmarkSetTails(b *testing.B) {
	w := newWorld(b, nil)
	a := aud("svc", "op", "kafka")
	for range 1000 {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = w.fleet.Register(ctx, hello("go-sdk", "svc", a), func(frame.Frame) error { return nil })
		}()
		b.Cleanup(func() { cancel(); <-done })
	}
	for b.Loop() {
		w.fleet.SetTails([]fleet.Tail{tailOf("t", a)})
		w.fleet.SetTails(nil)
	}
}
