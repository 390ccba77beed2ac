package store

import (
	"fmt"
	"slices"
)

// Limits that every backend shares, so that what one accepts all accept.
const (
	// MaxIDBytes bounds a record's id. The longest audience key is under 1 KiB.
	MaxIDBytes = 4 << 10
	// MaxValueBytes bounds one value. The biggest values are uploaded modules.
	MaxValueBytes = 64 << 20
	// MaxChangeBytes bounds all values of one change, because a backend holds
	// them in memory while it writes.
	MaxChangeBytes = 128 << 20
	// MaxRevision bounds revisions, because some backends count in floating point.
	MaxRevision Revision = 1<<53 - 1
)

// Check reports whether any backend could apply the change: known kinds, ids of
// 1 to MaxIDBytes bytes, values within the limits. The error wraps ErrInvalid.
func (c Change) Check() error {
	known := Kinds()
	for _, g := range c.Guards {
		if err := g.check(known); err != nil {
			return err
		}
	}
	total := 0
	for _, op := range c.Ops {
		if err := op.check(known); err != nil {
			return err
		}
		if err := checkValue(op.Key, op.Value); err != nil {
			return err
		}
		total += len(op.Value)
	}
	if total > MaxChangeBytes {
		return fmt.Errorf("%w: %d bytes in one change, at most %d fit; make it in smaller parts", ErrInvalid, total, MaxChangeBytes)
	}
	return nil
}

// CheckRestore reports whether any backend could be restored to the state: its
// keys and values are as Check wants them, each key comes once, none is deleted,
// and there are revisions left. All values together may be of any size. The
// error wraps ErrInvalid.
func (s State) CheckRestore() error {
	if s.Revision >= MaxRevision {
		return fmt.Errorf("%w: revision %d is too high to go on from", ErrInvalid, s.Revision)
	}
	known := Kinds()
	seen := make(map[Key]bool, len(s.Records))
	for _, r := range s.Records {
		if err := r.check(known); err != nil {
			return err
		}
		if err := checkValue(r.Key, r.Value); err != nil {
			return err
		}
		if r.Deleted || seen[r.Key] {
			return fmt.Errorf("%w: %s is deleted or comes twice in a state to restore", ErrInvalid, r.Key)
		}
		seen[r.Key] = true
	}
	return nil
}

func checkValue(k Key, value []byte) error {
	if len(value) > MaxValueBytes {
		return fmt.Errorf("%w: %s has %d bytes, at most %d fit in one record", ErrInvalid, k, len(value), MaxValueBytes)
	}
	return nil
}

func (k Key) check(known []Kind) error {
	switch {
	case !slices.Contains(known, k.Kind):
		return fmt.Errorf("%w: unknown kind %q", ErrInvalid, k.Kind)
	case k.ID == "":
		return fmt.Errorf("%w: a record of kind %s needs an id", ErrInvalid, k.Kind)
	case len(k.ID) > MaxIDBytes:
		return fmt.Errorf("%w: an id of kind %s has %d bytes, at most %d fit", ErrInvalid, k.Kind, len(k.ID), MaxIDBytes)
	}
	return nil
}
