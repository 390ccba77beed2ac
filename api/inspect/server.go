// Package inspect lets an administrator look into the store of a running server: the
// service streamdal.console.v1.Inspect, and its client.
package inspect

import (
	"context"
	"errors"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store"
	look "github.com/streamdal/streamdal-server/store/inspect"
)

// Server implements console.InspectServer. Its errors are of package failure.
type Server struct {
	console.UnimplementedInspectServer

	store    *look.Store
	draining context.Context // ends when the server stops
	drain    context.CancelFunc
}

// New returns a Server that shows a store.
func New(s *look.Store) *Server {
	draining, drain := context.WithCancel(context.Background())
	return &Server{store: s, draining: draining, drain: drain}
}

// Drain ends the streams with Unavailable "server shutting down". Calling it again is no
// error.
func (s *Server) Drain() { s.drain() }

// Summary implements console.InspectServer.
func (s *Server) Summary(ctx context.Context, _ *console.StoreSummaryRequest) (*console.StoreSummary, error) {
	return s.store.Summary(ctx)
}

// ListRecords implements console.InspectServer.
func (s *Server) ListRecords(req *console.ListRecordsRequest, stream console.Inspect_ListRecordsServer) error {
	return s.store.Records(stream.Context(), req.GetPattern(), req.GetValues(), stream.Send)
}

// GetRecord implements console.InspectServer.
func (s *Server) GetRecord(ctx context.Context, req *console.GetRecordRequest) (*console.StoreRecord, error) {
	key := store.Key{Kind: store.Kind(req.GetKind()), ID: req.GetId()}
	r, err := s.store.Record(ctx, key, req.GetModule())
	if errors.Is(err, look.ErrNotFound) {
		return nil, failure.New(failure.NotFound, "%s", err)
	}
	return r, err
}

// Watch implements console.InspectServer.
func (s *Server) Watch(_ *console.WatchStoreRequest, stream console.Inspect_WatchServer) error {
	ctx, stop := context.WithCancelCause(stream.Context())
	defer stop(nil)
	defer context.AfterFunc(s.draining, func() { stop(failure.ErrShuttingDown) })()
	if err := s.store.Watch(ctx, stream.Send); err != nil {
		return err
	}
	return context.Cause(ctx)
}
