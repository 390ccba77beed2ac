package console

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// GetNotifications returns every notification config without its secret. Locked ones are
// left out.
func (s *Server) GetNotifications(context.Context, *pb.GetNotificationsRequest) (*pb.GetNotificationsResponse, error) {
	stored := s.catalog.Snapshot().Notifications
	reply := &pb.GetNotificationsResponse{Notifications: make(map[string]*pb.NotificationConfig, len(stored))}
	for id, n := range stored {
		reply.Notifications[id] = masked(n)
	}
	return reply, nil
}

// GetNotification returns one notification config without its secret, or NotFound.
func (s *Server) GetNotification(_ context.Context, req *pb.GetNotificationRequest) (*pb.GetNotificationResponse, error) {
	id := req.GetNotificationId()
	if err := checkSet("NotificationId", id); err != nil {
		return nil, fmt.Errorf("invalid get notification request: %w", err)
	}
	n, err := notificationOf(s.catalog.Snapshot(), id)
	if err != nil {
		return nil, fmt.Errorf("unable to get notification config: %w", err)
	}
	return &pb.GetNotificationResponse{Notification: masked(n)}, nil
}

// notificationOf returns a stored config, or says why there is none to use.
func notificationOf(snap *catalog.Snapshot, id string) (*pb.NotificationConfig, error) {
	if err := unlocked(snap, id); err != nil {
		return nil, err
	}
	n := snap.Notifications[id]
	if n == nil {
		return nil, failure.New(failure.NotFound, "notification config '%s' not found", id)
	}
	return n, nil
}

func unlocked(snap *catalog.Snapshot, id string) error {
	if snap.Locked[id] {
		return failure.New(failure.Locked, "notification config '%s' is sealed with a key that this server was not given", id)
	}
	return nil
}

// CreateNotification stores a notification config and returns it as it is stored. Without an
// id it gets a new UUID; an id that is in use is AlreadyExists.
func (s *Server) CreateNotification(ctx context.Context, req *pb.CreateNotificationRequest) (*pb.CreateNotificationResponse, error) {
	n := req.GetNotification()
	if err := checkNotification(n); err != nil {
		return nil, fmt.Errorf("invalid create notification request: %w", err)
	}
	if n.GetId() == "" {
		n = proto.CloneOf(n)
		n.Id = proto.String(uuid.NewString())
	}
	_, err := s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if err := unlocked(tx.Snapshot(), n.GetId()); err != nil {
			return err
		}
		if tx.Snapshot().Notifications[n.GetId()] != nil {
			return failure.New(failure.Exists, "notification with that ID already exists")
		}
		tx.PutNotification(n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &pb.CreateNotificationResponse{Notification: n}, nil
}

// UpdateNotification replaces a notification config, except for who created it. A secret
// that is left blank, or as it is masked, stays.
func (s *Server) UpdateNotification(ctx context.Context, req *pb.UpdateNotificationRequest) (*pb.StandardResponse, error) {
	return s.inBand(ctx, "UpdateNotification", "Notification config update", s.updateNotification(ctx, req.GetNotification()))
}

func (s *Server) updateNotification(ctx context.Context, asked *pb.NotificationConfig) error {
	if asked == nil {
		return errNoNotification
	}
	if err := checkSet("Id", asked.GetId()); err != nil {
		return err
	}
	_, err := s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		old, err := notificationOf(tx.Snapshot(), asked.GetId())
		if err != nil {
			return err
		}
		next := proto.CloneOf(asked)
		next.XCreatedBy = old.XCreatedBy
		if err := keepSecret(old, next); err != nil {
			return err
		}
		if err := checkNotification(next); err != nil {
			return err
		}
		tx.PutNotification(next)
		return nil
	})
	return err
}

// DeleteNotification deletes a notification config; one that does not exist is no error.
// Steps may go on naming it: tools that compare pipelines with their own would put the name
// back for ever, and what names nothing sends nothing.
func (s *Server) DeleteNotification(ctx context.Context, req *pb.DeleteNotificationRequest) (*pb.StandardResponse, error) {
	return s.inBand(ctx, "DeleteNotification", "Notification config deleted", s.deleteNotification(ctx, req.GetNotificationId()))
}

func (s *Server) deleteNotification(ctx context.Context, id string) error {
	if err := checkSet("NotificationId", id); err != nil {
		return err
	}
	_, err := s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if err := unlocked(tx.Snapshot(), id); err != nil {
			return err
		}
		tx.DeleteNotification(id)
		return nil
	})
	return err
}

// AttachNotification was deprecated before this server existed.
func (s *Server) AttachNotification(ctx context.Context, _ *pb.AttachNotificationRequest) (*pb.StandardResponse, error) { //nolint:staticcheck // clients still have it
	return s.inBand(ctx, "AttachNotification", "", errDeprecated)
}

// DetachNotification was deprecated before this server existed.
func (s *Server) DetachNotification(ctx context.Context, _ *pb.DetachNotificationRequest) (*pb.StandardResponse, error) { //nolint:staticcheck // clients still have it
	return s.inBand(ctx, "DetachNotification", "", errDeprecated)
}

var (
	errDeprecated     = failure.New(failure.Deprecated, "Endpoint is deprecated, do not use")
	errNoNotification = failure.New(failure.Invalid, ".Notification cannot be nil")
)
