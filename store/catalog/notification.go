package catalog

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/seal"
)

// notifications is the column of notification configs. Values that are still sealed when
// they get here (see seal.Store) become ids in Locked.
type notifications struct{}

func (notifications) clone(s *Snapshot) {
	s.Notifications = cloneOrMake(s.Notifications)
	s.Locked = cloneOrMake(s.Locked)
}

func (notifications) put(s *Snapshot, id string, value []byte) error {
	if seal.Sealed(value) {
		delete(s.Notifications, id)
		s.Locked[id] = true
		return nil
	}
	n := new(pb.NotificationConfig)
	if err := proto.Unmarshal(value, n); err != nil {
		return fmt.Errorf("decode NotificationConfig: %w", err)
	}
	if n.GetId() != id {
		// The original wrote its keys in lower case whatever the id, and a value taken
		// over while it was sealed could not be looked into.
		if !strings.EqualFold(n.GetId(), id) {
			return fmt.Errorf("the record says its id is %q", n.GetId())
		}
		n.Id = proto.String(id)
	}
	delete(s.Locked, id)
	s.Notifications[id] = n
	return nil
}

func (notifications) drop(s *Snapshot, id string) {
	delete(s.Notifications, id)
	delete(s.Locked, id)
}
