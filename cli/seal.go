package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/store/seal"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// sealPause is between attempts to seal what a store that is away holds.
const sealPause = 30 * time.Second

// open reads the store through the seal.
func (s *server) open(ctx context.Context, st store.Store, builder *wasmbuild.Builder) (*catalog.Catalog, *seal.Store, error) {
	ring, err := seal.New(s.cmd.AESKey, s.cmd.AESKeyPrev)
	if err != nil {
		return nil, nil, err
	}
	sealed := seal.NewStore(s.importing(st, ring, builder), ring, s.log)
	cat, err := s.openCatalog(ctx, sealed)
	if err != nil {
		return nil, nil, fmt.Errorf("read the store: %w", err)
	}
	if err := refusedImport(cat); err != nil {
		return nil, nil, err
	}
	return cat, sealed, nil
}

// sealAgain seals what is stored in plain text or with another key than --aes-key, once it
// is read and the store can be written.
func (s *server) sealAgain(ctx context.Context, cat *catalog.Catalog, sealed *seal.Store) {
	if s.cmd.AESKey == "" {
		return
	}
	select {
	case <-cat.Ready():
	case <-ctx.Done():
		return
	}
	for {
		n, err := sealed.Reseal(ctx)
		if n > 0 {
			s.log.Info().Int("records", n).Msg("sealed secrets with --aes-key")
		}
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			s.log.Warn().Err(err).Msg("some secrets are not sealed with --aes-key yet; trying again")
		}
		again := time.NewTimer(sealPause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return
		}
	}
}
