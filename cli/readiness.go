package cli

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// readiness is whether this node should get traffic.
type readiness struct {
	catalog  *catalog.Catalog
	draining atomic.Bool
}

var (
	errDraining = errors.New("the node is shutting down")
	errNoRules  = errors.New("the store cannot be reached, and there is no copy of the rules on disk")
)

// gate refuses calls while there is no picture of the store: an SDK that is told to
// try again keeps its rules, one that is told there are none drops them.
func (r *readiness) gate() error {
	select {
	case <-r.catalog.Ready():
		return nil
	default:
		return failure.New(failure.Unavailable, "this node has no rules yet, because the store cannot be reached; try another node, or again in a moment")
	}
}

// check says why a load balancer should send nothing here; otherwise the note says
// what is not as it should be. A store that is away is no reason: all nodes lose it
// at once, and SDKs are served from memory.
func (r *readiness) check() (note string, err error) {
	if r.draining.Load() {
		return "", errDraining
	}
	if r.gate() != nil {
		return "", errNoRules
	}
	stats := r.catalog.Stats()
	switch rev := r.catalog.Snapshot().Revision; {
	case stats.Err == nil:
		return "", nil
	case stats.Copy.Serving:
		return fmt.Sprintf("the store cannot be read: serving the copy on disk of revision %d, made %s; changes are refused",
			rev, stats.Copy.Made.UTC().Format(time.RFC3339)), nil
	default:
		return fmt.Sprintf("the store cannot be read since %s: serving revision %d; changes are refused",
			stats.Since.UTC().Format(time.RFC3339), rev), nil
	}
}

// trouble says in a sentence what needs attention, "" when nothing does.
func (r *readiness) trouble() string {
	note, err := r.check()
	switch left := r.catalog.Stats().LeftOut; {
	case err != nil:
		note = err.Error()
	case note == "" && left > 0:
		note = fmt.Sprintf("%d stored records cannot be read and are left out; the log names each", left)
	}
	if note == "" {
		return ""
	}
	return strings.ToUpper(note[:1]) + note[1:] + "."
}
