// Package upload judges modules that people upload for custom steps, before anybody else
// sees them: SDKs run what they get inside other people's services, without a way to stop it.
//
// The cheap looks come first. A module is read section by section, then compiled, then run
// on a few messages with little memory and little time.
package upload

import (
	"context"
	"fmt"
	"time"
)

const (
	// MaxBytes bounds a module. Every session of an audience that uses it gets all of it, and
	// the Ruby SDK takes no message above 4 MiB.
	MaxBytes = 8 << 20
	// DefaultFunction is the entry point of a module that names none, and the only one that
	// the Ruby SDK calls.
	DefaultFunction = "f"

	// maxPages is what the Go SDK gives a module: 62.5 MiB.
	maxPages = 1000
	// patience bounds instantiation and all trial runs together. A step has 10 ms in the
	// SDKs, so whoever needs more than this for a few short messages does not end.
	patience = 2 * time.Second
	// atOnce is how many uploads are compiled at a time: compiling costs memory and cannot be
	// interrupted.
	atOnce = 1
)

// RefusedError says why a module is not taken, a sentence for who uploaded it.
type RefusedError struct{ Reason string }

func (r *RefusedError) Error() string { return r.Reason }

func refuse(format string, a ...any) error { return &RefusedError{fmt.Sprintf(format, a...)} }

// Checker judges uploads, a few at a time. It is safe for concurrent use.
type Checker struct{ slots chan struct{} }

// New returns a Checker.
func New() *Checker { return &Checker{slots: make(chan struct{}, atOnce)} }

// Check returns nil for a module that SDKs can load and call by function, a *RefusedError for
// any other, and ctx.Err() when ctx ends before it was this module's turn.
func (c *Checker) Check(ctx context.Context, module []byte, function string) error {
	if len(module) > MaxBytes {
		return refuse("The module has %d bytes, at most %d are allowed; build it with optimisation for size and without debug information.", len(module), MaxBytes)
	}
	s, err := scan(module)
	if err != nil {
		return err
	}
	if err := s.check(function); err != nil {
		return err
	}
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.slots }()
	return try(ctx, module, function)
}
