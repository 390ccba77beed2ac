package catalog

import (
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/seal"
)

const (
	oldKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	newKey = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

func sealed(t *testing.T, st store.Store, current, previous string) (*Catalog, *seal.Store) {
	t.Helper()
	ring, err := seal.New(current, previous)
	if err != nil {
		t.Fatal(err)
	}
	s := seal.NewStore(st, ring, zerolog.Nop())
	return open(t, s), s
}

func notification(id string) *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String(id), Name: "alerts", Type: pb.NotificationType_NOTIFICATION_TYPE_SLACK,
		Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: "xoxb-secret", Channel: "#a"}},
	}
}

func TestLockedNotificationsAreKept(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c, _ := sealed(t, st, oldKey, "")
	update(t, c, func(tx *Tx) { tx.PutNotification(notification("n")) })

	locked, _ := sealed(t, st, newKey, "")
	s := locked.Snapshot()
	if !s.Locked["n"] || s.Notifications["n"] != nil {
		t.Fatalf("got locked %v, notifications %v, want n locked", s.Locked, s.Notifications)
	}
	if n := locked.Stats().LeftOut; n != 0 {
		t.Errorf("%d records count as damaged, want none", n)
	}
	for name, write := range map[string]func(*Tx){
		"put":    func(tx *Tx) { tx.PutNotification(notification("n")) },
		"delete": func(tx *Tx) { tx.DeleteNotification("n") },
	} {
		_, err := locked.Update(t.Context(), func(tx *Tx) error { write(tx); return nil })
		if !errors.Is(err, seal.ErrLocked) {
			t.Errorf("%s: got %v, want ErrLocked", name, err)
		}
	}

	update(t, locked, func(tx *Tx) { tx.DropLocked("other") })

	again, _ := sealed(t, st, newKey, oldKey)
	if got := again.Snapshot(); !proto.Equal(got.Notifications["n"], notification("n")) || len(got.Locked) != 0 {
		t.Errorf("got %v, locked %v, want the notification back", got.Notifications["n"], got.Locked)
	}
}

// Who has lost the key for good can make room for a new config under the same id.
func TestDropLocked(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	c, _ := sealed(t, st, oldKey, "")
	update(t, c, func(tx *Tx) {
		tx.PutNotification(notification("n"))
		tx.PutNotification(notification("open"))
	})
	other, _ := sealed(t, st, newKey, "")
	update(t, other, func(tx *Tx) { tx.DropLocked("n") })
	update(t, other, func(tx *Tx) { tx.PutNotification(notification("n")) })
	if s := other.Snapshot(); s.Notifications["n"] == nil || s.Locked["n"] || !s.Locked["open"] {
		t.Errorf("got %v, locked %v, want n anew and the other still locked", s.Notifications, s.Locked)
	}
	update(t, other, func(tx *Tx) { tx.DropLocked("n") })
	if other.Snapshot().Notifications["n"] == nil {
		t.Error("a config that was not locked is gone")
	}
}

// A record that gets unlocked by another node is a notification again, and the reverse.
func TestLockFollowsTheStore(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	mine, _ := sealed(t, st, newKey, "")
	other, _ := sealed(t, st, oldKey, "")
	run(t, mine)
	update(t, other, func(tx *Tx) { tx.PutNotification(notification("n")) })
	waitFor(t, mine, "lock", func(s *Snapshot) bool { return s.Locked["n"] && s.Notifications["n"] == nil })

	update(t, other, func(tx *Tx) { tx.DeleteNotification("n") })
	waitFor(t, mine, "removal", func(s *Snapshot) bool { return !s.Locked["n"] })
	update(t, mine, func(tx *Tx) { tx.PutNotification(notification("n")) })
	if s := mine.Snapshot(); s.Notifications["n"] == nil || s.Locked["n"] {
		t.Errorf("got %v, locked %v", s.Notifications, s.Locked)
	}
}

// The original's keys are in lower case whatever the id.
func TestOriginalIDsInAnotherCase(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	value, err := proto.Marshal(notification("My-Alerts"))
	if err != nil {
		t.Fatal(err)
	}
	putRaw(t, st, store.KindNotification, "my-alerts", string(value))
	putRaw(t, st, store.KindNotification, "other", string(value))
	s := open(t, st).Snapshot()
	if got := s.Notifications["my-alerts"].GetId(); got != "my-alerts" {
		t.Errorf("got id %q, want that of the record", got)
	}
	if s.Notifications["other"] != nil {
		t.Error("a record of another id was taken")
	}
}
