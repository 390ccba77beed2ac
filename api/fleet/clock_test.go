package fleet_test

import (
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/fleet"
)

// A clock that is set an hour on or back costs no session with a stream anything,
// and one that only sends heartbeats is back with the next.
func TestClockSteps(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]time.Duration{"on": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			w := newWorld(t, func(c *fleet.Config) { c.Now = now.Now; c.KeepAlive = 10 * time.Millisecond })
			a := aud("svc", "op", "kafka")
			w.attach(a, "p")
			streaming := w.register(hello("go-sdk", "svc", a))
			streaming.has("svc/op/kafka", "p")
			beating := hello("go-sdk", "svc", a)
			beating.Session = "beating"
			w.fleet.Heartbeat(beating)

			now.advance(step)
			kept := streaming.count(isKeepAlive)
			eventually(t, "keep-alives after the step", func() bool { return streaming.count(isKeepAlive) > kept+3 })
			w.fleet.Heartbeat(beating)
			if got := w.fleet.Live(); len(got) != 2 {
				t.Errorf("got %d sessions after the step, want both", len(got))
			}
			w.attach(a, "p", "q")
			streaming.has("svc/op/kafka", "p", "q")
			if name == "on" {
				now.advance(fleet.DefaultSessionTTL + time.Second)
				eventually(t, "the end of a session that fell silent", func() bool { return len(w.fleet.Live()) == 1 })
			}
		})
	}
}
