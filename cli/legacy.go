package cli

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/streamdal/streamdal-server/api/console"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/store/redis/legacy"
	"github.com/streamdal/streamdal-server/store/seal"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// importing returns a store that takes over what an original server left in the same Redis.
// A node that keeps a copy of this store has been here before: if the store is empty now, it
// has lost data, and the copy is newer than anything the original left.
func (s *server) importing(st store.Store, ring seal.Ring, builder *wasmbuild.Builder) store.Store {
	source, ok := st.(legacy.Source)
	if !ok || catalog.HasCopy(filepath.Join(s.dir, copyFile), s.cmd.Redis.origin()) {
		return st
	}
	build := func(ctx context.Context, step *pb.PipelineStep, format pb.PipelineDataFormat) (*shared.WasmModule, error) {
		m, err := console.BuildStep(ctx, builder, step, format)
		var refusal *wasmbuild.StepError
		if errors.As(err, &refusal) {
			return nil, &legacy.UnbuildableError{Reason: refusal.Reason}
		}
		return m, err
	}
	return legacy.NewStore(st, legacy.Config{Source: source, Ring: ring, Build: build, Log: s.log})
}

// refusedImport returns why the original's data must not be taken over, if that is what
// keeps the catalog from reading the store: waiting would not help.
func refusedImport(cat *catalog.Catalog) error {
	var refusal *legacy.RefusalError
	if errors.As(cat.Stats().Err, &refusal) {
		return refusal
	}
	return nil
}
