package fleet_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/bolt"
)

// shown are the sessions as text.
func shown(f *fleet.Fleet) string {
	var list []string
	for _, s := range f.Sessions() {
		text := fmt.Sprintf("%s/%s@%s", s.GetService(), s.GetId(), s.GetNode())
		if s.GetDryRun() {
			text += " dry"
		}
		if s.GetStream() {
			text += " stream"
		}
		for _, a := range s.GetAudiences() {
			_, operation, _ := strings.Cut(a.GetAudience(), "consumer:")
			text += " " + operation + "=" + strings.ToLower(strings.TrimPrefix(a.GetDelivery().String(), "DELIVERY_"))
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

func wantShown(t *testing.T, f *fleet.Fleet, want string) {
	t.Helper()
	var got string
	defer func() {
		if t.Failed() {
			t.Logf("got  %q\nwant %q", got, want)
		}
	}()
	eventually(t, "sessions are shown as they are", func() bool { got = shown(f); return got == want })
}

func TestSessionsTellWhatTheyWereSent(t *testing.T) {
	t.Parallel()
	now := newClock()
	w := newWorld(t, func(c *fleet.Config) { c.Now = now.Now })
	a := aud("svc", "op", "kafka")
	w.attach(a, "one")
	beats := hello("ruby-sdk", "svc", a)
	beats.Session = "beats"
	w.fleet.Heartbeat(beats)
	reads := hello("go-sdk", "svc", a)
	reads.Session, reads.DryRun = "reads", true
	w.register(reads).has("svc/op/kafka", "one")
	stuck := hello("go-sdk", "SVC", a)
	stuck.Session = "stuck"
	block := make(chan struct{})
	w.registerBlocked(stuck, block)
	wantShown(t, w.fleet, "SVC/stuck@node1 stream op:kafka=pending; svc/beats@node1 op:kafka=waiting; svc/reads@node1 dry stream op:kafka=current")
	for _, s := range w.fleet.Sessions() {
		if got, want := s.GetHeardUnixMs(), now.Now().UnixMilli(); got != want {
			t.Errorf("%s was heard at %d, want %d", s.GetId(), got, want)
		}
		sent := s.GetAudiences()[0].GetSentUnixMs()
		if want := s.GetId() == "reads"; (sent == now.Now().UnixMilli()) != want || (sent != 0) != want {
			t.Errorf("%s was sent its list at %d", s.GetId(), sent)
		}
	}
	changed := w.fleet.WatchSessions(t.Context())
	close(block)
	select {
	case <-changed:
	case <-time.After(patience):
		t.Error("nobody was told that a list was written")
	}
	wantShown(t, w.fleet, "SVC/stuck@node1 stream op:kafka=current; svc/beats@node1 op:kafka=waiting; svc/reads@node1 dry stream op:kafka=current")
}

// Nodes tell each other what their sessions have been sent; those of an older release do
// not, and what is added does not reach clients of the original's API.
func TestSessionsOfOtherNodes(t *testing.T) {
	t.Parallel()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	quick := func(node string) func(*fleet.Config) {
		return func(c *fleet.Config) { c.Node, c.SessionTTL = node, 3*time.Second }
	}
	one, two := newWorldOn(t, db, quick("one")), newWorldOn(t, db, quick("two"))
	a := aud("svc", "op", "kafka")
	one.attach(a, "rule")
	h := hello("go-sdk", "svc", a)
	h.Session, h.DryRun = "s", true
	one.register(h).has("svc/op/kafka", "rule")
	slow := hello("go-sdk", "svc", a)
	slow.Session = "slow"
	block := make(chan struct{})
	one.registerBlocked(slow, block)
	old, err := proto.Marshal(&pb.LiveInfo{
		Audiences: []*pb.Audience{a},
		Client:    &pb.ClientInfo{XSessionId: proto.String("x"), XServiceName: proto.String("svc"), XNodeName: proto.String("old")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.PutLive(t.Context(), "old", map[string][]byte{"x": old}, time.Hour); err != nil {
		t.Fatal(err)
	}
	wantShown(t, two.fleet, "svc/s@one dry stream op:kafka=current; svc/slow@one stream op:kafka=pending; svc/x@old op:kafka=unspecified")
	for _, info := range two.fleet.Live() {
		if len(info.ProtoReflect().GetUnknown()) > 0 {
			t.Errorf("what nodes tell each other reaches clients: %v", info)
		}
	}
	changed, lives := two.fleet.WatchSessions(t.Context()), two.fleet.Watch(t.Context())
	close(block)
	select {
	case <-changed:
	case <-time.After(patience):
		t.Error("nobody was told that a list was written")
	}
	wantShown(t, two.fleet, "svc/s@one dry stream op:kafka=current; svc/slow@one stream op:kafka=current; svc/x@old op:kafka=unspecified")
	select {
	case <-lives:
		t.Error("the live set was said to have changed")
	default:
	}
}
