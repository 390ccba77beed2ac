package catalog

import (
	"context"

	"github.com/streamdal/streamdal-server/store"
)

// Run follows the store until ctx ends.
func (c *Catalog) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (c *Catalog) regressed(have, found store.Revision) error { return store.ErrUnavailable }

func (c *Catalog) note(next *Snapshot, problems []problem) {}
