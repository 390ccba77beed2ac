package sdk

import (
	"bytes"
	"context"
	"time"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/request"
	"github.com/streamdal/streamdal-server/api/sdk/schema"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// schemaUpdated is the metadata key of when a schema last changed, in RFC 3339, UTC.
const schemaUpdated = "last_updated"

// maxSchemaBytes bounds a stored schema, as the inference step does: a wider one is of no
// use to anyone, and every session would start from it.
const maxSchemaBytes = 64 << 10

// SendSchema merges the schema that a session inferred into what is known of the audience,
// and stores it with the next version if that made it wider. Every replica and every restart
// sends the same schema again; that changes nothing. The schema of an audience that is not
// stored (it may have been deleted a moment ago) is accepted and forgotten.
func (s *Server) SendSchema(ctx context.Context, req *pb.SendSchemaRequest) (*pb.StandardResponse, error) {
	key, inferred, err := checkSchema(req)
	if err != nil {
		return refused(ctx, "invalid request: %s", err), nil
	}
	if merge(s.catalog.Snapshot(), key, inferred) == nil {
		return accepted(ctx, "Schema received"), nil
	}
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		merged := merge(tx.Snapshot(), key, inferred)
		if merged == nil {
			return nil
		}
		before := tx.Snapshot().Schemas[key]
		tx.RequireAudience(key)
		now := s.now().UTC()
		next := &pb.Schema{
			JsonSchema: merged,
			XVersion:   before.GetXVersion() + 1,
			XMetadata:  map[string]string{schemaUpdated: now.Format(time.RFC3339)},
		}
		tx.PutSchema(key, next)
		tx.PutHistory(key, continued(tx.Snapshot().Histories[key], next, now))
		return nil
	})
	if err != nil {
		failure.Log(ctx, s.log, pb.Internal_SendSchema_FullMethodName, err)
		_, text := failure.Of(err)
		response := failure.Response(request.ID(ctx), err)
		response.Message = "unable to save schema: " + text
		return response, nil
	}
	return accepted(ctx, "Schema received"), nil
}

func checkSchema(req *pb.SendSchemaRequest) (audience.Key, schema.Schema, error) {
	if req.GetSchema() == nil {
		return "", schema.Schema{}, failure.New(failure.Invalid, "field 'Schema' cannot be nil")
	}
	if err := audience.CheckSDK(req.GetAudience()); err != nil {
		return "", schema.Schema{}, failure.New(failure.Invalid, "%s", err)
	}
	inferred, err := schema.Parse(req.GetSchema().GetJsonSchema())
	if err != nil {
		return "", schema.Schema{}, failure.New(failure.Invalid, "invalid json: %s", err)
	}
	return audience.KeyOf(req.GetAudience()), inferred, nil
}

// merge returns the stored schema made as wide as needed, or nil when there is nothing to
// store: it adds nothing, it is too large, or the audience is not stored. A stored schema
// that cannot be read, because something else wrote it, is replaced.
func merge(snap *catalog.Snapshot, key audience.Key, inferred schema.Schema) []byte {
	if snap.Audiences[key] == nil {
		return nil
	}
	stored := snap.Schemas[key].GetJsonSchema()
	known, err := schema.Parse(stored)
	merged := inferred
	if err == nil {
		merged = schema.Merge(known, inferred)
	}
	b := merged.Bytes()
	if bytes.Equal(b, stored) || len(b) > maxSchemaBytes {
		return nil
	}
	return b
}
