package console

import (
	"context"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// Schemas implements streamdal.console.v1.Schemas.
type Schemas struct {
	console.UnimplementedSchemasServer

	catalog *catalog.Catalog
}

// NewSchemas returns a Schemas over a catalog.
func NewSchemas(c *catalog.Catalog) *Schemas { return &Schemas{catalog: c} }

// GetSchemaHistory returns the versions that are kept of an audience's schema, the current
// one last; none when nothing is known of it. A key that is none is Invalid.
func (s *Schemas) GetSchemaHistory(_ context.Context, req *console.GetSchemaHistoryRequest) (*console.SchemaHistory, error) {
	a, err := audience.Parse(req.GetAudience())
	if err != nil {
		return nil, failure.New(failure.Invalid, "field 'audience': %s", err)
	}
	if h := s.catalog.Snapshot().Histories[audience.KeyOf(a)]; h != nil {
		return h, nil
	}
	return &console.SchemaHistory{}, nil
}
