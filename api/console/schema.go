package console

import (
	"context"
	"fmt"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// emptySchema is the answer before any SDK has reported a schema, byte for byte as
// clients of the original know it.
const emptySchema = `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{},"required":[],"type":"object"}`

// GetSchema returns the schema of an audience's payloads, an empty one if none is known.
func (s *Server) GetSchema(_ context.Context, req *pb.GetSchemaRequest) (*pb.GetSchemaResponse, error) {
	snap := s.catalog.Snapshot()
	if err := checkAudience(snap, req.GetAudience()); err != nil {
		return nil, fmt.Errorf("invalid get schema request: %w", err)
	}
	schema := snap.Schemas[audience.KeyOf(req.GetAudience())]
	if schema == nil {
		schema = &pb.Schema{JsonSchema: []byte(emptySchema)}
	}
	return &pb.GetSchemaResponse{Schema: schema}, nil
}
