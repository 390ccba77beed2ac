// Package storetest is the contract suite that every backend of package store
// passes.
package storetest

import (
	"testing"

	"github.com/streamdal/streamdal-server/store"
)

// Run checks every promise of store.Backend. open returns an empty backend,
// which Run closes.
func Run(t *testing.T, open func(t *testing.T) store.Backend) {}

// RunDurable checks that what was acknowledged is there after a restart. open
// opens the same store each time it is called with the same dir.
func RunDurable(t *testing.T, open func(t *testing.T, dir string) store.Backend) {}
