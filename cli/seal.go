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

// keyFile is the systemd credential that holds the key.
const keyFile = "aes-key"

// ring returns the keys: the current one from its flag or variable, a file, or a systemd
// credential.
func (c *serveCmd) ring(getenv func(string) string) (seal.Ring, error) {
	current, err := given{
		value: c.AESKey, file: c.AESKeyFile, credential: keyFile, what: "key that seals secrets", write: "openssl rand -hex 32",
	}.find(getenv)
	if err != nil {
		return seal.Ring{}, err
	}
	ring, err := seal.New(current, c.AESKeyPrev)
	if err != nil {
		return ring, fmt.Errorf("--aes-key, --aes-key-previous: %w", err)
	}
	return ring, nil
}

// open reads the store through the seal.
func (s *server) open(ctx context.Context, st store.Store, builder *wasmbuild.Builder) (*catalog.Catalog, *seal.Store, error) {
	sealed := seal.NewStore(s.importing(st, s.ring, builder), s.ring, s.log)
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
	if !s.ring.Seals() {
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
