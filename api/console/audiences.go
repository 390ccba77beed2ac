package console

import (
	"context"
	"fmt"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// CreateAudience makes an audience known before an SDK announces it. One that exists stays
// as it is.
func (s *Server) CreateAudience(ctx context.Context, req *pb.CreateAudienceRequest) (*pb.StandardResponse, error) {
	a := req.GetAudience()
	if a == nil {
		return nil, invalid("audience cannot be nil")
	}
	err := refused(audience.Check(a))
	if err == nil {
		err = checkText("Audience.CreatedBy", a.GetXCreatedBy())
	}
	if err != nil {
		return nil, fmt.Errorf("invalid create audience request: %w", err)
	}
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if tx.Snapshot().Audiences[audience.KeyOf(a)] == nil {
			tx.PutAudience(a)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done(ctx, "Audience created"), nil
}

// DeleteAudience forgets an audience and its schema. One that has pipelines attached is
// refused without force.
func (s *Server) DeleteAudience(ctx context.Context, req *pb.DeleteAudienceRequest) (*pb.StandardResponse, error) {
	err := refused(audience.CheckLoose(req.GetAudience()))
	if err == nil {
		_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
			return forget(tx, audience.KeyOf(req.GetAudience()), req.GetForce())
		})
	}
	return s.inBand(ctx, "DeleteAudience", fmt.Sprintf("Audience deleted (force status '%t')", req.GetForce()), err)
}

// DeleteService forgets every audience of the service with exactly this name, without
// regard to case, or none of them.
func (s *Server) DeleteService(ctx context.Context, req *pb.DeleteServiceRequest) (*pb.StandardResponse, error) {
	message, err := s.deleteService(ctx, req.GetServiceName(), req.GetForce())
	return s.inBand(ctx, "DeleteService", message, err)
}

func (s *Server) deleteService(ctx context.Context, service string, force bool) (message string, err error) {
	if err := checkSet("ServiceName", service); err != nil {
		return "", err
	}
	if err := checkText("ServiceName", service); err != nil {
		return "", err
	}
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		audiences := tx.Snapshot().AudiencesOf(service)
		for _, a := range audiences {
			if err := forget(tx, audience.KeyOf(a), force); err != nil {
				return err
			}
		}
		message = fmt.Sprintf("Service and '%d' audiences deleted (force '%t')", len(audiences), force)
		if len(audiences) == 0 {
			message = fmt.Sprintf("Service '%s' deleted (has no audiences)", service)
		}
		return nil
	})
	return message, err
}

// forget stages the removal of an audience with all that belongs to it. Records that do
// not exist are named too, so that a concurrent change of them conflicts.
func forget(tx *catalog.Tx, key audience.Key, force bool) error {
	snap := tx.Snapshot()
	if n := len(snap.Assignments[key].GetConfigs()); n > 0 && !force {
		return failure.New(failure.Invalid,
			"audience '%s' has '%d' attached pipelines, specify force to remove", key, n)
	}
	tx.DeleteAudience(key)
	tx.DeleteAssignment(key)
	tx.DeleteSchema(key)
	return nil
}
